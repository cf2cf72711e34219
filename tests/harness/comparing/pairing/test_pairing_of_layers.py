"""Which arrays of layers are paired, and what is made of them: layers of given kinds, names and shapes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from backends.capture.calls import Pass
from backends.capture.training import Layer
from backends.contract import Array
from harness.comparing.pairing.weights import Pair, Pairing, pair_models
from tests.harness.comparing.one_update.passes import Building

Shape = tuple[int, ...]
FULL = {"weight": (4, 3), "bias": (4,)}


@dataclass
class Given:
    """A model with these layers, which are used in this order."""

    framework: str
    given: list[tuple[Layer, dict[str, Shape]]]

    def layers(self) -> list[Layer]:
        return [layer for layer, _ in self.given]

    def arrays(self) -> dict[str, Array]:
        random = np.random.RandomState(0)
        return {name: random.standard_normal(shape) for _, shapes in self.given for name, shape in shapes.items()}

    def captured(self) -> Pass:
        side, arrays = Building(), self.arrays()
        for layer, _ in self.given:
            for name in layer.weights.values():
                side.leaf(arrays[name], name)
        return side.captured


def layer(path: str, kind: str, weights: Mapping[str, Shape], **buffers: Shape) -> tuple[Layer, dict[str, Shape]]:
    """A layer, and the shapes of its arrays by their full names."""
    names, others = ({name: f"{path}.{name}" for name in those} for those in (weights, buffers))
    return Layer(path, kind, names, others), {f"{path}.{name}": shape for name, shape in {**weights, **buffers}.items()}


def paired(left: Given, right: Given) -> Pairing:
    one: Any = left
    other: Any = right
    return pair_models(one, other, (left.captured(), right.captured()))


def names(pairs: list[Pair]) -> list[tuple[tuple[str, ...], str]]:
    return [(pair.left, pair.right) for pair in pairs]


def of_modules(left: tuple[Layer, dict[str, Shape]], right: tuple[Layer, dict[str, Shape]]) -> Pairing:
    """The pairing of one module each, both of PyTorch."""
    return paired(Given("torch", [left]), Given("torch", [right]))


def test_arrays_of_other_shapes_are_no_pair() -> None:
    found = of_modules(layer("a", "Linear", FULL), layer("b", "Linear", {"weight": (4, 3), "bias": (5,)}))
    assert names(found.weights) == [(("a.weight",), "b.weight")]
    assert (found.only_left, found.only_right) == (["a.bias"], ["b.bias"])


def test_layers_are_the_same_only_if_the_largest_weights_of_both_are_a_pair() -> None:
    bias = {"bias": (4,)}
    for left, right in ((FULL, {"weight": (5, 3), **bias}), (FULL, bias), (bias, FULL)):
        found = of_modules(layer("a", "Linear", left), layer("b", "Linear", right))
        assert names(found.weights) == []
        assert len(found.only_left) == len(left)
        assert len(found.only_right) == len(right)


def test_a_bias_may_be_missing_on_one_side() -> None:
    weight = {"weight": (4, 3)}
    one = of_modules(layer("a", "Linear", weight), layer("b", "Linear", FULL))
    other = of_modules(layer("a", "Linear", FULL), layer("b", "Linear", weight))
    assert names(one.weights) == names(other.weights) == [(("a.weight",), "b.weight")]
    assert (one.only_left, one.only_right) == ([], ["b.bias"])
    assert (other.only_left, other.only_right) == (["a.bias"], [])


def test_modules_of_other_kinds_are_no_pair() -> None:
    found = of_modules(layer("a", "Linear", FULL), layer("b", "Bilinear", FULL))
    assert (found.weights, len(found.only_left), len(found.only_right)) == ([], 2, 2)


def test_buffers_are_no_weights_and_a_layer_of_buffers_fits_one_with_the_same() -> None:
    found = of_modules(
        layer("a", "BatchNorm1d", {"weight": (4,)}, running_mean=(4,)),
        layer("b", "BatchNorm1d", {"weight": (4,)}, running_mean=(4,)),
    )
    assert names(found.weights) == [(("a.weight",), "b.weight")]
    assert names(found.buffers) == [(("a.running_mean",), "b.running_mean")]
    same, more = {"running_mean": (4,)}, {"running_mean": (4,), "running_var": (4,)}
    for left, right, count in ((same, same, 1), (same, more, 0), (more, same, 0), (more, more, 2)):
        found = of_modules(layer("a", "BatchNorm1d", {}, **left), layer("b", "BatchNorm1d", {}, **right))
        assert (len(found.weights), len(found.buffers)) == (0, count)


def test_arrays_of_code_may_be_transposed() -> None:
    code = Given("numpy", [layer("w", "", {"w": (3, 4)})])
    (pair,) = paired(code, Given("torch", [layer("a", "Linear", {"weight": (4, 3)})])).weights
    assert pair.is_transposed
    np.testing.assert_array_equal(pair.of(code.arrays()), code.arrays()["w.w"].T)


UNITS, INPUTS = 2, 3
LINK = {"upward/W": (4 * UNITS, INPUTS), "upward/b": (4 * UNITS,), "lateral/W": (4 * UNITS, UNITS)}
CELL = {
    "weight_ih": (4 * UNITS, INPUTS),
    "weight_hh": (4 * UNITS, UNITS),
    "bias_ih": (4 * UNITS,),
    "bias_hh": (4 * UNITS,),
}


def test_the_second_bias_starts_as_zeros_and_has_the_gradient_of_the_first() -> None:
    link, cell = Given("chainer", [layer("l", "LSTM", LINK)]), Given("torch", [layer("c", "LSTMCell", CELL)])
    pairs = {pair.right: pair for pair in paired(link, cell).weights}
    assert {name: pair.is_surplus for name, pair in pairs.items()} == {f"c.{name}": name == "bias_hh" for name in CELL}
    first, second = pairs["c.bias_ih"], pairs["c.bias_hh"]
    arrays = link.arrays()
    assert not second.of(arrays).any()
    assert first.gradient_of(arrays).any()
    np.testing.assert_array_equal(second.gradient_of(arrays), first.gradient_of(arrays))


def test_one_bias_is_the_sum_of_two_and_has_the_gradient_of_either() -> None:
    cell, link = Given("torch", [layer("c", "LSTMCell", CELL)]), Given("chainer", [layer("l", "LSTM", LINK)])
    pair = next(pair for pair in paired(cell, link).weights if pair.right == "l.upward/b")
    ones = {name: np.ones_like(array) for name, array in cell.arrays().items()}
    np.testing.assert_array_equal(pair.of(ones), np.full(4 * UNITS, 2.0))
    np.testing.assert_array_equal(pair.gradient_of(ones), np.ones(4 * UNITS))


WIDTH = 2


def links(*paths: str, width: int = WIDTH) -> list[tuple[Layer, dict[str, Shape]]]:
    """Links of one width."""
    return [layer(path, "Linear", {"W": (width, width), "b": (width,)}) for path in paths]


def linear(path: str) -> tuple[Layer, dict[str, Shape]]:
    return layer(path, "Linear", {"weight": (WIDTH, WIDTH), "bias": (WIDTH,)})


def attention(path: str, width: int = WIDTH) -> tuple[Layer, dict[str, Shape]]:
    """A module that is made of four links: query, key, value and output."""
    return layer(
        path,
        "MultiheadAttention",
        {
            "in_proj_weight": (3 * width, width),
            "in_proj_bias": (3 * width,),
            "out_proj.weight": (width, width),
            "out_proj.bias": (width,),
        },
    )


def of_links(found: Pairing) -> dict[str, str]:
    """The links whose weights a module is made of, in letters, by the module's weight."""
    return {pair.right: "".join(name[0] for name in pair.left) for pair in found.weights if "bias" not in pair.right}


def test_neighbouring_links_are_one_module_where_they_have_its_shapes_the_nearest_of_them() -> None:
    cases: list[tuple[str, list[Any], dict[str, str]]] = [
        ("abcd", [attention("m")], {"m.in_proj_weight": "abc", "m.out_proj.weight": "d"}),
        (
            "abcdef",
            [linear("l"), attention("m"), linear("n")],
            {"l.weight": "a", "m.in_proj_weight": "bcd", "m.out_proj.weight": "e", "n.weight": "f"},
        ),
        (
            "abcdefgh",
            [attention("m"), attention("n")],
            {
                "m.in_proj_weight": "abc",
                "m.out_proj.weight": "d",
                "n.in_proj_weight": "efg",
                "n.out_proj.weight": "h",
            },
        ),
    ]
    for paths, modules, expected in cases:
        left, right = Given("chainer", links(*paths)), Given("torch", modules)
        found, exchanged = paired(left, right), paired(right, left)
        assert of_links(found) == expected
        assert (found.only_left, found.only_right) == (exchanged.only_left, exchanged.only_right) == ([], [])


def test_links_of_other_shapes_are_not_joined() -> None:
    found = paired(Given("chainer", links("a", "b", "c", "d", width=3)), Given("torch", [attention("m")]))
    assert found.weights == []
    assert (len(found.only_left), len(found.only_right)) == (8, 4)


def test_links_that_are_joined_fit_no_module_of_another_kind() -> None:
    """It has arrays of the same names and shapes as the one that they are joined for."""
    other = attention("o")
    other = (Layer("o", "LayerNorm", other[0].weights), other[1])
    found = paired(Given("chainer", links("a", "b", "c", "d")), Given("torch", [other, attention("m")]))
    assert of_links(found) == {"m.in_proj_weight": "abc", "m.out_proj.weight": "d"}
    assert len(found.only_right) == 4
