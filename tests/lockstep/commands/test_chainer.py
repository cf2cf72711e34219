"""`lockstep chainer`: old programs run as `python PROGRAM.py ARGS` would run them."""

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

OLD_PROGRAM = """
    import sys
    from collections import Iterable

    import numpy as np

    import chainer
    import chainer.functions as F
    import chainer.links as L
    from chainer import training
    from chainer.training import extensions

    from layers import HIDDEN


    class MLP(chainer.Chain):
        def __init__(self):
            super(MLP, self).__init__()
            with self.init_scope():
                self.l1 = L.Linear(None, HIDDEN)
                self.l2 = L.Linear(None, 2)

        def __call__(self, x):
            return self.l2(F.relu(self.l1(x)))


    def main():
        np.random.seed(0)
        assert isinstance(sys.argv, Iterable)
        x = np.random.rand(40, 3).astype(np.float32)
        t = (x.sum(axis=1) > 1.5).astype(np.int)
        train = chainer.datasets.TupleDataset(x, t.astype(np.int32))
        model = L.Classifier(MLP())
        optimizer = chainer.optimizers.Adam()
        optimizer.setup(model)
        updater = training.StandardUpdater(chainer.iterators.SerialIterator(train, 10), optimizer)
        trainer = training.Trainer(updater, (2, "epoch"), out=sys.argv[1])
        trainer.extend(extensions.Evaluator(chainer.iterators.SerialIterator(train, 10, False, False), model))
        trainer.extend(extensions.LogReport())
        trainer.extend(extensions.PrintReport(["epoch", "main/loss"]))
        trainer.extend(extensions.snapshot(filename="last.npz"), trigger=(2, "epoch"))
        trainer.run()


    if __name__ == "__main__":
        main()
    """


def lockstep_chainer(*arguments: str, folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run the command in a folder, and return what it said and how it ended."""
    command = [sys.executable, "-m", "lockstep", "chainer", *arguments]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )


def write(folder: Path, name: str, program: str) -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(dedent(program))
    return path


def test_an_old_program_trains_with_a_trainer(tmp_path: Path) -> None:
    write(tmp_path, "old/train.py", OLD_PROGRAM)
    write(tmp_path, "old/layers.py", "HIDDEN = 4")
    answer = lockstep_chainer("old/train.py", "out", folder=tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.splitlines()[0].split() == ["epoch", "main/loss"]
    assert (tmp_path / "out" / "last.npz").is_file()
    assert (tmp_path / "out" / "log").is_file()


def test_arguments_path_name_and_exit_code_are_the_programs_own(tmp_path: Path) -> None:
    source = """
        import os, sys
        print(__name__, __file__, sys.argv, os.path.samefile(sys.path[0], "old"))
        print(sorted({"backends", "lockstep", "harness", "scenarios", "numpy"} & set(sys.modules)))
        print([entry for entry in sys.path if "startup" in entry])
        sys.exit(7)
        """
    program = write(tmp_path, "old/say.py", source)
    answer = lockstep_chainer("old/say.py", "--help", "-x", "--", "y", folder=tmp_path)
    assert answer.returncode == 7
    printed = [f"__main__ {program} ['old/say.py', '--help', '-x', '--', 'y'] True", "[]", "[]"]
    assert answer.stdout.splitlines() == printed
    assert answer.stderr == ""


def test_a_traceback_is_the_programs_alone(tmp_path: Path) -> None:
    source = """
        import chainer

        def fail():
            raise ValueError("no data")

        fail()
        """
    program = write(tmp_path, "fail.py", source)
    answer = lockstep_chainer(str(program), folder=tmp_path)
    assert answer.returncode == 1
    lines = [line for line in answer.stderr.splitlines() if line.startswith(("  File", "ValueError"))]
    assert lines == [
        f'  File "{program}", line 7, in <module>',
        f'  File "{program}", line 5, in fail',
        "ValueError: no data",
    ]


def test_packages_of_the_program_are_not_hidden_by_lockstep_s(tmp_path: Path) -> None:
    write(tmp_path, "main.py", "import backends, scenarios, chainer; print(backends.MINE, scenarios.MINE)")
    write(tmp_path, "backends.py", "MINE = 1")
    write(tmp_path, "scenarios/__init__.py", "MINE = 2")
    # The command itself refuses to start beside them; from elsewhere the program finds its own.
    (tmp_path / "elsewhere").mkdir()
    answer = lockstep_chainer("../main.py", folder=tmp_path / "elsewhere")
    assert answer.stdout.split() == ["1", "2"], answer.stderr


def test_processes_that_the_program_starts_find_chainer_too(tmp_path: Path) -> None:
    source = """
        import subprocess, sys
        subprocess.run([sys.executable, "-c", "import chainer; print('child', chainer.__version__)"], check=True)
        """
    write(tmp_path, "parent.py", source)
    answer = lockstep_chainer("parent.py", folder=tmp_path)
    assert answer.stdout.startswith("child 7."), answer.stderr


def test_a_sitecustomize_of_ones_own_is_still_run(tmp_path: Path) -> None:
    write(tmp_path, "site/sitecustomize.py", "import builtins; builtins.customized = 'yes'")
    write(tmp_path, "main.py", "print(customized)")
    answer = lockstep_chainer("main.py", folder=tmp_path, PYTHONPATH=str(tmp_path / "site"))
    assert answer.stdout == "yes\n", answer.stderr


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("trian.py", "lockstep: there is no program trian.py; did you mean 'train.py'?"),
        ("old", "lockstep: old is a folder: name the program in it that is to run"),
    ],
)
def test_what_is_no_program_is_refused(program: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    write(tmp_path, "train.py", "")
    answer = lockstep_chainer(program, folder=tmp_path)
    assert (answer.returncode, answer.stderr.strip(), answer.stdout) == (2, said, "")
