"""CUDA's errors, by their names."""


class CUDARuntimeError(RuntimeError):
    """An error of CUDA's runtime, such as ``cudaErrorIllegalAddress``."""

    def __init__(self, name):
        super().__init__(f"{name}: raised by the emulation")
        self.status = name


class CUDADriverError(RuntimeError):
    """An error of CUDA's driver."""
