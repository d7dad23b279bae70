"""What contenders are given and should compute, which is what this project does on the CPU."""

import sys

import numpy as np
from contest.weights import write_weights
from gpu_benchmark.minibatch import distinct
from gpu_benchmark.rounds import Stage
from illust_gan.datasets.writer import write_packed

N_PICTURES = 4096


class Reference:
    """Weights, pictures and first results of the nets that are asked for.

    Args:
        folder (pathlib.Path): For files; it must live as long as the contenders.
        n_pictures (int): In a data set, of noise.
    """

    def __init__(self, folder, n_pictures=N_PICTURES):
        self.folder = folder
        self.n_pictures = n_pictures
        self._jobs = {}
        self._results = {}

    def of(self, configuration):
        """Return what a configuration's contenders are given, and what they should compute.

        Returns:
            tuple: Entries of a job (dict), and what ``child.py`` answers to it as ``result``.

        Raises:
            ContenderError: If the CPU cannot compute it.
        """
        net, n = configuration.net, distinct(configuration.batchsize)
        if net not in self._jobs:
            self._jobs[net] = write_weights(net, self.folder) | self._write_pictures(net)
        key = (configuration.deed, net, n)
        if key not in self._results:
            self._results[key] = self._compute(*key)
        return self._jobs[net], self._results[key]

    def _write_pictures(self, net):
        size = {"rezoolab": 64, "maccha": 96}[net]
        rng = np.random.RandomState(1)
        noise = (rng.randint(0, 256, (size, size, 3), np.uint8) for _ in range(self.n_pictures))
        dataset = write_packed(self.folder / net, size, noise, sources=[], settings={})
        return {"pictures": str(dataset.path)}

    def _compute(self, deed, net, n):
        settings = {"precision": "float32", "graph": False, "compile": None, "device": "cpu"}
        stage = Stage({"reference": sys.executable}, self.folder, "cpu")
        child = stage.start("reference", "child.py", "this_project")
        try:
            job = self._jobs[net] | settings | {"deed": deed, "batchsize": n}
            return child.ask(job)["result"]
        finally:
            child.close()
