"""The parts of ``cpu.py``: what is measured, how, and how it is told."""
