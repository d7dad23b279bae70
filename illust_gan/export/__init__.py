"""Generators for programs that know nothing of Chainer."""
