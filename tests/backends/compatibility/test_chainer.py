"""Chainer imports and trains on today's stack, and nothing of its stand-ins is left in the process."""

import subprocess
import sys
from textwrap import dedent

import pytest


def run_alone(program: str) -> str:
    """Run a program in a process of its own, warnings as errors, and return what it printed."""
    command = [sys.executable, "-W", "error", "-c", dedent(program)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_chainer_trains_with_numpy_2_and_without_pkg_resources() -> None:
    printed = run_alone(
        """
        import sys
        sys.modules["pkg_resources"] = None  # importing it fails, as on a stack without it
        import numpy as np
        assert int(np.__version__.split(".")[0]) >= 2
        from backends.compatibility.chainer import import_chainer
        chainer = import_chainer()
        model = chainer.Chain()
        with model.init_scope():
            model.w = chainer.Parameter(np.ones((3, 2), np.float32))
        optimizer = chainer.optimizers.SGD(lr=0.1).setup(model)
        x = np.arange(6, dtype=np.float32).reshape(2, 3)
        losses = []
        for _ in range(2):
            loss = chainer.functions.mean_squared_error(chainer.functions.matmul(x, model.w), x[:, :2])
            losses.append(float(loss.array))
            model.cleargrads()
            loss.backward()
            optimizer.update()
        assert losses[1] != losses[0]
        assert sys.modules["pkg_resources"] is None
        for gone in ("sctypes", "float"):
            assert not hasattr(np, gone), gone
        print("trained", chainer.__version__)
        """
    )
    assert printed.startswith("trained 7.8")


def test_the_parts_of_chainer_that_read_old_numpy_names_work() -> None:
    run_alone(
        """
        import numpy as np
        from backends.compatibility.chainer import import_chainer
        F = import_chainer().functions
        chainer = import_chainer()
        image = chainer.Variable(np.ones((1, 1, 4, 4), np.float32))
        assert F.resize_images(image, (2, 2)).shape == (1, 1, 2, 2)
        x = chainer.Variable(np.arange(4, dtype=np.float32))
        strided = F.as_strided(x, (2, 2), (1, 1))
        strided.grad = np.ones((2, 2), np.float32)
        strided.backward()
        assert x.grad.tolist() == [1, 2, 1, 0]
        """
    )


def test_nothing_is_touched_where_nothing_is_missing() -> None:
    """On an old stack, played here by complete modules, Chainer meets the real ones."""
    printed = run_alone(
        """
        import sys, types
        import numpy as np
        import backends.compatibility.chainer as compatibility
        real = compatibility._without_any_distribution()
        sys.modules["pkg_resources"] = real
        np.sctypes = {"int": [np.int64], "float": [np.float64]}
        np.float = float
        chainer = compatibility.import_chainer()
        from chainer import _environment_check
        from chainer.functions.array import as_strided
        print(_environment_check.pkg_resources is real, as_strided.np is np, np.float is float)
        """
    )
    assert printed.split() == ["True", "True", "True"]


def test_a_missing_chainer_is_an_import_error() -> None:
    with pytest.raises(AssertionError, match="ImportError: Chainer is not installed"):
        run_alone(
            """
            import importlib.util
            find_spec = importlib.util.find_spec
            importlib.util.find_spec = lambda name, *rest: None if name == "chainer" else find_spec(name, *rest)
            from backends.compatibility.chainer import import_chainer
            import_chainer()
            """
        )


def test_every_part_of_chainer_can_be_imported_later() -> None:
    printed = run_alone(
        """
        import importlib, pkgutil, sys, warnings
        sys.modules["pkg_resources"] = None  # importing it fails, as on a stack without it
        import numpy as np
        from lockstep import import_chainer
        chainer = import_chainer()
        warnings.simplefilter("ignore")  # of old libraries that parts of Chainer import
        for part in pkgutil.walk_packages(chainer.__path__, "chainer.", onerror=lambda name: None):
            try:
                importlib.import_module(part.name)
            except Exception as error:
                print(part.name, type(error).__name__, error.args[0].splitlines()[0])
        assert sys.modules["pkg_resources"] is None
        for gone in ("sctypes", "float"):
            assert not hasattr(np, gone), gone
        """
    )
    assert printed == ""


def test_a_caffe_model_is_written_and_read() -> None:
    run_alone(
        """
        import tempfile, warnings
        from pathlib import Path
        import numpy as np
        import lockstep.chainer
        import chainer
        import chainer.functions as F
        import chainer.links as L
        from chainer.exporters import caffe
        from chainer.links.caffe import CaffeFunction

        class Net(chainer.Chain):
            def __init__(self):
                super().__init__()
                with self.init_scope():
                    self.conv = L.Convolution2D(3, 4, 3)
                    self.fc = L.Linear(16, 2)

            def forward(self, x):
                return self.fc(F.relu(self.conv(x)))

        net = Net()
        x = np.random.RandomState(0).normal(size=(1, 3, 4, 4)).astype(np.float32)
        warnings.simplefilter("ignore")  # Chainer calls the exporter experimental
        with tempfile.TemporaryDirectory() as folder, chainer.using_config("train", False):
            caffe.export(net, [chainer.Variable(x)], folder)
            (model,) = Path(folder).glob("*.caffemodel")
            read = CaffeFunction(str(model))
        (name,) = [name for name in read.__dict__ if name.startswith("Linear")]
        np.testing.assert_array_equal(read[name].W.array, net.fc.W.array)
        (y,) = read(inputs={"data": x}, outputs=[name])
        np.testing.assert_allclose(y.array, net(x).array, rtol=1e-5)
        """
    )


def test_chainer_can_be_imported_as_ever_after_lockstep_chainer() -> None:
    printed = run_alone(
        """
        import sys
        import lockstep.chainer
        assert "numpy" not in sys.modules
        import chainer
        import numpy as np
        from chainer.training import extensions
        print(chainer.__version__, extensions.Evaluator.__name__, hasattr(np, "float"))
        """
    )
    assert printed.split() == ["7.8.1", "Evaluator", "False"]


def test_chainer_testing_checks_gradients_and_versions() -> None:
    run_alone(
        """
        import warnings
        import numpy as np
        from lockstep import import_chainer
        import_chainer()
        import chainer.testing
        from chainer import gradient_check
        x = np.array([[1.0, -2.0, 3.0]])
        gradient_check.check_backward(chainer.functions.tanh, x, np.ones_like(x), dtype="d")
        try:
            gradient_check.check_backward(lambda x: x + chainer.functions.tanh(x.array), x, np.ones_like(x), dtype="d")
        except AssertionError:
            pass
        else:
            raise SystemExit("a wrong gradient passed")
        requires = lambda text: chainer.testing.with_requires(text)(type("T", (), {}))
        assert not hasattr(requires("numpy>=1.10"), "__unittest_skip__")
        assert requires("numpy>=99").__unittest_skip__
        assert requires("no-such-package").__unittest_skip__
        """
    )
