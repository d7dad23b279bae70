"""Running code on the emulation of CUDA in ``emulated_cuda``, in a process of its own."""

import os
import pathlib
import shutil
import subprocess
import sys
import textwrap

import pytest

HERE = pathlib.Path(__file__).parent
needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="it compiles by g++")

START = """
import cupy
import numpy as np

def refused(error, call):
    try:
        call()
    except error as caught:
        return str(caught)
    raise AssertionError("it was not refused")

"""
KERNELS = '''
code = r"""
extern "C" __global__ void double_it(const float *x, float *y, long long n)
{
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n)
        y[i] = 2 * x[i];
}
extern "C" __global__ void total(const float *x, float *y, int n, int early)
{
    __shared__ float part[64];
    float sum = 0;
    for (int i = threadIdx.x; i < n; i += blockDim.x)
        sum += x[i];
    part[threadIdx.x] = sum;
    if (early && threadIdx.x == 5)
        return;
    for (int k = 32; k; k /= 2) {
        __syncthreads();
        if ((int)threadIdx.x < k)
            part[threadIdx.x] += part[threadIdx.x + k];
    }
    if (threadIdx.x == 0)
        y[0] = part[0];
}
struct Pair {
    int n;
    float a;
};
extern "C" __global__ void unpack(Pair p, float *y) { y[0] = p.a * p.n; }
extern "C" __global__ void unset(float *y)
{
    __shared__ float part[4];
    y[0] = part[blockIdx.x];
    part[0] = part[1] = part[2] = part[3] = 0;
}
struct alignas(16) Four {
    float v[4];
};
extern "C" __global__ void fours(const float *x, float *y, int at, int k)
{
    y[0] = ((const Four *)(x + at))->v[k];
}
"""
module = cupy.RawModule(code=code, options=("-std=c++17",))
x = cupy.arange(1000, dtype=np.float32)
y = cupy.empty(1000, np.float32)
'''


def rehearse(code, lazy=False):
    """Run some code where the emulated packages come first."""
    path = os.pathsep.join([str(HERE / "emulated_cuda"), str(HERE.parent)])
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", START + textwrap.dedent(code)],
        env={**os.environ, "PYTHONPATH": path, "EMULATED_CUDA_LAZY": str(int(lazy))},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
