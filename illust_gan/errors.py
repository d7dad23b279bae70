"""What the person at the keyboard can put right, as one exception."""


class UserError(ValueError):
    """A mistake in what was given, told in one sentence.

    The message names what was given, what was wanted, which file or flag it is about and what to
    do next. The command line prints it without a traceback and exits with code 2; in Python it is
    a :class:`ValueError` like any other. Rooms of the package derive their own from it.
    """
