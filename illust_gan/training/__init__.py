"""Two nets against each other, under Chainer's own Trainer."""
