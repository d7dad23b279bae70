"""What is told to the person at the keyboard: an exception, and a warning."""

import sys
import warnings


class UserError(ValueError):
    """A mistake in what was given, told in one sentence.

    The message names what was given, what was wanted, which file or flag it is about and what to
    do next. The command line prints it without a traceback and exits with code 2; in Python it is
    a :class:`ValueError` like any other. Rooms of the package derive their own from it.
    """


def printable(name, longest=80):
    """Return a name out of a stranger's file as it can be shown: no control codes, not too long.

    Args:
        name (str): Any text.
        longest (int): Characters to keep.

    Example:
        >>> printable("l1/W\\x1b[2J")
        'l1/W\\\\x1b[2J'
    """
    shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in name[:longest])
    return shown + ("…" if len(name) > longest else "")


def some(names, n=4):
    """Return the first of some names out of a file, and the number of the others.

    Example:
        >>> some(["a", "b", "c"], 2)
        'a, b and 1 more'
    """
    rest = f" and {len(names) - n} more" if len(names) > n else ""
    return ", ".join(map(printable, names[:n])) + rest


class UserNotice(UserWarning):
    """What is to be known of what was given, and stops nothing, told in one sentence.

    The command line prints it as a line on stderr.
    """


def notice(message):
    """Warn of something by a :class:`UserNotice` at the line that called this package."""
    package, level = __name__.partition(".")[0], 1
    frame = sys._getframe()
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] == package:
        frame, level = frame.f_back, level + 1
    warnings.warn(message, UserNotice, stacklevel=level)
