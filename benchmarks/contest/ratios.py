"""Medians of rounds, and their ratios."""

import statistics


def median(record, name):
    """Return the median seconds of a contender, or None if it did not run."""
    seconds = record["contenders"].get(name, {}).get("seconds")
    return statistics.median(seconds) if seconds else None


def ratio(record, name, other):
    """Compare two contenders of one configuration.

    Args:
        record (dict): Its ``contenders`` have ``seconds``, one number for each round.
        name, other (str): Contenders.

    Returns:
        tuple of float: The ratio of the medians, the least and the greatest ratio within a round;
        or None if either did not run.

    Example:
        >>> contenders = {"a": {"seconds": [1, 2, 3]}, "b": {"seconds": [4, 4, 4]}}
        >>> ratio({"contenders": contenders}, "a", "b")
        (0.5, 0.25, 0.75)
    """
    if median(record, name) is None or median(record, other) is None:
        return None
    pairs = zip(*(record["contenders"][n]["seconds"] for n in (name, other)))
    ratios = [a / b for a, b in pairs]
    return median(record, name) / median(record, other), min(ratios), max(ratios)


def quickest(record, names):
    """Return which of some contenders has the least median, or None if none of them ran."""
    ran = [name for name in names if median(record, name) is not None]
    return min(ran, key=lambda name: median(record, name), default=None)
