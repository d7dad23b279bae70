// Numbers that lie side by side in memory, which are read and written together: 16 bytes at once
// where there are as many.
template <class T, int N>
struct alignas(N * sizeof(T) < 16 ? N * sizeof(T) : 16) Vector {
    T number[N];
};

template <class T>
__device__ constexpr int in_16_bytes()
{
    return 16 / sizeof(T);
}

template <int N, class T>
__device__ inline Vector<float, N> read(const T *numbers)
{
    const Vector<T, N> stored = *(const Vector<T, N> *)numbers;
    Vector<float, N> values;
    for (int j = 0; j < N; j++)
        values.number[j] = get(stored.number[j]);
    return values;
}

template <int N, class T>
__device__ inline void write(T *numbers, const Vector<float, N> &values)
{
    Vector<T, N> stored;
    for (int j = 0; j < N; j++)
        put(&stored.number[j], values.number[j]);
    *(Vector<T, N> *)numbers = stored;
}
