// Philox4x32-10: J. K. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
// Numbers follow from the seed, the stream, the iteration and their place alone, so that neither
// threads nor the size of an array change them. X is the type of uniform numbers.

struct words {
    unsigned int at[4];
};

__device__ inline words philox(words counter, unsigned int key0, unsigned int key1)
{
    for (int round = 0; round < 10; round++) {
        const unsigned long long a = 0xD2511F53ull * counter.at[0];
        const unsigned long long b = 0xCD9E8D57ull * counter.at[2];
        counter = {(unsigned int)(b >> 32) ^ counter.at[1] ^ key0, (unsigned int)b,
                   (unsigned int)(a >> 32) ^ counter.at[3] ^ key1, (unsigned int)a};
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    return counter;
}

// The four words of places 4 * quad to 4 * quad + 3.
__device__ inline words draw(long long quad, long long iteration, long long seed, unsigned int stream)
{
    const words counter = {(unsigned int)quad, (unsigned int)(quad >> 32), (unsigned int)iteration,
                           (unsigned int)(iteration >> 32)};
    return philox(counter, (unsigned int)seed, stream);
}

enum { UNIFORM = 1, FLIPS = 2 };  // streams

// One thread for four numbers.
extern "C" __global__ void uniform(X *out, long long n, long long seed, const long long *iteration,
                                   float low, float high)
{
    const long long quad = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    const words drawn = draw(quad, *iteration, seed, UNIFORM);
    for (int j = 0; j < 4 && 4 * quad + j < n; j++) {
        // A float holds 24 bits without rounding.
        const float value = low + (high - low) * ((drawn.at[j] >> 8) * (1.0f / (1 << 24)));
        // The sum may have been rounded up to `high`.
        put(&out[4 * quad + j], value < high ? value : low);
    }
}

// One thread for four coins.
extern "C" __global__ void flips(unsigned char *out, long long n, long long seed,
                                 const long long *iteration)
{
    const long long quad = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    const words drawn = draw(quad, *iteration, seed, FLIPS);
    for (int j = 0; j < 4 && 4 * quad + j < n; j++)
        out[4 * quad + j] = drawn.at[j] >> 31;
}

// One thread.
extern "C" __global__ void next_iteration(long long *iteration)
{
    *iteration += 1;
}
