"""What TensorFlow trained in 2016, as nets of Chainer."""

from illust_gan.errors import some
from illust_gan.serializers.first_averages import mend_first_averages
from illust_gan.serializers.reader import SnapshotError
from illust_gan.serializers.tensorflow_reader import open_variables
from illust_gan.serializers.tensorflow_recognise import recognise_variables

_ROLES = {"gen": "generator", "dis": "discriminator"}


def load_tensorflow_generator(file, *, size=None):
    """Load a generator that sugyan's or Taehoon Kim's program trained, finding out which it is.

    Widths, latent size and picture size are those that the variables tell. All of TensorFlow's
    names are known, with a scope before them or without; an optimiser's variables are passed over.
    From a checkpoint, three lines of TensorFlow write an ``.npz`` that will do::

        reader = tf.train.load_checkpoint("DCGAN.model-1000")
        names = reader.get_variable_to_shape_map()
        np.savez("variables.npz", **{name: reader.get_tensor(name) for name in names})

    Args:
        file (str or os.PathLike): ``.npz`` with an array for each variable, in TensorFlow's layout;
            or a checkpoint, where TensorFlow is installed. An ``.npz`` is never unpickled and is
            checked before memory is taken; what a checkpoint can do is up to TensorFlow.
        size (int): Edge of the picture, for Kim's net where it is no multiple of 16: the variables
            only tell it rounded up.

    Returns:
        chainer.Chain: :class:`illust_gan.nets.sugyan.Generator`,
        :class:`illust_gan.nets.kim.Generator` or
        :class:`illust_gan.nets.kim_conditional.Generator`, on the CPU.

    Raises:
        SnapshotError: If the file is missing or broken, holds no such generator, or one whose
            variables do not fit together.

    Example:
        >>> import pathlib, tempfile
        >>> import numpy as np
        >>> n = 64 * 4 * 4
        >>> variables = {"g_h0_lin/Matrix": np.zeros((100, n)), "g_h0_lin/bias": np.zeros(n)}
        >>> for i, n in enumerate((64, 32, 16, 8)):
        ...     moments = {"beta": 0.0, "gamma": 1.0, "moving_mean": 0.1, "moving_variance": 0.9}
        ...     variables |= {f"g_bn{i}/{name}": np.full(n, v) for name, v in moments.items()}
        >>> for i, (n_in, n_out) in enumerate([(64, 32), (32, 16), (16, 8), (8, 3)], start=1):
        ...     variables[f"g_h{i}/w"] = np.zeros((5, 5, n_out, n_in))
        ...     variables[f"g_h{i}/biases"] = np.zeros(n_out)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = pathlib.Path(folder, "variables.npz")
        ...     np.savez(file, **variables)
        ...     gen = load_tensorflow_generator(file)
        >>> gen
        <Generator of Taehoon Kim's DCGAN: z of 100 → 3×64×64, 171,523 parameters, eps 1e-05, on \
@numpy>
    """
    return _load(file, "gen", size)


def load_tensorflow_discriminator(file, *, size=None):
    """Load a discriminator that sugyan's or Taehoon Kim's program trained.

    Args:
        file, size: As for :func:`load_tensorflow_generator`.

    Returns:
        chainer.Chain: ``Discriminator`` of :mod:`illust_gan.nets.sugyan`, of
        :mod:`illust_gan.nets.kim` or of :mod:`illust_gan.nets.kim_conditional`, on the CPU.

    Raises:
        SnapshotError: As for :func:`load_tensorflow_generator`.
    """
    return _load(file, "dis", size)


def _load(file, role, size):
    with open_variables(file) as variables:
        found = recognise_variables(variables)
        fitting = [f for f in found if f.role == role]
        if not fitting:
            what = f"no {_ROLES[role]} of sugyan's or Kim's"
            if found:
                what += f", but {found[0]}"
            names = sorted(variables.names)
            raise SnapshotError(
                f"{file} holds {what}: {len(names)} variables, {some(names)}; give one with the "
                "variables that the program trained, under the names that it gave them"
            )
        net = fitting[0].read(size)
    mend_first_averages(file, net)
    return net
