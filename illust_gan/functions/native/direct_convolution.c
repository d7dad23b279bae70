/* Convolution as a product of gathered columns with the weights. */
#include "direct_thin.h"
#include "transpose.h"

/* A task's positions are a multiple of this. */
enum { STEP = MR > 12 ? MR : 12 };

typedef struct {
    const geometry *g;
    const real *x, *W, *bias;
    real *y;
    operand *packed;
    int64_t K, depth, panels, block; /* K columns, in `depth` operands */
} job;

/* A panel of NR filters that lie one after another, VW numbers of VW filters at once. */
static void pack_whole(const geometry *g, const real *W, real *panel)
{
    const int64_t taps = g->kh * g->kw, K = taps * g->B;
    for (int64_t f = 0; f < NR; f += VW)
        for (int64_t k = 0, tap = 0, c = 0; k < K; k += VW) {
            const int64_t count = least(VW, K - k);
            vec v[VW];
            for (int64_t i = 0; i < VW; i++)
                memcpy(v + i, W + (f + i) * K + k, count * sizeof(real));
            transpose_vectors(v);
            for (int64_t i = 0; i < count; i++) {
                store(panel + (tap * g->B + c) * NR + f, v[i]);
                tap++;
                if (tap == taps) {
                    tap = 0;
                    c++;
                }
            }
        }
}

/* The weights in panels of NR filters, each of K rows in the order of gather(). */
static void pack(const void *context, int64_t panel, int thread)
{
    const job *job = context;
    const geometry *g = job->g;
    (void)thread;
    const int64_t taps = g->kh * g->kw;
    operand *to = job->packed + panel * job->depth * NR;
    if (DEPTH == 1 && (panel + 1) * NR <= g->S) {
        pack_whole(g, job->W + panel * NR * job->K, (real *)to);
        return;
    }
    for (int64_t f = 0; f < NR; f++) {
        const int64_t s = panel * NR + f;
        for (int64_t t = 0, k = 0; t < taps; t++)
            for (int64_t c = 0; c < g->B; c++, k++)
                put(to + k / DEPTH * NR + f, s < g->S ? job->W[(s * g->B + c) * taps + t] : 0,
                    k % DEPTH);
    }
}

static void convolve(const void *context, int64_t task, int thread)
{
    const job *job = context;
    const geometry *g = job->g;
    const int64_t first = task * job->block, count = least(job->block, g->n * g->h * g->w - first);
    const int64_t ld = job->depth + VW, ldc = job->panels * NR;
    operand *columns = (operand *)thread_memory(thread, 0, job->block * ld);
    real *sums = thread_memory(thread, 1, job->block * ldc);
    for (int64_t i = 0; i < count; i++)
        gather(g, job->x, first + i, 0, job->K, columns + i * ld, ROW);
    product(count, job->panels, job->depth, columns, ld, job->packed, sums, ldc);
    for (int64_t i = 0; i < count; i++) {
        real *to = job->y + (first + i) * g->small_step;
        for (int64_t s = 0; s < g->S; s++)
            to[s] = sums[i * ldc + s] + (job->bias ? job->bias[s] : 0);
    }
}

/* small = big * W + bias (S numbers, or NULL); 0, or -1 if memory is short. */
EXPORT int direct_convolution(const geometry *g, const real *big, const real *W, const real *bias,
                              real *small)
{
    if (is_thin(g))
        return thin_convolution(g, big, W, bias, small);
    job job = {.g = g, .x = big, .W = W, .bias = bias, .y = small, .K = g->kh * g->kw * g->B,
               .panels = divide_up(g->S, NR)};
    const int64_t positions = g->n * g->h * g->w;
    job.depth = divide_up(job.K, DEPTH);
    const int64_t fitting = (int64_t)(1 << 18) / (int64_t)sizeof(operand) / (job.depth + 1);
    job.block = fitting < 2 * STEP ? 2 * STEP : least(fitting, 120) / STEP * STEP;
    pool_enter();
    job.packed = (operand *)shared_memory(0, job.panels * job.depth * NR);
    if (job.packed) {
        parallel_for(pack, &job, job.panels);
        parallel_for(convolve, &job, divide_up(positions, job.block));
    }
    pool_leave();
    return job.packed ? 0 : -1;
}
