// Arrays in another order in memory or of another type.
#include "vector.cuh"

enum { TILE = 3072 };

// out[i][b][a] = in[i][a][b], for `matrices` matrices of `height` rows and `width` columns. A block
// moves tile_height × tile_width numbers of one of them through shared memory, so that threads that
// are neighbours read neighbours and write neighbours. tile_height (tile_width | 1) <= TILE.
extern "C" __global__ void transpose(const X *__restrict__ in, Y *__restrict__ out,
                                     long long height, long long width, long long tile_height,
                                     long long tile_width)
{
    __shared__ float tile[TILE];
    const unsigned int down = (height + tile_height - 1) / tile_height;
    const unsigned int across = (width + tile_width - 1) / tile_width;
    const long long matrix = blockIdx.x / (down * across);
    const long long top = blockIdx.x / across % down * tile_height;
    const long long left = blockIdx.x % across * tile_width;
    const unsigned int rows = height - top < tile_height ? height - top : tile_height;
    const unsigned int columns = width - left < tile_width ? width - left : tile_width;
    // Of an odd pitch, a column's numbers lie in different banks.
    const unsigned int pitch = tile_width | 1;

    in += matrix * height * width + top * width + left;
    for (unsigned int i = threadIdx.x; i < rows * columns; i += blockDim.x) {
        const unsigned int row = i / columns, column = i % columns;
        tile[row * pitch + column] = get(in[row * width + column]);
    }
    __syncthreads();
    out += matrix * height * width + left * height + top;
    for (unsigned int i = threadIdx.x; i < rows * columns; i += blockDim.x) {
        const unsigned int column = i / rows, row = i % rows;
        put(&out[column * height + row], tile[row * pitch + column]);
    }
}

template <int N>
__device__ inline void convert(const X *__restrict__ in, Y *__restrict__ out, long long n)
{
    const long long stride = (long long)gridDim.x * blockDim.x * N;
    for (long long i = ((long long)blockIdx.x * blockDim.x + threadIdx.x) * N; i < n; i += stride)
        write(out + i, read<N>(in + i));
}

// n numbers of another type; `together` is 8 or 1.
extern "C" __global__ void cast(const X *in, Y *out, long long n, long long together)
{
    if (together == 1)
        convert<1>(in, out, n);
    else
        convert<8>(in, out, n);
}
