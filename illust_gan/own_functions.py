"""Functions of the user's own, named ``module:function`` on the command line."""

import importlib
import os
import pkgutil
import sys

from illust_gan.errors import UserError, printable


def is_reference(name):
    """Say whether a name is written as ``module:function``; either part may have dots.

    Args:
        name (str): What was given.

    Returns:
        bool: Whether it is. What it names need not be there.

    Example:
        >>> is_reference("my_faces:find"), is_reference("my_faces"), is_reference("a:b:c")
        (True, False, False)
    """
    module, colon, function = name.partition(":")
    return bool(colon) and all(p.isidentifier() for p in f"{module}.{function}".split("."))


def import_function(name, *, what, wanted, example, error=UserError):
    """Import a function by its name.

    The current folder is put at the end of the places where Python looks for modules: there, a
    file of the user's can hide no module of Python's.

    Args:
        name (str): As :func:`is_reference` wants it.
        what (str): What messages call the function.
        wanted (str): What kind of function it has to be, for the message.
        example (str): Such a name, for the message.
        error (type): What is raised, a kind of :class:`UserError`.

    Returns:
        callable: The function.

    Raises:
        UserError: If the module cannot be imported, has no such function, or it cannot be called.

    Example:
        >>> import_function(
        ...     "math:sqrt", what="label", wanted="a function", example="my_labels:smile"
        ... )(9)
        3.0
    """
    if os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())
    importlib.invalidate_caches()
    try:
        found = pkgutil.resolve_name(name)
    # Importing runs the module, which may raise anything, and a script exits.
    except (Exception, SystemExit) as reason:
        module, _, function = example.partition(":")
        raise error(
            f"no {what} {name}: {in_words(reason)}; wanted a function of a module that can be "
            f"imported, such as {example} for the function {function} in {module}.py of the "
            "current folder"
        ) from reason
    if not callable(found):
        raise error(f"the {what} {name} is {type(found).__name__}; wanted {wanted}")
    return found


def function_name(function):
    """Say which function it is, in a message or a manifest.

    Args:
        function (callable): Any; of an object with ``__call__`` the class is named.

    Returns:
        str: ``module:function``.

    Example:
        >>> function_name(function_name)
        'illust_gan.own_functions:function_name'
    """
    named = function if hasattr(function, "__qualname__") else type(function)
    return f"{named.__module__}:{named.__qualname__}"


def in_words(error):
    """Say what a stranger's function raised: the kind of error and its text, on one line.

    Args:
        error (BaseException): What it raised.

    Returns:
        str: Half a sentence.

    Example:
        >>> in_words(KeyError("eyes"))
        "KeyError: 'eyes'"
    """
    return f"{type(error).__name__}: {printable(str(error), 200)}"
