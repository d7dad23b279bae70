"""Train Rezoolab's generator as `illust-gan train` does, from the parts.

python train_rezoolab.py data/avatars-64.npy results/example 500
"""

import sys

import illust_gan  # first: it makes the imports of Chainer work
import numpy as np
from chainer import iterators, training
from chainer.training import extensions
from illust_gan.nets import rezoolab
from illust_gan.training.order_sampler import SeededOrderSampler

data, out, n_iterations = sys.argv[1:]
length = (int(n_iterations), "iteration")
rng = np.random.RandomState(0)
nets = {"gen": rezoolab.Generator(rng=rng), "dis": rezoolab.Discriminator(rng=rng)}
optimizers = {name: rezoolab.recipe.make_optimizer(net) for name, net in nets.items()}
iterator = iterators.SerialIterator(
    illust_gan.PackedDataset(data), 8, shuffle=None, order_sampler=SeededOrderSampler(0)
)
updater = illust_gan.DCGANUpdater(iterator, optimizers, rezoolab.recipe, seed=0)
trainer = training.Trainer(updater, length, out=out)
trainer.extend(extensions.LogReport(trigger=(10, "iteration")))
trainer.extend(extensions.PrintReport(["iteration", "gen/loss", "dis/loss", "elapsed_time"]))
trainer.extend(extensions.snapshot(), trigger=length)
trainer.run()
illust_gan.sheet(illust_gan.generate(nets["gen"], 64)).save(f"{out}/faces.png")
