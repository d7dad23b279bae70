/* Adam and weight decay, to the bit as Chainer computes them with NumPy.
 *
 * D. P. Kingma and J. Ba, "Adam: A Method for Stochastic Optimization" (2015), algorithm 1, in the
 * order of operations of Chainer's optimizers/adam.py and optimizer_hooks/weight_decay.py.
 */
#include <math.h>

#include "pool.h"

enum { NUMBERS_A_TASK = 1 << 14 };

typedef struct {
    real *p, *g, *m, *v;
    int64_t n;
    real rest1, rest2, alpha, eps, keep, minus_eta, rate, minus_zero;
} job;

typedef void (*vector_function)(const job *job, int64_t i, int64_t count);

/* NumPy rounds a product before it is added to; a compiler would fuse the two. It may fuse this sum,
 * not knowing that minus_zero is -0, and that does nothing but round. */
INLINE vec rounded(const job *job, vec product)
{
    return product + job->minus_zero;
}

INLINE vec square_root(vec x)
{
    for (int i = 0; i < VW; i++)
        x[i] = sizeof(real) == 4 ? sqrtf(x[i]) : sqrt(x[i]);
    return x;
}

INLINE vec load_some(const real *from, int64_t count)
{
    vec x = {0};
    memcpy(&x, from, count * sizeof(real));
    return x;
}

INLINE void store_some(real *to, vec x, int64_t count)
{
    memcpy(to, &x, count * sizeof(real));
}

INLINE void update(const job *job, int64_t i, int64_t count)
{
    const vec g = load_some(job->g + i, count), p = load_some(job->p + i, count);
    vec m = load_some(job->m + i, count), v = load_some(job->v + i, count);
    m += rounded(job, job->rest1 * (g - m));
    v += rounded(job, job->rest2 * (rounded(job, g * g) - v));
    const vec step = job->minus_eta * (job->alpha / (square_root(v) + job->eps) * m);
    store_some(job->m + i, m, count);
    store_some(job->v + i, v, count);
    store_some(job->p + i, rounded(job, job->keep * p) + rounded(job, step), count);
}

INLINE void decay(const job *job, int64_t i, int64_t count)
{
    const vec g = load_some(job->g + i, count), p = load_some(job->p + i, count);
    store_some(job->g + i, g + rounded(job, job->rate * p), count);
}

INLINE void over_vectors(const void *context, int64_t task, vector_function function)
{
    const job job_here = *(const job *)context;
    const int64_t end = least(job_here.n, (task + 1) * NUMBERS_A_TASK);
    int64_t i = task * NUMBERS_A_TASK;
    for (; i + VW <= end; i += VW)
        function(&job_here, i, VW);
    if (i < end)
        function(&job_here, i, end - i);
}

static void adam_task(const void *context, int64_t task, int thread)
{
    (void)thread;
    over_vectors(context, task, update);
}

static void decay_task(const void *context, int64_t task, int thread)
{
    (void)thread;
    over_vectors(context, task, decay);
}

static int run(task_function task, const job *job)
{
    pool_enter();
    parallel_for(task, job, divide_up(job->n, NUMBERS_A_TASK));
    pool_leave();
    return 0;
}

/* One step of Adam for n parameters p of gradient g and moments m and v; p, m and v change.
 * rest1 and rest2 are 1 - beta1 and 1 - beta2, keep is 1 - eta * weight_decay_rate. */
EXPORT int adam(real *p, real *g, real *m, real *v, int64_t n, double rest1, double rest2,
                double alpha, double eps, double keep, double eta)
{
    const job job = {.p = p, .g = g, .m = m, .v = v, .n = n, .rest1 = rest1, .rest2 = rest2,
                     .alpha = alpha, .eps = eps, .keep = keep, .minus_eta = -eta,
                     .minus_zero = -0.0};
    return run(adam_task, &job);
}

/* g += rate * p, n numbers each. */
EXPORT int weight_decay(real *p, real *g, int64_t n, double rate)
{
    const job job = {.p = p, .g = g, .n = n, .rate = rate, .minus_zero = -0.0};
    return run(decay_task, &job);
}
