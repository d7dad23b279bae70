// Arrays and 16-bit numbers as kernels of elements see them.
#include <stddef.h>

namespace emulated {
struct array {
    char *data;
    long long ndim, size, shape[16], strides[16];

    ptrdiff_t offset(ptrdiff_t i) const
    {
        ptrdiff_t sum = 0;
        for (long long k = ndim - 1; k >= 0; k--) {
            sum += i % shape[k] * strides[k];
            i /= shape[k];
        }
        return sum;
    }
    template <class T> T &at(ptrdiff_t i) const { return *(T *)(data + offset(i)); }
};
}  // namespace emulated

// A `raw` argument: indexed by the number of an element in C order, or by its coordinates.
template <class T> struct CArray {
    const emulated::array &a;
    CArray(const emulated::array &array) : a(array) {}
    // A template, because a literal 0 is a pointer too.
    template <class I> T &operator[](I i) const { return element(i); }
    T &element(ptrdiff_t i) const
    {
        if (i < 0 || i >= a.size)
            emulated_out_of_bounds = true, i = 0;
        return a.at<T>(i);
    }
    T &element(const ptrdiff_t *index) const
    {
        ptrdiff_t i = 0;
        for (long long k = 0; k < a.ndim; k++)
            i = i * a.shape[k] + index[k];
        return element(i);
    }
    ptrdiff_t size() const { return a.size; }
    const long long *shape() const { return a.shape; }
    const long long *strides() const { return a.strides; }
};

struct float16 {
    unsigned short bits;
    float16() = default;
    template <class X> float16(X x) : bits(emulated_float_to_float16((float)x)) {}
    operator float() const { return emulated_float16_to_float(bits); }
};
struct bfloat16 {
    unsigned short bits;
    bfloat16() = default;
    template <class X> bfloat16(X x)
    {
        unsigned int b = __float_as_uint((float)x);
        bool nan = (b & 0x7fffffff) > 0x7f800000;
        bits = (unsigned short)(nan ? b >> 16 | 0x40 : (b + 0x7fff + (b >> 16 & 1)) >> 16);
    }
    operator float() const { return __uint_as_float((unsigned int)bits << 16); }
};
