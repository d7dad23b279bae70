/* Transposed convolution as a product with the weights, whose columns are added to the output. */
#include "direct.h"

typedef struct {
    const geometry *g;
    const real *y, *W, *bias;
    real *x;
    int64_t channels, chunks; /* channels of the output in a task, tasks for one picture */
} job;

/* Columns of W (S, columns) from `first` on, NR of them; those beyond the last are zero. */
static void pack(const real *W, int64_t rows, int64_t columns, int64_t first, real *to)
{
    const int64_t count = least(NR, columns - first);
    for (int64_t s = 0; s < rows; s++, to += NR) {
        if (count == NR) {
            memcpy(to, W + s * columns + first, NR * sizeof(real));
            continue;
        }
        for (int64_t f = 0; f < NR; f++)
            to[f] = f < count ? W[s * columns + first + f] : 0;
    }
}

static void deconvolve(const void *context, int64_t task, int thread)
{
    const job *job = context;
    const geometry *g = job->g;
    const int64_t n = task / job->chunks, first = task % job->chunks * job->channels;
    const int64_t channels = least(job->channels, g->B - first), taps = g->kh * g->kw;
    const int64_t columns = channels * taps, ldc = divide_up(job->channels * taps, NR) * NR;
    const int64_t positions = g->h * g->w;
    real *panel = thread_memory(thread, 0, g->S * (NR + positions));
    real *sums = thread_memory(thread, 1, positions * ldc);
    const real *rows = job->y + n * g->small_n;
    int64_t ld = g->small_x;
    if (g->small_c != 1 || g->small_y != g->w * g->small_x) {
        real *to = panel + g->S * NR;
        for (int64_t p = 0; p < positions; p++)
            for (int64_t s = 0; s < g->S; s++)
                to[p * g->S + s] = rows[s * g->small_c + p / g->w * g->small_y +
                                        p % g->w * g->small_x];
        rows = to;
        ld = g->S;
    }
    for (int64_t f = 0; f < columns; f += NR) {
        pack(job->W + first * taps, g->S, g->B * taps, f, panel);
        if (columns - f < NR) /* the next task's columns */
            for (int64_t s = 0; s < g->S; s++)
                memset(panel + s * NR + columns - f, 0, (NR - columns + f) * sizeof(real));
        product(positions, 1, g->S, rows, ld, panel, sums + f, ldc);
    }

    real *x = job->x + n * g->big_n + first;
    for (int64_t i = 0; i < g->H; i++)
        for (int64_t j = 0; j < g->width; j++)
            for (int64_t b = 0; b < channels; b++)
                x[i * g->big_y + j * g->big_x + b] = job->bias ? job->bias[first + b] : 0;
    for (int64_t p = 0; p < positions; p++) {
        const int64_t y0 = p / g->w * g->sy - g->ph, x0 = p % g->w * g->sx - g->pw;
        for (int64_t t = 0; t < taps; t++) {
            const int64_t i = y0 + t / g->kw * g->dy, j = x0 + t % g->kw * g->dx;
            if (i < 0 || i >= g->H || j < 0 || j >= g->width)
                continue;
            const real *from = sums + p * ldc + t;
            real *to = x + i * g->big_y + j * g->big_x;
            for (int64_t b = 0; b < channels; b++)
                to[b] += from[b * taps];
        }
    }
}

/* big = small *ᵀ W + bias (B numbers, or NULL); big's channels lie side by side. */
EXPORT int direct_deconvolution(const geometry *g, const real *small, const real *W,
                                const real *bias, real *big)
{
    job job = {.g = g, .y = small, .W = W, .bias = bias, .x = big};
    /* Enough tasks for all threads even for one picture, and sums that stay near the cache. */
    const int64_t number = (int64_t)(1 << 19) / (int64_t)sizeof(real);
    const int64_t fitting = number / (g->h * g->w * g->kh * g->kw + 1);
    const int64_t spread = divide_up(g->B, divide_up(32, g->n + 1));
    job.channels = least(g->B, fitting < 1 ? 1 : least(fitting, spread));
    job.chunks = divide_up(g->B, job.channels);
    pool_enter();
    parallel_for(deconvolve, &job, g->n * job.chunks);
    pool_leave();
    return 0;
}
