/* From channel after channel to channels-last. */
#include "pool.h"

enum { PIXELS = 64 };

typedef struct {
    const real *in;
    real *out;
    int64_t channels, pixels, chunks;
} job;

static void turn(const void *context, int64_t task, int thread)
{
    const job *job = context;
    (void)thread;
    const int64_t n = task / job->chunks, first = task % job->chunks * PIXELS;
    const int64_t end = least(first + PIXELS, job->pixels);
    const real *in = job->in + n * job->channels * job->pixels;
    real *out = job->out + n * job->channels * job->pixels;
    for (int64_t c = 0; c < job->channels; c++)
        for (int64_t p = first; p < end; p++)
            out[p * job->channels + c] = in[c * job->pixels + p];
}

/* out (n, pixels, channels) from in (n, channels, pixels). */
EXPORT int to_channels_last(const real *in, real *out, int64_t n, int64_t channels, int64_t pixels)
{
    const job job = {.in = in, .out = out, .channels = channels, .pixels = pixels,
                     .chunks = divide_up(pixels, PIXELS)};
    pool_enter();
    parallel_for(turn, &job, n * job.chunks);
    pool_leave();
    return 0;
}
