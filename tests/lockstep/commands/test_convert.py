"""`lockstep convert`: weights of one framework's file for a model of the other's."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from backends.compatibility.chainer import import_chainer
from harness.converting.models import load_model
from tests.harness.converting.models import CHAINER, TORCH
from tests.lockstep.commands.commands import Answer, Lockstep

chainer = import_chainer()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with both files of models, which the command is run in."""
    (tmp_path / "old.py").write_text(CHAINER)
    (tmp_path / "new.py").write_text(TORCH)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def saved(name: str, file: str = "old.npz") -> Any:
    """A link of old.py, saved with random weights and statistics."""
    link = load_model(f"old.py:{name}").live._link  # type: ignore[attr-defined]
    drawn = np.random.default_rng(0)
    if name == "Digits":
        with chainer.using_config("train", True):
            link(drawn.normal(size=(4, 3, 4, 4)).astype(np.float32))
    for parameter in link.params():
        parameter.array[...] = drawn.normal(0.3, 0.5, parameter.shape)
    chainer.serializers.save_npz(file, link)
    return link


def said_by(answer: Answer) -> str:
    return answer.stdout + answer.stderr


def test_a_convolutional_net_is_converted_there_and_back(folder: Path, lockstep: Lockstep) -> None:
    saved("Digits")
    there = lockstep(
        "convert", "old.npz", "new.py:Digits", "-o", "new.pt", "--check", "old.py:Digits", "--input", "2,3,4,4"
    )
    assert there.exit_code == 0, said_by(there)
    assert "the models agree on an input of shape (2, 3, 4, 4)" in said_by(there)
    back = lockstep("convert", "new.pt", "old.py:Digits", "-o", "back.npz")
    assert back.exit_code == 0, said_by(back)
    with np.load("old.npz") as before, np.load("back.npz") as after:
        assert set(before.files) == set(after.files)
        for key in before.files:
            np.testing.assert_array_equal(after[key], before[key], err_msg=key)
    again = load_model("old.py:Digits").live._link  # type: ignore[attr-defined]
    chainer.serializers.load_npz("back.npz", again)


def test_links_in_sequence_are_the_layers_of_one_module(folder: Path, lockstep: Lockstep) -> None:
    saved("Words")
    there = lockstep("convert", "old.npz", "new.py:Words", "-o", "new.safetensors", "--check", "old.py:Words")
    assert there.exit_code == 0, said_by(there)
    assert "trained, the two together move twice as far as b" in said_by(there)
    back = lockstep("convert", "new.safetensors", "old.py:Words", "-o", "back.npz", "--check", "new.py:Words")
    assert back.exit_code == 0, said_by(back)
    assert "b is bias_ih + bias_hh" in said_by(back)


def test_a_setting_that_differs_is_seen_and_nothing_is_written(folder: Path, lockstep: Lockstep) -> None:
    saved("Digits")
    target = "new.py:with_the_default_eps"
    answer = lockstep("convert", "old.npz", target, "-o", "new.pt", "--check", "old.py:Digits", "--input", "2,3,4,4")
    assert answer.exit_code == 1
    assert "the models differ" in said_by(answer)
    assert "a setting or a call differs, such as the eps of batch normalisation" in said_by(answer)
    assert not Path("new.pt").exists()


def test_weights_with_nan_can_not_be_checked(folder: Path, lockstep: Lockstep) -> None:
    link = saved("Twins")
    next(link.params()).array[...] = np.nan
    chainer.serializers.save_npz("old.npz", link)
    maps = ["--map", "mu=mean", "--map", "ln_sigma=log_variance"]
    answer = lockstep("convert", "old.npz", "new.py:Twins", "-o", "new.pt", *maps, "--check", "old.py:Twins")
    assert answer.exit_code == 1
    assert "can't be compared" in said_by(answer)
    assert "there is NaN in what they return" in said_by(answer)
    assert not Path("new.pt").exists()


def test_twins_have_to_be_told_apart(folder: Path, lockstep: Lockstep) -> None:
    saved("Twins")
    refused = lockstep("convert", "old.npz", "new.py:Twins", "-o", "new.pt")
    assert refused.exit_code == 2
    assert "ln_sigma, mu could be any of mean, log_variance: say which is which" in said_by(refused)
    assert not Path("new.pt").exists()
    maps = ["--map", "mu=mean", "--map", "ln_sigma=log_variance"]
    answer = lockstep("convert", "old.npz", "new.py:Twins", "-o", "new.pt", *maps, "--check", "old.py:Twins")
    assert answer.exit_code == 0, said_by(answer)
    swapped = ["--map", "mu=log_variance", "--map", "ln_sigma=mean"]
    wrong = lockstep("convert", "old.npz", "new.py:Twins", "-o", "wrong.pt", *swapped, "--check", "old.py:Twins")
    assert wrong.exit_code == 1


def test_the_order_in_a_sequential_is_asked_of_the_original(folder: Path, lockstep: Lockstep) -> None:
    saved("Stacked")
    refused = lockstep("convert", "old.npz", "new.py:Stacked", "-o", "new.pt")
    assert refused.exit_code == 2
    assert "0, 1, 2 could be any of 0, 2, 4" in said_by(refused)
    assert "a Sequential doesn't number its links in order" in said_by(refused)
    there = lockstep("convert", "old.npz", "new.py:Stacked", "-o", "new.pt", "--check", "old.py:Stacked")
    assert there.exit_code == 0, said_by(there)
    back = lockstep("convert", "new.pt", "old.py:Stacked", "-o", "back.npz", "--check", "new.py:Stacked")
    assert back.exit_code == 0, said_by(back)
    with np.load("old.npz") as before, np.load("back.npz") as after:
        assert all(np.array_equal(before[key], after[key]) for key in before.files)


def test_the_predictor_of_a_classifier_is_checked_alone(folder: Path, lockstep: Lockstep) -> None:
    link = saved("Scaled")
    chainer.serializers.save_npz("old.npz", chainer.links.Classifier(link))
    answer = lockstep("convert", "old.npz", "new.py:Scaled", "-o", "new.pt", "--check", "old.py:Scaled")
    assert answer.exit_code == 0, said_by(answer)


def test_weights_of_one_s_own_are_copied_and_said(folder: Path, lockstep: Lockstep) -> None:
    saved("Scaled")
    answer = lockstep("convert", "old.npz", "new.py:Scaled", "-o", "new.pt", "--check", "old.py:Scaled")
    assert answer.exit_code == 0, said_by(answer)
    assert "scale: copied as it is" in said_by(answer)


def test_a_gru_is_refused_by_name(folder: Path, lockstep: Lockstep) -> None:
    saved("Gated")
    answer = lockstep("convert", "old.npz", "new.py:Gated", "-o", "new.pt")
    assert answer.exit_code == 2
    assert "Chainer's StatelessGRU has no counterpart: it resets the state before the matrix product" in said_by(answer)
    assert "gru.weight_ih (15, 4)" in said_by(answer)


def test_what_fits_nothing_is_listed_and_left_out_only_if_asked(folder: Path, lockstep: Lockstep) -> None:
    saved("Scaled")
    with np.load("old.npz") as archive:
        np.savez("more.npz", **{**archive, "aux/W": np.ones((7, 7), np.float32)})
    refused = lockstep("convert", "more.npz", "new.py:Scaled", "-o", "new.pt")
    assert refused.exit_code == 2
    assert "only in the file:\n    aux/W (7, 7)" in said_by(refused)
    answer = lockstep("convert", "more.npz", "new.py:Scaled", "-o", "new.pt", "--allow-missing")
    assert answer.exit_code == 0
    assert "left out, without a place in the model: aux/W (7, 7)" in said_by(answer)
    assert set(torch.load("new.pt", weights_only=True)) == {"fc.weight", "fc.bias", "scale"}


def test_a_trainer_s_snapshot_is_read(folder: Path, lockstep: Lockstep) -> None:
    link = saved("Scaled")
    classifier = chainer.links.Classifier(link)
    optimizer = chainer.optimizers.Adam().setup(classifier)
    data = [(np.ones(4, np.float32), np.int32(0))] * 4
    updater = chainer.training.StandardUpdater(chainer.iterators.SerialIterator(data, 2), optimizer)
    trainer = chainer.training.Trainer(updater, (1, "iteration"), out=".")
    trainer.extend(chainer.training.extensions.snapshot(filename="snapshot_iter_1"), trigger=(1, "iteration"))
    trainer.run()
    answer = lockstep("convert", "snapshot_iter_1", "new.py:Scaled", "-o", "new.pt", "--optimizer", "adam")
    assert answer.exit_code == 0, said_by(answer)
    assert "note: adam: Chainer adds eps before v's bias is corrected" in answer.stdout
    module = load_model("new.py:Scaled").live._module  # type: ignore[attr-defined]
    module.load_state_dict(torch.load("new.pt", weights_only=True))
    np.testing.assert_array_equal(module.fc.weight.detach().numpy(), link.fc.W.array)
    np.testing.assert_array_equal(module.scale.detach().numpy(), link.scale.array)
    successor = torch.optim.Adam(module.parameters(), lr=0.3)
    successor.load_state_dict({**successor.state_dict(), **torch.load("new.optimizer.pt", weights_only=True)})
    assert successor.param_groups[0]["lr"] == 0.3
    for weight, old in ((module.fc.weight, link.fc.W), (module.fc.bias, link.fc.b), (module.scale, link.scale)):
        kept = successor.state[weight]
        np.testing.assert_array_equal(kept["exp_avg"].numpy(), old.update_rule.state["m"])
        np.testing.assert_array_equal(kept["exp_avg_sq"].numpy(), old.update_rule.state["v"])
        assert kept["step"] == old.update_rule.t == 1


def test_an_optimizer_of_pytorch_s_comes_back(folder: Path, lockstep: Lockstep) -> None:
    module = load_model("new.py:Scaled").live._module  # type: ignore[attr-defined]
    optimizer = torch.optim.Adam(module.parameters(), eps=1e-7)
    module(torch.ones(2, 4)).sum().backward()
    optimizer.step()
    torch.save(module.state_dict(), "new.pt")
    torch.save({"optimizers": [optimizer.state_dict()], "epoch": 1}, "optimizer.pt")
    to = ["convert", "new.pt", "old.py:Scaled", "-o", "back.npz", "--optimizer", "adam"]
    refused = lockstep(*to)
    assert refused.exit_code == 2
    assert "name the file that it is in with --optimizer-file" in said_by(refused)
    answer = lockstep(*to, "--optimizer-file", "optimizer.pt")
    assert answer.exit_code == 0, said_by(answer)
    assert "note: adam: in Chainer, optimizers.Adam(alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-07)" in answer.stdout
    link = load_model("old.py:Scaled").live._link  # type: ignore[attr-defined]
    chainer.serializers.load_npz("back.npz", link)
    successor = chainer.optimizers.Adam().setup(link)
    chainer.serializers.load_npz("back.optimizer.npz", successor)
    kept = optimizer.state[module.fc.weight]
    np.testing.assert_array_equal(link.fc.W.update_rule.state["v"], kept["exp_avg_sq"].numpy())
    assert successor.t == link.scale.update_rule.t == 1


def files_in(folder: Path) -> list[str]:
    """The files in a folder, but for what Python keeps compiled."""
    return sorted(path.name for path in folder.iterdir() if path.name != "__pycache__")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["old.npz", "new.py:Sized", "-o", "new.pt"], 2, "needs n_units: write a function in new.py"),
        (["old.npz", "new.py:Failing", "-o", "new.pt"], 5, "Failing raised RuntimeError, line"),
        (["old.npz", "new.py:NUMBER", "-o", "new.pt"], 2, "NUMBER of new.py gives int, which is no model"),
        (["old.npz", "new.py:Twin", "-o", "new.pt"], 2, "new.py has no 'Twin'; did you mean 'Twins'?"),
        (["old.npz", "new.py", "-o", "new.pt"], 2, "new.py defines Digits, Words, Twins"),
        (["old.npz", "new:Twins", "-o", "new.pt"], 2, "is no model: write FILE.py:NAME"),
        (["old.npz", "new.py:Twins", "-o", "new.npz"], 2, "are written to .pt or .pth or .safetensors"),
        (["old.npz", "old.py:Twins", "-o", "new.npz"], 2, "of the same framework"),
        (["none.npz", "new.py:Twins", "-o", "new.pt"], 2, "can't read none.npz: No such file"),
        (["old.py", "new.py:Twins", "-o", "new.pt"], 2, "old.py is no file of weights"),
        (["old.npz", "new.py:Twins", "-o", "no/new.pt"], 2, "there is no folder no"),
        (
            ["old.npz", "new.py:Twins", "-o", "new.pt", "--map", "mu"],
            2,
            "write a layer of the file and one of the model",
        ),
        (
            ["old.npz", "new.py:Twins", "-o", "new.pt", "--map", "ln_sigm=mean"],
            2,
            "the file has no layer 'ln_sigm'; did you mean 'ln_sigma'",
        ),
        (
            ["old.npz", "new.py:Words", "-o", "new.pt", "--map", "mu=l3"],
            2,
            "mu can't be l3: the one has W (3, 4), b (3,)",
        ),
        (["old.npz", "new.py:Twins", "-o", "new.pt", "--input", "2"], 2, "--input is for --check"),
        (
            ["old.npz", "new.py:Twins", "-o", "new.pt", "--check", "old.py:Twins", "--input", "²,3"],
            2,
            "--input ²,3: write the sizes of all axes",
        ),
        (
            [
                *("old.npz", "new.py:Twins", "-o", "new.pt", "--map", "mu=mean", "--map", "ln_sigma=log_variance"),
                *("--check", "old.py:Twins", "--input", "9999999999,9999999"),
            ],
            2,
            "an input of shape (9999999999, 9999999) is too large",
        ),
        (
            ["old.npz", "new.py:Scaled", "-o", "new.pt", "--optimizer", "adam", "--lr", "1"],
            2,
            "--lr is for --optimizer momentum_sgd",
        ),
        (["old.npz", "new.py:Twins", "-o", "new.pt", "--model", "main"], 2, "no Trainer's snapshot"),
        (
            ["old.npz", "new.py:Twins", "-o", "new.pt", "--optimizer-file", "o.pt"],
            2,
            "--optimizer-file is for --optimizer",
        ),
        (
            ["old.npz", "new.py:Scaled", "-o", "new.pt", "--optimizer", "adam", "--optimizer-file", "o.pt"],
            2,
            "--optimizer-file is for PyTorch's optimizers",
        ),
        (["old.npz", "new.py:Scaled", "-o", "new.pt", "--lr", "1"], 2, "--lr is for --optimizer momentum_sgd"),
    ],
)
def test_what_is_wrong_is_said(arguments: list[str], code: int, said: str, folder: Path, lockstep: Lockstep) -> None:
    saved("Twins")
    before = files_in(folder)
    answer = lockstep("convert", *arguments)
    assert answer.exit_code == code, said_by(answer)
    assert said in " ".join(said_by(answer).split())
    assert files_in(folder) == before
