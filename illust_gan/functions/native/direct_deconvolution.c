/* Transposed convolution as a product with the weights, whose columns are added to the output. */
#include "direct_thin.h"
#include "tall_product.h"

enum { FEW = 48 }; /* positions */

typedef struct {
    const geometry *g;
    const real *y, *W, *bias;
    real *x;
    int64_t channels, chunks; /* channels of the output in a task, tasks for one picture */
    finish finish;
    int in_place; /* few positions: the weights are used where they lie */
} job;

/* NR columns of W for the job's task, of S rows each, as they lie in memory: column f is tap
 * f % taps of channel f / taps; beyond the last it is zero. */
static void pack(const job *job, int64_t channel, int64_t columns, int64_t first,
                 operand *panel)
{
    const int64_t B = job->g->B, taps = job->g->kh * job->g->kw, count = least(NR, columns - first);
    for (int64_t s = 0; s < job->g->S; s++) {
        const real *from = job->W + (s * B + channel) * taps;
        operand *to = panel + s / DEPTH * NR;
        put_run(to, 0, from + first, count, s % DEPTH);
        put_run(to, count, NULL, NR - count, s % DEPTH);
    }
}

/* Add the columns of one position to the pixels that it reaches. */
static void add_columns(const job *job, const real *from, int64_t position, int64_t channels,
                        real *x)
{
    const geometry *g = job->g;
    const int64_t y0 = position / g->w * g->sy - g->ph, x0 = position % g->w * g->sx - g->pw;
    for (int64_t u = 0; u < g->kh; u++) {
        const int64_t i = y0 + u * g->dy;
        if (i < 0 || i >= g->H)
            continue;
        for (int64_t v = 0; v < g->kw; v++) {
            const int64_t j = x0 + v * g->dx, tap = u * g->kw + v;
            if (j < 0 || j >= g->width)
                continue;
            real *to = x + (i * g->width + j) * g->big_step;
            for (int64_t b = 0; b < channels; b++)
                to[b] += from[b * g->kh * g->kw + tap];
        }
    }
}

static void deconvolve(const void *context, int64_t task, int thread)
{
    const job *job = context;
    const geometry *g = job->g;
    const int64_t n = task / job->chunks, first = task % job->chunks * job->channels;
    const int64_t channels = least(job->channels, g->B - first), taps = g->kh * g->kw;
    const int64_t columns = channels * taps, ldc = divide_up(job->channels * taps, NR) * NR;
    const int64_t positions = g->h * g->w, room = divide_up(positions, MR) * MR;
    const int64_t depth = divide_up(g->S, DEPTH);
    const int64_t tall_room =
        job->in_place ? tall_rows(positions) * divide_up(positions, TALL) : 0;
    operand *panel = (operand *)thread_memory(thread, 0, depth * (NR + room + tall_room));
    real *sums = thread_memory(thread, 1, (room + tall_room) * ldc);
    const real *small = job->y + n * positions * g->small_step;
    /* Numbers that are not rounded stay where they are. */
    operand *rows = DEPTH == 1 ? (operand *)small : panel + depth * NR;
    const int64_t ld = DEPTH == 1 ? g->small_step : depth;
    for (int64_t p = 0; p < positions && DEPTH > 1; p++)
        put_run(rows + p * ld, 0, small + p * g->small_step, g->S, ROW);
    if (job->in_place)
        tall_product(positions, columns, g->S, small, g->small_step, job->W + first * taps,
                     g->B * taps, (real *)panel, sums, ldc);
    for (int64_t f = 0; f < columns && !job->in_place; f += NR) {
        pack(job, first, columns, f, panel);
        product(positions, 1, depth, rows, ld, panel, sums + f, ldc);
    }
    real *x = job->x + n * g->H * g->width * g->big_step + first;
    for (int64_t p = 0; p < g->H * g->width; p++)
        for (int64_t b = 0; b < channels; b++)
            x[p * g->big_step + b] = job->bias ? job->bias[first + b] : 0;
    for (int64_t p = 0; p < positions; p++)
        add_columns(job, sums + p * ldc, p, channels, x);
    for (int64_t p = 0; p < g->H * g->width; p++)
        finish_pixel(&job->finish, x + p * g->big_step, first, channels);
}

/* big = small *ᵀ W + bias (B numbers, or NULL), and what follows: see finish_by() of B channels.
 * 0, or -1 if memory is short. */
EXPORT int direct_deconvolution(const geometry *g, const real *small, const real *W,
                                const real *bias, real *big, const real *channels, int64_t kind,
                                double slope)
{
    const finish finish = finish_by(channels, g->B, kind, slope);
    if (is_thin_deconvolution(g))
        return thin_deconvolution(g, small, W, bias, big, &finish);
    job job = {.g = g, .y = small, .W = W, .bias = bias, .x = big, .finish = finish};
    /* Enough tasks for all threads even for one picture, and sums that stay near the cache. */
    const int64_t number = (int64_t)(1 << 19) / (int64_t)sizeof(real);
    const int64_t fitting = number / (g->h * g->w * g->kh * g->kw + 1);
    const int64_t spread = divide_up(g->B, divide_up(4 * pool_threads(), g->n));
    job.channels = least(g->B, fitting < 1 ? 1 : least(fitting, spread));
    job.chunks = divide_up(g->B, job.channels);
    job.in_place = DEPTH == 1 && g->h * g->w <= FEW &&
                   job.channels * g->kh * g->kw % VW == 0 && g->B % job.channels == 0;
    pool_enter();
    parallel_for(deconvolve, &job, g->n * job.chunks);
    pool_leave();
    return 0;
}
