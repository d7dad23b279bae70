# make faces   from nothing to a sheet of faces
# make test    from nothing to all tests passed
# make test-gpu   the tests that need a GPU, on a machine with one
# make rehearse-gpu   what NVIDIA's compiler and cuDNN say of them, without one (downloads 1.5 GB)
# make bench-gpu  this project on a GPU beside PyTorch and stock Chainer, hours
# make bench   this project on the CPU beside PyTorch and stock Chainer, about 40 minutes
# make install, make lint, make clean

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
BENCH_VENVS := benchmarks/.venvs
# What is compiled or read when the package is installed.
SOURCES := setup.py pyproject.toml build-constraints.txt illust_gan/export/runtime.py \
	$(wildcard illust_gan/functions/native/*.[ch])

# Chainer is built from source, under an older setuptools than today's (build-constraints.txt says
# why). pip before 25.3 takes the constraint from the first variable, later ones from the second;
# both split it at spaces, which the path of this folder may have and its own name has not.
export PIP_CONSTRAINT := build-constraints.txt
export PIP_BUILD_CONSTRAINT := build-constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# Settings of `make faces`, chosen by looking at sheets after equal times. Faces of one style, all
# seen from the front, are learnt in half the iterations that the mix of styles takes; four times
# the article's step size and twice its initial weights are what small minibatches can bear.
FACES := data/toon-head-64.npy
FACES_DATA := --styles toon-head --n 2000
FACES_TRAINING := --batchsize 16 --iterations 700 --alpha 4e-4 --init-std 0.02 --sheet-interval 50

.PHONY: faces test test-gpu rehearse-gpu bench bench-gpu install lint clean

faces: install $(FACES)
	$(BIN)/illust-gan train --net rezoolab --data $(FACES) $(FACES_TRAINING)

$(FACES): | install
	$(BIN)/illust-gan dataset avatars $@ --size 64 $(FACES_DATA)

# A process for each core. With one thread of OpenBLAS it would be quicker still, but then maccha's
# golden pictures deviate by 8e-7, and with two by less than their bound.
# One thread of our own for each: two would be in each other's way, and the bits are the same.
test: $(VENV)/installed-dev
	ILLUST_GAN_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist worksteal

# CUDA=cuda12 for an older driver.
CUDA ?= cuda13

test-gpu: $(VENV)/installed-$(CUDA)
	$(BIN)/python -m pytest -m gpu -rs

rehearse-gpu: $(VENV)/installed-$(CUDA)
	$(BIN)/python -m pytest -rs tests/functions/cuda -m "not gpu"

# Its options: make bench BENCH="--net rezoolab --batchsize 64"
bench: install $(BENCH_VENVS)/torch/installed $(BENCH_VENVS)/chainer/installed
	$(BIN)/python benchmarks/cpu.py $(BENCH)

# make bench-gpu BENCH="--minutes 8", for a card that is lent; BENCH=--rehearse needs none.
bench-gpu: $(VENV)/installed-$(CUDA) $(BENCH_VENVS)/torch-cuda/installed
	$(BIN)/python benchmarks/gpu.py $(BENCH)

$(BENCH_VENVS)/torch-cuda/installed: benchmarks/requirements-torch-cuda.txt
	$(PYTHON) -m venv --clear $(@D)
	$(@D)/bin/pip install --quiet --requirement $<
	@touch $@

$(BENCH_VENVS)/torch/installed: benchmarks/requirements-torch.txt
	$(PYTHON) -m venv --clear $(@D)
	$(@D)/bin/pip install --quiet --requirement $<
	@touch $@

$(BENCH_VENVS)/chainer/installed: benchmarks/requirements-chainer.txt pyproject.toml build-constraints.txt
	$(PYTHON) -m venv --clear $(@D)
	$(@D)/bin/pip install --quiet --requirement $< --editable .
	@touch $@

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

install: $(VENV)/installed

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is older than Python 3.11; give another: make PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "$(PYTHON) cannot make virtual environments; on Debian and Ubuntu: sudo apt install python3-venv" >&2; \
		exit 2; }

$(VENV)/installed: $(SOURCES) | $(VENV)/bin/python
	$(BIN)/pip install --quiet --editable .
	@touch $@

$(VENV)/installed-dev: $(SOURCES) | $(VENV)/bin/python
	$(BIN)/pip install --quiet --editable .[dev]
	@touch $@ $(VENV)/installed

$(VENV)/installed-$(CUDA): $(SOURCES) | $(VENV)/bin/python
	$(BIN)/pip install --quiet --editable .[dev,$(CUDA)]
	@touch $@ $(VENV)/installed $(VENV)/installed-dev

clean:
	rm -rf $(VENV) $(BENCH_VENVS) build dist *.egg-info
