/* What linear.c and thin_linear.c share. */
#ifndef ILLUST_GAN_LINEAR_H
#define ILLUST_GAN_LINEAR_H

#include "pool.h"

enum { FEW = 4 }; /* rows or columns of which a tile would be mostly empty */

/* C (m, n) = A (m, k) · B (k, n); element (i, j) of A is a[i * a_row + j * a_column]. */
typedef struct {
    const real *a, *b;
    real *c;
    int64_t m, n, k, a_row, a_column, b_row, b_column, c_row, c_column;
} matrices;

/* For n of FEW or less, where a_column and b_row are 1. */
void linear_by_dots(const matrices *all);

/* For m of FEW or less, where b_column and c_column are 1. */
void linear_by_multiples(const matrices *all);

#endif
