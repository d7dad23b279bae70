"""Each mend: what happens without it, and with it."""

import json
import re
import types
import warnings

import chainer
import h5py
import numpy as np
import pytest
from chainer import gradient_check

from illust_gan.compat import nccl_warning
from illust_gan.nets import rezoolab
from tests.golden_run import GOLDEN

# mend, code, last line of the error without it, what the code prints with it
CASES = {
    "environment_check": (
        """
        import sys
        # As in an environment that is new throughout.
        sys.modules["numpy.distutils"] = sys.modules["pkg_resources"] = None
        import chainer
        chainer._environment_check.check()
        print("checked")
        """,
        "ModuleNotFoundError: ",
        "checked",
    ),
    "as_strided": (
        """
        import chainer.functions as F, chainer, numpy as np
        x = chainer.Variable(np.arange(4, dtype="f"))
        F.sum(F.as_strided(x, (3, 2), (1, 1), 0)).backward()
        print(x.grad.tolist())
        """,
        "AttributeError: `np.sctypes` was removed",
        "[1.0, 2.0, 2.0, 1.0]",
    ),
    "resize_images": (
        """
        import chainer.functions as F, numpy as np
        print(F.resize_images(np.ones((1, 1, 2, 2), "f"), (3, 3)).shape)
        """,
        "numpy.org/devdocs/release/1.20.0-notes|no attribute 'float'",
        "(1, 1, 3, 3)",
    ),
    "deconvolution_2d": (
        """
        import chainer.functions as F, chainer, numpy as np
        W = chainer.Parameter(np.ones((2, 3, 4, 4), "f"))
        y = F.deconvolution_2d(np.ones((1, 2, 4, 4), "f"), W, stride=2, pad=1)
        F.sum(y).backward()
        print(W.grad.shape, float(W.grad[0, 0, 0, 0]), float(W.grad[0, 0, 1, 1]))
        """,
        "(TypeError|ValueError|AttributeError): ",
        "(2, 3, 4, 4) 9.0 16.0",
    ),
    "debug_print": (
        """
        import chainer, numpy as np
        print([l for l in chainer.Variable(np.ones(1)).debug_print().splitlines() if "dev" in l])
        """,
        None,
        "['- device: CPU']",
    ),
    "convert": (
        """
        from chainer.dataset import concat_examples
        import numpy as np
        print(concat_examples([np.ones(1), np.ones(3)], padding=0).tolist())
        """,
        "DeprecationWarning: ",
        "[[1.0, 0.0, 0.0], [1.0, 1.0, 1.0]]",
    ),
    "multiprocess_iterator": (
        """
        import chainer
        if __name__ == "__main__":
            it = chainer.iterators.MultiprocessIterator([1, 2], 2, n_processes=1, shuffle=False,
                                                        shared_mem=100)
            try:
                print(it.next())
            finally:
                it._prefetch_loop.thread or it._prefetch_loop._pool.terminate()
                it.finalize()
        """,
        "DeprecationWarning: setDaemon",
        "[1, 2]",
    ),
    "optimizer": (
        """
        import chainer, numpy as np
        from chainer import serializers
        net = chainer.links.Linear(2, 2)
        state = {"t": np.asarray(7), "epoch": np.asarray(1)}
        for name in ("W", "b"):
            for moment in ("m", "v"):
                state[f"{name}/{moment}"] = np.full_like(getattr(net, name).array, 0.5)
        optimizer = chainer.optimizers.Adam().setup(net)
        serializers.NpzDeserializer(state).load(optimizer)
        rule = net.W.update_rule
        print(optimizer.t, rule.t, net.b.update_rule.t, float(rule.state["m"][0, 0]))
        """,
        "KeyError: 'W/t'",
        "7 7 7 0.5",
    ),
    "hdf5": (
        """
        import chainer, h5py, numpy as np
        with h5py.File("x.h5", "w") as f:
            f["text"], f["number"] = "rezoolab 顔", np.ones(1, "i")
        with h5py.File("x.h5", "r") as f:
            read = chainer.serializers.HDF5Deserializer(f)
            print(read("text", ""), read("number", 0) + 1)
        """,
        "TypeError: only 0-dimensional arrays|^b'",
        "rezoolab 顔 2",
    ),
    "npz": (
        """
        import chainer, numpy as np
        read = chainer.serializers.NpzDeserializer({"number": np.ones(1)})
        print(read("number", 0.0) + 1)
        """,
        "TypeError: only 0-dimensional arrays",
        "2.0",
    ),
    "testing_helper": (
        """
        import sys, unittest
        sys.modules["pkg_resources"] = None
        from chainer import gradient_check, testing

        class T(unittest.TestCase):
            @testing.with_requires("numpy>=1.10", "chainer<8; python_version>'3'")
            def met(self): pass
            @testing.with_requires("numpy<1.10")
            def too_new(self): pass
            @testing.with_requires("no-such-distribution")
            def missing(self): pass

        print([hasattr(getattr(T, name), "__unittest_skip__") and getattr(T, name).__unittest_skip__
               for name in ("met", "too_new", "missing")])
        """,
        "ModuleNotFoundError: ",
        "[False, True, True]",
    ),
    "plot_report": (
        """
        import chainer, numpy as np
        from chainer import training
        from chainer.training import extensions

        def make(n):
            class Updater(training.updaters.StandardUpdater):
                def update_core(self):
                    chainer.report({"loss": float(self.iteration)})
            net = chainer.Chain()
            optimizer = chainer.optimizers.SGD().setup(net)
            iterator = chainer.iterators.SerialIterator([0], 1)
            trainer = training.Trainer(Updater(iterator, optimizer), (n, "iteration"), out=".")
            plot = extensions.PlotReport(["loss"], "iteration", trigger=(4, "iteration"))
            trainer.extend(plot)
            trainer.extend(extensions.snapshot(), trigger=(n, "iteration"))
            return trainer, plot

        trainer, _ = make(6)
        trainer.run()
        trainer, plot = make(12)
        chainer.serializers.load_npz("snapshot_iter_6", trainer)
        trainer.run()
        print([tuple(point) for point in plot._data["loss"]])
        """,
        None,
        "[(4, 1.5), (8, 5.5), (12, 9.5)]",
    ),
}


@pytest.mark.parametrize("mend", sorted(CASES))
def test_mend(python, mend):
    code, error, expected = CASES[mend]
    assert python(code) == expected
    broken = python(code, without=mend)
    assert broken != expected
    if error is not None:
        assert re.search(error, broken), broken


def test_optimizer_state_that_chainer_1_24_wrote():
    file = GOLDEN / "rezoolab-trainer-snapshot-chainer1.24.0"
    optimizer = chainer.optimizers.Adam().setup(rezoolab.Generator())
    chainer.serializers.load_npz(file, optimizer, path="updater/optimizer:gen/")
    with np.load(file) as npz:
        t = int(npz["updater/optimizer:gen/t"])
        assert t == optimizer.t > 0
        for name, param in optimizer.target.namedparams():
            assert param.update_rule.t == t
            for moment in ("m", "v"):
                np.testing.assert_array_equal(
                    param.update_rule.state[moment], npz[f"updater/optimizer:gen{name}/{moment}"]
                )


@pytest.mark.parametrize("elsewhere", ["link", "soft link", "storage", "virtual"])
def test_load_hdf5_stays_in_its_file(tmp_path, elsewhere):
    net = chainer.links.Linear(2, 2)
    chainer.serializers.save_hdf5(tmp_path / "secret.h5", net)
    chainer.serializers.load_hdf5(tmp_path / "secret.h5", net)
    (tmp_path / "secret.bin").write_bytes(bytes(8))
    with h5py.File(tmp_path / "x.h5", "w") as f:
        f["W"] = np.zeros((2, 2), "f")
        if elsewhere == "link":
            f["b"] = h5py.ExternalLink("secret.h5", "/b")
        elif elsewhere == "soft link":
            f["b"] = h5py.SoftLink("/W")
        elif elsewhere == "storage":
            f.create_dataset("b", (2,), "f", external=[(tmp_path / "secret.bin", 0, 8)])
        else:
            layout = h5py.VirtualLayout((2,), "f")
            layout[:] = h5py.VirtualSource(tmp_path / "secret.h5", "b", (2,))
            f.create_virtual_dataset("b", layout)
    with pytest.raises(ValueError, match=r"x\.h5 is refused: its b (is a link|lies in another)"):
        chainer.serializers.load_hdf5(tmp_path / "x.h5", net)


def test_plot_of_an_unmended_chainer(tmp_path):
    points = {"loss": [[4, 1.5]]}
    np.savez(tmp_path / "plot.npz", **{"_plot_plot.png": json.dumps(points)})
    plot = chainer.training.extensions.PlotReport(["loss"], trigger=(4, "iteration"))
    chainer.serializers.load_npz(tmp_path / "plot.npz", plot)
    assert plot._data == points


@pytest.mark.parametrize("use_cover_all", [False, True])
def test_gradients_of_the_mended_deconvolution(use_cover_all):
    rng = np.random.RandomState(0)
    x = rng.normal(size=(2, 3, 4, 4))
    W = chainer.Parameter(rng.normal(size=(3, 2, 4, 4)))
    # 9 is one more than the usual size: the convolution back has to cover all.
    outsize = (9, 9) if use_cover_all else None

    def f(W):
        return chainer.functions.deconvolution_2d(x, W, stride=2, pad=1, outsize=outsize)

    gy = rng.normal(size=f(W).shape)
    gradient_check.check_backward(f, (W.array,), gy, rtol=1e-6, atol=1e-6)


def test_reports_that_are_no_scalars_never_reach_float(tmp_path):
    """log_report.py:97 and plot_report.py:157 need no mend: reporter.py:368 keeps these out."""
    trainer = types.SimpleNamespace(
        observation={"loss": np.float32(2), "shape (1,)": np.ones(1)},
        out=str(tmp_path),
        is_before_training=False,
        elapsed_time=1.0,
        updater=types.SimpleNamespace(epoch=0, iteration=1, epoch_detail=0.5, is_new_epoch=False),
    )
    trigger = (1, "iteration")
    report = chainer.training.extensions.LogReport(trigger=trigger)
    report(trainer)
    assert report.log == [{"loss": 2.0, "epoch": 0, "iteration": 1, "elapsed_time": 1.0}]
    plot = chainer.training.extensions.PlotReport(
        ["loss", "shape (1,)"], "iteration", trigger=trigger, filename="plot.png"
    )
    plot(trainer)
    assert (tmp_path / "plot.png").exists()


def test_other_functions_keep_the_real_numpy():
    from chainer.functions.array import resize_images

    assert resize_images.numpy is np
    assert chainer.dataset.convert.numpy is np


def test_nccl_is_not_missed_before_it_is_wanted(python):
    pytest.importorskip("cupy", reason="CuPy is not installed")
    code = """
    import warnings
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        import chainer
    print([str(warning.message).split()[0] for warning in seen])
    """
    assert python(code) == "[]"
    found = "from cupy.cuda import nccl; print(nccl.available)"
    if python(found, warnings="ignore") == "False":
        assert python(code, without="nccl_warning") == "['nccl']"


def test_other_warnings_pass_while_nccl_is_kept_quiet():
    with nccl_warning.before():
        # The text is that of CuPy 14.2, cupy/_environment.py:592.
        warnings.warn("\nnccl library could not be loaded.\n", stacklevel=1)
        with pytest.raises(UserWarning, match="cutensor"):
            warnings.warn("\ncutensor library could not be loaded.\n", stacklevel=1)


def test_cudnn_is_none_under_a_cupy_without_it(python):
    pytest.importorskip(
        "cupy_backends.cuda.libs.cublas",
        reason="CuPy or its CUDA libraries are not installed",
        exc_type=ImportError,
    )
    code = """
    import chainer
    from chainer.backends import cuda
    print(cuda.available, getattr(cuda, "cudnn", "unbound"), cuda.check_cuda_available())
    """
    assert python(code) == "True None None"
    assert (
        python(code, without="cuda")
        == "(see https://docs-cupy.chainer.org/en/stable/install.html#install-cudnn)."
    )
