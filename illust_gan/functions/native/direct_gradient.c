/* The gradient of the weights as a product of gathered columns with the output's gradient. */
#include "direct_thin.h"

enum { ROWS = 128, STEPS = ROWS / DEPTH, COLUMNS = 96, SPLITS = 16, RUN = 8 };

typedef struct {
    const geometry *g;
    const real *big, *small;
    real *gW, *sums;
    int64_t K, rows, panels, blocks, splits, positions; /* K sums, with memory for `rows` */
} job;

/* Panels [panel][position][NR] of `count` positions, DEPTH of which are one step along the sum;
 * channels beyond the last are zero. */
static void pack(const geometry *g, const real *small, int64_t first, int64_t count, operand *to)
{
    for (int64_t i = 0; i < count; i++) {
        const real *from = small + (first + i) * g->small_step;
        for (int64_t s = 0; s < g->S; s += NR) {
            operand *panel = to + (s / NR * STEPS + i / DEPTH) * NR;
            const int64_t n = least(NR, g->S - s);
            put_run(panel, 0, from + s, n, i % DEPTH);
            put_run(panel, n, NULL, NR - n, i % DEPTH);
        }
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
    operand *A = (operand *)thread_memory(thread, 0, STEPS * COLUMNS);
    operand *packed = (operand *)thread_memory(thread, 1, STEPS * ld);
    real *sums = job->sums + (split * job->rows + k0) * ld;
    const int dense = DEPTH == 1 && g->S == ld; /* as wide as the panels: no packing */
    if (first == end)
        memset(sums, 0, columns * ld * sizeof(real));
    for (int64_t p0 = first; p0 < end; p0 += ROWS) {
        const int64_t count = least(ROWS, end - p0);
        for (int64_t i = 0; i < count; i++)
            gather(g, job->big, p0 + i, k0, k0 + columns, A + i / DEPTH * COLUMNS, i % DEPTH);
        if (!dense)
            pack(g, job->small, p0, count, packed);
        product_transposed(columns, job->panels, divide_up(count, DEPTH), A, COLUMNS,
                           dense ? (operand *)(job->small + p0 * g->small_step) : packed,
                           dense ? g->small_step : NR, dense ? NR : STEPS * NR, sums, ld,
                           p0 > first);
    }
}

/* RUN channels of the bigger picture, all taps of which lie side by side in gW. With a vector of
 * the smaller one's at once, cache lines are filled that stay in the cache until they are full. */
static void add_shares(const void *context, int64_t run, int thread)
{
    const job *job = context;
    const geometry *g = job->g;
    (void)thread;
    const int64_t ld = job->panels * NR, taps = g->kh * g->kw;
    for (int64_t s = 0; s < g->S; s += VW)
        for (int64_t c = run * RUN; c < least((run + 1) * RUN, g->B); c++)
            for (int64_t tap = 0; tap < taps; tap++) {
                const real *from = job->sums + (tap * g->B + c) * ld + s;
                vec sum = {0};
                for (int64_t split = 0; split < job->splits; split++)
                    sum += load(from + split * job->rows * ld);
                real *to = job->gW + (s * g->B + c) * taps + tap;
                for (int64_t i = 0; i < least(VW, g->S - s); i++)
                    to[i * g->B * taps] = sum[i];
            }
}

/* gW (S, B, kh, kw) of pictures big and small, one of which is a gradient; 0,
 * or -1 if memory is short. */
EXPORT int direct_gradient(const geometry *g, const real *big, const real *small, real *gW)
{
    if (is_thin(g))
        return thin_gradient(g, big, small, gW);
    job job = {.g = g, .big = big, .small = small, .gW = gW, .K = g->kh * g->kw * g->B,
               .panels = divide_up(g->S, NR), .positions = g->n * g->h * g->w};
    job.rows = divide_up(job.K, MR) * MR;
    job.blocks = divide_up(job.K, COLUMNS);
    job.splits = least(divide_up(SPLITS, job.blocks), divide_up(job.positions, ROWS));
    if (job.splits < 1)
        job.splits = 1;
    pool_enter();
    job.sums = shared_memory(2, job.splits * job.rows * job.panels * NR);
    if (job.sums) {
        parallel_for(multiply, &job, job.splits * job.blocks);
        parallel_for(add_shares, &job, divide_up(g->B, RUN));
    }
    pool_leave();
    return job.sums ? 0 : -1;
}
