"""The gradient of leaky ReLU where its input is exactly 0: 1, not the slope.

Restores ``functions/activation/leaky_relu.py:31`` of Chainer 1.5.1, which scales the gradient where
x < 0. Line 85 of 7.8.1 scales it where x <= 0, against its own documentation, and a first layer
without bias makes a zero of every patch of mid grey: Rezoolab's losses of 2015 part from the second
iteration on.

No argument tells an old call from a new one, so this holds for both: values stay as they are, the
gradient changes at 0 alone.
"""

import functools

from chainer.functions.activation import leaky_relu


def restore():
    """Let the gradient pass at 0."""
    function = leaky_relu.LeakyReLU
    original = function.backward

    @functools.wraps(original)
    def backward(self, indexes, grad_outputs):
        if self.slope == 0:  # the output, which is what is kept, does not tell 0 from less
            return original(self, indexes, grad_outputs)
        kept = self.get_retained_outputs() if self.slope > 0 else self.get_retained_inputs()
        # Where this is 0 the gradient is scaled, where it is 1 it passes.
        passes = (kept[0].array >= 0).astype(kept[0].dtype)
        return leaky_relu._LeakyReLUGrad(passes, self.slope).apply(grad_outputs)

    function.backward = backward
