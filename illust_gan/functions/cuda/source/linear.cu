// Products of matrices that cuDNN does not do, and for which cuBLAS would need memory of its own.
#include "columns.cuh"

enum { MOST_OUTPUTS = 4 };

// y = x W^T + b for few outputs: x (rows, width), W (outputs, width), y (rows, outputs), one row a
// block. b may be NULL.
template <int N>
__device__ inline void outputs_of(const X *__restrict__ x, const W *__restrict__ weights,
                                  const float *b, float *y, long long width, int outputs)
{
    __shared__ float sums[MOST_OUTPUTS][THREADS];
    const int t = threadIdx.x;
    float sum[MOST_OUTPUTS] = {};
    x += blockIdx.x * width;
    for (long long i = t * N; i < width; i += THREADS * N) {
        const Vector<float, N> v = read<N>(x + i);
#pragma unroll
        for (int s = 0; s < MOST_OUTPUTS; s++)
            if (s < outputs) {
                const Vector<float, N> w = read<N>(weights + s * width + i);
                for (int j = 0; j < N; j++)
                    sum[s] += v.number[j] * w.number[j];
            }
    }
    for (int s = 0; s < MOST_OUTPUTS; s++)
        sums[s][t] = sum[s];
    for (int half = THREADS / 2; half > 0; half /= 2) {
        __syncthreads();
        if (t < half)
            for (int s = 0; s < MOST_OUTPUTS; s++)
                sums[s][t] += sums[s][t + half];
    }
    if (t == 0)
        for (int s = 0; s < outputs; s++)
            y[(long long)blockIdx.x * outputs + s] = b ? sums[s][0] + b[s] : sums[s][0];
}

extern "C" __global__ void few_outputs(const X *x, const W *weights, const float *b, float *y,
                                       long long width, long long outputs, long long together)
{
    if (together == 1)
        outputs_of<1>(x, weights, b, y, width, (int)outputs);
    else
        outputs_of<in_16_bytes<X>()>(x, weights, b, y, width, (int)outputs);
}

// gx = gy W for few outputs: gy (rows, outputs), W (outputs, width).
template <int N>
__device__ inline void gradients_of_x(const float *__restrict__ gy, const W *__restrict__ weights,
                                      Y *__restrict__ gx, long long rows, long long width,
                                      long long part_rows, int outputs)
{
    const Share<N> mine = share<N>(rows, width, part_rows);
    Vector<float, N> w[MOST_OUTPUTS] = {};
    for (int s = 0; s < MOST_OUTPUTS; s++)
        if (mine.is_any && s < outputs)
            w[s] = read<N>(weights + s * width + mine.column);
    for (long long row = mine.row; row < mine.end; row += DOWN) {
        Vector<float, N> sum = {};
        for (int s = 0; s < MOST_OUTPUTS; s++) {
            const float g = s < outputs ? gy[row * outputs + s] : 0;
            for (int j = 0; j < N; j++)
                sum.number[j] += g * w[s].number[j];
        }
        write(gx + row * width + mine.column, sum);
    }
}

extern "C" __global__ void few_outputs_gradient_x(const float *gy, const W *weights, Y *gx,
                                                  long long rows, long long width,
                                                  long long part_rows, long long together,
                                                  long long outputs)
{
    if (together == 1)
        gradients_of_x<1>(gy, weights, gx, rows, width, part_rows, (int)outputs);
    else
        gradients_of_x<in_16_bytes<Y>()>(gy, weights, gx, rows, width, part_rows, (int)outputs);
}

// gW = gy^T x for outputs `first` and, if there is one, the next after it.
template <int N>
__device__ inline void gradients_of_weights(const X *x, const float *gy, long long rows,
                                            long long width, long long part_rows, float *parts,
                                            unsigned int *arrived, int outputs, int first,
                                            float *gw)
{
    const Share<N> mine = share<N>(rows, width, part_rows);
    const bool are_two = first + 1 < outputs;
    Seen<N> seen = {};
#pragma unroll 4
    for (long long row = mine.row; row < mine.end; row += DOWN) {
        const Vector<float, N> v = read<N>(x + row * width + mine.column);
        const float a = gy[row * outputs + first];
        const float b = are_two ? gy[row * outputs + first + 1] : 0;
        for (int j = 0; j < N; j++) {
            seen.a.number[j] += a * v.number[j];
            seen.b.number[j] += b * v.number[j];
        }
        seen.rows++;
    }
    if (!add_up<Sums>(seen, mine, rows, width, part_rows, parts, arrived) || !mine.is_first)
        return;
    write(gw + first * width + mine.column, seen.a);
    if (are_two)
        write(gw + (first + 1) * width + mine.column, seen.b);
}

extern "C" __global__ void few_outputs_gradient_w(const X *x, const float *gy, long long rows,
                                                  long long width, long long part_rows,
                                                  float *parts, unsigned int *arrived,
                                                  long long together, long long outputs,
                                                  long long first, float *gw)
{
    if (together == 1)
        gradients_of_weights<1>(x, gy, rows, width, part_rows, parts, arrived, (int)outputs,
                                (int)first, gw);
    else
        gradients_of_weights<in_16_bytes<X>()>(x, gy, rows, width, part_rows, parts, arrived,
                                               (int)outputs, (int)first, gw);
}

enum { EDGE = 64, DEPTH = 16, EACH = 4 };

struct Matrix {
    long long rows, columns, row_step, column_step;
};

// Load EDGE × DEPTH numbers, which begin at (row, column), as their transpose; zeros outside.
template <class T>
__device__ inline void load(Vector<float, EACH> (*tile)[EDGE / EACH + 1], const T *numbers,
                            const Matrix &m, long long row, long long column)
{
    for (int i = threadIdx.x; i < EDGE * DEPTH; i += THREADS) {
        // Neighbours in memory are read by neighbours.
        const bool is_along = m.column_step == 1;
        const int r = is_along ? i / DEPTH : i % EDGE, d = is_along ? i % DEPTH : i / EDGE;
        const bool is_inside = row + r < m.rows && column + d < m.columns;
        tile[d][r / EACH].number[r % EACH] =
            is_inside ? get(numbers[(row + r) * m.row_step + (column + d) * m.column_step]) : 0;
    }
}

// out = a b^T + bias, with `a` (m, k) and `b` (n, k) of any steps and `out` (m, n) dense. A block
// has EDGE × EDGE of out's numbers, a thread EACH × EACH. bias, for each column, may be NULL.
extern "C" __global__ void product(const X *a, const W *b, const float *bias, Y *out, long long m,
                                   long long n, long long k, long long a_row, long long a_column,
                                   long long b_row, long long b_column)
{
    __shared__ Vector<float, EACH> left[DEPTH][EDGE / EACH + 1], right[DEPTH][EDGE / EACH + 1];
    const Matrix as = {m, k, a_row, a_column}, bs = {n, k, b_row, b_column};
    const long long top = (long long)blockIdx.y * EDGE, side = (long long)blockIdx.x * EDGE;
    const int down = threadIdx.x / (EDGE / EACH), across = threadIdx.x % (EDGE / EACH);
    float sum[EACH][EACH] = {};
    for (long long at = 0; at < k; at += DEPTH) {
        load(left, a, as, top, at);
        load(right, b, bs, side, at);
        __syncthreads();
        for (int d = 0; d < DEPTH; d++) {
            const Vector<float, EACH> u = left[d][down], v = right[d][across];
            for (int i = 0; i < EACH; i++)
                for (int j = 0; j < EACH; j++)
                    sum[i][j] += u.number[i] * v.number[j];
        }
        __syncthreads();
    }
    for (int i = 0; i < EACH; i++)
        for (int j = 0; j < EACH; j++) {
            const long long row = top + down * EACH + i, column = side + across * EACH + j;
            if (row < m && column < n)
                put(&out[row * n + column], bias ? sum[i][j] + bias[column] : sum[i][j]);
        }
}
