"""The enumerations and the error of cuDNN's frontend, and the dtypes of its data types."""

import enum

import numpy as np

data_type = enum.Enum(
    "data_type",
    {
        "NOT_SET": 0,
        "FLOAT": 1,
        "DOUBLE": 2,
        "HALF": 3,
        "INT8": 4,
        "INT32": 5,
        "UINT8": 7,
        "BFLOAT16": 10,
        "INT64": 11,
        "BOOLEAN": 12,
    },
)
heur_mode = enum.Enum("heur_mode", {"A": 0, "B": 1, "FALLBACK": 2, "OPENSOURCE": 3})
build_plan_policy = enum.Enum("build_plan_policy", {"HEURISTICS_CHOICE": 0, "ALL": 1})
numerical_note = enum.Enum(
    "numerical_note",
    "TENSOR_CORE DOWN_CONVERT_INPUTS REDUCED_PRECISION_REDUCTION FFT NONDETERMINISTIC WINOGRAD "
    "WINOGRAD_TILE_4x4 WINOGRAD_TILE_6x6 WINOGRAD_TILE_13x13 STRICT_NAN_PROP",
)
behavior_note = enum.Enum(
    "behavior_note",
    "RUNTIME_COMPILATION REQUIRES_FILTER_INT8x32_REORDER REQUIRES_BIAS_INT8x32_REORDER "
    "SUPPORTS_CUDA_GRAPH_NATIVE_API CUBLASLT_DEPENDENCY",
)
reduction_mode = enum.Enum(
    "reduction_mode", "ADD MUL MIN MAX AMAX AVG NORM1 NORM2 MUL_NO_ZEROS NOT_SET"
)


class cudnnGraphNotSupportedError(Exception):
    """No plan can run the graph."""


def dtype_of(kind):
    """Return the dtype of a data type."""
    if kind is data_type.BFLOAT16:
        import ml_dtypes

        return np.dtype(ml_dtypes.bfloat16)
    return np.dtype(
        {
            data_type.FLOAT: np.float32,
            data_type.DOUBLE: np.float64,
            data_type.HALF: np.float16,
            data_type.INT8: np.int8,
            data_type.INT32: np.int32,
            data_type.UINT8: np.uint8,
            data_type.INT64: np.int64,
            data_type.BOOLEAN: np.bool_,
        }[kind]
    )
