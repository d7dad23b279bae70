"""``test`` and ``finetune`` of BatchNormalization, and what its moving average held in 2015.

Restores ``links/normalization/batch_normalization.py`` of Chainer 1.5.1. Chainer 2 removed ``test``
in favour of ``chainer.config.train``: ``links/normalization/batch_normalization.py:302`` of 7.8.1
raises an error. With the argument goes the rule of 1.5.1, whose
``functions/normalization/batch_normalization.py:50-57`` is:

- eps is 1e-5 by default (2e-5 in 7.8.1);
- eps is added to the batch variance *before* it goes into the moving average ``avg_var``, and none
  is added in test mode: ``avg_var`` holds it already. 7.8.1 keeps it out and adds it in test mode;
- ``avg_var`` starts at 0, in 7.8.1 at 1.

A call with ``test`` or ``finetune`` by position, or with ``test`` by name, be it False, is one of
Chainer 1, which Chainer 7 refuses, and follows this rule. A call without is Chainer 7's, to the
bit. Old code that leaves ``test`` out in training and gives it later mixes the two: it starts
``avg_var`` at 1, which a hundred batches forget, and lacks eps in it.

Chainer 1.5 to 1.13 have this rule and this eps. 1.14 to 1.24 took ``test`` too, with eps at 2e-5,
and 1.24 had Chainer 7's rule. Their code runs, by the rule of 1.5 unless ``test`` is taken out.
"""

import functools

import chainer
import chainer.functions as F
import chainer.links as L

EPS = 1e-5


def restore():
    """Let ``L.BatchNormalization`` be called as in Chainer 1.5."""
    link = L.BatchNormalization
    link.__init__ = _remembering_eps(link.__init__)
    link.forward = _with_test(link.forward)


def _remembering_eps(original):
    @functools.wraps(original)
    def __init__(self, *args, **kwargs):  # noqa: N807 - it becomes the class's
        original(self, *args, **kwargs)
        # size, decay, eps
        if len(args) < 3 and "eps" not in kwargs:
            self._eps_of_chainer1 = EPS

    return __init__


def _with_test(original):
    @functools.wraps(original)
    def forward(self, x, *args, **kwargs):
        if args or "test" in kwargs:
            return _forward(self, x, *args, **kwargs)
        return original(self, x, **kwargs)

    return forward


def _forward(link, x, test=False, finetune=False):
    eps = getattr(link, "_eps_of_chainer1", link.eps)
    if link.avg_mean is None:
        link._initialize_params(tuple(n for i, n in enumerate(x.shape) if i not in link.axis))
    gamma = link._get_gamma()[0] if link.gamma is None else link.gamma
    beta = link._get_beta()[0] if link.beta is None else link.beta
    if test and not finetune:
        return F.fixed_batch_normalization(
            x, gamma, beta, link.avg_mean, link.avg_var, eps=0.0, axis=link.axis
        )
    if chainer.config.in_recomputing:  # as links/normalization/batch_normalization.py:335
        return F.batch_normalization(x, gamma, beta, eps=eps, axis=link.axis)

    _start_from_zero(link)
    decay = link.decay
    if finetune:
        # The mean over all batches, as in Chainer 7; 1.5.1 had its two weights the wrong way round.
        link.N += 1
        decay = 1 - 1 / link.N
    y = F.batch_normalization(
        x,
        gamma,
        beta,
        eps=eps,
        running_mean=link.avg_mean,
        running_var=link.avg_var,
        decay=decay,
        axis=link.axis,
    )
    # The average has taken the variance times m / (m - 1) without its eps.
    m = x.size // link.avg_var.size
    link.avg_var += (1 - decay) * eps * m / max(m - 1, 1)
    return y


def _start_from_zero(link):
    """Set ``avg_var`` from Chainer 7's start to Chainer 1's before the first batch goes into it."""
    if getattr(link, "_started_as_chainer1", False):
        return
    link._started_as_chainer1 = True
    if bool((link.avg_var == 1).all()) and not bool(link.avg_mean.any()):
        link.avg_var[...] = 0
