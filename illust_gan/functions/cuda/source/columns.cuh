// Matrices whose rows are dense, such as pictures with the channels last: what is done for each
// column, and sums over all rows.
//
// A block is 8 threads side by side and 32 rows of them. A thread has N columns, so that 8 threads
// read a whole line of the cache, and every 32nd row of the block's part of them. A column is
// blockIdx.x's, a part of the rows blockIdx.y's.
//
// The block of a column's parts which is done last adds them up, always in the same order, so that
// the same numbers have the same sums.
#include "vector.cuh"

enum { ACROSS = 8, DOWN = 32, THREADS = ACROSS * DOWN };

// Which columns and rows a thread has: column … column + N - 1, and each DOWN-th row before `end`.
template <int N>
struct Share {
    int column;
    bool is_any, is_first;
    long long row, end;
};

template <int N>
__device__ inline Share<N> share(long long rows, long long columns, long long part_rows)
{
    const int t = threadIdx.x;
    const long long first = blockIdx.y * part_rows;
    Share<N> mine;
    mine.column = (blockIdx.x * ACROSS + t % ACROSS) * N;
    mine.is_any = mine.column < columns;
    mine.is_first = mine.is_any && t / ACROSS == 0;
    mine.row = first + t / ACROSS;
    mine.end = !mine.is_any ? 0 : first + part_rows < rows ? first + part_rows : rows;
    return mine;
}

// What is known of some rows: how many they are, and two numbers for each of N columns.
template <int N>
struct Seen {
    float rows;
    Vector<float, N> a, b;
};

struct Sums {
    __device__ static void add(float &a, float &b, float, float other_a, float other_b, float)
    {
        a += other_a;
        b += other_b;
    }
};

// a is the mean, b the sum of squared differences from it (T. F. Chan, G. H. Golub, R. J. LeVeque,
// "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances", 1979).
struct Moments {
    __device__ static void add(float &a, float &b, float rows, float other_a, float other_b,
                               float other_rows)
    {
        const float weight = other_rows / (rows + other_rows), difference = other_a - a;
        a += difference * weight;
        b += other_b + difference * difference * (rows * weight);
    }
};

template <class Rule, int N>
__device__ inline void add(Seen<N> &seen, const Seen<N> &other)
{
    if (other.rows == 0)
        return;
    for (int j = 0; j < N; j++)
        Rule::add(seen.a.number[j], seen.b.number[j], seen.rows, other.a.number[j],
                  other.b.number[j], other.rows);
    seen.rows += other.rows;
}

// Leave in the first row of the block's threads what all of them have seen.
template <class Rule, int N>
__device__ inline void add_up_block(Seen<N> &seen)
{
    __shared__ float a[N][THREADS / 2], b[N][THREADS / 2], rows[THREADS / 2];
    const int t = threadIdx.x;
    for (int half = THREADS / 2; half >= ACROSS; half /= 2) {
        if (t >= half && t < 2 * half) {
            rows[t - half] = seen.rows;
            for (int j = 0; j < N; j++) {
                a[j][t - half] = seen.a.number[j];
                b[j][t - half] = seen.b.number[j];
            }
        }
        __syncthreads();
        if (t < half) {
            Seen<N> other;
            other.rows = rows[t];
            for (int j = 0; j < N; j++) {
                other.a.number[j] = a[j][t];
                other.b.number[j] = b[j][t];
            }
            add<Rule>(seen, other);
        }
        __syncthreads();
    }
}

// Add up what all blocks have seen of these columns. `parts` is memory for two numbers of each
// column and part; `arrived`, one number of each blockIdx.x, has to be 0, and is 0 afterwards.
// Returns whether this is the block that has the sums, in the first row of its threads.
template <class Rule, int N>
__device__ inline bool add_up(Seen<N> &seen, const Share<N> &mine, long long rows,
                              long long columns, long long part_rows, float *parts,
                              unsigned int *arrived)
{
    const int t = threadIdx.x;
    const long long n_parts = gridDim.y;
    add_up_block<Rule>(seen);
    if (n_parts == 1)
        return true;

    float *const a = parts + mine.column, *const b = a + n_parts * columns;
    if (mine.is_first) {
        write(a + blockIdx.y * columns, seen.a);
        write(b + blockIdx.y * columns, seen.b);
    }
    __shared__ bool is_last;
    // What was written is there before the block counts as arrived.
    __threadfence();
    __syncthreads();
    if (t == 0)
        is_last = atomicAdd(&arrived[blockIdx.x], 1u) == n_parts - 1;
    __syncthreads();
    if (!is_last)
        return false;
    // And nothing is read of what the cache of this processor had before.
    __threadfence();

    seen = {};
    for (long long part = t / ACROSS; mine.is_any && part < n_parts; part += DOWN) {
        const long long left = rows - part * part_rows;
        add<Rule>(seen, Seen<N>{(float)(left < part_rows ? left : part_rows),
                                read<N>(a + part * columns), read<N>(b + part * columns)});
    }
    add_up_block<Rule>(seen);
    if (t == 0)
        arrived[blockIdx.x] = 0;
    return true;
}
