"""What the benchmarks on the CPU and on a GPU have in common.

The contenders' side of it (``pipe``, ``torch_nets``, ``torch_losses``) needs neither this project
nor Chainer, so that an environment with PyTorch alone can import it.
"""
