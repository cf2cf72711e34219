"""What a scenario passes to an op: tensors, and settings of the right names and types."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from backends import numpy_manual
from harness.errors import InputError
from harness.recording.arguments import tensors_and_settings
from harness.recording.handles.handle import Handle

X, W = Handle("x", (4, 6)), Handle("w", (6, 6))


def refused(op: str, *tensors: Any, **settings: Any) -> str:
    with pytest.raises(InputError) as refusal:
        tensors_and_settings(op, getattr(numpy_manual, op), tensors, settings)
    return str(refusal.value)


@pytest.mark.parametrize(
    ("op", "settings", "said"),
    [
        ("leaky_relu", {"slop": 0.1}, "op.leaky_relu(x, *, slope) has no slop; did you mean 'slope'?"),
        ("leaky_relu", {"alpha": 0.1}, "op.leaky_relu(x, *, slope) has no alpha; it needs slope"),
        ("group_norm", {"group": 2, "eps": 1e-5}, "has no group; did you mean 'groups'?"),
        ("reduce_sum", {"dim": 1}, "op.reduce_sum(x, *, axis=None, keepdims=False) has no dim"),
        ("reduce_sum", {"axes": 1}, "has no axes; did you mean 'axis'?"),
        ("max_pool2d", {"kernel": 2, "stride": 2}, "has no kernel; it needs window"),
        ("leaky_relu", {}, "op.leaky_relu(x, *, slope): missing a required "),
        ("leaky_relu", {"slope": "0.1"}, "op.leaky_relu(x, *, slope): slope must be a number, not '0.1'"),
        ("leaky_relu", {"slope": float("nan")}, "slope must be a number, not nan"),
        ("leaky_relu", {"slope": W}, "slope is a setting and can't be a tensor, w (6, 6)"),
        ("leaky_relu", {"slope": True}, "slope must be a number, not True"),
        ("conv2d", {"stride": 1.5}, "stride must be a whole number or a tuple of whole numbers, not 1.5"),
        ("slice_axis", {"start": 0, "stop": 2.0, "axis": 1}, "stop must be a whole number, not 2.0"),
        ("select", {"index": None, "axis": 1}, "index must be a whole number, not None"),
        ("pad", {"widths": 1}, "widths must be a tuple with a tuple of whole numbers in each place, not 1"),
        ("pad", {"widths": (1, 2)}, "widths must be a tuple with a tuple of whole numbers in each place, not (1, 2)"),
        ("reshape", {"shape": 8}, "shape must be a tuple of whole numbers, not 8"),
        ("reshape", {"shape": (2, 4.0)}, "shape must be a tuple of whole numbers, not (2, 4.0)"),
        ("reduce_sum", {"axis": 1.0}, "axis must be a whole number, a tuple of whole numbers or None, not 1.0"),
        ("reduce_sum", {"keepdims": 1}, "keepdims must be True or False, not 1"),
        ("split", {"sections": "2", "axis": 0}, "sections must be a whole number or a tuple of whole numbers, not '2'"),
        ("weighted_softmax_cross_entropy", {"class_weight": 2.0}, "class_weight must be a tuple of numbers, not 2.0"),
    ],
)
def test_settings_that_are_none(op: str, settings: dict[str, Any], said: str) -> None:
    count = {"conv2d": 3, "group_norm": 3, "weighted_softmax_cross_entropy": 2}.get(op, 1)
    assert said in refused(op, *[X] * count, **settings)


def test_a_setting_by_position() -> None:
    said = "op.leaky_relu(x, *, slope): too many positional arguments; pass the setting 0.1 by its name"
    assert refused("leaky_relu", X, 0.1) == said


@pytest.mark.parametrize(
    ("op", "given", "kept"),
    [
        ("leaky_relu", {"slope": 1}, {"slope": 1}),
        ("leaky_relu", {"slope": np.float32(0.5)}, {"slope": 0.5}),
        ("reduce_sum", {"axis": [0, np.int64(1)]}, {"axis": [0, 1]}),
        ("reduce_sum", {"axis": None}, {"axis": None}),
        ("clipped_relu", {"ceiling": float("inf")}, {"ceiling": float("inf")}),
    ],
)
def test_settings_that_fit(op: str, given: dict[str, Any], kept: dict[str, Any]) -> None:
    assert tensors_and_settings(op, getattr(numpy_manual, op), (X,), given) == ((X,), kept)


def shifted(x: Any, gain: Any = None, bias: Any = None, *, eps: float = 0.1) -> None:
    """An op with two optional inputs."""


@pytest.mark.parametrize(
    ("arguments", "named", "inputs"),
    [
        ((X,), {}, (X,)),
        ((X, W), {}, (X, W)),
        ((X, W, W), {"eps": 1}, (X, W, W)),
        ((X, None), {}, (X,)),
        ((X, W, None), {}, (X, W)),
        ((X, None, None), {}, (X,)),
        ((X,), {"gain": W}, (X, W)),
        ((X, W), {"bias": W}, (X, W, W)),
        ((X,), {"bias": None}, (X,)),
    ],
)
def test_optional_inputs_may_be_left_out(
    arguments: tuple[Any, ...], named: dict[str, Any], inputs: tuple[Any, ...]
) -> None:
    assert tensors_and_settings("shifted", shifted, arguments, named)[0] == inputs


@pytest.mark.parametrize(
    ("arguments", "named", "said"),
    [
        ((X, None, W), {}, "gain is left out, so bias, which comes after it, can't be given"),
        ((X,), {"bias": W}, "gain is left out, so bias, which comes after it, can't be given"),
        ((X, 2.0), {}, "op.shifted(x, gain=None, bias=None, *, eps=0.1) takes tensors there, not 2.0"),
        ((None,), {}, "takes tensors there, not None"),
        ((), {}, "missing a required argument: 'x'"),
    ],
)
def test_inputs_that_leave_a_gap(arguments: tuple[Any, ...], named: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        tensors_and_settings("shifted", shifted, arguments, named)


def test_an_op_of_ones_own_is_held_to_what_it_annotates_only() -> None:
    def mine(x: Any, *, mode: str, by: Sequence[int] | None, plain: "no_such_type", **more: int) -> None:  # type: ignore[name-defined]  # noqa: F821
        pass

    settings = {"mode": "fast", "by": "anything", "plain": 1, "other": 2.5}
    assert tensors_and_settings("mine", mine, (X,), settings) == ((X,), settings)

    def named(x: Any, *, mode: str, count: int) -> None:
        pass

    with pytest.raises(InputError, match=r"op.named\(x, \*, mode, count\): count must be a whole number, not 'two'"):
        tensors_and_settings("named", named, (X,), {"mode": 3, "count": "two"})
