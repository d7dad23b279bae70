"""testing/helper.py:6 imports ``pkg_resources``, gone from setuptools 82 on.

``chainer.testing``, and ``chainer.gradient_check`` with it, need it for one question only: whether
a requirement such as ``"numpy>=1.10"`` is satisfied. ``packaging`` answers it.
"""

import contextlib
import sys
import types
from importlib import metadata

WHERE = "chainer.testing.helper"
WHAT = "testing/helper.py:6 imports pkg_resources"


class ResolutionError(Exception):
    """A requirement is not satisfied by what is installed."""


class WorkingSet:
    """The distributions installed in this environment."""

    def require(self, *requirements):
        """Raise :class:`ResolutionError` unless each requirement (PEP 508) is satisfied."""
        from packaging.requirements import Requirement

        for requirement in map(Requirement, requirements):
            if requirement.marker is not None and not requirement.marker.evaluate():
                continue
            try:
                version = metadata.version(requirement.name)
            except metadata.PackageNotFoundError:
                raise ResolutionError(f"{requirement} is not installed") from None
            if not requirement.specifier.contains(version, prereleases=True):
                raise ResolutionError(f"{requirement} is wanted, {version} is installed")


@contextlib.contextmanager
def before():
    """Have ``pkg_resources`` answered for while the module is executed, for it alone."""
    name = "pkg_resources"
    real = sys.modules.get(name)
    stand_in = types.ModuleType(name)
    stand_in.WorkingSet, stand_in.ResolutionError = WorkingSet, ResolutionError
    sys.modules[name] = stand_in
    try:
        yield
    finally:
        del sys.modules[name]
        if real is not None:
            sys.modules[name] = real
