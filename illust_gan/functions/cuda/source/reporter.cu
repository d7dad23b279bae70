// Sums of what is reported at each iteration. One thread.

extern "C" __global__ void accumulate(const float *value, float weight, float *sums)
{
    const float weighted = weight * *value;
    sums[0] += weighted;
    sums[1] += weighted * *value;
}
