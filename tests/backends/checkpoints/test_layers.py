"""The layers of a file are told from the names of its arrays."""

import pytest

from backends.checkpoints.layers import layers_of_chainer, layers_of_torch
from backends.compatibility.chainer import import_chainer

chainer = import_chainer()
L = chainer.links


def names_saved_of(**links: object) -> list[str]:
    """What Chainer's serializer calls the arrays of a chain of these links."""
    serializer = chainer.serializers.DictionarySerializer()
    serializer.save(chainer.Chain(**links))
    return list(serializer.target)


def test_links_of_several_links_are_one_layer() -> None:
    chain = names_saved_of(
        fc=L.Linear(2, 3),
        lstm=L.LSTM(2, 3),
        rnn=L.NStepBiLSTM(2, 2, 3, 0.0),
        deep=chainer.Chain(norm=L.BatchNormalization(3), cell=L.StatelessLSTM(2, 3)),
    )
    layers = {layer.path: set(layer.keys) for layer in layers_of_chainer(chain)}
    assert layers.keys() == {"fc", "lstm", "rnn", "deep/norm", "deep/cell"}
    assert layers["fc"] == {"W", "b"}
    assert layers["lstm"] == layers["deep/cell"] == {"upward/W", "upward/b", "lateral/W"}
    assert layers["rnn"] == {f"{index}/{letter}{gate}" for index in range(4) for letter in "wb" for gate in range(8)}
    assert layers["deep/norm"] == {"gamma", "beta", "avg_mean", "avg_var", "N"}


def test_an_lstm_alone_in_a_file_is_one_layer() -> None:
    (layer,) = layers_of_chainer(["upward/W", "upward/b", "lateral/W"])
    assert layer.path == ""


@pytest.mark.parametrize(
    ("link", "kind"),
    [
        (L.StatelessGRU(2, 3), "StatelessGRU"),
        (L.StatefulGRU(2, 3), "StatelessGRU"),
        (L.StatelessMGU(2, 3), "StatelessMGU"),
        (L.StatefulPeepholeLSTM(2, 3), "StatefulPeepholeLSTM"),
    ],
)
def test_a_link_without_a_counterpart_is_known_by_its_arrays(link: object, kind: str) -> None:
    (layer,) = layers_of_chainer(names_saved_of(cell=link))
    assert layer.path == "cell"
    assert f"Chainer's {kind} has no counterpart" in layer.refusal


def test_layers_of_a_recurrent_module_can_be_taken_one_by_one() -> None:
    kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    names = [f"rnn.{kind}_l{layer}" for layer in range(2) for kind in kinds]
    (layer,) = layers_of_torch(names)
    assert [part.path for part in layer.parts] == ["rnn[0]", "rnn[1]"]
    assert layer.parts[1].keys == {f"{kind}_l0": f"rnn.{kind}_l1" for kind in kinds}
    (both_ways,) = layers_of_torch([*names, *(f"{name}_reverse" for name in names)])
    assert both_ways.parts == ()
