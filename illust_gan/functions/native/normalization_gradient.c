/* The way back through batch normalisation and the activation after it.
 *
 * Between both lies g = gy f'((x - mean) scale + shift). It is not written: each of the two passes
 * over memory computes it anew.
 */
#include "activation.h"
#include "normalization.h"

typedef struct {
    const real *x, *gy, *y;
    real *gx;
    const real *mean, *scale, *shift;   /* of the channels */
    const real *factor, *trend, *level; /* of the channels */
    double *sums, *products;            /* of the parts: (parts of a channel, channels) */
    real *sum, *product;                /* of the channels */
    shape shape;
    int64_t kind;
    real slope;
} job;

/* g from all that may be needed for it; where the kind is none, only gy is read. */
INLINE real gradient(const int kind, const real *x, const real *gy, const real *y,
                     const real *mean, const real *scale, const real *shift, real slope)
{
    if (kind == IDENTITY)
        return *gy;
    const real like_y = kind == ELU ? *y : normalized(*x, *mean, *scale, *shift);
    return activation_gradient(kind, like_y, *gy, slope);
}

/* sum += g and products += g (x - mean) of each column. */
INLINE void add_rows(const int kind, const real *restrict x, const real *restrict gy,
                     const real *restrict y, int64_t rows, int64_t step, int64_t n,
                     const real *restrict mean, const real *restrict scale,
                     const real *restrict shift, real slope, real *restrict sum,
                     real *restrict products)
{
    for (int64_t r = 0; r < rows; r++, x += step, gy += step, y += step)
        for (int64_t j = 0; j < n; j++) {
            const real g =
                gradient(kind, x + j, gy + j, y + j, mean + j, scale + j, shift + j, slope);
            sum[j] += g;
            products[j] += g * (x[j] - mean[j]);
        }
}

static void sum_part(const job *job, int64_t number)
{
    const shape s = job->shape;
    const part p = part_number(s, number);
    real mean[COLUMNS], scale[COLUMNS], shift[COLUMNS], sum[COLUMNS], products[COLUMNS];
    memset(sum, 0, p.columns * sizeof(real));
    memset(products, 0, p.columns * sizeof(real));
    spread(s, &p, job->mean, mean);
    spread(s, &p, job->scale, scale);
    spread(s, &p, job->shift, shift);
#define ADD(kind, first, rows, n) \
    add_rows(kind, job->x + (first), job->gy + (first), job->y + (first), rows, p.step, n, mean, \
             scale, shift, job->slope, sum, products)
    FOR_KIND(job->kind, ADD, p.start, p.rows, p.columns)
    if (p.tail) {
        FOR_KIND(job->kind, ADD, p.start + p.rows * p.step, 1, p.tail)
    }
    const int64_t at = p.part * s.channels + p.channel;
    fold(s, &p, sum, job->sums + at);
    fold(s, &p, products, job->products + at);
}

static void sum_parts(const void *context, int64_t task, int thread)
{
    const job *job = context;
    (void)thread;
    const int64_t n = parts_a_task(job->shape), end = least(parts_of(job->shape), (task + 1) * n);
    for (int64_t i = task * n; i < end; i++)
        sum_part(job, i);
}

static void add_parts(const void *context, int64_t task, int thread)
{
    const job *job = context;
    (void)thread;
    const int64_t channels = job->shape.channels, first = task * LANES;
    const int64_t n = least(LANES, channels - first);
    double sum[LANES] = {0}, product[LANES] = {0};
    for (int64_t part = 0; part < parts_a_channel(job->shape); part++)
        for (int64_t c = 0; c < n; c++) {
            sum[c] += job->sums[part * channels + first + c];
            product[c] += job->products[part * channels + first + c];
        }
    for (int64_t c = 0; c < n; c++) {
        job->sum[first + c] = (real)sum[c];
        job->product[first + c] = (real)product[c];
    }
}

/* `step` is 1 where each number of the line has a channel of its own, 0 in a plane. */
INLINE void gradient_line(const int kind, const real *restrict x, const real *restrict gy,
                          const real *restrict y, real *restrict gx, int64_t n,
                          const real *restrict mean, const real *restrict scale,
                          const real *restrict shift, const real *restrict factor,
                          const real *restrict trend, const real *restrict level, const int step,
                          real slope)
{
    for (int64_t i = 0; i < n; i++) {
        const int64_t c = i * step;
        const real g = gradient(kind, x + i, gy + i, y + i, mean + c, scale + c, shift + c, slope);
        gx[i] = factor[c] * (g - ((x[i] - mean[c]) * trend[c] + level[c]));
    }
}

static void differentiate(const void *context, int64_t task, int thread)
{
    const job *job = context;
    (void)thread;
    const int64_t n = line_length(job->shape), lines = lines_a_task(job->shape);
    const int64_t end = least(lines_of(job->shape), (task + 1) * lines);
    for (int64_t line = task * lines; line < end; line++) {
        const int64_t i = line * n, c = job->shape.inner == 1 ? 0 : line % job->shape.channels;
#define DIFFERENTIATE(kind, step) \
    gradient_line(kind, job->x + i, job->gy + i, job->y + i, job->gx + i, n, job->mean + c, \
                  job->scale + c, job->shift + c, job->factor + c, job->trend + c, \
                  job->level + c, step, job->slope)
        if (job->shape.inner == 1) {
            FOR_KIND(job->kind, DIFFERENTIATE, 1)
        } else {
            FOR_KIND(job->kind, DIFFERENTIATE, 0)
        }
    }
}

/* sum = Σ g and product = Σ g (x - mean) of each channel.
 *
 * x, gy and y are (outer, channels, inner), the others one a channel. y = f(…) is read for ELU, and
 * scale and shift for ReLU and leaky ReLU; they may be anything otherwise. */
EXPORT int batch_gradient_sums(const real *x, const real *gy, const real *y, int64_t outer,
                               int64_t channels, int64_t inner, const real *mean,
                               const real *scale, const real *shift, int64_t kind,
                               double slope, real *sum, real *product)
{
    job job = {.x = x, .gy = gy, .y = y, .mean = mean, .scale = scale, .shift = shift,
               .kind = kind, .slope = (real)slope, .sum = sum, .product = product,
               .shape = {outer, channels, inner}};
    const int64_t n = parts_a_channel(job.shape) * channels;
    pool_enter();
    job.sums = (double *)shared_memory(0, 2 * n * (int64_t)(sizeof(double) / sizeof(real)));
    if (job.sums) {
        job.products = job.sums + n;
        parallel_for(sum_parts, &job, divide_up(parts_of(job.shape), parts_a_task(job.shape)));
        parallel_for(add_parts, &job, divide_up(channels, LANES));
    }
    pool_leave();
    return job.sums ? 0 : -1;
}

/* gx = factor (g - ((x - mean) trend + level)), arrays as above. */
EXPORT int batch_gradient(const real *x, const real *gy, const real *y, real *gx, int64_t outer,
                          int64_t channels, int64_t inner, const real *mean, const real *scale,
                          const real *shift, int64_t kind, double slope, const real *factor,
                          const real *trend, const real *level)
{
    const job job = {.x = x, .gy = gy, .y = y, .gx = gx, .mean = mean, .scale = scale,
                     .shift = shift, .kind = kind, .slope = (real)slope,
                     .factor = factor, .trend = trend, .level = level,
                     .shape = {outer, channels, inner}};
    pool_enter();
    parallel_for(differentiate, &job, divide_up(lines_of(job.shape), lines_a_task(job.shape)));
    pool_leave();
    return 0;
}
