"""One label of a net with labels, so that it is used as all other nets are."""

import numbers

from illust_gan.errors import UserError, printable
from illust_gan.nets.labelled_net import LabelledNet

_NAMED = 10


def with_label(net, label, flag="the label"):
    """Choose one label of a generator with labels, so that it draws from z alone.

    Args:
        net (illust_gan.nets.labelled_net.LabelledNet): A generator or discriminator with labels; it
            stays as it is.
        label (str or int): The label's name, which a generator knows; or its number.
        flag (str): What messages call it.

    Returns:
        illust_gan.nets.labelled_net.LabelledNet: A copy, which shares its arrays with ``net``. It
        goes wherever a generator goes, such as to :func:`illust_gan.walk`.

    Raises:
        UserError: If the net knows no labels, or not this one.

    Example:
        >>> from illust_gan.generation.sample import generate
        >>> from illust_gan.nets import kim_conditional
        >>> gen = kim_conditional.Generator(channels=3, y_dim=2, gf_dim=8, gfc_dim=64)
        >>> gen.label_names = ("cats", "dogs")
        >>> generate(with_label(gen, "dogs"), n=3).shape
        (3, 28, 28, 3)
    """
    if not isinstance(net, LabelledNet):
        raise UserError(
            f"{flag} is {printable(str(label))}, but {net.article} knows no labels; leave it away"
        )
    names = getattr(net, "label_names", tuple(map(str, range(net.y_dim))))
    number = names.index(label) if label in names else label
    if not isinstance(number, numbers.Integral) or not 0 <= number < net.y_dim:
        raise UserError(
            f"{flag} is {printable(str(label))}, which the net does not know; wanted "
            f"{name_labels(names)}"
        )
    one = net.copy()
    one.label = int(number)
    return one


def name_labels(names):
    """Return the names of labels for a message: the first ten, and how many more there are.

    Example:
        >>> name_labels(["cats", "dogs"])
        'cats, dogs'
    """
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(map(printable, names[:_NAMED])) + more
