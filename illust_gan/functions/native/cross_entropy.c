/* Sigmoid and softmax cross entropy and their gradients, in the stable forms of Chainer's
 * functions/loss/sigmoid_cross_entropy.py and softmax_cross_entropy.py.
 */
#include <math.h>

#include "exponential.h"
#include "pool.h"

enum { NUMBERS_A_TASK = 1 << 12 };

typedef struct {
    const real *x, *t, *gy;
    const uint8_t *used;
    real *out, count;
    int64_t n, gy_step;
} sigmoid_job;

static void sigmoid_losses(const void *context, int64_t task, int thread)
{
    const sigmoid_job *job = context;
    (void)thread;
    const real *restrict x = job->x, *restrict t = job->t;
    const uint8_t *restrict used = job->used;
    real *restrict out = job->out;
    const int64_t end = least(job->n, (task + 1) * NUMBERS_A_TASK);
    for (int64_t i = task * NUMBERS_A_TASK; i < end; i++) {
        const real small = exp_of_negative(x[i] < 0 ? x[i] : -x[i]);
        out[i] = -(used[i] * (x[i] * (t[i] - (x[i] >= 0)) - log1p_of_fraction(small)));
    }
}

INLINE void sigmoid_gradient(const sigmoid_job *job, int64_t task, const int64_t gy_step)
{
    const real *restrict x = job->x, *restrict t = job->t, *restrict gy = job->gy;
    const uint8_t *restrict used = job->used;
    real *restrict out = job->out;
    const real count = job->count;
    const int64_t end = least(job->n, (task + 1) * NUMBERS_A_TASK);
    for (int64_t i = task * NUMBERS_A_TASK; i < end; i++) {
        const real small = exp_of_negative(x[i] < 0 ? x[i] : -x[i]);
        const real y = (x[i] < 0 ? small : 1) / (1 + small);
        out[i] = gy[i * gy_step] * used[i] * (y - t[i]) / count;
    }
}

static void sigmoid_gradients(const void *context, int64_t task, int thread)
{
    const sigmoid_job *job = context;
    (void)thread;
    if (job->gy_step)
        sigmoid_gradient(job, task, 1);
    else
        sigmoid_gradient(job, task, 0);
}

/* The loss of each of n logits x with label t; 0 where `used` is. */
EXPORT int sigmoid_cross_entropy(const real *x, const real *t, const uint8_t *used, real *loss,
                                 int64_t n)
{
    const sigmoid_job job = {.x = x, .t = t, .used = used, .out = loss, .n = n};
    pool_enter();
    parallel_for(sigmoid_losses, &job, divide_up(n, NUMBERS_A_TASK));
    pool_leave();
    return 0;
}

/* gx for gy of n numbers (gy_step 1) or for one number (gy_step 0), over `count`. */
EXPORT int sigmoid_cross_entropy_gradient(const real *x, const real *t, const uint8_t *used,
                                          const real *gy, int64_t gy_step, double count, real *gx,
                                          int64_t n)
{
    const sigmoid_job job = {.x = x, .t = t, .used = used, .gy = gy, .gy_step = gy_step,
                             .count = count, .out = gx, .n = n};
    pool_enter();
    parallel_for(sigmoid_gradients, &job, divide_up(n, NUMBERS_A_TASK));
    pool_leave();
    return 0;
}

typedef struct {
    const real *x, *gloss;
    const int64_t *t;
    real *y, *log_p, *gx, coeff;
    int64_t rows, classes, ignored, rows_a_task, gloss_step;
} softmax_job;

/* y = exp(x - max) / their sum, of one row; return max and the sum's logarithm. */
INLINE void softmax(const real *restrict x, real *restrict y, int64_t n, real *most, real *log_sum)
{
    /* One for each place in a vector: their order is the same everywhere. */
    real tops[VW], sums[VW] = {0};
    for (int k = 0; k < VW; k++)
        tops[k] = x[0];
    int64_t i = 0;
    for (; i + VW <= n; i += VW)
        for (int k = 0; k < VW; k++)
            tops[k] = x[i + k] > tops[k] ? x[i + k] : tops[k];
    for (; i < n; i++)
        tops[0] = x[i] > tops[0] ? x[i] : tops[0];
    for (int k = 1; k < VW; k++)
        tops[0] = tops[k] > tops[0] ? tops[k] : tops[0];
    for (i = 0; i < n; i++)
        y[i] = exp_of_negative(x[i] - tops[0]);
    for (i = 0; i + VW <= n; i += VW)
        for (int k = 0; k < VW; k++)
            sums[k] += y[i + k];
    for (; i < n; i++)
        sums[0] += y[i];
    for (int k = 1; k < VW; k++)
        sums[0] += sums[k];
    for (i = 0; i < n; i++)
        y[i] /= sums[0];
    *most = tops[0];
    *log_sum = log(sums[0]);
}

static void softmax_losses(const void *context, int64_t task, int thread)
{
    const softmax_job *job = context;
    (void)thread;
    const int64_t end = least(job->rows, (task + 1) * job->rows_a_task);
    for (int64_t row = task * job->rows_a_task; row < end; row++) {
        const real *x = job->x + row * job->classes;
        const int used = job->t[row] != job->ignored;
        real most, log_sum;
        softmax(x, job->y + row * job->classes, job->classes, &most, &log_sum);
        job->log_p[row] = used * (x[used ? job->t[row] : 0] - most - log_sum);
    }
}

static void softmax_gradients(const void *context, int64_t task, int thread)
{
    const softmax_job *job = context;
    (void)thread;
    const int64_t end = least(job->rows, (task + 1) * job->rows_a_task), n = job->classes;
    for (int64_t row = task * job->rows_a_task; row < end; row++) {
        const real *restrict y = job->y + row * n;
        real *restrict gx = job->gx + row * n;
        const int used = job->t[row] != job->ignored;
        const real scale = used * (job->gloss[row * job->gloss_step] * job->coeff);
        for (int64_t c = 0; c < n; c++)
            gx[c] = y[c] * scale;
        if (used)
            gx[job->t[row]] = (y[job->t[row]] - 1) * scale;
    }
}

static int run_softmax(softmax_job *job, task_function function)
{
    for (int64_t row = 0; row < job->rows; row++)
        if (job->t[row] != job->ignored && (job->t[row] < 0 || job->t[row] >= job->classes))
            return 1;
    job->rows_a_task = divide_up(NUMBERS_A_TASK, job->classes);
    pool_enter();
    parallel_for(function, job, divide_up(job->rows, job->rows_a_task));
    pool_leave();
    return 0;
}

/* y = softmax(x), (rows, classes) both, and log_p (rows) = log(y) at t, or 0 where t is `ignored`;
 * returns 0, or 1 if there is a label that is neither a class nor `ignored`. */
EXPORT int softmax_cross_entropy(const real *x, const int64_t *t, real *y, real *log_p,
                                 int64_t rows, int64_t classes, int64_t ignored)
{
    softmax_job job = {.x = x, .t = t, .y = y, .log_p = log_p, .rows = rows, .classes = classes,
                       .ignored = ignored};
    return run_softmax(&job, softmax_losses);
}

/* gx for gloss of each row (gloss_step 1) or for one number (gloss_step 0), times coeff; returns as
 * softmax_cross_entropy does. */
EXPORT int softmax_cross_entropy_gradient(real *y, const int64_t *t, const real *gloss,
                                          int64_t gloss_step, double coeff, real *gx, int64_t rows,
                                          int64_t classes, int64_t ignored)
{
    softmax_job job = {.y = y, .t = t, .gloss = gloss, .gloss_step = gloss_step, .coeff = coeff,
                       .gx = gx, .rows = rows, .classes = classes, .ignored = ignored};
    return run_softmax(&job, softmax_gradients);
}
