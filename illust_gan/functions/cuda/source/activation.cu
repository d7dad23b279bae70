// Activation functions of whole arrays, after a bias or without one, and the gradient of a bias.
#include "activation.cuh"
#include "columns.cuh"

enum { MANY = in_16_bytes<X>() };

// y = f(x + b), n numbers whose channels are the last axis; b is NULL for none. y may be x.
template <int KIND, int N>
__device__ inline void values(const X *x, const float *b, X *y, long long n, int channels,
                              float slope)
{
    const long long stride = (long long)gridDim.x * blockDim.x * N;
    long long i = ((long long)blockIdx.x * blockDim.x + threadIdx.x) * N;
    // Division takes longer than all the rest, so it is done once.
    int channel = i % channels;
    const int step = stride % channels;
    for (; i < n; i += stride) {
        Vector<float, N> v = read<N>(x + i);
        int c = channel;
        for (int j = 0; j < N; j++) {
            v.number[j] = activation<KIND>(b ? v.number[j] + b[c] : v.number[j], slope);
            c = c + 1 == channels ? 0 : c + 1;
        }
        write(y + i, v);
        channel += step < channels - channel ? step : step - channels;
    }
}

extern "C" __global__ void activate(const X *x, const float *b, X *y, long long n,
                                    long long channels, long long together, long long kind,
                                    float slope)
{
    if (together == 1) {
        FOR_KIND(kind, 1, values, x, b, y, n, (int)channels, slope)
    } else {
        FOR_KIND(kind, MANY, values, x, b, y, n, (int)channels, slope)
    }
}

template <int KIND, int N>
__device__ inline void gradients(const X *y, const X *gy, X *gx, long long n, float slope)
{
    const long long stride = (long long)gridDim.x * blockDim.x * N;
    for (long long i = ((long long)blockIdx.x * blockDim.x + threadIdx.x) * N; i < n; i += stride) {
        const Vector<float, N> value = read<N>(y + i);
        Vector<float, N> g = read<N>(gy + i);
        for (int j = 0; j < N; j++)
            g.number[j] = activation_gradient<KIND>(value.number[j], g.number[j], slope);
        write(gx + i, g);
    }
}

// gx = gy f'(x) from y = f(x), n numbers.
extern "C" __global__ void activation_gradients(const X *y, const X *gy, X *gx, long long n,
                                                long long together, long long kind, float slope)
{
    if (together == 1) {
        FOR_KIND(kind, 1, gradients, y, gy, gx, n, slope)
    } else {
        FOR_KIND(kind, MANY, gradients, y, gy, gx, n, slope)
    }
}

template <int N>
__device__ inline void sums(const X *gy, long long rows, long long columns, long long part_rows,
                            float *parts, unsigned int *arrived, int channels, float *gb)
{
    const Share<N> mine = share<N>(rows, columns, part_rows);
    Seen<N> seen = {};
#pragma unroll 4
    for (long long row = mine.row; row < mine.end; row += DOWN) {
        const Vector<float, N> g = read<N>(gy + row * columns + mine.column);
        for (int j = 0; j < N; j++)
            seen.a.number[j] += g.number[j];
        seen.rows++;
    }
    if (!add_up<Sums>(seen, mine, rows, columns, part_rows, parts, arrived))
        return;

    // Few channels make narrow rows: then some pixels are one row, and a channel several columns.
    __shared__ float total[ACROSS * N];
    const long long first = (long long)blockIdx.x * ACROSS * N;
    const int width = columns - first < ACROSS * N ? columns - first : ACROSS * N;
    if (mine.is_first)
        for (int j = 0; j < N; j++)
            total[mine.column - first + j] = seen.a.number[j];
    __syncthreads();
    for (int c = threadIdx.x; c < width && c < channels; c += THREADS) {
        float sum = 0;
        for (int column = c; column < width; column += channels)
            sum += total[column];
        gb[first + c] = sum;
    }
}

// Sum over all pixels; `columns` are the channels, or the channels of some pixels together if all
// of those are one block's.
extern "C" __global__ void bias_gradient(const X *gy, long long rows, long long columns,
                                         long long part_rows, float *parts, unsigned int *arrived,
                                         long long together, long long channels, float *gb)
{
    if (together == 1)
        sums<1>(gy, rows, columns, part_rows, parts, arrived, (int)channels, gb);
    else
        sums<MANY>(gy, rows, columns, part_rows, parts, arrived, (int)channels, gb);
}
