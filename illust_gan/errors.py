"""What the person at the keyboard can put right, as one exception."""


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
