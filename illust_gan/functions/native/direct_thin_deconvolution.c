/* Transposed convolution to few channels: products row by row, added up by rows of the output.
 *
 * A row of positions times W gives for each position its columns (u, v, c): kh rows of taps of kw
 * pixels of B channels. A group is the sx pixels of the output from where a window begins to where
 * the next does. It meets the first group of one position's columns, the second of the position to
 * its left, and so on, so columns are filled up to whole groups, with zeros. Rows of the output
 * meet rows of positions likewise; only the columns of the last few are kept.
 */
#include "direct_thin.h"

enum {
    BYTES = 32, /* of the vectors that add up: groups are short */
    STEP = BYTES / sizeof(real),
    MOST_MET = 16, /* rows of positions that an output row meets */
    LEAST_POSITIONS = 256, /* of a task */
    FILTERS_A_TASK = 16,
    SUMMED = 64, /* products at once: short sums keep rounding errors small */
};

typedef real part __attribute__((vector_size(BYTES)));

typedef struct {
    const geometry *g;
    const real *y, *W;
    const finish *finish;
    real *x, *packed, *bias;     /* bias: of a group */
    int64_t panels, vectors;     /* vectors of a panel */
    int64_t group, met_x, met_y; /* numbers of a group, groups and rows in a window */
    int64_t across, down;        /* groups in a row of the output, steps of sy rows */
    int64_t rows, chunks;        /* steps in a task, tasks for one picture */
} job;

int is_thin_deconvolution(const geometry *g)
{
    /* Of wider strides, most of a group would be zeros. */
    return is_thin(g) && g->dy == 1 && g->sx <= 2 * g->kw && divide_up(g->kh, g->sy) <= MOST_MET;
}

static int64_t columns(const job *job)
{
    return job->panels * job->vectors * VW;
}

/* Some rows of W in panels, their columns as above. */
static void pack(const void *context, int64_t task, int thread)
{
    const job *job = context;
    const geometry *g = job->g;
    (void)thread;
    const int64_t width = job->vectors * VW, taps = g->kh * g->kw;
    const int64_t first = task * FILTERS_A_TASK;
    for (int64_t s = first; s < least(first + FILTERS_A_TASK, g->S); s++) {
        real *to = job->packed + s * width, *end = to + width;
        int64_t u = 0, v = 0, c = 0;
        for (int64_t f = columns(job); f > 0; f--) {
            const int inside = u < g->kh && v < g->kw;
            *to = inside ? factor(job->W[(s * g->B + c) * taps + u * g->kw + v]) : 0;
            if (++to == end) {
                to += (g->S - 1) * width;
                end = to + width;
            }
            if (++c == g->B) {
                c = 0;
                if (++v == job->met_x * g->sx) {
                    v = 0;
                    u++;
                }
            }
        }
    }
}

INLINE void tile_of_columns(const int rows, const int vectors, int64_t k, const real *a,
                            int64_t lda, const real *b, real *c, int64_t ldc, int add,
                            const real *ahead)
{
    vec sum[TALLEST][WIDEST] = {{{0}}};
    accumulate(rows, vectors, k, a, lda, 1, b, vectors * VW, sum, ahead, rows);
#pragma GCC unroll 12
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 3
        for (int j = 0; j < vectors; j++)
            store(c + r * ldc + j * VW, add ? load(c + r * ldc + j * VW) + sum[r][j] : sum[r][j]);
}

#define CASE_OF_2(n) \
    case n: \
        tile_of_columns(n, 2, k, a, lda, b, c, ldc, k0 > 0, ahead); \
        break;
#define CASE_OF_3(n) \
    case n: \
        tile_of_columns(n, 3, k, a, lda, b, c, ldc, k0 > 0, ahead); \
        break;

/* The columns of `count` positions, SUMMED channels at a time; they come from `rows`, and those of
 * the next row of positions from `next`. */
static void multiply(const job *job, int64_t count, const real *rows, int64_t lda, real *sums,
                     const real *next)
{
    const int64_t width = job->vectors * VW, ldc = columns(job);
    for (int64_t p = 0; p < job->panels; p++)
        for (int64_t k0 = 0; k0 < job->g->S; k0 += SUMMED) {
            const int64_t k = least(SUMMED, job->g->S - k0);
            const real *a = rows + k0, *b = job->packed + (p * job->g->S + k0) * width;
            const real *ahead = next + k0 * count;
            real *c = sums + p * width;
            if (job->vectors == 2)
                switch (count) {
                    CASES_TO_TALLEST(CASE_OF_2)
                }
#if VECTOR_BYTES == 64
            else
                switch (count) {
                    CASES_TO_6(CASE_OF_3) CASE_OF_3(7) CASE_OF_3(8)
                }
#endif
        }
}

/* The columns of a row of positions. */
static void multiply_row(const job *job, const real *small, real *rounded, real *sums)
{
    const geometry *g = job->g;
    const int64_t step = rows_of_tile(g->w, MOST_SUMS / job->vectors);
    const int64_t lda = DEPTH == 1 ? g->small_step : g->S;
    for (int64_t j = 0; j < g->w && DEPTH > 1; j++)
        copy_factors(rounded + j * lda, small + j * g->small_step, g->S);
    for (int64_t j = 0; j < g->w; j += step)
        multiply(job, least(step, g->w - j), (DEPTH == 1 ? small : rounded) + j * lda, lda,
                 sums + j * columns(job), small + (g->w + j) * g->small_step);
    /* Zero times infinity would be added to pixels that these positions do not reach. */
    const int64_t run = job->met_x * job->group, lacking = run - g->kw * g->B;
    for (int64_t i = 0; i < g->w * g->kh && lacking; i++)
        memset(sums + i / g->kh * columns(job) + (i % g->kh + 1) * run - lacking, 0,
               lacking * sizeof(real));
}

/* One row of the output, with what padding takes away, from the columns of the rows that it meets
 * and the bias; what follows a group is overwritten by the next. */
INLINE void add_rows(const job *job, const int met_y, const int met_x,
                     const real *const sums[MOST_MET], real *to)
{
    const int64_t ld = columns(job), group = job->group;
    for (int64_t j = 0; j < job->across; j++)
        for (int64_t c = 0; c < group; c += STEP) {
            part sum, next;
            memcpy(&sum, job->bias + c, sizeof sum);
            for (int q = 0; q < met_y; q++)
                for (int p = 0; p < met_x; p++) {
                    memcpy(&next, sums[q] + (j - p) * ld + p * group + c, sizeof next);
                    sum += next;
                }
            memcpy(to + j * group + c, &sum, sizeof sum);
        }
}

/* Take a row to its place, where what follows is done too. */
static void put_row(const job *job, const real *row, real *to)
{
    const geometry *g = job->g;
    row += g->pw * g->B;
    if (g->big_step == g->B)
        memcpy(to, row, g->width * g->B * sizeof(real));
    else
        for (int64_t i = 0; i < g->width * g->B; i++)
            to[i / g->B * g->big_step + i % g->B] = row[i];
    for (int64_t i = 0; i < g->width && job->finish->mean; i++)
        finish_pixel(job->finish, to + i * g->big_step, 0, g->B);
}

/* Some steps: sy rows of the output each, once the last row of positions that they meet is there.
 * Those before a task's own, which its first outputs meet too, are computed again. */
static void deconvolve(const void *context, int64_t task, int thread)
{
    const job *job = context;
    const geometry *g = job->g;
    const int64_t n = task / job->chunks, first = g->ph / g->sy + task % job->chunks * job->rows;
    const int64_t end = least(first + job->rows, job->down), ld = columns(job);
    const int64_t before = job->met_x - 1, run = job->met_x * job->group;
    /* Positions to the left and right of all others have zeros for columns. */
    const int64_t length = (before + (job->across > g->w ? job->across : g->w)) * ld + VW;
    const int64_t kept = job->met_y + 1, out = job->across * job->group + STEP;
    real *memory = thread_memory(thread, 0, kept * length + out);
    real *zeros = memory + job->met_y * length, *row = memory + kept * length;
    real *rounded = thread_memory(thread, 1, DEPTH == 1 ? 1 : g->w * g->S);
    memset(memory, 0, kept * length * sizeof(real));
    for (int64_t i = first < job->met_y ? 0 : first - job->met_y + 1; i < end; i++) {
        real *sums = memory + i % job->met_y * length + before * ld;
        if (i < g->h)
            multiply_row(job, job->y + (n * g->h + i) * g->w * g->small_step, rounded, sums);
        for (int64_t r = 0; r < g->sy && i >= first; r++) {
            const int64_t y = i * g->sy - g->ph + r;
            if (y < 0 || y >= g->H)
                continue;
            const real *met[MOST_MET];
            for (int64_t q = 0; q < job->met_y; q++) {
                const int64_t u = q * g->sy + r, from = i - q;
                met[q] = from < 0 || from >= g->h || u >= g->kh
                             ? zeros + before * ld
                             : memory + from % job->met_y * length + before * ld + u * run;
            }
            if (job->met_y == 2 && job->met_x == 2)
                add_rows(job, 2, 2, met, row);
            else
                add_rows(job, job->met_y, job->met_x, met, row);
            put_row(job, row, job->x + (n * g->H + y) * g->width * g->big_step);
        }
    }
}

int thin_deconvolution(const geometry *g, const real *small, const real *W, const real *bias,
                       real *big, const finish *finish)
{
    job job = {.g = g, .y = small, .W = W, .x = big, .finish = finish, .group = g->sx * g->B,
               .met_x = divide_up(g->kw, g->sx), .met_y = divide_up(g->kh, g->sy)};
    const int64_t vectors = divide_up(g->kh * job.met_x * job.group, VW);
    job.vectors = VECTOR_BYTES == 64 && vectors % 3 == 0 ? 3 : 2;
    job.panels = divide_up(vectors, job.vectors);
    job.across = divide_up(g->width + g->pw, g->sx);
    job.down = divide_up(g->H + g->ph, g->sy);
    /* Tasks repeat the products of a few rows, so there are no more of them than threads want. */
    const int64_t steps = job.down - g->ph / g->sy;
    const int64_t chunks = least(divide_up(4 * pool_threads(), g->n), steps * g->w / LEAST_POSITIONS);
    job.rows = chunks > 1 ? divide_up(steps, chunks) : steps;
    job.chunks = divide_up(steps, job.rows);
    pool_enter();
    job.packed = shared_memory(0, job.panels * g->S * job.vectors * VW);
    job.bias = shared_memory(1, job.group + STEP);
    const int enough = job.packed && job.bias;
    if (enough) {
        for (int64_t i = 0; i < job.group + STEP; i++)
            job.bias[i] = bias ? bias[i % g->B] : 0;
        parallel_for(pack, &job, divide_up(g->S, FILTERS_A_TASK));
        parallel_for(deconvolve, &job, g->n * job.chunks);
    }
    pool_leave();
    return enough ? 0 : -1;
}
