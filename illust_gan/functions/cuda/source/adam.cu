// Adam over many tensors in one launch, and loss scaling, without a word from the host: a captured
// graph counts its steps, and leaves one out, by itself.
//
// D. P. Kingma and J. Ba, "Adam: A Method for Stochastic Optimization" (2015), algorithm 1, in the
// order of operations of Chainer's optimizers/adam.py and optimizer_hooks/weight_decay.py.

enum { MOST_TENSORS = 64, CHUNK = 2048 };  // as in adam.py

// Passed by value, of which older cards take 4096 bytes. Block b belongs to the tensor i with
// first[i] <= b < first[i + 1]; places that are not used have no blocks.
struct tensors {
    float *p[MOST_TENSORS], *g[MOST_TENSORS], *m[MOST_TENSORS], *v[MOST_TENSORS];
    long long n[MOST_TENSORS];
    int first[MOST_TENSORS + 1];
};
static_assert(sizeof(tensors) == 2824, "adam.py has the same structure");

struct hyperparameters {
    double alpha, beta1, beta2, eps, eta, weight_decay_rate, decay;
};

// What all numbers of one step have in common.
struct step {
    float alpha_t, rest1, rest2, eps, eta, weight_decay_rate, decay, inverse_scale;
    int is_skipped, changes_gradients;
};
static_assert(sizeof(step) == 40, "adam.py keeps room for it");

struct alignas(16) four {
    float at[4];
};

__device__ inline int tensor_of_block(const int *first)
{
    int i = 0;
    for (int stride = MOST_TENSORS / 2; stride > 0; stride /= 2)
        if (first[i + stride] <= (int)blockIdx.x)
            i += stride;
    return i;
}

__device__ inline void adam(const step &s, float &p, float &g, float &m, float &v)
{
    g *= s.inverse_scale;
    g += s.decay * p;
    m += s.rest1 * (g - m);
    v += s.rest2 * (g * g - v);
    p -= s.eta * (s.alpha_t * m / (sqrtf(v) + s.eps) + s.weight_decay_rate * p);
}

// One thread: count a step, and write what it needs. Without loss scaling, scale is null.
extern "C" __global__ void begin(const hyperparameters *h, long long *t, const float *scale,
                                 const unsigned int *overflow, step *s)
{
    s->is_skipped = scale && *overflow;
    if (s->is_skipped)
        return;
    *t += 1;
    // In double, as Chainer has it: in float, 1 - beta2^t has lost three digits at the first step.
    const double rest1_t = 1 - pow(h->beta1, (double)*t), rest2_t = 1 - pow(h->beta2, (double)*t);
    s->alpha_t = (float)(h->alpha * sqrt(rest2_t) / rest1_t);
    s->rest1 = (float)(1 - h->beta1);
    s->rest2 = (float)(1 - h->beta2);
    s->eps = (float)h->eps;
    s->eta = (float)h->eta;
    s->weight_decay_rate = (float)h->weight_decay_rate;
    s->decay = (float)h->decay;
    s->inverse_scale = scale ? 1 / *scale : 1;
    s->changes_gradients = scale || h->decay != 0;
}

extern "C" __global__ void update(const tensors all, const step *common)
{
    const step s = *common;
    if (s.is_skipped)
        return;
    const int i = tensor_of_block(all.first);
    float *const ps = all.p[i], *const gs = all.g[i], *const ms = all.m[i], *const vs = all.v[i];
    const long long start = (long long)((int)blockIdx.x - all.first[i]) * CHUNK;
    const long long n = all.n[i], end = start + CHUNK < n ? start + CHUNK : n;
    // Parameters may be parts of a larger array, and begin anywhere.
    const bool is_aligned =
        (((size_t)ps | (size_t)gs | (size_t)ms | (size_t)vs) & (sizeof(four) - 1)) == 0;
    for (long long k = start + 4 * threadIdx.x; k < end; k += 4 * blockDim.x) {
        if (is_aligned && k + 4 <= end) {
            four p = *(four *)(ps + k), g = *(four *)(gs + k);
            four m = *(four *)(ms + k), v = *(four *)(vs + k);
            for (int j = 0; j < 4; j++)
                adam(s, p.at[j], g.at[j], m.at[j], v.at[j]);
            *(four *)(ps + k) = p;
            *(four *)(ms + k) = m;
            *(four *)(vs + k) = v;
            if (s.changes_gradients)
                *(four *)(gs + k) = g;
        } else {
            for (long long j = k; j < end && j < k + 4; j++)
                adam(s, ps[j], gs[j], ms[j], vs[j]);
        }
    }
}

// Set *overflow to 1 if there is a gradient that is not finite.
extern "C" __global__ void check(const tensors all, unsigned int *overflow)
{
    const int i = tensor_of_block(all.first);
    const float *const gs = all.g[i];
    const long long start = (long long)((int)blockIdx.x - all.first[i]) * CHUNK;
    const long long n = all.n[i], end = start + CHUNK < n ? start + CHUNK : n;
    bool is_finite = true;
    for (long long k = start + threadIdx.x; k < end; k += blockDim.x)
        is_finite &= (float_to_bits(gs[k]) & 0x7f800000) != 0x7f800000;
    if (!is_finite)
        *overflow = 1;  // whoever writes, writes the same
}

// One thread, after all tensors had their step: choose the next step's scale. P. Micikevicius et
// al., "Mixed Precision Training" (2018), section 3.2.
extern "C" __global__ void rescale(float *scale, unsigned int *overflow, long long *n_finite,
                                   long long interval, float least, float most)
{
    *n_finite = *overflow ? 0 : *n_finite + 1;
    if (*overflow)
        *scale = fmaxf(*scale / 2, least);
    if (*n_finite == interval) {
        *scale = fminf(*scale * 2, most);
        *n_finite = 0;
    }
    *overflow = 0;
}
