"""Chainer's functions on CuPy arrays, fast: cuDNN through NVIDIA's frontend, and fused kernels.

CuPy 14 has no cuDNN any more, and Chainer's functions fall back to gathered columns and hundreds of
small kernels for a step. The modules here have the arithmetic, as functions of CuPy arrays; CuPy is
imported where it is used, so that all of them can be imported on any machine.
"""
