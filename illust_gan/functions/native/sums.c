/* Sums over all pixels, channel by channel: the gradient of a bias. */
#include "pool.h"

enum { ROWS = 256 };

typedef struct {
    const real *x;
    real *sums;
    int64_t rows, channels;
} job;

static void add_rows(const void *context, int64_t task, int thread)
{
    const job *job = context;
    (void)thread;
    const int64_t end = least((task + 1) * ROWS, job->rows);
    real *sums = job->sums + task * job->channels;
    memcpy(sums, job->x + task * ROWS * job->channels, job->channels * sizeof(real));
    for (int64_t row = task * ROWS + 1; row < end; row++)
        for (int64_t c = 0; c < job->channels; c++)
            sums[c] += job->x[row * job->channels + c];
}

/* Add the second half of n rows to the first until one is left, so that errors stay small. */
static void add_pairs(real *sums, int64_t n, int64_t channels)
{
    while (n > 1) {
        const int64_t half = (n + 1) / 2;
        for (int64_t i = 0; i < (n - half) * channels; i++)
            sums[i] += sums[half * channels + i];
        n = half;
    }
}

/* out (channels) from x (rows, channels), rows at least 1; 0, or -1 if memory is short. */
EXPORT int sum_rows(const real *x, real *out, int64_t rows, int64_t channels)
{
    job job = {.x = x, .rows = rows, .channels = channels};
    const int64_t n = divide_up(rows, ROWS);
    pool_enter();
    job.sums = shared_memory(3, n * channels);
    if (job.sums) {
        parallel_for(add_rows, &job, n);
        add_pairs(job.sums, n, channels);
        memcpy(out, job.sums, channels * sizeof(real));
    }
    pool_leave();
    return job.sums ? 0 : -1;
}
