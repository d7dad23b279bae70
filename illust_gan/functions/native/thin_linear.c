/* Products of matrices with hardly any rows or columns; what they wait for is the memory. */
#include "linear.h"

enum { STRIPE = 8 * VW, NUMBERS_A_TASK = 1 << 14, SHORT = 32 };

INLINE real total(vec v)
{
    real sum = 0;
    for (int i = 0; i < VW; i++)
        sum += v[i];
    return sum;
}

/* One row of A with every column of B; `columns` is a constant in each call. */
INLINE void dots(const matrices *all, int64_t row, const int columns)
{
    const real *a = all->a + row * all->a_row, *b = all->b;
    vec sums[FEW][2] = {{{0}}};
    int64_t i = 0;
    while (i + 2 * VW <= all->k) {
        /* Short sums, added up in turn, keep rounding errors small. */
        const int64_t end = least(all->k, i + SHORT * 2 * VW);
        vec part[FEW][2] = {{{0}}};
        for (; i + 2 * VW <= end; i += 2 * VW)
#pragma GCC unroll 4
            for (int j = 0; j < columns; j++) {
                part[j][0] += load(a + i) * load(b + j * all->b_column + i);
                part[j][1] += load(a + i + VW) * load(b + j * all->b_column + i + VW);
            }
        for (int j = 0; j < columns; j++) {
            sums[j][0] += part[j][0];
            sums[j][1] += part[j][1];
        }
    }
    for (int j = 0; j < columns; j++) {
        real sum = total(sums[j][0] + sums[j][1]);
        for (int64_t rest = i; rest < all->k; rest++)
            sum += a[rest] * b[j * all->b_column + rest];
        all->c[row * all->c_row + j * all->c_column] = sum;
    }
}

static int64_t rows_a_task(const matrices *all)
{
    return divide_up(NUMBERS_A_TASK, all->k);
}

static void dots_of_rows(const void *context, int64_t task, int thread)
{
    const matrices *all = context;
    (void)thread;
    const int64_t some = rows_a_task(all), end = least(all->m, (task + 1) * some);
    for (int64_t row = task * some; row < end; row++)
        switch (all->n) {
        case 1: dots(all, row, 1); break;
        case 2: dots(all, row, 2); break;
        case 3: dots(all, row, 3); break;
        case 4: dots(all, row, 4); break;
        }
}

void linear_by_dots(const matrices *all)
{
    parallel_for(dots_of_rows, all, divide_up(all->m, rows_a_task(all)));
}

/* Columns of C, `vectors` at once, as far as they go: multiples of the rows of B. */
INLINE int64_t multiples(const matrices *all, int64_t column, int64_t end, const int rows,
                         const int vectors)
{
    for (; column + vectors * VW <= end; column += vectors * VW) {
        vec sums[FEW][8] = {{{0}}};
        for (int64_t i = 0; i < all->k; i++)
#pragma GCC unroll 4
            for (int r = 0; r < rows; r++) {
                const vec x = all->a[r * all->a_row + i * all->a_column] - (vec){0};
#pragma GCC unroll 8
                for (int j = 0; j < vectors; j++)
                    sums[r][j] += x * load(all->b + i * all->b_row + column + j * VW);
            }
        for (int r = 0; r < rows; r++)
            for (int j = 0; j < vectors; j++)
                store(all->c + r * all->c_row + column + j * VW, sums[r][j]);
    }
    return column;
}

static void multiples_of_rows(const void *context, int64_t task, int thread)
{
    const matrices *all = context;
    (void)thread;
    const int64_t end = least(all->n, (task + 1) * STRIPE);
    int64_t column = task * STRIPE;
    switch (all->m) {
    case 1: column = multiples(all, multiples(all, column, end, 1, 8), end, 1, 1); break;
    case 2: column = multiples(all, multiples(all, column, end, 2, 4), end, 2, 1); break;
    case 3: column = multiples(all, multiples(all, column, end, 3, 2), end, 3, 1); break;
    case 4: column = multiples(all, multiples(all, column, end, 4, 2), end, 4, 1); break;
    }
    for (; column < end; column++)
        for (int64_t r = 0; r < all->m; r++) {
            real sum = 0;
            for (int64_t i = 0; i < all->k; i++)
                sum += all->a[r * all->a_row + i * all->a_column] * all->b[i * all->b_row + column];
            all->c[r * all->c_row + column] = sum;
        }
}

void linear_by_multiples(const matrices *all)
{
    parallel_for(multiples_of_rows, all, divide_up(all->n, STRIPE));
}
