"""The one device."""

from cupy import _stream
from cupy.cuda import runtime


class Device:
    """Device 0.

    Raises:
        CUDARuntimeError: Another is asked for.
    """

    def __init__(self, device=None):
        self.id = 0 if device is None else int(device)
        self._check()

    def _check(self):
        runtime.setDevice(self.id)

    def __int__(self):
        return self.id

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def __eq__(self, other):
        return isinstance(other, Device) and other.id == self.id

    def __hash__(self):
        return self.id

    def __repr__(self):
        return f"<CUDA Device {self.id}>"

    def use(self):
        """Make it the current one, which it is."""
        return self

    def synchronize(self):
        """Wait for all streams."""
        runtime.deviceSynchronize()

    compute_capability = "90"
    pci_bus_id = "0000:00:00.0"

    @property
    def attributes(self):
        """What ``cudaDeviceGetAttribute`` gives, some of it."""
        return {
            "MultiProcessorCount": 4,
            "MaxThreadsPerBlock": 1024,
            "WarpSize": 32,
            "ComputeCapabilityMajor": 9,
            "ComputeCapabilityMinor": 0,
        }

    @property
    def mem_info(self):
        """The free and the whole memory in bytes."""
        return runtime.memGetInfo()


def get_device_id():
    """Return 0."""
    return 0


def get_cublas_handle():
    """Return some handle; a capture does not allow it."""
    _stream.refuse_library_in_capture("cuBLAS")
    return 1
