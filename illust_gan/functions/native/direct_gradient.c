/* The gradient of the weights as a product of gathered columns with the output's gradient. */
#include "direct.h"

enum { ROWS = 128, COLUMNS = 96, SPLITS = 16 };

typedef struct {
    const geometry *g;
    const real *big, *small;
    real *gW, *sums;
    int64_t K, panels, blocks, splits, positions;
} job;

/* Panels [panel][position][NR] of `count` positions; channels beyond the last are zero. */
static void pack(const geometry *g, const real *small, int64_t first, int64_t count, real *to)
{
    for (int64_t i = 0; i < count; i++) {
        const real *from = small + (first + i) * g->small_step;
        for (int64_t s = 0; s < divide_up(g->S, NR) * NR; s++)
            to[(s / NR * ROWS + i) * NR + s % NR] = s < g->S ? from[s] : 0;
    }
}

/* sums[split] (K, panels · NR), a block of COLUMNS rows: one share of the positions. */
static void multiply(const void *context, int64_t task, int thread)
{
    const job *job = context;
    const geometry *g = job->g;
    const int64_t split = task / job->blocks, k0 = task % job->blocks * COLUMNS;
    const int64_t columns = least(COLUMNS, job->K - k0), ld = job->panels * NR;
    const int64_t share = divide_up(job->positions, job->splits);
    const int64_t first = least(split * share, job->positions);
    const int64_t end = least(first + share, job->positions);
    real *A = thread_memory(thread, 0, ROWS * COLUMNS);
    real *packed = thread_memory(thread, 1, ROWS * ld);
    real *sums = job->sums + (split * job->K + k0) * ld;
    const int dense = g->S == ld; /* as wide as the panels: no packing */
    if (first == end)
        memset(sums, 0, columns * ld * sizeof(real));
    for (int64_t p0 = first; p0 < end; p0 += ROWS) {
        const int64_t count = least(ROWS, end - p0);
        for (int64_t i = 0; i < count; i++)
            gather(g, job->big, p0 + i, k0, k0 + columns, A + i * COLUMNS);
        if (!dense)
            pack(g, job->small, p0, count, packed);
        for (int64_t q = 0; q < job->panels; q++)
            product_transposed(columns, count, A, COLUMNS,
                               dense ? job->small + p0 * g->small_step + q * NR
                                     : packed + q * ROWS * NR,
                               dense ? g->small_step : NR, sums + q * NR, ld, p0 > first);
    }
}

static void add_shares(const void *context, int64_t k, int thread)
{
    const job *job = context;
    const geometry *g = job->g;
    (void)thread;
    const int64_t ld = job->panels * NR, taps = g->kh * g->kw, c = k % g->B, tap = k / g->B;
    for (int64_t s = 0; s < g->S; s++) {
        real sum = 0;
        for (int64_t split = 0; split < job->splits; split++)
            sum += job->sums[(split * job->K + k) * ld + s];
        job->gW[(s * g->B + c) * taps + tap] = sum;
    }
}

/* gW (S, B, kh, kw) of pictures big and small, one of which is a gradient; 0,
 * or -1 if memory is short. */
EXPORT int direct_gradient(const geometry *g, const real *big, const real *small, real *gW)
{
    job job = {.g = g, .big = big, .small = small, .gW = gW, .K = g->kh * g->kw * g->B,
               .panels = divide_up(g->S, NR), .positions = g->n * g->h * g->w};
    job.blocks = divide_up(job.K, COLUMNS);
    job.splits = least(divide_up(SPLITS, job.blocks), divide_up(job.positions, ROWS));
    if (job.splits < 1)
        job.splits = 1;
    pool_enter();
    job.sums = shared_memory(2, job.splits * job.K * job.panels * NR);
    if (job.sums) {
        parallel_for(multiply, &job, job.splits * job.blocks);
        parallel_for(add_shares, &job, job.K);
    }
    pool_leave();
    return job.sums ? 0 : -1;
}
