// The numbers that arrays hold. All arithmetic is float; 16 bits are for memory only.
// No headers, so that NVRTC compiles this wherever CuPy finds NVRTC.

struct float16 {
    unsigned short bits;
};
struct bfloat16 {
    unsigned short bits;
};

__device__ inline float bits_to_float(unsigned int bits)
{
    union {
        unsigned int bits;
        float value;
    } u = {bits};
    return u.value;
}

__device__ inline unsigned int float_to_bits(float value)
{
    union {
        float value;
        unsigned int bits;
    } u = {value};
    return u.bits;
}

__device__ inline float get(float x) { return x; }
__device__ inline float get(unsigned char x) { return x; }
__device__ inline float get(bfloat16 x) { return bits_to_float((unsigned int)x.bits << 16); }

__device__ inline float get(float16 x)
{
#ifdef __CUDA_ARCH__
    float value;
    asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(x.bits));
    return value;
#else
    return emulated_float16_to_float(x.bits);
#endif
}

// Rounded to the nearest, ties to even.
__device__ inline void put(float *out, float value) { *out = value; }

__device__ inline void put(bfloat16 *out, float value)
{
    unsigned int bits = float_to_bits(value);
    // A NaN whose fraction lies in the lower half would be rounded to infinity.
    const unsigned int nan = bits | 0x400000, rounded = bits + 0x7fff + (bits >> 16 & 1);
    out->bits = (unsigned short)((value != value ? nan : rounded) >> 16);
}

__device__ inline void put(float16 *out, float value)
{
#ifdef __CUDA_ARCH__
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(out->bits) : "f"(value));
#else
    out->bits = emulated_float_to_float16(value);
#endif
}
