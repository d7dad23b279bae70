/* Batch normalisation with the activation after it, from known statistics. */
#include "activation.h"
#include "normalization.h"

typedef struct {
    const real *x;
    real *y;
    const real *mean, *scale, *shift; /* of the channels */
    shape shape;
    int64_t kind;
    real slope;
} job;

/* `step` is 1 where each number of the line has a channel of its own, 0 in a plane. */
INLINE void normalize_line(const int kind, const real *restrict x, real *restrict y, int64_t n,
                           const real *restrict mean, const real *restrict scale,
                           const real *restrict shift, const int step, real slope)
{
    for (int64_t i = 0; i < n; i++)
        y[i] = activation(
            kind, normalized(x[i], mean[i * step], scale[i * step], shift[i * step]), slope);
}

static void normalize(const void *context, int64_t task, int thread)
{
    const job *job = context;
    (void)thread;
    const int64_t n = line_length(job->shape), lines = lines_a_task(job->shape);
    const int64_t end = least(lines_of(job->shape), (task + 1) * lines);
    for (int64_t line = task * lines; line < end; line++) {
        const int64_t c = job->shape.inner == 1 ? 0 : line % job->shape.channels;
#define NORMALIZE(kind, step) \
    normalize_line(kind, job->x + line * n, job->y + line * n, n, job->mean + c, job->scale + c, \
                   job->shift + c, step, job->slope)
        if (job->shape.inner == 1) {
            FOR_KIND(job->kind, NORMALIZE, 1)
        } else {
            FOR_KIND(job->kind, NORMALIZE, 0)
        }
    }
}

/* y = f((x - mean) scale + shift); x and y (outer, channels, inner), the others one a channel. */
EXPORT int batch_normalize(const real *x, real *y, int64_t outer, int64_t channels, int64_t inner,
                           const real *mean, const real *scale, const real *shift, int64_t kind,
                           double slope)
{
    const job job = {.x = x, .y = y, .mean = mean, .scale = scale, .shift = shift, .kind = kind,
                     .slope = (real)slope, .shape = {outer, channels, inner}};
    pool_enter();
    parallel_for(normalize, &job, divide_up(lines_of(job.shape), lines_a_task(job.shape)));
    pool_leave();
    return 0;
}
