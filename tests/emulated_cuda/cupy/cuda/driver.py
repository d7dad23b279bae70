"""``cupy.cuda.driver``: its error."""

from cupy._errors import CUDADriverError as CUDADriverError
