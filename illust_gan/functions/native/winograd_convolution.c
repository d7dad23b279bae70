/* Convolution and transposed convolution of k4 s2 p1 by minimal filtering.
 *
 * W is (S, B, 4, 4) for both: S channels of the smaller picture (h, w), B of the bigger (H, W).
 */
#include "pool.h"
#include "product.h"
#include "winograd_taps.h"

enum { MOST_TILES = 96 };

typedef struct {
    const real *in, *W, *bias;
    real *out, *zeros;
    operand *U;
    int64_t n, H, width, h, w, B, S; /* H × width: the bigger picture */
    finish finish;
    int64_t tiles_y, tiles_x; /* tiles of M×M pixels of the smaller picture */
    int64_t block, room;      /* tiles of a task, and memory for them: product.h */
} job;

/* Tiles in a task. The weights, 9/4 of W, pass by once for each task, so it is to have many; yet
 * tasks are to be even in number, lest a thread of two stands idle while the last one is done. */
static int64_t tiles_in_task(int64_t tiles)
{
    const int64_t tasks = divide_up(divide_up(tiles, MOST_TILES), 2) * 2;
    return divide_up(tiles, tasks);
}

/* U[k] is a matrix (4·B, S), its rows the phases' channels, in panels of NR columns. */
static void convolution_weights(const void *context, int64_t panel, int thread)
{
    const job *job = context;
    (void)thread;
    const int64_t B = job->B, plane = divide_up(job->S, NR) * NR * 4 * B / DEPTH;
    real taps[16][NR];
    for (int64_t b = 0; b < B; b++) {
        turn_taps(job->W + (panel * NR * B + b) * 16, B * 16, job->S - panel * NR, taps);
        for (int phase = 0; phase < 4; phase++)
            transform_taps(taps, phase / 2, 2, phase % 2, 2,
                           job->U + (panel * 4 * B + phase * B + b) / DEPTH * NR, plane, b % DEPTH);
    }
}

static void convolution_block(const void *context, int64_t task, int thread)
{
    const job *job = context;
    const int64_t B = job->B, S = job->S, panels = divide_up(S, NR);
    const int64_t tiles = job->tiles_y * job->tiles_x, first = task * job->block;
    const int64_t block = least(job->block, job->n * tiles - first);
    /* Rows a power of two apart would all fall into the same lines of the first cache. */
    const int64_t ldv = 4 * B / DEPTH + NR, ldm = panels * NR + NR;
    const int64_t plane = job->room * ldv, m_plane = job->room * ldm;
    operand *V = (operand *)thread_memory(thread, 0, POINTS2 * plane);
    real *products = thread_memory(thread, 1, POINTS2 * m_plane);

    for (int64_t i = 0; i < block; i++) {
        const int64_t n = (first + i) / tiles, tile = (first + i) % tiles;
        const int64_t y = tile / job->tiles_x * 2 * M - 1, x = tile % job->tiles_x * 2 * M - 1;
        const picture in = {job->in + n * job->H * job->width * B, job->H, job->width, B};
        for (int phase = 0; phase < 4; phase++)
            transform_window(in, y + phase / 2, x + phase % 2, 2, job->zeros, V + i * ldv, plane,
                             phase * B, ROW, 0, 0);
    }
    for (int k = 0; k < POINTS2; k++)
        product(block, panels, 4 * B / DEPTH, V + k * plane, ldv,
                job->U + k * panels * NR * 4 * B / DEPTH, products + k * m_plane, ldm);
    for (int64_t i = 0; i < block; i++) {
        const int64_t n = (first + i) / tiles, tile = (first + i) % tiles;
        transform_back(products + i * ldm, m_plane, job->bias, &job->finish,
                       job->out + n * job->h * job->w * S, job->h, job->w, S, 0, S,
                       tile / job->tiles_x * M, tile % job->tiles_x * M, 1);
    }
}

/* For each phase of the output, U[k] is a matrix (S, B) in panels of NR columns. */
static void deconvolution_weights(const void *context, int64_t task, int thread)
{
    const job *job = context;
    (void)thread;
    const int64_t B = job->B, S = job->S, panels = divide_up(B, NR);
    const int64_t plane = panels * NR * S / DEPTH, panel = task % panels;
    /* S is a multiple of 16, and so both halves of an operand are in one task. */
    const int64_t some = divide_up(S, 8), first = task / panels * some;
    real taps[16][NR];
    for (int64_t s = first; s < least(S, first + some); s++) {
        turn_taps(job->W + (s * B + panel * NR) * 16, 16, B - panel * NR, taps);
        transform_deconvolution_taps(taps, job->U + (panel * S + s) / DEPTH * NR, plane, s % DEPTH);
    }
}

static void deconvolution_block(const void *context, int64_t task, int thread)
{
    const job *job = context;
    const int64_t B = job->B, S = job->S, panels = divide_up(B, NR);
    const int64_t tiles = job->tiles_y * job->tiles_x, first = task * job->block;
    const int64_t block = least(job->block, job->n * tiles - first);
    const int64_t ldv = S / DEPTH + NR, ldm = panels * NR + NR;
    const int64_t plane = job->room * ldv, m_plane = job->room * ldm;
    operand *V = (operand *)thread_memory(thread, 0, POINTS2 * plane);
    real *products = thread_memory(thread, 1, POINTS2 * m_plane);

    for (int phase = 0; phase < 4; phase++) {
        for (int64_t i = 0; i < block; i++) {
            const int64_t n = (first + i) / tiles, tile = (first + i) % tiles;
            const int64_t y = tile / job->tiles_x * M - 1, x = tile % job->tiles_x * M - 1;
            const picture in = {job->in + n * job->h * job->w * S, job->h, job->w, S};
            transform_window(in, y + phase / 2, x + phase % 2, 1, job->zeros, V + i * ldv, plane,
                             0, ROW, 0, 0);
        }
        for (int k = 0; k < POINTS2; k++)
            product(block, panels, S / DEPTH, V + k * plane, ldv,
                    job->U + (phase * POINTS2 + k) * panels * NR * S / DEPTH,
                    products + k * m_plane, ldm);
        for (int64_t i = 0; i < block; i++) {
            const int64_t n = (first + i) / tiles, tile = (first + i) % tiles;
            transform_back(products + i * ldm, m_plane, job->bias, &job->finish,
                           job->out + n * job->H * job->width * B, job->H, job->width, B, 0, B,
                           tile / job->tiles_x * 2 * M + phase / 2,
                           tile % job->tiles_x * 2 * M + phase % 2, 2);
        }
    }
}

static int run(job *job, int transposed)
{
    const int64_t in = transposed ? job->S : job->B, out = transposed ? job->B : job->S;
    const int64_t panels = divide_up(out, NR);
    pool_enter();
    job->U = (operand *)shared_memory(0, 4 * POINTS2 * in / DEPTH * panels * NR);
    job->zeros = shared_memory(1, in);
    if (job->U && job->zeros) {
        memset(job->zeros, 0, in * sizeof(real));
        job->tiles_y = divide_up(job->h, M);
        job->tiles_x = divide_up(job->w, M);
        const int64_t tiles = job->n * job->tiles_y * job->tiles_x;
        job->block = tiles_in_task(tiles);
        job->room = divide_up(job->block, MR) * MR;
        parallel_for(transposed ? deconvolution_weights : convolution_weights, job,
                     transposed ? panels * 8 : panels);
        parallel_for(transposed ? deconvolution_block : convolution_block, job,
                     divide_up(tiles, job->block));
    }
    pool_leave();
    return job->U && job->zeros ? 0 : -1;
}

/* y (n, h, w, S) = x (n, H, width, B) * W + bias (S, or NULL); 0, or -1 if memory is short. */
EXPORT int winograd_convolution(const real *x, const real *W, const real *bias, real *y, int64_t n,
                                int64_t H, int64_t width, int64_t h, int64_t w, int64_t B, int64_t S)
{
    job job = {.in = x, .W = W, .bias = bias, .out = y, .n = n, .H = H, .width = width, .h = h,
               .w = w, .B = B, .S = S};
    return run(&job, 0);
}

/* x (n, H, width, B) = y (n, h, w, S) *ᵀ W + bias (B, or NULL), and what follows: see finish_by() of
 * B channels. 0, or -1 if memory is short. */
EXPORT int winograd_deconvolution(const real *y, const real *W, const real *bias, real *x,
                                  int64_t n, int64_t H, int64_t width, int64_t h, int64_t w,
                                  int64_t B, int64_t S, const real *channels, int64_t kind,
                                  double slope)
{
    job job = {.in = y, .W = W, .bias = bias, .out = x, .n = n, .H = H, .width = width, .h = h,
               .w = w, .B = B, .S = S, .finish = finish_by(channels, B, kind, slope)};
    return run(&job, 1);
}
