"""What nets with labels share: a label beside each input, and names for the labels."""

import json

import numpy as np

from illust_gan.nets.article_net import ArticleNet
from illust_gan.nets.beside import beside, one_hot

_LONGEST_NAME = 255
# Of 1,000 such names, each character as an escape of six.
_LONGEST_JSON = 1000 * (6 * _LONGEST_NAME + 4)


class LabelledNet(ArticleNet):
    """Net that is given labels, one-hot, beside z or pictures. Its pictures are on [0, 1].

    Attributes:
        y_dim (int): How many labels there are.
        label (int): The label that is meant where none is given, as in a copy that
            :func:`illust_gan.with_label` has made; None for none.
    """

    low = 0
    label = None

    @property
    def _labels(self):
        return f", {self.y_dim} labels" if self.label is None else f", label {self.label}"

    def labels_of(self, x, y):
        """Return the labels that a call is for.

        Args:
            x (array or chainer.Variable): Its input, float (N, …).
            y (array or chainer.Variable): Float (N, y_dim), or None for the net's own label.

        Returns:
            array or chainer.Variable: ``y``, or float32 (N, y_dim).

        Raises:
            ValueError: If there is none.
        """
        if y is not None:
            return y
        if self.label is None:
            raise ValueError(
                f"{self.article} wants a label beside each input; give y, one-hot, or choose one "
                "label for all of them with illust_gan.with_label"
            )
        return one_hot(self.xp.full(len(x), self.label, np.int32), self.y_dim)


class LabelledGenerator(LabelledNet):
    """Generator with labels, whose snapshots also hold the labels' names."""

    _label_names = None

    def first_input(self, z):
        """Return what the first layer is given: z, and this net's label."""
        return beside(z, self.labels_of(z, None))

    @property
    def label_names(self):
        """tuple of str: Of label 0 and so on: "0", "1", … unless others are set."""
        return self._label_names or tuple(map(str, range(self.y_dim)))

    @label_names.setter
    def label_names(self, names):
        names = tuple(names)
        if len(names) != self.y_dim:
            raise ValueError(f"{len(names)} names of labels were given; wanted {self.y_dim}")
        for name in names:
            if not isinstance(name, str) or not name.isprintable() or len(name) > _LONGEST_NAME:
                raise ValueError(
                    f"a label is called {ascii(name)[:80]}; wanted at most {_LONGEST_NAME} "
                    "characters that can be shown"
                )
        if len(set(names)) != len(names) or "" in names:
            raise ValueError("two labels have the same name, or one has none")
        self._label_names = names

    @property
    def label_name(self):
        """str: What this net's label is called; None if none is chosen."""
        return None if self.label is None else self.label_names[self.label]

    def serialize(self, serializer):
        """Serialize parameters, moving averages, eps and the labels' names."""
        super().serialize(serializer)
        try:
            names = serializer("label_names", json.dumps(self.label_names))
        # A snapshot of another program has none.
        except KeyError:
            return
        self.label_names = parse_names(names)


def parse_names(text):
    """Return the names of labels that a snapshot holds.

    Args:
        text (str): Its ``label_names``.

    Returns:
        list: Not checked one by one.

    Raises:
        ValueError: If it is no list in JSON, or too long for one of names.

    Example:
        >>> parse_names('["cats", "dogs"]')
        ['cats', 'dogs']
    """
    try:
        names = json.loads(text) if len(text) <= _LONGEST_JSON else None
    except (RecursionError, json.JSONDecodeError):
        names = None
    if not isinstance(names, list):
        raise ValueError("label_names is no list of names")
    return names
