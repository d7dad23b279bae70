/* A driver without a GPU: what cuDNN's libraries ask of libcuda.so.1 while they plan.

   Symbols that are not there hide engines: those that are compiled when they are planned, and
   those that read memory through descriptors. */

#define DOES_NOTHING(name) \
    int name(void) { return 0; }
#define FAILS(name) \
    int name(void) { return 100; }
#define GIVES(name, type, value) \
    int name(type *out)          \
    {                            \
        *out = (type)(value);    \
        return 0;                \
    }

DOES_NOTHING(cuCtxPopCurrent)
DOES_NOTHING(cuCtxPushCurrent)
DOES_NOTHING(cuKernelSetAttribute)
DOES_NOTHING(cuLibraryUnload)
DOES_NOTHING(cuModuleLoadData)
DOES_NOTHING(cuModuleUnload)
DOES_NOTHING(cuTensorMapEncodeIm2col)
DOES_NOTHING(cuTensorMapEncodeTiled)

FAILS(cuLaunchCooperativeKernel)
FAILS(cuLaunchKernel)
FAILS(cuLaunchKernelEx)
FAILS(cuLinkAddData)
FAILS(cuLinkComplete)
FAILS(cuLinkCreate)
FAILS(cuLinkDestroy)
FAILS(cuModuleGetFunction)

GIVES(cuCtxGetCurrent, void *, 8)
GIVES(cuCtxGetLimit, unsigned long, 1024)
GIVES(cuDeviceGet, int, 0)
GIVES(cuDeviceGetCount, int, 1)
GIVES(cuDriverGetVersion, int, 13000)
GIVES(cuKernelGetAttribute, int, 0)
GIVES(cuKernelGetFunction, void *, 16)
GIVES(cuLibraryGetKernel, void *, 24)
GIVES(cuLibraryLoadData, void *, 32)
GIVES(cuLibraryLoadFromFile, void *, 32)
GIVES(cuOccupancyMaxPotentialClusterSize, int, 8)

int cuGetErrorName(int error, const char **out)
{
    *out = "no GPU";
    return 0;
}

int cuGetErrorString(int error, const char **out)
{
    *out = "no GPU";
    return 0;
}

int cuStreamGetCtx(void *stream, void **out)
{
    *out = (void *)8;
    return 0;
}
