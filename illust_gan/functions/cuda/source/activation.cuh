// Activation functions of one number and their derivatives, as Chainer defines them.
// `KIND` is a constant wherever these are called. Comparisons are written so that NaN goes the way
// it goes in Chainer.

// The same numbers as in activation.py.
enum { IDENTITY, RELU, LEAKY_RELU, ELU, LEAKY_RELU_OF_2015, TANH };

// One of six calls of f, the kind a constant in each. N is how many numbers are taken together.
#define FOR_KIND(kind, N, f, ...) \
    switch (kind) { \
    case RELU: \
        f<RELU, N>(__VA_ARGS__); \
        break; \
    case LEAKY_RELU: \
        f<LEAKY_RELU, N>(__VA_ARGS__); \
        break; \
    case ELU: \
        f<ELU, N>(__VA_ARGS__); \
        break; \
    case LEAKY_RELU_OF_2015: \
        f<LEAKY_RELU_OF_2015, N>(__VA_ARGS__); \
        break; \
    case TANH: \
        f<TANH, N>(__VA_ARGS__); \
        break; \
    default: \
        f<IDENTITY, N>(__VA_ARGS__); \
    }

template <int KIND>
__device__ inline float activation(float x, float slope)
{
    switch (KIND) {
    case RELU:
        return x <= 0 ? 0 : x;
    case LEAKY_RELU:
        return x <= 0 ? x * slope : x;
    case LEAKY_RELU_OF_2015:
        return x < 0 ? x * slope : x;
    case ELU:
        return x <= 0 ? slope * (expf(x) - 1) : x;
    case TANH:
        return tanhf(x);
    default:
        return x;
    }
}

// gy times the derivative, from the output y.
template <int KIND>
__device__ inline float activation_gradient(float y, float gy, float slope)
{
    switch (KIND) {
    case RELU:
        return gy * (float)(y > 0);
    case LEAKY_RELU:
        return y <= 0 ? gy * slope : gy;
    case LEAKY_RELU_OF_2015:
        return y < 0 ? gy * slope : gy;
    case ELU:
        return gy * (y > 0 ? 1 : y + slope);
    case TANH:
        return gy * (1 - y * y);
    default:
        return gy;
    }
}
