// Sigmoid and softmax cross entropy of a minibatch, and their gradients, in the stable forms of
// Chainer's functions/loss/sigmoid_cross_entropy.py and softmax_cross_entropy.py. X is the type of
// the logits. Labels are those of an array t, or the constant `label` where t is null.

enum { THREADS = 512 };  // as in losses.py

struct sum {
    float loss, count;
};

// Every thread's sum in thread 0, always added in one order.
__device__ inline sum sum_of_block(sum mine)
{
    __shared__ sum sums[THREADS];
    sums[threadIdx.x] = mine;
    for (int half = THREADS / 2; half > 0; half /= 2) {
        __syncthreads();
        if (threadIdx.x < half) {
            sums[threadIdx.x].loss += sums[threadIdx.x + half].loss;
            sums[threadIdx.x].count += sums[threadIdx.x + half].count;
        }
    }
    return sums[0];
}

// Thread 0 writes the mean: over `given`, or over the labels that were not ignored if that is 0.
__device__ inline void put_mean(sum mine, long long given, float *loss, float *count)
{
    const sum all = sum_of_block(mine);
    if (threadIdx.x != 0)
        return;
    *count = given ? (float)given : fmaxf(all.count, 1);
    *loss = all.loss / *count;
}

__device__ inline float softmax_sum(const X *x, int classes, float *most)
{
    *most = get(x[0]);
    for (int c = 1; c < classes; c++)
        *most = fmaxf(*most, get(x[c]));
    float total = 0;
    for (int c = 0; c < classes; c++)
        total += expf(get(x[c]) - *most);
    return total;
}

// One block of THREADS.
extern "C" __global__ void sigmoid_loss(const X *x, const int *t, long long label, long long n,
                                        long long ignored, long long given, float *loss,
                                        float *count)
{
    sum mine = {0, 0};
    for (long long i = threadIdx.x; i < n; i += THREADS) {
        const int y = t ? t[i] : (int)label;
        if (y == ignored)
            continue;
        const float xi = get(x[i]);
        mine.loss -= xi * (y - (xi >= 0)) - log1pf(expf(-fabsf(xi)));
        mine.count += 1;
    }
    put_mean(mine, given, loss, count);
}

// One thread a logit.
extern "C" __global__ void sigmoid_gradient(const X *x, const int *t, long long label, long long n,
                                            long long ignored, const float *gy, const float *count,
                                            X *gx)
{
    const long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n)
        return;
    const int y = t ? t[i] : (int)label;
    const float xi = get(x[i]), small = expf(-fabsf(xi));
    const float sigmoid = (xi < 0 ? small : 1) / (1 + small);
    put(&gx[i], y == ignored ? 0 : *gy * (sigmoid - y) / *count);
}

// One block of THREADS.
extern "C" __global__ void softmax_loss(const X *x, const int *t, long long label, long long n,
                                        long long classes, long long ignored, long long given,
                                        float *loss, float *count)
{
    sum mine = {0, 0};
    for (long long i = threadIdx.x; i < n; i += THREADS) {
        const int y = t ? t[i] : (int)label;
        if (y == ignored)
            continue;
        const X *row = x + i * classes;
        float most;
        const float total = softmax_sum(row, (int)classes, &most);
        // A label that is no class makes the loss NaN: there is nobody here to raise an error.
        const bool is_class = 0 <= y && y < classes;
        mine.loss += is_class ? logf(total) + (most - get(row[y])) : bits_to_float(0x7fc00000);
        mine.count += 1;
    }
    put_mean(mine, given, loss, count);
}

// One thread a row.
extern "C" __global__ void softmax_gradient(const X *x, const int *t, long long label, long long n,
                                            long long classes, long long ignored, const float *gy,
                                            const float *count, X *gx)
{
    const long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n)
        return;
    const int y = t ? t[i] : (int)label;
    const X *row = x + i * classes;
    float most;
    const float total = softmax_sum(row, (int)classes, &most), scale = *gy / *count;
    for (int c = 0; c < classes; c++) {
        const float share = expf(get(row[c]) - most) / total;
        put(&gx[i * classes + c], y == ignored ? 0 : scale * (share - (c == y)));
    }
}
