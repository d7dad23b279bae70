/* From channel after channel to channels-last. */
#include "pool.h"
#include "transpose.h"

enum { SIDE = 64, SMALL = 1 << 15 };

typedef struct {
    const real *in;
    real *out;
    int64_t channels, pixels;
    int64_t side;         /* channels and pixels of a task */
    int64_t across, down; /* tasks along the channels and the pixels of one picture */
} job;

static void turn(const void *context, int64_t task, int thread)
{
    const job *job = context;
    (void)thread;
    const int64_t channels = job->channels, pixels = job->pixels;
    const int64_t n = task / job->across / job->down;
    const int64_t c_0 = task % job->across * job->side, c_end = least(c_0 + job->side, channels);
    const int64_t p_0 = task / job->across % job->down * job->side;
    const int64_t p_end = least(p_0 + job->side, pixels);
    const real *in = job->in + n * channels * pixels;
    real *out = job->out + n * channels * pixels;
    for (int64_t c = c_0; c < c_end; c += VW)
        for (int64_t p = p_0; p < p_end; p += VW) {
            if (c + VW <= c_end && p + VW <= p_end) {
                vec v[VW];
                for (int i = 0; i < VW; i++)
                    v[i] = load(in + (c + i) * pixels + p);
                transpose_vectors(v);
                for (int i = 0; i < VW; i++)
                    store(out + (p + i) * channels + c, v[i]);
                continue;
            }
            for (int64_t i = p; i < least(p + VW, p_end); i++)
                for (int64_t j = c; j < least(c + VW, c_end); j++)
                    out[i * channels + j] = in[j * pixels + i];
        }
}

/* out (n, pixels, channels) from in (n, channels, pixels). */
EXPORT int to_channels_last(const real *in, real *out, int64_t n, int64_t channels, int64_t pixels)
{
    /* Of one small picture, one thread is done before another has begun. */
    const int64_t side = n * channels * pixels > SMALL ? SIDE : SMALL;
    const job job = {.in = in, .out = out, .channels = channels, .pixels = pixels, .side = side,
                     .across = divide_up(channels, side), .down = divide_up(pixels, side)};
    pool_enter();
    parallel_for(turn, &job, n * job.across * job.down);
    pool_leave();
    return 0;
}
