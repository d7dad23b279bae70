"""Train Rezoolab's generator as `illust-gan train` does, from the parts.

python train_rezoolab.py DATA OUT BATCHSIZE ITERATIONS, for example
python train_rezoolab.py data/avatars-64.npy results/example 24 450
"""

import sys

import illust_gan  # first: it makes the imports of Chainer work
import numpy as np
from chainer import iterators, training
from chainer.training import extensions
from illust_gan.nets.rezoolab import Discriminator, Generator, recipe

data, out, batchsize, n_iterations = sys.argv[1:]
length = (int(n_iterations), "iteration")
rng = np.random.RandomState(0)
gen, dis = Generator(rng=rng), Discriminator(rng=rng)
optimizers = {"gen": recipe.make_optimizer(gen), "dis": recipe.make_optimizer(dis)}
order = illust_gan.training.SeededOrderSampler(seed=0)
iterator = iterators.SerialIterator(
    illust_gan.PackedDataset(data), int(batchsize), shuffle=None, order_sampler=order
)
updater = illust_gan.DCGANUpdater(iterator, optimizers, recipe, seed=0)
trainer = training.Trainer(updater, length, out=out)
trainer.extend(extensions.LogReport(trigger=(10, "iteration")))
trainer.extend(extensions.PrintReport(["iteration", "gen/loss", "dis/loss", "elapsed_time"]))
trainer.extend(illust_gan.training.extensions.Sheet(gen), trigger=(50, "iteration"))
trainer.extend(extensions.snapshot(), trigger=length)
trainer.run()
illust_gan.sheet(illust_gan.generate(gen, 64)).save(f"{out}/faces.png")
