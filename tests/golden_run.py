"""The training runs of tests/golden/README.md, as the original loops started them."""

import json
import pathlib

import numpy as np

GOLDEN = pathlib.Path(__file__).parent / "golden"

#: The nets of December 2015, of which there are training runs by Chainer 1.5.
OF_2015 = ("maccha", "rezoolab")


def read(net):
    """Return the arrays and the trace of one net's run."""
    with open(GOLDEN / f"{net}-trace.json", encoding="utf-8") as f:
        trace = json.load(f)
    return dict(np.load(GOLDEN / f"{net}-golden.npz", allow_pickle=False)), trace


def set_initial_weights(gen, dis, std, seed):
    """Set both nets to the weights that the run began with."""
    rs = np.random.RandomState(seed)
    for net in (gen, dis):
        for path, param in sorted(net.namedparams()):
            name = path.rsplit("/", 1)[1]
            if name == "W":
                param.array[...] = np.round(rs.normal(0, std, param.shape) * 64) / 64
            else:
                param.array[...] = 1 if name == "gamma" else 0
