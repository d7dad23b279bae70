// Pixels as they are stored to what nets take, (p - 128) / 128, which all three types of X hold
// without rounding. Both lie as (picture, row, column, colour), so all but the mirrored is in order.

struct alignas(4 * sizeof(X)) four {
    X at[4];
};

struct alignas(4) four_bytes {
    unsigned char at[4];
};

__device__ inline float scaled(unsigned char p) { return (get(p) - 128) * (1.0f / 128); }

// Block (n, y) has the y-th part of picture n, in a thread four numbers, of which there are
// `size` in a picture and `width` in a row. `is_in_fours` if all begins and ends at whole fours.
extern "C" __global__ void to_float(const unsigned char *pixels, const long long *indexes,
                                    long long n_pixels, const unsigned char *flips, X *out,
                                    long long size, long long width, long long is_in_fours)
{
    const long long n = blockIdx.x, index = indexes ? indexes[n] : n;
    const int begin = 4 * (blockIdx.y * blockDim.x + threadIdx.x);
    if (begin >= size)
        return;
    // A picture that is not there becomes NaN: there is nobody here to raise an error.
    const bool is_there = 0 <= index && index < n_pixels;
    const unsigned char *const from = pixels + (is_there ? index * size : 0) + begin;
    four_bytes p = {};
    if (flips && flips[n]) {
        // The pixel at w is that at W - 1 - w, its colours in their order.
        int column = begin % (int)width, colour = column % 3;
        for (int j = 0; j < 4; j++) {
            if (begin + j < size)
                p.at[j] = from[j + (int)width - 3 - 2 * column + 2 * colour];
            colour = colour == 2 ? 0 : colour + 1;
            column = column + 1 == width ? 0 : column + 1;
        }
    } else if (is_in_fours) {
        p = *(const four_bytes *)from;
    } else {
        for (int j = 0; j < 4; j++)
            if (begin + j < size)
                p.at[j] = from[j];
    }
    four values;
    for (int j = 0; j < 4; j++)
        put(&values.at[j], is_there ? scaled(p.at[j]) : bits_to_float(0x7fc00000));
    X *const to = out + n * size + begin;
    if (is_in_fours) {
        *(four *)to = values;
    } else {
        for (int j = 0; j < 4; j++)
            if (begin + j < size)
                to[j] = values.at[j];
    }
}
