/* Mean and variance of each channel. */
#include "normalization.h"

typedef struct {
    const real *x;
    real *mean, *var;
    double *means, *squares; /* of the parts: (parts of a channel, channels) */
    shape shape;
} job;

INLINE void add_rows(const real *restrict x, int64_t rows, int64_t step, int64_t n,
                     real *restrict sum)
{
    int64_t r = 0;
    for (; r + 4 <= rows; r += 4, x += 4 * step)
        for (int64_t j = 0; j < n; j++)
            sum[j] += (x[j] + x[step + j]) + (x[2 * step + j] + x[3 * step + j]);
    for (; r < rows; r++, x += step)
        for (int64_t j = 0; j < n; j++)
            sum[j] += x[j];
}

INLINE void add_deviations(const real *restrict x, int64_t rows, int64_t step, int64_t n,
                           const real *restrict centre, real *restrict sum,
                           real *restrict squares)
{
    for (int64_t r = 0; r < rows; r++, x += step)
        for (int64_t j = 0; j < n; j++) {
            const real d = x[j] - centre[j];
            sum[j] += d;
            squares[j] += d * d;
        }
}

/* Mean and squares about it. The first sum may be off in its last digits where the mean is large;
 * the deviations from it say by how much. */
static void measure_part(const job *job, int64_t i)
{
    const shape s = job->shape;
    const part p = part_number(s, i);
    const real *x = job->x + p.start, *tail = x + p.rows * p.step;
    const double n = count_of(s, p.part);
    real sum[COLUMNS], squares[COLUMNS], centre[COLUMNS];
    double sums[COLUMNS], square_sums[COLUMNS];
    memset(sum, 0, p.columns * sizeof(real));
    memset(squares, 0, p.columns * sizeof(real));
    add_rows(x, p.rows, p.step, p.columns, sum);
    add_rows(tail, p.tail > 0, 0, p.tail, sum);
    const int64_t channels = fold(s, &p, sum, sums);
    for (int64_t j = 0; j < p.columns; j++)
        centre[j] = (real)(sums[channels > 1 ? j : 0] / n);
    memset(sum, 0, p.columns * sizeof(real));
    add_deviations(x, p.rows, p.step, p.columns, centre, sum, squares);
    add_deviations(tail, p.tail > 0, 0, p.tail, centre, sum, squares);
    fold(s, &p, sum, sums);
    fold(s, &p, squares, square_sums);
    double *means = job->means + p.part * s.channels + p.channel;
    double *m2 = job->squares + p.part * s.channels + p.channel;
    for (int64_t c = 0; c < channels; c++) {
        const double off = sums[c] / n;
        /* Beside an infinity all deviations are infinite or NaN, but the mean is known. */
        means[c] = __builtin_isfinite(off) ? centre[c] + off : centre[c];
        m2[c] = square_sums[c] - n * off * off;
    }
}

static void measure(const void *context, int64_t task, int thread)
{
    const job *job = context;
    (void)thread;
    const int64_t n = parts_a_task(job->shape), end = least(parts_of(job->shape), (task + 1) * n);
    for (int64_t i = task * n; i < end; i++)
        measure_part(job, i);
}

/* T. F. Chan, G. H. Golub, R. J. LeVeque, "Updating formulae and a pairwise algorithm for computing
 * sample variances", 1979: squares about the mean of all are those about the means of the parts,
 * and those of these means. */
static void combine(const void *context, int64_t task, int thread)
{
    const job *job = context;
    (void)thread;
    const shape s = job->shape;
    const int64_t first = task * LANES, n = least(LANES, s.channels - first);
    const double total = (double)s.outer * s.inner;
    double mean[LANES] = {0}, squares[LANES] = {0};
    for (int64_t part = 0; part < parts_a_channel(s); part++)
        for (int64_t c = 0; c < n; c++)
            mean[c] += count_of(s, part) * job->means[part * s.channels + first + c];
    for (int64_t c = 0; c < n; c++)
        mean[c] /= total;
    for (int64_t part = 0; part < parts_a_channel(s); part++)
        for (int64_t c = 0; c < n; c++) {
            const double d = job->means[part * s.channels + first + c] - mean[c];
            squares[c] += job->squares[part * s.channels + first + c] + count_of(s, part) * d * d;
        }
    for (int64_t c = 0; c < n; c++) {
        job->mean[first + c] = (real)mean[c];
        job->var[first + c] = (real)(squares[c] / total);
    }
}

/* Mean and variance (divided by outer · inner) of x (outer, channels, inner), none of them 0. */
EXPORT int batch_statistics(const real *x, int64_t outer, int64_t channels, int64_t inner,
                            real *mean, real *var)
{
    job job = {.x = x, .mean = mean, .var = var, .shape = {outer, channels, inner}};
    const int64_t n = parts_a_channel(job.shape) * channels;
    pool_enter();
    job.means = (double *)shared_memory(0, 2 * n * (int64_t)(sizeof(double) / sizeof(real)));
    if (job.means) {
        job.squares = job.means + n;
        parallel_for(measure, &job, divide_up(parts_of(job.shape), parts_a_task(job.shape)));
        parallel_for(combine, &job, divide_up(channels, LANES));
    }
    pool_leave();
    return job.means ? 0 : -1;
}
