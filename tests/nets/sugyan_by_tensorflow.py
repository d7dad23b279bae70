"""sugyan's two nets, computed by TensorFlow's own operations.

``tf.contrib.layers``, of which that program is made, ended with TensorFlow 1. What its layers did
is written out here: weights without a bias, batch normalisation without a gamma, an activation.
Arrays are (N, H, W, C), and ``train`` says whether statistics are the minibatch's or the moving
averages.
"""

import numpy as np

# The default of tf.contrib.layers.batch_norm.
EPS = 1e-3
STRIDES = (1, 2, 2, 1)


def draw_discriminator(rng, channels, depths, f_size):
    """Draw variables of a discriminator; no average is what it begins as."""
    variables, n_in = {}, channels
    for i, n_out in enumerate(depths):
        variables |= _layer(rng, f"d/conv{i}/Conv", (5, 5, n_in, n_out), n_out)
        n_in = n_out
    variables |= _layer(rng, "d/classify", (f_size * f_size * n_in, 2))
    return variables


def draw_generator(rng, n_hidden, channels, depths, f_size):
    """Draw variables of a generator; no average is what it begins as."""
    n = depths[0] * f_size * f_size
    variables = _layer(rng, "g/reshape/fully_connected", (n_hidden, n), n)
    for i in (1, 2, 3):
        shape = (5, 5, depths[i], depths[i - 1])
        variables |= _layer(rng, f"g/conv{i}/Conv2d_transpose", shape, depths[i])
    return variables | _layer(rng, "g/conv4/Conv2d_transpose", (5, 5, channels, depths[3]))


def _layer(rng, scope, shape, n_normalized=None):
    # Smaller ones would make all pictures much the same.
    found = {f"{scope}/weights": rng.normal(0, 0.2, shape)}
    if n_normalized is None:
        n = shape[1] if len(shape) == 2 else shape[2]
        found[f"{scope}/biases"] = rng.normal(0, 0.1, n)
    else:
        found[f"{scope}/BatchNorm/beta"] = rng.normal(0, 0.1, n_normalized)
        found[f"{scope}/BatchNorm/moving_mean"] = rng.normal(0, 0.1, n_normalized)
        found[f"{scope}/BatchNorm/moving_variance"] = rng.uniform(0.5, 1.5, n_normalized)
    return {name: array.astype(np.float32) for name, array in found.items()}


def discriminator(tf, variables, x, *, train):
    """Return the logits (N, 2) of pictures (N, 16·f_size, 16·f_size, C)."""
    h = tf.constant(x)
    for i in range(4):
        scope = f"d/conv{i}/Conv"
        h = tf.nn.conv2d(h, variables[f"{scope}/weights"], STRIDES, "SAME")
        h = _normalize(tf, variables, scope, h, train)
        h = tf.maximum(0.2 * h, h)
    h = tf.reshape(h, (len(x), -1))
    h = tf.matmul(h, variables["d/classify/weights"]) + variables["d/classify/biases"]
    return h.numpy()


def generator(tf, variables, z, *, train):
    """Return the pictures (N, 16·f_size, 16·f_size, C) of z (N, n_hidden)."""
    scope = "g/reshape/fully_connected"
    h = tf.matmul(z, variables[f"{scope}/weights"])
    h = tf.nn.relu(_normalize(tf, variables, scope, h, train))
    depth = variables["g/conv1/Conv2d_transpose/weights"].shape[3]
    edge = int((h.shape[1] // depth) ** 0.5)
    h = tf.reshape(h, (len(z), edge, edge, depth))
    for i in (1, 2, 3, 4):
        scope = f"g/conv{i}/Conv2d_transpose"
        weights, edge = variables[f"{scope}/weights"], 2 * edge
        shape = (len(z), edge, edge, weights.shape[2])
        h = tf.nn.conv2d_transpose(h, weights, shape, STRIDES, "SAME")
        if i < 4:
            h = tf.nn.relu(_normalize(tf, variables, scope, h, train))
    return tf.tanh(h + variables[f"{scope}/biases"]).numpy()


def _normalize(tf, variables, scope, h, train):
    beta, mean, variance = (
        variables[f"{scope}/BatchNorm/{name}"]
        for name in ("beta", "moving_mean", "moving_variance")
    )
    if train:
        mean, variance = tf.nn.moments(h, list(range(len(h.shape) - 1)))
    return tf.nn.batch_normalization(h, mean, variance, beta, None, EPS)
