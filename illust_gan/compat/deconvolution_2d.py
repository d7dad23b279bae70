"""functions/connection/deconvolution_2d.py:340 hands over variables where shapes are wanted.

``_set_cover_all(x, W)`` in the backward pass, for the weight's gradient when the input needs none
and no ``outsize`` is given, on the CPU: an error of Chainer 7.8.1 itself, mended in its repository
after the last release (chainer/chainer, pull request 8624).
"""

WHERE = "chainer.functions.connection.deconvolution_2d"
WHAT = "functions/connection/deconvolution_2d.py:340 gives variables for shapes"


def mend(module):
    """Let ``_set_cover_all`` take the shapes of variables itself."""
    function = module.Deconvolution2DFunction
    original = function._set_cover_all

    def _set_cover_all(self, x_shape, w_shape):
        original(self, getattr(x_shape, "shape", x_shape), getattr(w_shape, "shape", w_shape))

    function._set_cover_all = _set_cover_all
