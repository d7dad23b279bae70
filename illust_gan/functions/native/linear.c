/* Products of matrices with any strides: of inputs, weights and gradients of Chainer's linear.
 *
 * B is packed into panels, and tiles (product.h) of C are made of it and of rows of A. Matrices
 * with hardly any rows or columns go by thin_linear.c.
 */
#include "linear.h"
#include "product.h"

enum {
    ROWS = 8 * MR, /* of C, and */
    PANELS = 16,   /* of B, to a task at most */
    TASKS = 16,    /* at least, if there are panels enough */
    PACKED_ROWS = 64,
};

typedef struct {
    matrices given;
    real *panels;
    int64_t rows_a_task, row_tasks, panels_a_task;
} job;

INLINE void copy(const real *from, int64_t step, int64_t count, real *to)
{
    if (step == 1)
        memcpy(to, from, count * sizeof(real));
    else
        for (int64_t i = 0; i < count; i++)
            to[i] = from[i * step];
}

/* Some rows of B, to their places in all panels; columns beyond the last are zero. */
static void pack(const void *context, int64_t task, int thread)
{
    const job *job = context;
    const matrices *m = &job->given;
    (void)thread;
    const int64_t first = task * PACKED_ROWS, end = least(m->k, first + PACKED_ROWS);
    for (int64_t j = 0; j < m->n; j += NR) {
        const int64_t columns = least(NR, m->n - j);
        real *panel = job->panels + j * m->k;
        for (int64_t i = first; columns < NR && i < end; i++)
            memset(panel + i * NR, 0, NR * sizeof(real));
        if (m->b_column == 1)
            for (int64_t i = first; i < end; i++)
                memcpy(panel + i * NR, m->b + i * m->b_row + j, columns * sizeof(real));
        else
            for (int64_t c = 0; c < columns; c++)
                for (int64_t i = first; i < end; i++)
                    panel[i * NR + c] = m->b[i * m->b_row + (j + c) * m->b_column];
    }
}

/* Some rows of C, some panels wide. Sums are taken in C itself where a panel fits, else aside. */
static void multiply(const void *context, int64_t task, int thread)
{
    const job *job = context;
    const matrices m = job->given;
    const int64_t row = task % job->row_tasks * job->rows_a_task;
    const int64_t panel = task / job->row_tasks * job->panels_a_task;
    const int64_t rows = least(job->rows_a_task, m.m - row);
    const int64_t end = least(panel + job->panels_a_task, divide_up(m.n, NR));
    const int64_t fitting = m.c_column == 1 ? m.n / NR : 0;
    const real *a = m.a + row * m.a_row;
    real *c = m.c + row * m.c_row;
    real *packed = thread_memory(thread, 0, ROWS * (KC + PANELS * NR)), *aside = packed + ROWS * KC;

    for (int64_t k0 = 0; k0 < m.k; k0 += KC) {
        const int64_t kc = least(KC, m.k - k0);
        for (int64_t i = 0; m.a_column != 1 && i < kc; i++)
            copy(a + (k0 + i) * m.a_column, m.a_row, rows, packed + i * ROWS);
        for (int64_t p = panel; p < end; p++) {
            const real *b = job->panels + (p * m.k + k0) * NR;
            real *sums = p < fitting ? c + p * NR : aside + (p - panel) * ROWS * NR;
            const int64_t lds = p < fitting ? m.c_row : NR;
            for (int64_t r = 0; r < rows; r += MR) {
                if (m.a_column == 1)
                    tile_of(least(MR, rows - r), kc, a + r * m.a_row + k0, m.a_row, 1, b, NR,
                            sums + r * lds, lds, k0 > 0);
                else
                    tile_of(least(MR, rows - r), kc, packed + r, 1, ROWS, b, NR, sums + r * lds,
                            lds, k0 > 0);
            }
        }
    }
    for (int64_t p = panel > fitting ? panel : fitting; p < end; p++) {
        const real *sums = aside + (p - panel) * ROWS * NR;
        const int64_t columns = least(NR, m.n - p * NR);
        for (int64_t r = 0; m.c_column == 1 && r < rows; r++)
            memcpy(c + r * m.c_row + p * NR, sums + r * NR, columns * sizeof(real));
        for (int64_t j = 0; m.c_column != 1 && j < columns; j++)
            for (int64_t r = 0; r < rows; r++)
                c[r * m.c_row + (p * NR + j) * m.c_column] = sums[r * NR + j];
    }
}

static int by_tiles(const matrices *given)
{
    const int64_t panels = divide_up(given->n, NR), row_tasks = divide_up(given->m, ROWS);
    job job = {.given = *given, .row_tasks = row_tasks, .panels_a_task = PANELS};
    job.rows_a_task = divide_up(divide_up(given->m, row_tasks), MR) * MR;
    while (job.panels_a_task > 1 && row_tasks * divide_up(panels, job.panels_a_task) < TASKS)
        job.panels_a_task /= 2;
    job.panels = shared_memory(0, panels * NR * given->k);
    if (!job.panels)
        return -1;
    parallel_for(pack, &job, divide_up(given->k, PACKED_ROWS));
    parallel_for(multiply, &job, row_tasks * divide_up(panels, job.panels_a_task));
    return 0;
}

static matrices transposed(const matrices *m)
{
    return (matrices){.a = m->b, .b = m->a, .c = m->c, .m = m->n, .n = m->m, .k = m->k,
                      .a_row = m->b_column, .a_column = m->b_row, .b_row = m->a_column,
                      .b_column = m->a_row, .c_row = m->c_column, .c_column = m->c_row};
}

/* C (m, n), row by row, = A (m, k) · B (k, n), none of them empty; 0, or -1 if memory is short. */
EXPORT int linear(const real *a, const real *b, real *c, int64_t m, int64_t n, int64_t k,
                  int64_t a_row, int64_t a_column, int64_t b_row, int64_t b_column)
{
    matrices all = {.a = a, .b = b, .c = c, .m = m, .n = n, .k = k, .a_row = a_row,
                    .a_column = a_column, .b_row = b_row, .b_column = b_column, .c_row = n,
                    .c_column = 1};
    const int dots = a_column == 1 && b_row == 1 && least(m, n) <= FEW;
    const int multiples = b_column == 1 && m <= FEW;
    int status = 0;
    /* The smaller of A and B is the one to pack, and the one to keep in registers. */
    if (dots ? m < n : !multiples && m < n && m < k)
        all = transposed(&all);
    pool_enter();
    if (dots)
        linear_by_dots(&all);
    else if (multiples)
        linear_by_multiples(&all);
    else
        status = by_tiles(&all);
    pool_leave();
    return status;
}
