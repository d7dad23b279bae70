/* The gradient of the weights of thin pictures, whose windows are read in place. */
#include "direct_thin.h"

enum { POSITIONS = 128, SPLITS = 16 };

typedef struct {
    const geometry *g;
    const real *big, *small;
    real *gW, *sums;
    int64_t ld, splits; /* columns of sums with those that fill the last panel */
} job;

/* Sums of `columns` numbers of a row of taps and a panel of channels, over rows of positions. */
INLINE void tile_of_sums(const int columns, const geometry *g, int64_t rows, const real *a,
                         const real *b, int64_t ldb, real *sums, int64_t ld, int add,
                         const real *ahead, int64_t ahead_step)
{
    vec sum[TALLEST][WIDEST] = {{{0}}};
    for (int64_t i = 0; i < rows; i++)
        accumulate(columns, 2, g->w, a + i * g->sy * length_of_row(g), 1, g->sx * g->B,
                   b + i * g->w * ldb, ldb, sum, ahead + i * g->w * ahead_step, ahead_step);
#pragma GCC unroll 12
    for (int c = 0; c < columns; c++, sums += ld)
        for (int j = 0; j < 2; j++)
            store(sums + j * VW, add ? load(sums + j * VW) + sum[c][j] : sum[c][j]);
}

/* Add what `rows` rows of positions from `small` on give, whose first sees row A and below. */
static void add_block(const job *job, int64_t rows, const real *A, const real *small,
                      const real *b, int64_t ldb, real *sums, int add)
{
    const geometry *g = job->g;
    const int64_t run = g->kw * g->B, step = rows_of_tile(run, TALLEST);
    /* All tiles together fetch the positions of the next block. */
    const int64_t tiles = job->ld / NR * g->kh * divide_up(run, step);
    const int64_t ahead_step = divide_up(g->small_step, tiles), positions = rows * g->w;
    const real *ahead = small + positions * g->small_step;
    for (int64_t s = 0; s < job->ld; s += NR)
        for (int64_t u = 0; u < g->kh; u++)
            for (int64_t c = 0; c < run; c += step, ahead += positions * ahead_step) {
                const real *a = A + u * g->dy * length_of_row(g) + c;
                real *to = sums + (u * run + c) * job->ld + s;
#define CASE(n) \
    case n: \
        tile_of_sums(n, g, rows, a, b + s, ldb, to, job->ld, add, ahead, ahead_step); \
        break;
                switch (least(step, run - c)) {
                    CASES_TO_TALLEST(CASE)
                }
            }
}

/* sums[split] (K, ld): one share of the rows of positions. */
static void multiply(const void *context, int64_t split, int thread)
{
    const job *job = context;
    const geometry *g = job->g;
    const int64_t ld = job->ld, all = g->n * g->h, share = divide_up(all, job->splits);
    const int64_t first = least(split * share, all), end = least(first + share, all);
    const int64_t most = divide_up(POSITIONS, g->w);
    const int in_place = DEPTH == 1 && g->S == ld;
    real *A = thread_memory(thread, 0, rows_seen(g, most) * length_of_row(g));
    real *padded = thread_memory(thread, 1, in_place ? 1 : most * g->w * ld);
    real *sums = job->sums + split * g->kh * g->kw * g->B * ld;
    if (first == end)
        memset(sums, 0, g->kh * g->kw * g->B * ld * sizeof(real));
    for (int64_t row = first, rows; row < end; row += rows) {
        const int64_t n = row / g->h, i = row % g->h;
        rows = least(most, least(end - row, g->h - i));
        for (int64_t y = 0; y < rows_seen(g, rows); y++)
            copy_row(g, job->big + n * g->H * g->width * g->big_step, i * g->sy - g->ph + y,
                     A + y * length_of_row(g));
        const real *small = job->small + row * g->w * g->small_step;
        for (int64_t p = 0; p < rows * g->w && !in_place; p++) {
            copy_factors(padded + p * ld, small + p * g->small_step, g->S);
            memset(padded + p * ld + g->S, 0, (ld - g->S) * sizeof(real));
        }
        add_block(job, rows, A, small, in_place ? small : padded, in_place ? g->small_step : ld,
                  sums, row > first);
    }
}

/* gW of column k, from all shares. */
static void add_shares(const void *context, int64_t k, int thread)
{
    const job *job = context;
    const geometry *g = job->g;
    (void)thread;
    const int64_t taps = g->kh * g->kw, K = taps * g->B;
    for (int64_t s = 0; s < g->S; s += VW) {
        vec sum = load(job->sums + k * job->ld + s);
        for (int64_t split = 1; split < job->splits; split++)
            sum += load(job->sums + (split * K + k) * job->ld + s);
        for (int64_t i = 0; i < least(VW, g->S - s); i++)
            job->gW[((s + i) * g->B + k % g->B) * taps + k / g->B] = sum[i];
    }
}

int thin_gradient(const geometry *g, const real *big, const real *small, real *gW)
{
    job job = {.g = g, .big = big, .small = small, .gW = gW, .ld = divide_up(g->S, NR) * NR,
               .splits = least(SPLITS, divide_up(g->n * g->h * g->w, POSITIONS))};
    const int64_t K = g->kh * g->kw * g->B;
    pool_enter();
    job.sums = shared_memory(2, job.splits * K * job.ld);
    if (job.sums) {
        parallel_for(multiply, &job, job.splits);
        parallel_for(add_shares, &job, K);
    }
    pool_leave();
    return job.sums ? 0 : -1;
}
