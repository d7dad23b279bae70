/* The gradient of the weights of k4 s2 p1 by minimal filtering. */
#include "pool.h"
#include "product.h"
#include "transpose.h"
#include "winograd.h"

enum { TILES = 256, STEPS = TILES / DEPTH, COLUMNS = 64, TILES_A_TASK = 16 };

typedef struct {
    const real *big, *small;
    real *gW, *sums, *zeros;
    operand *V, *Y;
    int64_t n, H, width, h, w, B, S, tiles_y, tiles_x;
    int64_t first, count; /* tiles at hand */
} job;

/* V[k][block of COLUMNS of the phases' channels][tile][COLUMNS], Y[k][panel][tile][NR]; DEPTH tiles
 * are one step along the sum. */
static void transform(const void *context, int64_t task, int thread)
{
    const job *job = context;
    (void)thread;
    const int64_t B = job->B, S = job->S, tiles = job->tiles_y * job->tiles_x;
    const int64_t end = least(job->count, (task + 1) * TILES_A_TASK);
    for (int64_t i = task * TILES_A_TASK; i < end; i++) {
        const int64_t n = (job->first + i) / tiles, tile = (job->first + i) % tiles;
        const int64_t y = tile / job->tiles_x * M, x = tile % job->tiles_x * M;
        const picture big = {job->big + n * job->H * job->width * B, job->H, job->width, B};
        const picture small = {job->small + n * job->h * job->w * S, job->h, job->w, S};
        for (int phase = 0; phase < 4; phase++)
            transform_window(big, 2 * y - 1 + phase / 2, 2 * x - 1 + phase % 2, 2, job->zeros,
                             job->V + i / DEPTH * COLUMNS, STEPS * 4 * B, phase * B, i % DEPTH,
                             COLUMNS, STEPS * COLUMNS);
        transform_gradients(small, y, x, job->zeros, job->Y + i / DEPTH * NR, STEPS * S, i % DEPTH,
                            NR, STEPS * NR);
    }
}

/* sums[k] (4·B, S) += V[k]ᵀ · Y[k], for one block of COLUMNS rows. */
static void multiply(const void *context, int64_t task, int thread)
{
    const job *job = context;
    (void)thread;
    const int64_t B = job->B, S = job->S, blocks = 4 * B / COLUMNS;
    const int64_t k = task / blocks, block = task % blocks;
    const operand *V = job->V + k * STEPS * 4 * B + block * STEPS * COLUMNS;
    const operand *Y = job->Y + k * STEPS * S;
    real *sums = job->sums + (k * 4 * B + block * COLUMNS) * S;
    product_transposed(COLUMNS, S / NR, divide_up(job->count, DEPTH), V, COLUMNS, Y, NR,
                       STEPS * NR, sums, S, job->first > 0);
}

/* gW (S, B, 4, 4) from the sums, for one channel of the bigger picture. */
static void transform_sums(const void *context, int64_t b, int thread)
{
    const job *job = context;
    (void)thread;
    const int64_t B = job->B, S = job->S;
    for (int64_t s = 0; s < S; s += VW) {
        vec taps[16];
        for (int phase = 0; phase < 4; phase++) {
            vec m[POINTS][POINTS], g[2][2];
            for (int k = 0; k < POINTS2; k++)
                m[k / POINTS][k % POINTS] = load(job->sums + ((k * 4 + phase) * B + b) * S + s);
            sums_2d(m, g);
            for (int i = 0; i < 2; i++)
                for (int j = 0; j < 2; j++)
                    taps[(2 * i + phase / 2) * 4 + 2 * j + phase % 2] = g[i][j];
        }
        for (int t = 0; t < 16; t += VW) {
            transpose_vectors(taps + t);
            for (int v = 0; v < VW; v++)
                store(job->gW + ((s + v) * B + b) * 16 + t, taps[t + v]);
        }
    }
}

/* gW (S, B, 4, 4) of pictures `big` (n, H, width, B) and `small` (n, h, w, S), one of which is a
 * gradient; B a multiple of 64, S of NR. 0, or -1 if memory is short. */
EXPORT int winograd_gradient(const real *big, const real *small, real *gW, int64_t n, int64_t H,
                             int64_t width, int64_t h, int64_t w, int64_t B, int64_t S)
{
    job job = {.big = big, .small = small, .gW = gW, .n = n, .H = H, .width = width, .h = h, .w = w,
               .B = B, .S = S, .tiles_y = divide_up(h, M), .tiles_x = divide_up(w, M)};
    const int64_t tiles = n * job.tiles_y * job.tiles_x;
    pool_enter();
    job.V = (operand *)shared_memory(0, POINTS2 * STEPS * (4 * B + S));
    job.zeros = shared_memory(1, B + S);
    job.sums = shared_memory(2, POINTS2 * 4 * B * S);
    const int short_of_memory = !job.V || !job.zeros || !job.sums;
    if (!short_of_memory) {
        job.Y = job.V + POINTS2 * STEPS * 4 * B;
        memset(job.zeros, 0, (B + S) * sizeof(real));
        for (job.first = 0; job.first < tiles; job.first += TILES) {
            job.count = least(TILES, tiles - job.first);
            parallel_for(transform, &job, divide_up(job.count, TILES_A_TASK));
            parallel_for(multiply, &job, POINTS2 * 4 * B / COLUMNS);
        }
        parallel_for(transform_sums, &job, B);
    }
    pool_leave();
    return short_of_memory ? -1 : 0;
}
