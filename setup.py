"""Everything is declared in pyproject.toml; this file serves tools which look for a setup.py."""

from setuptools import setup

setup()
