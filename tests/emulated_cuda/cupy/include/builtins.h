// What a CUDA kernel finds built in, for g++: variables, qualifiers, and functions.
#include <math.h>
#include <stdint.h>
#include <string.h>

#define __global__
#define __device__
#define __host__
#define __constant__ static
#define __forceinline__ inline
#define __noinline__
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))
// One section, so that the shared memory of all kernels here can be poisoned between blocks.
#define __shared__ static __attribute__((section("emulated_shared")))

struct dim3 {
    unsigned int x, y, z;
};
struct uint3 {
    unsigned int x, y, z;
};
struct alignas(8) float2 {
    float x, y;
};
struct alignas(16) float4 {
    float x, y, z, w;
};
struct alignas(8) uint2 {
    unsigned int x, y;
};
struct alignas(16) uint4 {
    unsigned int x, y, z, w;
};
static inline float2 make_float2(float x, float y) { return {x, y}; }
static inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
static inline uint2 make_uint2(unsigned int x, unsigned int y) { return {x, y}; }
static inline uint4 make_uint4(unsigned int x, unsigned int y, unsigned int z, unsigned int w)
{
    return {x, y, z, w};
}

static uint3 threadIdx, blockIdx;
static dim3 blockDim, gridDim;
static const int warpSize = 32;

// Only one thread runs at a time, so that nothing needs to be atomic.
static inline void __threadfence() {}
static inline void __threadfence_block() {}
template <class T, class U> static T atomicAdd(T *p, U value)
{
    T old = *p;
    *p = old + value;
    return old;
}
template <class T, class U> static T atomicMax(T *p, U value)
{
    T old = *p;
    *p = old < (T)value ? (T)value : old;
    return old;
}
template <class T, class U> static T atomicExch(T *p, U value)
{
    T old = *p;
    *p = value;
    return old;
}
static inline unsigned int atomicInc(unsigned int *p, unsigned int limit)
{
    unsigned int old = *p;
    *p = old >= limit ? 0 : old + 1;
    return old;
}

template <class A, class B> static auto min(A a, B b) -> decltype(a + b) { return b < a ? b : a; }
template <class A, class B> static auto max(A a, B b) -> decltype(a + b) { return a < b ? b : a; }
static inline float rsqrtf(float x) { return 1 / sqrtf(x); }
static inline double rsqrt(double x) { return 1 / sqrt(x); }
static inline float rsqrt(float x) { return rsqrtf(x); }
#define __expf expf
#define __logf logf
#define __powf powf
static inline float __fdividef(float x, float y) { return x / y; }
static inline float __frcp_rn(float x) { return 1 / x; }
static inline float __saturatef(float x) { return x > 0 ? x < 1 ? x : 1 : 0; }
static inline float __fmaf_rn(float x, float y, float z) { return fmaf(x, y, z); }
static inline float __fadd_rn(float x, float y) { return x + y; }
static inline float __fmul_rn(float x, float y) { return x * y; }
static inline float sinpif(float x) { return (float)sin(x * M_PI); }
static inline float cospif(float x) { return (float)cos(x * M_PI); }
static inline void sincospif(float x, float *s, float *c) { *s = sinpif(x), *c = cospif(x); }
static inline float __uint2float_rn(unsigned int x) { return (float)x; }
static inline unsigned int __umulhi(unsigned int x, unsigned int y)
{
    return (unsigned int)((unsigned long long)x * y >> 32);
}
static inline unsigned int __float_as_uint(float x)
{
    unsigned int bits;
    memcpy(&bits, &x, 4);
    return bits;
}
static inline float __uint_as_float(unsigned int bits)
{
    float x;
    memcpy(&x, &bits, 4);
    return x;
}
static inline int __float_as_int(float x) { return (int)__float_as_uint(x); }
static inline float __int_as_float(int bits) { return __uint_as_float((unsigned int)bits); }
template <class T> static T __ldg(const T *p) { return *p; }

static inline float emulated_float16_to_float(unsigned short bits)
{
    unsigned int sign = (bits & 0x8000u) << 16, exponent = bits >> 10 & 31, fraction = bits & 1023;
    if (exponent == 31)
        return __uint_as_float(sign | 0x7f800000u | fraction << 13);
    if (exponent)
        return __uint_as_float(sign | (exponent + 112) << 23 | fraction << 13);
    float small = (float)fraction * 0x1p-24f;
    return sign ? -small : small;
}

// To the nearest, ties to even.
static inline unsigned short emulated_float_to_float16(float x)
{
    unsigned int bits = __float_as_uint(x), sign = bits >> 16 & 0x8000u, size = bits & 0x7fffffffu;
    if (size > 0x7f800000u)
        return (unsigned short)(sign | 0x7fff);  // as cvt.rn.f16.f32 writes any NaN
    if (size >= 0x477ff000u)
        return (unsigned short)(sign | 0x7c00);
    if (size < 0x38800000u)  // below 2^-14: the sum's last bits are multiples of 2^-24
        return (unsigned short)(sign | (__float_as_uint(__uint_as_float(size) + 0.5f) - 0x3f000000u));
    return (unsigned short)(sign | (size - 0x38000000u + 0xfff + (size >> 13 & 1)) >> 13);
}
