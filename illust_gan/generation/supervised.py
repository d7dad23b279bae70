"""Directions that somebody has named: from a label function, or from two lists of faces.

Between faces that have something and faces that lack it lies a plane in z; the direction is at
right angles to it. Shen and others, «Interpreting the Latent Space of GANs for Semantic Face
Editing» (InterFaceGAN, 2020), with logistic regression where they have a support vector machine.
"""

import numpy as np
from tqdm import tqdm

from illust_gan.errors import UserError, printable
from illust_gan.generation.pick import check_faces, pick_z
from illust_gan.generation.sample import draw
from illust_gan.generation.unsupervised import as_directions
from illust_gan.nets.latent import draw_z
from illust_gan.own_functions import function_name, in_words

_MOST_SAMPLES = 1_000_000
_STEPS = 100
_CHUNK = 256


def logistic_regression(x, y, *, l2=1.0):
    """Fit P(y) = 1 / (1 + exp(-(w·x + b))) by Newton's method, that is by reweighted least squares.

    What is made least is the negative log likelihood plus l2/2·‖w‖². With the penalty there is one
    minimum, also where a plane parts the two kinds. Hastie, Tibshirani and Friedman, «The Elements
    of Statistical Learning», section 4.4.1; a step that would lead upwards is halved.

    Args:
        x (numpy.ndarray): (N, D).
        y (numpy.ndarray): Boolean (N,), with both values in it.
        l2 (float): Above 0. The fewer the examples, the more it counts.

    Returns:
        tuple: w, float64 (D,), and b.

    Example:
        >>> w, b = logistic_regression(np.array([[0.0], [1], [3], [4]]), np.arange(4) > 1)
        >>> w.round(3), round(float(b), 3)
        (array([1.007]), -2.013)
    """
    x = np.concatenate([x, np.ones((len(x), 1))], axis=1).astype(float)
    signs = np.where(y, 1.0, -1.0)
    penalty = np.full(x.shape[1], float(l2))
    penalty[-1] = 0

    def loss(w):
        return np.logaddexp(0, -signs * (x @ w)).sum() + 0.5 * (penalty * w * w).sum()

    w = np.zeros(x.shape[1])
    for _ in range(_STEPS):
        # tanh does not overflow where exp does.
        p = 0.5 * (1 + np.tanh(0.5 * (x @ w)))
        gradient = x.T @ (p - y) + penalty * w
        hessian = (x * (p * (1 - p))[:, None]).T @ x + np.diag(penalty)
        step = np.linalg.solve(hessian, gradient)
        while loss(w - step) > loss(w) and np.abs(step).max() > 1e-9:
            step /= 2
        w = w - step
        if np.abs(step).max() < 1e-9:
            break
    return w[:-1], w[-1]


def fit_label(gen, label, *, name, samples=2000, seed=0, progress=False):
    """Find the direction along which a label of faces grows.

    Faces are drawn and labelled. Of labels that are numbers, the highest third counts as having it
    and the lowest as lacking it; those between would only blur the plane.

    Args:
        gen (chainer.Chain): A generator, on any device.
        label (callable): Takes faces, uint8 (n, H, W, 3), and returns n numbers or truth values.
            :func:`illust_gan.generation.labels.colour_label` makes some. It is called with at
            most 256 faces at a time.
        name (str): Of the direction.
        samples (int): How many faces are drawn, 10 or more.
        seed (int): Of these faces.
        progress (bool): Show a bar on stderr.

    Returns:
        Directions: One.

    Raises:
        UserError: If the label function fails, labels are missing or not finite, or all faces
            have the same.
    """
    if not 10 <= samples <= _MOST_SAMPLES:
        raise UserError(f"{samples} faces to label; wanted 10 to {_MOST_SAMPLES:,}")
    z = draw_z(samples, gen.n_hidden, rng=np.random.RandomState(seed))
    labels = _label_all(gen, label, z, progress)
    if labels.dtype == bool:
        has, lacks = labels, ~labels
    else:
        low, high = np.quantile(labels, [1 / 3, 2 / 3])
        # Of labels with few values a third may be the whole.
        has, lacks = labels >= max(high, np.nextafter(labels.min(), np.inf)), labels <= low
        lacks &= ~has
    if not has.any() or not lacks.any():
        raise UserError(f"all {samples} faces have the same label for {name}: nothing to go along")
    method = f"logistic regression on a label, {samples} faces, seed {seed}"
    return _fit(gen, z[has], z[lacks], name, method)


def fit_lists(gen, having, lacking, *, name, seed=0, names=("having", "lacking")):
    """Find the direction from some faces to others, by their numbers on the sheet of a seed.

    Args:
        gen (chainer.Chain): A generator, on any device.
        having (sequence of int): Numbers of faces, from 0, as :func:`~illust_gan.generate` draws
            them from the seed. Ten in each list are a beginning.
        lacking (sequence of int): Numbers of others.
        name (str): Of the direction.
        seed (int): Of the sheet.
        names (tuple of str): What messages call the two lists, such as flags.

    Returns:
        Directions: One.

    Raises:
        UserError: If a list is empty, a number is in both, or is that of no face.
    """
    having, lacking = check_faces(having, names[0]), check_faces(lacking, names[1])
    both = sorted(set(having) & set(lacking))
    if both:
        raise UserError(f"face {both[0]} is in both {names[0]} and {names[1]}; leave it in one")
    z = pick_z(having + lacking, gen.n_hidden, seed=seed)
    method = f"logistic regression on {len(having)} faces against {len(lacking)}, seed {seed}"
    return _fit(gen, z[: len(having)], z[len(having) :], name, method)


def _fit(gen, having, lacking, name, method):
    y = np.arange(len(having) + len(lacking)) < len(having)
    w, _ = logistic_regression(np.concatenate([having, lacking]), y)
    return as_directions(gen, [name], w[None], method)


def _label_all(gen, label, z, progress):
    parts = []
    with tqdm(total=len(z), desc="drawing", unit="face", disable=not progress) as bar:
        for start in range(0, len(z), _CHUNK):
            faces = draw(gen, z[start : start + _CHUNK])
            parts.append(_labels(label, faces))
            bar.update(len(faces))
    labels = np.concatenate(parts)
    if not np.isfinite(labels).all():
        raise UserError(
            f"the label function {function_name(label)} returned a number that is not finite"
        )
    return labels


def _labels(label, faces):
    """Call a label function, which may be the user's own and do anything."""
    name = function_name(label)
    try:
        returned = label(faces)
    except UserError:
        raise
    except (Exception, SystemExit) as error:
        raise UserError(
            f"the label function {name} failed on {len(faces)} faces: {in_words(error)}"
        ) from error
    try:
        labels = np.asarray(returned)
        what = f"{labels.dtype} of shape {labels.shape}"
    # A ragged list, or whatever a stranger's array raises.
    except Exception:
        labels, what = None, printable(repr(returned))
    if labels is None or labels.shape != (len(faces),) or labels.dtype.kind not in "biuf":
        raise UserError(
            f"the label function {name} returned {what} for {len(faces)} faces; wanted one number "
            "or truth value each"
        )
    return labels
