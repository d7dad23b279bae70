"""Mends each module of Chainer at the moment it is imported.

A mend is a module of this package with

- ``WHERE``, the module of Chainer it is for, and ``WHAT``, one line on file, line and fault;
- ``mend(module)``, called once the module has been executed, and
- if the module cannot even be executed, ``before()``, a context manager around its execution, or
  ``execute(module)``, called in its place.

This file is read at every start of Python where ``illust-gan doctor --enable-import`` has been
used, so it imports nothing but what Python has loaded anyway.
"""

import sys

_PACKAGE = __name__.rpartition(".")[0]

# Modules of Chainer, and the files here that mend them.
MENDS = {
    "chainer": ("worker_processes",),
    "chainer._environment_check": ("environment_check",),
    "chainer.backends.cuda": ("cuda",),
    "chainer.variable": ("debug_print",),
    "chainer.optimizer": ("optimizer",),
    "chainer.functions.array.as_strided": ("as_strided",),
    "chainer.functions.array.resize_images": ("resize_images",),
    "chainer.functions.connection.deconvolution_2d": ("deconvolution_2d",),
    "chainer.dataset.convert": ("convert",),
    "chainer.iterators.multiprocess_iterator": ("multiprocess_iterator",),
    "chainer.serializers.hdf5": ("hdf5",),
    "chainer.serializers.npz": ("npz",),
    "chainer.testing.helper": ("testing_helper",),
    "chainer.training.extensions.plot_report": ("plot_report",),
    "chainer.training.updaters.multiprocess_parallel_updater": ("nccl_warning",),
}

# What else is done to modules of Chainer, after the mends: full names of modules like them.
ADDED = {}

_MARK = "_illust_gan_mends"


def load_mends(name):
    """Import the mends of one of Chainer's modules, as a list of modules."""
    import importlib

    names = [f"{_PACKAGE}.{mend}" for mend in MENDS.get(name, ())]
    return [importlib.import_module(mend) for mend in (*names, *ADDED.get(name, ()))]


def add(table):
    """Treat further modules as mends.

    Args:
        table (dict): A module of Chainer to the full names of modules with ``WHERE``, ``WHAT`` and
            ``mend(module)``.
    """
    for name, mends in table.items():
        ADDED[name] = tuple(dict.fromkeys((*ADDED.get(name, ()), *mends)))
    _mend_imported(table)


def in_force(name):
    """Return whether a module of Chainer has been imported and mended."""
    return hasattr(sys.modules.get(name), _MARK)


class _Loader:
    """Loads one module of Chainer through its own loader, with the mends around it."""

    def __init__(self, loader, name):
        self._loader = loader
        self._name = name

    def __getattr__(self, attribute):
        return getattr(self._loader, attribute)

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        import contextlib

        mends = load_mends(self._name)
        with contextlib.ExitStack() as stack:
            execute = self._loader.exec_module
            for mend in mends:
                if hasattr(mend, "before"):
                    stack.enter_context(mend.before())
                execute = getattr(mend, "execute", execute)
            execute(module)
        # A module that is reloaded has its functions anew, and still its old mark.
        module.__dict__.pop(_MARK, None)
        _apply(mends, module)


def _apply(mends, module):
    for mend in mends:
        applied = getattr(module, _MARK, ())
        if mend.__name__ not in applied:
            if hasattr(mend, "mend"):
                mend.mend(module)
            setattr(module, _MARK, (*applied, mend.__name__))


class _Finder:
    """Stands first on ``sys.meta_path`` and steps aside for all but the modules above."""

    _illust_gan = True

    def find_spec(self, name, path=None, target=None):
        if name not in MENDS and name not in ADDED:
            return None
        if name == "chainer":
            _forget_failed_import()
        for finder in sys.meta_path:
            find_spec = getattr(finder, "find_spec", None)
            if find_spec is None or getattr(finder, "_illust_gan", False):
                continue
            spec = find_spec(name, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Loader(spec.loader, name)
                return spec
        return None


def _forget_failed_import():
    """Drop what an import of Chainer left behind when it failed.

    Python takes the failed package itself out of ``sys.modules`` and leaves those of its modules
    that had been imported. A second import would take them from there, without making them
    attributes of the new package, and fail in stranger ways.
    """
    for name in list(sys.modules):
        if name.partition(".")[0] in ("chainer", "chainerx"):
            del sys.modules[name]


def install():
    """Put the finder in its place, once, and mend what has been imported before it."""
    if any(getattr(finder, "_illust_gan", False) for finder in sys.meta_path):
        return
    sys.meta_path.insert(0, _Finder())
    _mend_imported(MENDS)


def _mend_imported(names):
    # A Chainer that was imported without help is one that a partly older environment let through.
    for name in names:
        if name in sys.modules:
            _apply(load_mends(name), sys.modules[name])
