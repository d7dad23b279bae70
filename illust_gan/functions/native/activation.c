/* Activation functions of whole arrays. */
#include "activation.h"
#include "pool.h"

enum { NUMBERS_A_TASK = 1 << 14 };

typedef struct {
    const real *x, *gy;
    real *out;
    int64_t n, kind;
    real slope;
} job;

INLINE void values(const int kind, const real *restrict x, real *restrict y, int64_t n, real slope)
{
    for (int64_t i = 0; i < n; i++)
        y[i] = activation(kind, x[i], slope);
}

INLINE void gradients(const int kind, const real *restrict y, const real *restrict gy,
                      real *restrict gx, int64_t n, real slope)
{
    for (int64_t i = 0; i < n; i++)
        gx[i] = activation_gradient(kind, y[i], gy[i], slope);
}

static void activate(const void *context, int64_t task, int thread)
{
    const job *job = context;
    (void)thread;
    const int64_t i = task * NUMBERS_A_TASK, n = least(NUMBERS_A_TASK, job->n - i);
    if (job->gy) {
        FOR_KIND(job->kind, gradients, job->x + i, job->gy + i, job->out + i, n, job->slope)
    } else {
        FOR_KIND(job->kind, values, job->x + i, job->out + i, n, job->slope)
    }
}

static int run(const job *job)
{
    pool_enter();
    parallel_for(activate, job, divide_up(job->n, NUMBERS_A_TASK));
    pool_leave();
    return 0;
}

/* y = f(x), n numbers; slope is ELU's alpha too. */
EXPORT int activation_values(const real *x, real *y, int64_t n, int64_t kind, double slope)
{
    return run(&(job){.x = x, .out = y, .n = n, .kind = kind, .slope = (real)slope});
}

/* gx = gy f'(x), n numbers, from y = f(x) or, but for ELU, from anything with its sign. */
EXPORT int activation_gradients(const real *y, const real *gy, real *gx, int64_t n, int64_t kind,
                                double slope)
{
    return run(&(job){.x = y, .gy = gy, .out = gx, .n = n, .kind = kind, .slope = (real)slope});
}
