// Batch normalisation of matrices with dense rows, whose columns are the channels, together with
// the activation function after it. What lies between both is computed anew on the way back.
#include "activation.cuh"
#include "columns.cuh"

enum { MANY = in_16_bytes<X>() };

// Running statistics may be NULL; theirs is the unbiased variance, `adjust` times the other, and the
// mean of what x would be with `shift`, which may be NULL, added to it. If `count`, the minibatches
// before this one, is not NULL, they decay by (1 + count) / (10 + count) as long as that is less.
template <int N>
__device__ inline void moments(const X *x, long long rows, long long columns, long long part_rows,
                               float *parts, unsigned int *arrived, float eps, float *mean,
                               float *var, float *inv_std, float *running_mean, float *running_var,
                               float decay, float adjust, const float *shift,
                               const long long *count)
{
    const Share<N> mine = share<N>(rows, columns, part_rows);
    // Differences from the first row are small where the mean is far from zero. Should that row be
    // unlike all others, Welford's way is still sound.
    Vector<float, N> origin = {};
    if (mine.is_any)
        origin = read<N>(x + mine.column);
    Seen<N> seen = {};
#pragma unroll 4
    for (long long row = mine.row; row < mine.end; row += DOWN) {
        const Vector<float, N> v = read<N>(x + row * columns + mine.column);
        seen.rows++;
        const float weight = 1 / seen.rows;
        for (int j = 0; j < N; j++) {
            const float value = v.number[j] - origin.number[j];
            const float difference = value - seen.a.number[j];
            seen.a.number[j] += difference * weight;
            seen.b.number[j] += difference * (value - seen.a.number[j]);
        }
    }
    if (!add_up<Moments>(seen, mine, rows, columns, part_rows, parts, arrived) || !mine.is_first)
        return;

    if (count)
        decay = fminf(decay, (float)((1.0 + *count) / (10.0 + *count)));
    for (int j = 0; j < N; j++) {
        const long long c = mine.column + j;
        const float m = origin.number[j] + seen.a.number[j], v = seen.b.number[j] / (float)rows;
        mean[c] = m;
        var[c] = v;
        inv_std[c] = 1 / sqrtf(v + eps);
        if (running_mean) {
            const float shifted = shift ? m + shift[c] : m;
            running_mean[c] = running_mean[c] * decay + (1 - decay) * shifted;
            running_var[c] = running_var[c] * decay + (1 - decay) * adjust * v;
        }
    }
}

extern "C" __global__ void statistics(const X *x, long long rows, long long columns,
                                      long long part_rows, float *parts, unsigned int *arrived,
                                      long long together, float eps, float *mean, float *var,
                                      float *inv_std, float *running_mean, float *running_var,
                                      float decay, float adjust, const float *shift,
                                      const long long *count)
{
    if (together == 1)
        moments<1>(x, rows, columns, part_rows, parts, arrived, eps, mean, var, inv_std,
                   running_mean, running_var, decay, adjust, shift, count);
    else
        moments<MANY>(x, rows, columns, part_rows, parts, arrived, eps, mean, var, inv_std,
                      running_mean, running_var, decay, adjust, shift, count);
}

// What `normalize` wants of fixed statistics of x + shift. One thread for each channel.
extern "C" __global__ void fixed_statistics(const float *mean, const float *var, const float *shift,
                                            float eps, long long columns, float *shifted_mean,
                                            float *inv_std)
{
    const long long c = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (c >= columns)
        return;
    shifted_mean[c] = shift ? mean[c] - shift[c] : mean[c];
    inv_std[c] = 1 / sqrtf(var[c] + eps);
}

// Of some channels: what takes x to (x - mean) scale + shift.
template <int N>
struct Scaling {
    Vector<float, N> mean, scale, shift;
};

// Gamma may be NULL for ones, and beta for zeros.
struct Channels {
    const float *mean, *inv_std, *gamma, *beta;
};

template <int N>
__device__ inline Scaling<N> scaling(const Channels &channels, const Share<N> &mine)
{
    Scaling<N> s = {};
    if (mine.is_any)
        for (int j = 0; j < N; j++) {
            const long long c = mine.column + j;
            s.mean.number[j] = channels.mean[c];
            s.scale.number[j] = channels.inv_std[c] * (channels.gamma ? channels.gamma[c] : 1);
            s.shift.number[j] = channels.beta ? channels.beta[c] : 0;
        }
    return s;
}

// One expression for all, so that the sign found on the way back is that of the way forward.
template <int N>
__device__ inline float normalized(const Scaling<N> &s, float x, int j)
{
    return (x - s.mean.number[j]) * s.scale.number[j] + s.shift.number[j];
}

// The gradient of the normalised number, from the gradient of its activation.
template <int KIND, int N>
__device__ inline float gradient_between(const Scaling<N> &s, float x, float gy, float slope, int j)
{
    return activation_gradient<KIND>(activation<KIND>(normalized(s, x, j), slope), gy, slope);
}

template <int KIND, int N>
__device__ inline void values(const X *x, Y *y, long long rows, long long columns,
                              long long part_rows, Channels channels, float slope)
{
    const Share<N> mine = share<N>(rows, columns, part_rows);
    const Scaling<N> s = scaling(channels, mine);
#pragma unroll 2
    for (long long row = mine.row; row < mine.end; row += DOWN) {
        Vector<float, N> v = read<N>(x + row * columns + mine.column);
        for (int j = 0; j < N; j++)
            v.number[j] = activation<KIND>(normalized(s, v.number[j], j), slope);
        write(y + row * columns + mine.column, v);
    }
}

extern "C" __global__ void normalize(const X *__restrict__ x, Y *__restrict__ y, long long rows,
                                     long long columns, long long part_rows, long long together,
                                     const float *mean, const float *inv_std, const float *gamma,
                                     const float *beta, long long kind, float slope)
{
    const Channels channels = {mean, inv_std, gamma, beta};
    if (together == 1) {
        FOR_KIND(kind, 1, values, x, y, rows, columns, part_rows, channels, slope)
    } else {
        FOR_KIND(kind, MANY, values, x, y, rows, columns, part_rows, channels, slope)
    }
}

template <int KIND, int N>
__device__ inline void sums(const X *x, const X *gy, long long rows, long long columns,
                            long long part_rows, float *parts, unsigned int *arrived,
                            Channels channels, float slope, float *ggamma, float *gbeta)
{
    const Share<N> mine = share<N>(rows, columns, part_rows);
    const Scaling<N> s = scaling(channels, mine);
    Seen<N> seen = {};
#pragma unroll 2
    for (long long row = mine.row; row < mine.end; row += DOWN) {
        const Vector<float, N> v = read<N>(x + row * columns + mine.column);
        const Vector<float, N> g = read<N>(gy + row * columns + mine.column);
        for (int j = 0; j < N; j++) {
            const float between =
                gradient_between<KIND>(s, v.number[j], g.number[j], slope, j);
            seen.a.number[j] += between;
            seen.b.number[j] += between * (v.number[j] - s.mean.number[j]);
        }
        seen.rows++;
    }
    if (!add_up<Sums>(seen, mine, rows, columns, part_rows, parts, arrived) || !mine.is_first)
        return;
    for (int j = 0; j < N; j++) {
        const long long c = mine.column + j;
        gbeta[c] = seen.a.number[j];
        ggamma[c] = seen.b.number[j] * channels.inv_std[c];
    }
}

extern "C" __global__ void gradient_sums(const X *x, const X *gy, long long rows,
                                         long long columns, long long part_rows, float *parts,
                                         unsigned int *arrived, long long together,
                                         const float *mean, const float *inv_std,
                                         const float *gamma, const float *beta, long long kind,
                                         float slope, float *ggamma, float *gbeta)
{
    const Channels channels = {mean, inv_std, gamma, beta};
    if (together == 1) {
        FOR_KIND(kind, 1, sums, x, gy, rows, columns, part_rows, parts, arrived, channels, slope,
                 ggamma, gbeta)
    } else {
        FOR_KIND(kind, MANY, sums, x, gy, rows, columns, part_rows, parts, arrived, channels,
                 slope, ggamma, gbeta)
    }
}

// gx = gamma inv_std (g - (gbeta + (x - mean) inv_std ggamma) / rows)
template <int KIND, int N>
__device__ inline void gradients(const X *x, const X *gy, Y *gx, long long rows, long long columns,
                                 long long part_rows, Channels channels, float slope,
                                 const float *ggamma, const float *gbeta)
{
    const Share<N> mine = share<N>(rows, columns, part_rows);
    const Scaling<N> s = scaling(channels, mine);
    Vector<float, N> by_x = {}, constant = {};
    if (mine.is_any)
        for (int j = 0; j < N; j++) {
            const long long c = mine.column + j;
            by_x.number[j] = channels.inv_std[c] * ggamma[c] / (float)rows;
            constant.number[j] = gbeta[c] / (float)rows;
        }
#pragma unroll 2
    for (long long row = mine.row; row < mine.end; row += DOWN) {
        const Vector<float, N> v = read<N>(x + row * columns + mine.column);
        Vector<float, N> g = read<N>(gy + row * columns + mine.column);
        for (int j = 0; j < N; j++) {
            const float between =
                gradient_between<KIND>(s, v.number[j], g.number[j], slope, j);
            const float by_sums =
                (v.number[j] - s.mean.number[j]) * by_x.number[j] + constant.number[j];
            g.number[j] = s.scale.number[j] * (between - by_sums);
        }
        write(gx + row * columns + mine.column, g);
    }
}

extern "C" __global__ void gradient(const X *__restrict__ x, const X *__restrict__ gy,
                                    Y *__restrict__ gx, long long rows, long long columns,
                                    long long part_rows, long long together, const float *mean,
                                    const float *inv_std, const float *gamma, const float *beta,
                                    long long kind, float slope, const float *ggamma,
                                    const float *gbeta)
{
    const Channels channels = {mean, inv_std, gamma, beta};
    if (together == 1) {
        FOR_KIND(kind, 1, gradients, x, gy, gx, rows, columns, part_rows, channels, slope, ggamma,
                 gbeta)
    } else {
        FOR_KIND(kind, MANY, gradients, x, gy, gx, rows, columns, part_rows, channels, slope,
                 ggamma, gbeta)
    }
}
