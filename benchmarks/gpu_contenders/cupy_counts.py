"""Waiting for CuPy's device, and counting on it; nothing to do on the CPU."""

import ctypes
import gc

KERNEL_NODE = 0  # CU_GRAPH_NODE_TYPE_KERNEL of cuda.h


def synchronize(device):
    """Wait for all that a device has been given."""
    if device.xp.__name__ == "cupy":
        device.xp.cuda.Device().synchronize()


def free_blocks(device):
    """Give the memory back that CuPy keeps for later."""
    if device.xp.__name__ == "cupy":
        device.xp.get_default_memory_pool().free_all_blocks()


def memory(device):
    """Return what CuPy's pools hold, in megabytes: they give nothing back by themselves.

    A captured graph has a pool of its own. How much was in use at most, CuPy does not count.
    """
    if device.xp.__name__ != "cupy":
        return {}
    pools = _all_of(device.xp.cuda.MemoryPool)
    return {"reserved_mb": sum(pool.total_bytes() for pool in pools) / 1e6}


def graphs():
    """Return the CUDA graphs that this process holds."""
    import cupy

    return _all_of(cupy.cuda.Graph)


def _all_of(kind):
    # Whoever holds them is no business of a benchmark's. type(), as proxies answer isinstance().
    return [each for each in gc.get_objects() if type(each) is kind]


def kernels_in(graph):
    """Return how many nodes of a graph are kernels.

    CuPy does not bind the functions that list them; the driver has them.

    Args:
        graph (cupy.cuda.Graph): Its ``cudaGraph_t`` is the driver's ``CUgraph`` as well.

    Raises:
        RuntimeError: If the driver says so.
    """
    driver = ctypes.CDLL("libcuda.so.1")
    handle, n = ctypes.c_void_p(graph.graph), ctypes.c_size_t()
    _check(driver.cuGraphGetNodes(handle, None, ctypes.byref(n)))
    nodes = (ctypes.c_void_p * n.value)()
    _check(driver.cuGraphGetNodes(handle, nodes, ctypes.byref(n)))
    kinds = []
    for node in nodes:
        kind = ctypes.c_int()
        _check(driver.cuGraphNodeGetType(ctypes.c_void_p(node), ctypes.byref(kind)))
        kinds.append(kind.value)
    return kinds.count(KERNEL_NODE)


def _check(code):
    if code:
        raise RuntimeError(f"the CUDA driver answers {code} when asked for a graph's nodes")
