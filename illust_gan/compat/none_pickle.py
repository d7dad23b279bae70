"""Recognising a pickled None without unpickling.

Chainer writes None as ``numpy.asarray(None)``, an array of Python objects, and so NumPy pickles it
into the ``.npz``. A whole Trainer's snapshot is full of them. An unpickler, however restricted,
still executes what a stranger wrote; reading its opcodes (:mod:`pickletools`) executes nothing.
"""

import pickletools

MAX_BYTES = 4096

# What NumPy calls to pickle an array of objects, by Python 2 and 3, NumPy 1 and 2.
_GLOBALS = {
    "numpy.core.multiarray _reconstruct",
    "numpy._core.multiarray _reconstruct",
    "numpy ndarray",
    "numpy dtype",
    "_codecs encode",
}
# The constants beside them: type codes, byte order, an encoding, flags.
_WORDS = {"b", "O8", "O4", "O", "|", "latin1"} | {word for g in _GLOBALS for word in g.split()}
_NUMBERS = {-1, 0, 1, 2, 3, 4, 63}
# Opcodes whose argument is about the pickle itself.
_BOOKKEEPING = {"PROTO", "FRAME", "PUT", "BINPUT", "LONG_BINPUT", "GET", "BINGET", "LONG_BINGET"}


def is_none(data):
    """Return whether a pickle is NumPy's of an array that holds None and nothing else.

    Nothing of it is executed, so a wrong answer can do no harm: the reader takes such an array for
    None, whatever is really in it.

    Args:
        data (bytes): The pickle, up to 4 KB.

    Returns:
        bool: False also for what is no pickle at all.

    Example:
        >>> import pickle
        >>> import numpy as np
        >>> is_none(pickle.dumps(np.asarray(None)))
        True
        >>> is_none(pickle.dumps(np.asarray({"net": "gen"}, dtype=object)))
        False
    """
    if len(data) > MAX_BYTES:
        return False
    nones = 0
    try:
        for opcode, argument, _ in pickletools.genops(data):
            nones += opcode.name == "NONE"
            if argument is not None and opcode.name not in _BOOKKEEPING and not _known(argument):
                return False
    except ValueError:
        return False
    # Three entries of the state of dtype("O") are None, and then those of the array.
    return nones > 3


def _known(argument):
    if isinstance(argument, bytes):
        argument = argument.decode("latin1")
    return argument in _NUMBERS or argument in _WORDS or argument in _GLOBALS
