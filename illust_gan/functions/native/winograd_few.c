/* Transposed convolution of k4 s2 p1 by minimal filtering, for few tiles.
 *
 * The weights, in points, are 9/4 of W, and of one picture there is little to do with each. So they
 * are not written to memory for all: a thread turns DEEP channels at a time to points, of its own
 * panels of filters and of all tiles, and multiplies them while they are in its cache. What another
 * thread has written would take longer to fetch than to compute again.
 *
 * W is (S, B, 4, 4), S channels of the smaller picture (h, w), B of the bigger (H, W).
 */
#include "pool.h"
#include "product.h"
#include "winograd_taps.h"

enum {
    DEEP = 64, /* channels at a time */
    PLANES = 4 * POINTS2,
    LEAST_TILES = 16, /* of a task */
    MOST_TILES = 72,  /* whose points fit into the second cache */
    AHEAD = 2,        /* channels */
    BEGINNING = 64,   /* numbers of a run */
};

typedef struct {
    const real *in, *W, *bias;
    real *out, *zeros;
    finish finish;
    int64_t n, H, width, h, w, B, S, tiles_y, tiles_x, tiles;
    int64_t panels, share, chunk; /* in all and of a task; tiles of a task */
} job;

/* Planes a power of two apart would all fall into the same lines of the first cache. */
static int64_t plane_of_windows(const job *job)
{
    return divide_up(job->chunk, MR) * MR * DEEP / DEPTH + NR;
}

static int64_t plane_of_products(const job *job)
{
    return divide_up(job->chunk, MR) * MR * NR + NR;
}

/* V[phase][k][tile][DEEP] of some tiles and channels. */
static void transform_tiles(const job *job, int64_t first, int64_t count, int64_t s0, operand *V)
{
    const int64_t plane = plane_of_windows(job), a_picture = job->tiles_y * job->tiles_x;
    for (int64_t i = 0; i < count; i++) {
        const int64_t n = (first + i) / a_picture, tile = (first + i) % a_picture;
        const picture in = {job->in + n * job->h * job->w * job->S, job->h, job->w, job->S};
        for (int phase = 0; phase < 4; phase++) {
            const real *pixels[POINTS][POINTS];
            find_window(in, tile / job->tiles_x * M - 1 + phase / 2,
                        tile % job->tiles_x * M - 1 + phase % 2, 1, job->zeros, pixels);
            for (int64_t c = 0; c < least(DEEP, job->S - s0); c += VW)
                transform_pixels(pixels, s0 + c,
                                 V + phase * POINTS2 * plane + (i * DEEP + c) / DEPTH, plane, ROW);
        }
    }
}

/* Some panels of filters, some tiles. */
static void deconvolve(const void *context, int64_t task, int thread)
{
    const job *job = context;
    const int64_t B = job->B, S = job->S, tasks = divide_up(job->panels, job->share);
    const int64_t p0 = task % tasks * job->share, end = least(job->panels, p0 + job->share);
    const int64_t first = task / tasks * job->chunk;
    const int64_t count = least(job->chunk, job->tiles - first);
    const int64_t plane = DEEP / DEPTH * NR + NR, v_plane = plane_of_windows(job);
    const int64_t m_plane = plane_of_products(job);
    operand *U = (operand *)thread_memory(thread, 0, PLANES * (plane + v_plane));
    operand *V = U + PLANES * plane;
    real *products = thread_memory(thread, 1, PLANES * job->share * m_plane);
    real taps[16][NR];
    for (int64_t s0 = 0; s0 < S; s0 += DEEP) {
        const int64_t depth = least(DEEP, S - s0);
        transform_tiles(job, first, count, s0, V);
        for (int64_t p = p0; p < end; p++) {
            for (int64_t s = 0; s < depth; s++) {
                const real *W = job->W + ((s0 + s) * B + p * NR) * 16;
                /* The processor fetches ahead within a run, once it has seen where one begins. */
                for (int64_t i = 0; i < BEGINNING; i += 64 / (int64_t)sizeof(real))
                    __builtin_prefetch(W + AHEAD * B * 16 + i, 0, 2);
                turn_taps(W, 16, B - p * NR, taps);
                transform_deconvolution_taps(taps, U + s / DEPTH * NR, plane, s % DEPTH);
            }
            for (int k = 0; k < PLANES; k++)
                add_product(count, 1, depth / DEPTH, V + k * v_plane, DEEP / DEPTH, U + k * plane,
                            products + ((p - p0) * PLANES + k) * m_plane, NR, s0 > 0);
        }
    }
    for (int64_t p = p0; p < end; p++)
        for (int64_t i = 0; i < count; i++) {
            const int64_t n = (first + i) / (job->tiles_y * job->tiles_x);
            const int64_t tile = (first + i) % (job->tiles_y * job->tiles_x), b = p * NR;
            for (int phase = 0; phase < 4; phase++)
                transform_back(
                    products + ((p - p0) * PLANES + phase * POINTS2) * m_plane + i * NR, m_plane,
                    job->bias, &job->finish, job->out + n * job->H * job->width * B, job->H,
                    job->width, B, b, least(B, b + NR), tile / job->tiles_x * 2 * M + phase / 2,
                    tile % job->tiles_x * 2 * M + phase % 2, 2);
        }
}

/* As winograd_deconvolution(), of which it gives the bits. */
EXPORT int winograd_few_deconvolution(const real *y, const real *W, const real *bias, real *x,
                                      int64_t n, int64_t H, int64_t width, int64_t h, int64_t w,
                                      int64_t B, int64_t S, const real *channels, int64_t kind,
                                      double slope)
{
    job job = {.in = y, .W = W, .bias = bias, .out = x, .n = n, .H = H, .width = width, .h = h,
               .w = w, .B = B, .S = S, .tiles_y = divide_up(h, M), .tiles_x = divide_up(w, M),
               .panels = divide_up(B, NR), .finish = finish_by(channels, B, kind, slope)};
    job.tiles = n * job.tiles_y * job.tiles_x;
    /* Each task turns its own tiles and weights: no more of them than there are threads. */
    const int64_t threads = pool_threads();
    job.share = divide_up(job.panels, threads);
    const int64_t chunks = divide_up(threads, divide_up(job.panels, job.share));
    const int64_t fitting = divide_up(job.tiles, MOST_TILES);
    job.chunk = divide_up(job.tiles, chunks > fitting
                                         ? least(chunks, divide_up(job.tiles, LEAST_TILES))
                                         : fitting);
    pool_enter();
    job.zeros = shared_memory(1, S);
    if (job.zeros) {
        memset(job.zeros, 0, S * sizeof(real));
        parallel_for(deconvolve, &job,
                     divide_up(job.panels, job.share) * divide_up(job.tiles, job.chunk));
    }
    pool_leave();
    return job.zeros ? 0 : -1;
}
