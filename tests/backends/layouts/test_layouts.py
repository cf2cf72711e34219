"""Link and module compute the same values and gradients once the weights are copied, and the way back is exact."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from backends.compatibility.chainer import import_chainer
from backends.layouts.catalogue import LAYOUTS, layouts_of_link, to_chainer, to_torch
from backends.layouts.layout import Layout
from backends.layouts.recurrent import layer_of_lstm
from backends.layouts.transformations import LayoutError
from backends.layouts.without_counterpart import COMPOSED, WITHOUT_COUNTERPART
from tests.backends.layouts.cases import CASES

chainer = import_chainer()
L = chainer.links
nn = torch.nn
Array = NDArray[Any]


def made(case: str) -> tuple[Any, Any, Array]:
    """The link and the module of a case in its dtype, with arrays drawn at random, and an input."""
    make_link, make_module, shape, *_ = CASES[case]
    drawn = np.random.default_rng(1)
    dtype = dtype_of(case)
    with chainer.using_config("dtype", dtype):
        link = make_link()
    for parameter in link.params():
        parameter.array[...] = drawn.normal(0.5, 0.6, parameter.shape)
    module = make_module().to(torch.from_numpy(np.empty(0, dtype)).dtype)
    return link, module, drawn.normal(0.1, 1.0, shape).astype(dtype)


def dtype_of(case: str) -> type[np.floating[Any]]:
    """Float64; Chainer's bilinear takes nothing but float32."""
    return np.float32 if case == "Bilinear" else np.float64


def arrays_of(link: Any) -> dict[str, Array]:
    serializer = chainer.serializers.DictionarySerializer()
    serializer.save(link)
    return {name: np.asarray(array) for name, array in serializer.target.items()}


def gradients_of(link: Any) -> dict[str, Array]:
    return {name.lstrip("/"): parameter.grad for name, parameter in link.namedparams()}


@pytest.mark.parametrize("case", CASES)
def test_link_and_module_agree_once_the_weights_are_copied(case: str) -> None:
    link, module, x = made(case)
    *_, in_chainer, in_torch = CASES[case]
    copied = to_torch(type(link), arrays_of(link), type(module))
    module.load_state_dict({name: torch.from_numpy(array) for name, array in copied.items()})
    x_chainer, x_torch = chainer.Variable(x), torch.tensor(x, requires_grad=True)
    y_chainer, y_torch = in_chainer(link, x_chainer), in_torch(module, x_torch)
    cotangent = np.random.default_rng(2).normal(size=y_chainer.shape).astype(x.dtype)
    link.cleargrads()
    y_chainer.grad = cotangent
    y_chainer.backward()
    y_torch.backward(torch.from_numpy(cotangent))
    tolerance = 1e-5 if dtype_of(case) == np.float32 else 1e-11
    assert_close = partial(np.testing.assert_allclose, rtol=tolerance, atol=tolerance)
    assert_close(y_torch.detach().numpy(), y_chainer.array)
    assert x_torch.grad is not None
    assert_close(x_torch.grad.numpy(), x_chainer.grad)
    (layout,) = [one for one in layouts_of_link(type(link)) if one.module == type(module).__name__]
    in_module = {name: parameter.grad.numpy() for name, parameter in module.named_parameters()}
    expected = layout.gradients_to_torch(gradients_of(link))
    for name, gradient in expected.items():
        assert_close(in_module[name], gradient, err_msg=name)
    if case != "BatchNormalization without gamma":
        assert expected.keys() == in_module.keys()
    for name, buffer in module.named_buffers():
        if name != "num_batches_tracked":  # Chainer counts batches while it is fine-tuned only
            assert_close(buffer.numpy(), layout.to_torch(arrays_of(link))[name])
    if not case.startswith("Depthwise"):
        returned = layout.gradients_to_chainer({name: in_module[name] for name in expected})
        for name, gradient in gradients_of(link).items():
            assert_close(returned[name], gradient, err_msg=name)


@pytest.mark.parametrize("case", [case for case in CASES if not case.startswith("Depthwise")])
def test_the_way_back_is_exact(case: str) -> None:
    link, module, _ = made(case)
    there = {name: array.astype(np.float32) for name, array in arrays_of(link).items()}
    back = to_chainer(type(module), to_torch(type(link), there, type(module)), type(link))
    for name, array in there.items():
        np.testing.assert_array_equal(back[name], array, err_msg=name)
        assert back[name].dtype == (np.int64 if name == "N" else np.float32)


def test_every_layout_has_a_case() -> None:
    tested = set()
    for case in CASES:
        link, module, _ = made(case)
        tested.add((type(link).__name__, type(module).__name__))
    assert {(layout.link, layout.module) for layout in LAYOUTS} - tested == {("EmbedID", "Embedding")}


def test_rows_are_looked_up_where_they_were() -> None:
    link = L.EmbedID(5, 3)
    module = nn.Embedding(5, 3)
    copied = to_torch(L.EmbedID, arrays_of(link))
    module.load_state_dict({name: torch.from_numpy(array) for name, array in copied.items()})
    ids = np.array([4, 0, 4, 2], np.int32)
    np.testing.assert_array_equal(module(torch.from_numpy(ids)).detach().numpy(), link(ids).array)


def test_every_link_of_chainer_has_a_layout_or_a_reason() -> None:
    links = {
        name for name in dir(L) if isinstance(getattr(L, name), type) and issubclass(getattr(L, name), chainer.Link)
    }
    said = [{layout.link for layout in LAYOUTS}, set(WITHOUT_COUNTERPART), set(COMPOSED)]
    assert set.union(*said) == links
    assert sum(map(len, said)) == len(links)


def test_one_bias_becomes_two_and_two_become_their_sum() -> None:
    two = {
        "weight_ih": np.zeros((8, 3), np.float32),
        "weight_hh": np.zeros((8, 2), np.float32),
        "bias_ih": np.arange(8, dtype=np.float32),
        "bias_hh": np.full(8, 10, np.float32),
    }
    one = to_chainer("LSTMCell", two, "LSTM")
    # Blocks i, f, g, o of two units become a, i, f, o of each unit; g is a.
    assert one["upward/b"].tolist() == [14, 10, 12, 16, 15, 11, 13, 17]
    again = to_torch("LSTM", one, "LSTMCell")
    assert again["bias_ih"].tolist() == [value + 10 for value in range(8)]
    assert not again["bias_hh"].any()


def test_a_missing_bias_of_a_module_is_a_zero_bias_of_a_link() -> None:
    lstm = nn.LSTM(3, 2, bias=False)
    arrays = {name: tensor.numpy() for name, tensor in lstm.state_dict().items()}
    assert not to_chainer(nn.LSTM, arrays, "LSTM")["upward/b"].any()
    n_step = to_chainer(nn.LSTM, arrays, "NStepLSTM")
    assert not any(n_step[f"0/b{gate}"].any() for gate in range(8))


def test_each_link_of_a_stack_is_a_layer_of_one_module() -> None:
    arrays = arrays_of(L.LSTM(3, 2))
    names = {"weight_ih_l1", "weight_hh_l1", "bias_ih_l1", "bias_hh_l1"}
    assert layer_of_lstm("LSTM", 1).to_torch(arrays).keys() == names


def test_subclasses_of_links_have_the_layout_of_their_base() -> None:
    Mine = type("Mine", (L.Linear,), {})  # noqa: N806
    assert to_torch(Mine, arrays_of(Mine(2, 3))).keys() == {"weight", "bias"}


class Linear:
    """A namesake of no framework's."""


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: to_torch("StatelessGRU", {}), "StatelessGRU has no counterpart: it resets the state before"),
        (lambda: to_torch("Highway", {}), "made of plain and transform"),
        (lambda: to_torch("Liner", {}), "no layout of a link 'Liner'"),
        (lambda: to_torch(Linear, {}), "no layout of a link"),
        (lambda: to_chainer("Upsample", {}), "no layout of a module 'Upsample'"),
        (lambda: to_torch("Linear", {"W": np.zeros((2, 3))}, "Conv2d"), "known are Linear and Linear"),
        (lambda: to_torch("Linear", {"W": np.zeros((2, 3, 1))}), r"Linear: W has shape \(2, 3, 1\), not 2 axes"),
        (lambda: to_torch("Linear", {"b": np.zeros(2)}), "Linear needs W and was given b"),
        (lambda: to_torch("Linear", {"W": np.zeros((2, 3)), "c": np.zeros(2)}), "no array 'c'; it has W, b"),
        (
            lambda: to_torch("BatchNormalization", {"avg_mean": np.zeros(2), "avg_var": np.zeros(3), "N": np.array(0)}),
            "these have one shape",
        ),
        (
            lambda: to_torch("Bilinear", {"W": np.ones((2, 2, 2)), "V1": np.ones((2, 2))}),
            "V1 is not zero",
        ),
        (lambda: to_torch("PReLU", {"W": np.ones((2, 2))}), "one slope, or one a channel"),
        (
            lambda: to_torch(
                "LSTM", {"upward/W": np.ones((6, 2)), "upward/b": np.ones(6), "lateral/W": np.ones((6, 2))}
            ),
            "not those of four gates",
        ),
        (lambda: to_torch("NStepLSTM", {"0/w0": np.ones((2, 2))}), "NStepLSTM needs 0/w1"),
        (
            lambda: to_chainer("LSTM", {"weight_ih_l0": np.ones((4, 2)), "weight_hr_l0": np.ones((4, 2))}),
            "weight_hr_l0",
        ),
    ],
)
def test_what_does_not_fit_is_refused(call: Callable[[], Any], said: str) -> None:
    with pytest.raises(LayoutError, match=said):
        call()


@pytest.mark.parametrize("wrong", [(0, 1, 2, 3), (1, 2, 3, 0), (2, 1, 0, 3)])
def test_a_wrong_order_of_gates_would_be_seen(wrong: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backends.layouts.recurrent.INPUT_FORGET_CELL_OUTPUT", wrong)
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        test_link_and_module_agree_once_the_weights_are_copied("LSTM as LSTM")


def test_layouts_are_named_by_both_sides() -> None:
    assert all(isinstance(layout, Layout) for layout in LAYOUTS)
    pairs = [(layout.link, layout.module) for layout in LAYOUTS]
    assert len(set(pairs)) == len(pairs)
