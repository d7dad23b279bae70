"""The parts of ``gpu.py``: what is measured, how, and how it is told."""
