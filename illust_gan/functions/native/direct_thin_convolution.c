/* Convolution of thin pictures, whose windows are read in place. */
#include "direct_thin.h"

enum { OUTPUTS_A_TASK = 1 << 13 };

typedef struct {
    const geometry *g;
    const real *x, *W;
    real *y, *packed, *bias; /* bias: zeros for numbers that lack */
    int64_t K, panels, ahead_step;
    int64_t rows, chunks; /* rows of positions in a task, tasks for one picture */
} job;

/* The weights in panels of NR filters, each of K rows in the order of a window's numbers. */
static void pack(const void *context, int64_t panel, int thread)
{
    const job *job = context;
    const geometry *g = job->g;
    (void)thread;
    const int64_t taps = g->kh * g->kw;
    for (int64_t f = 0; f < NR; f++) {
        const int64_t s = panel * NR + f;
        real *to = job->packed + panel * job->K * NR + f;
        for (int64_t t = 0; t < taps; t++)
            for (int64_t c = 0; c < g->B; c++, to += NR)
                *to = s < g->S ? factor(job->W[(s * g->B + c) * taps + t]) : 0;
    }
}

/* NR filters, or the last fewer, at `rows` positions whose first sees what begins at `a`. */
INLINE void tile_of_outputs(const int rows, const job *job, int64_t panel, const real *a,
                            int64_t pitch, real *y)
{
    const geometry *g = job->g;
    const int64_t k = g->kw * g->B, filters = g->S - panel * NR;
    const real *b = job->packed + panel * job->K * NR, *bias = job->bias + panel * NR;
    const real *ahead = y + rows * g->small_step + panel * job->K * job->ahead_step;
    vec sum[TALLEST][WIDEST] = {{{0}}};
    for (int64_t u = 0; u < g->kh; u++)
        accumulate(rows, 2, k, a + u * g->dy * pitch, g->sx * g->B, 1, b + u * k * NR, NR, sum,
                   ahead + u * k * job->ahead_step, job->ahead_step);
    const vec bias0 = load(bias), bias1 = load(bias + VW);
#pragma GCC unroll 12
    for (int r = 0; r < rows; r++) {
        real *to = y + r * g->small_step + panel * NR;
        const vec low = sum[r][0] + bias0, high = sum[r][1] + bias1;
        if (filters >= NR) {
            store(to, low);
            store(to + VW, high);
        } else {
            const vec both[2] = {low, high};
            memcpy(to, both, filters * sizeof(real));
        }
    }
}

/* Some rows of positions. */
static void convolve(const void *context, int64_t task, int thread)
{
    const job *job = context;
    const geometry *g = job->g;
    const int64_t n = task / job->chunks, first = task % job->chunks * job->rows;
    const int64_t end = least(first + job->rows, g->h), pitch = length_of_row(g);
    const int64_t step = rows_of_tile(g->w, TALLEST);
    real *rows = thread_memory(thread, 0, rows_seen(g, job->rows) * pitch);
    for (int64_t i = 0; i < rows_seen(g, end - first); i++)
        copy_row(g, job->x + n * g->H * g->width * g->big_step, first * g->sy - g->ph + i,
                 rows + i * pitch);
    for (int64_t i = first; i < end; i++)
        for (int64_t j = 0; j < g->w; j += step)
            for (int64_t p = 0; p < job->panels; p++) {
                const real *a = rows + (i - first) * g->sy * pitch + j * g->sx * g->B;
                real *y = job->y + ((n * g->h + i) * g->w + j) * g->small_step;
#define CASE(n) \
    case n: \
        tile_of_outputs(n, job, p, a, pitch, y); \
        break;
                switch (least(step, g->w - j)) {
                    CASES_TO_TALLEST(CASE)
                }
            }
}

int thin_convolution(const geometry *g, const real *big, const real *W, const real *bias,
                     real *small)
{
    job job = {.g = g, .x = big, .W = W, .y = small, .K = g->kh * g->kw * g->B,
               .panels = divide_up(g->S, NR)};
    /* The outputs of the next positions are fetched by all panels' tiles together. */
    job.ahead_step = rows_of_tile(g->w, TALLEST) * g->small_step / (job.panels * job.K);
    job.rows = least(g->h, divide_up(OUTPUTS_A_TASK, g->w * g->S));
    job.chunks = divide_up(g->h, job.rows);
    pool_enter();
    job.packed = shared_memory(0, job.panels * job.K * NR);
    job.bias = shared_memory(1, job.panels * NR);
    const int enough = job.packed && job.bias;
    if (enough) {
        for (int64_t s = 0; s < job.panels * NR; s++)
            job.bias[s] = bias && s < g->S ? bias[s] : 0;
        parallel_for(pack, &job, job.panels);
        parallel_for(convolve, &job, g->n * job.chunks);
    }
    pool_leave();
    return enough ? 0 : -1;
}
