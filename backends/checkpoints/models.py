"""Live models that are converted to: a Chain or Link of Chainer's, a Module of PyTorch's."""

import sys
from collections.abc import Iterable, Mapping
from typing import Any, Literal, Protocol

import numpy as np

from backends.checkpoints.layers import LayerArrays, Model, numbers_in, parts_of_torch, with_attention
from backends.layouts.catalogue import layouts_of_link, layouts_of_module
from backends.layouts.layout import JointLayout, Layout
from backends.layouts.transformations import Array, Arrays, LayoutError
from backends.layouts.without_counterpart import WITHOUT_COUNTERPART

Framework = Literal["chainer", "torch"]
KINDS = "a Link or Chain of Chainer's, or a Module of PyTorch's"


class LiveModel(Protocol):
    """A model that arrays are converted for."""

    framework: Framework

    def described(self) -> Model:
        """Its layers and shapes."""

    def convert(self, layout: Layout, arrays: Arrays) -> dict[str, Array]:
        """The arrays of one of its layers from those of the other framework's."""

    def notes(self, layout: Layout) -> tuple[str, ...]:
        """What a layout says of the way to this model."""

    def load(self, arrays: Arrays) -> None:
        """Take arrays by their full names, as float64; all of the model's must be there."""

    def parameters(self) -> list[str]:
        """The names of what is trained, in the order in which an optimizer gets them."""

    def shared(self) -> dict[str, str]:
        """The further names of weights that the model has under several, with the first."""

    def forward(self, x: Array) -> list[Array]:
        """What the model returns for an input, evaluated in float64; of several arrays, all in their order."""

    def input_shape(self) -> tuple[int, ...] | None:
        """The shape of an input, with a batch of 2, where the model's first layer says it."""

    def rows_looked_up(self) -> int:
        """How many rows the model's first layer looks up; 0 where it takes no integers."""


def is_model_class(value: object) -> bool:
    """Whether something is a class of links or modules."""
    chainer, torch = sys.modules.get("chainer"), sys.modules.get("torch")
    kinds = [kind for kind in (chainer and chainer.Link, torch and torch.nn.Module) if kind]
    return isinstance(value, type) and issubclass(value, tuple(kinds))


def live_model(model: Any) -> LiveModel | None:
    """A link or a module as a LiveModel; None if it is neither."""
    chainer, torch = sys.modules.get("chainer"), sys.modules.get("torch")
    if chainer is not None and isinstance(model, chainer.Link):
        return ChainerModel(model)
    if torch is not None and isinstance(model, torch.nn.Module):
        return TorchModel(model)
    return None


class ChainerModel:
    """A link of Chainer's."""

    framework: Framework = "chainer"

    def __init__(self, link: Any) -> None:
        self._link = link

    def described(self) -> Model:
        """Its links that hold arrays, in the order of their paths, and the shapes of all arrays."""
        entries = self._entries()
        layers: list[LayerArrays] = []
        taken: set[str] = set()
        links = {path.strip("/"): link for path, link in self._link.namedlinks()}
        for path, link in sorted(links.items(), key=lambda item: item[0]):
            below = {_below(key, path): key for key in entries if _is_below(key, path) and key not in taken}
            layouts, refusal = _layouts(layouts_of_link, type(link))
            if not layouts and not refusal:
                below = {name: key for name, key in below.items() if "/" not in name}
            if below:
                layers.append(LayerArrays(path, below, layouts, refusal=refusal, order=self._order(path)))
                taken.update(below.values())
        return Model(tuple(layers), {key: _shape(value) for key, value in sorted(entries.items())})

    def _order(self, path: str) -> tuple[int, ...]:
        """The numbers in a path, where a link of a Sequential counts by its place among the calls."""
        chainer = sys.modules["chainer"]
        order: list[int] = []
        link = self._link
        for step in path.split("/") if path else ():
            children = list(link.children())
            if not isinstance(link, chainer.ChainList):
                link = next(child for child in children if child.name == step)
                order += numbers_in(step)
                continue
            parent, link = link, children[int(step)]
            is_sequence = isinstance(parent, chainer.Sequential)
            calls = [parent[place] for place in range(len(parent))] if is_sequence else children
            order.append(next(place for place, called in enumerate(calls) if called is link))
        return tuple(order)

    def _entries(self) -> dict[str, Any]:
        serializer = sys.modules["chainer"].serializers.DictionarySerializer()
        serializer.save(self._link)
        return dict(sorted(serializer.target.items()))

    def convert(self, layout: Layout, arrays: Arrays) -> dict[str, Array]:
        """The arrays of a link from those of a module."""
        return layout.to_chainer(arrays)

    def notes(self, layout: Layout) -> tuple[str, ...]:
        """What a layout says of the way to Chainer."""
        return layout.notes_to_chainer

    def load(self, arrays: Arrays) -> None:
        """Take arrays by the names of a `save_npz` file, as float64."""
        self._widen()
        sys.modules["chainer"].serializers.NpzDeserializer(arrays).load(self._link)

    def parameters(self) -> list[str]:
        """The names of the parameters, sorted: Chainer's optimizers know them by name."""
        return sorted(name.lstrip("/") for name, _ in self._link.namedparams())

    def shared(self) -> dict[str, str]:
        """The further names of parameters that several links hold."""
        return _shared((name.lstrip("/"), parameter) for name, parameter in self._link.namedparams())

    def _widen(self) -> None:
        """Hold all numbers as float64."""
        for parameter in self._link.params():
            if parameter.array is not None:
                parameter.array = parameter.array.astype(np.float64)
        for link in self._link.links():
            for name in link._persistent:
                value = getattr(link, name)
                if isinstance(value, np.ndarray) and value.dtype.kind == "f":
                    setattr(link, name, value.astype(np.float64))

    def forward(self, x: Array) -> list[Array]:
        """What the link returns, without training anything."""
        chainer = sys.modules["chainer"]
        self._widen()
        with (
            chainer.using_config("train", False),
            chainer.using_config("enable_backprop", False),
            chainer.using_config("dtype", np.float64),
        ):
            return [np.asarray(getattr(y, "array", y)) for y in _flat(self._link(_narrow(x)))]

    def input_shape(self) -> tuple[int, ...] | None:
        """The shape for a model of one layer; Chainer doesn't know which of several is the first."""
        layers = _known(self.described())
        return _input_shape(self.described(), layers[0]) if len(layers) == 1 else None

    def rows_looked_up(self) -> int:
        """The rows of the one EmbedID of a model; 0 if there is none, or several."""
        rows = [link.W.shape[0] for link in self._link.links() if type(link).__name__ == "EmbedID"]
        return int(rows[0]) if len(rows) == 1 else 0


class TorchModel:
    """A module of PyTorch's."""

    framework: Framework = "torch"

    def __init__(self, module: Any) -> None:
        self._module = module

    def described(self) -> Model:
        """Its modules that hold arrays, in the order of their registration, and the shapes of all arrays."""
        state = self._module.state_dict()
        layers = []
        for path, module in self._module.named_modules():
            prefix = f"{path}." if path else ""
            own = [name for name, _ in module.named_parameters(recurse=False)]
            own += [name for name, _ in module.named_buffers(recurse=False)]
            names = {name: prefix + name for name in own if prefix + name in state}
            if names:
                layouts, refusal = _layouts(layouts_of_module, type(module))
                parts = parts_of_torch(
                    path, names, tuple(one for one in layouts if one.link in ("LSTM", "StatelessLSTM"))
                )
                layers.append(LayerArrays(path, names, layouts, parts, refusal, numbers_in(path)))
        layers = with_attention(layers)
        lazy = sys.modules["torch"].nn.parameter.is_lazy
        return Model(tuple(layers), {key: None if lazy(value) else tuple(value.shape) for key, value in state.items()})

    def convert(self, layout: Layout, arrays: Arrays) -> dict[str, Array]:
        """The arrays of a module from those of a link."""
        return layout.to_torch(arrays)

    def notes(self, layout: Layout) -> tuple[str, ...]:
        """What a layout says of the way to PyTorch."""
        return layout.notes_to_torch

    def load(self, arrays: Arrays) -> None:
        """Take arrays as a `state_dict`, as float64."""
        self._module.double()
        from_numpy = sys.modules["torch"].from_numpy
        self._module.load_state_dict({name: from_numpy(np.array(array)) for name, array in arrays.items()})

    def parameters(self) -> list[str]:
        """The names of the parameters, in the order of `module.parameters()`."""
        return [name for name, _ in self._module.named_parameters()]

    def shared(self) -> dict[str, str]:
        """The further names of parameters that several modules hold."""
        return _shared(self._module.named_parameters(remove_duplicate=False))

    def forward(self, x: Array) -> list[Array]:
        """What the module returns, without training anything."""
        torch = sys.modules["torch"]
        self._module.double().eval()
        with torch.no_grad():
            return [np.asarray(y) for y in _flat(self._module(torch.from_numpy(x)))]

    def input_shape(self) -> tuple[int, ...] | None:
        """The shape that the layer takes which was registered first."""
        described = self.described()
        layers = _known(described)
        return _input_shape(described, layers[0]) if layers else None

    def rows_looked_up(self) -> int:
        """The rows of the layer that was registered first, if it is an Embedding."""
        described = self.described()
        layers = _known(described)
        shape = described.shapes[layers[0].keys["weight"]] if layers and _is(layers[0], "EmbedID") else None
        return shape[0] if shape else 0


def _shared(named: Iterable[tuple[str, Any]]) -> dict[str, str]:
    first: dict[int, str] = {}
    return {name: first[id(one)] for name, one in named if first.setdefault(id(one), name) != name}


def _layouts(find: Any, kind: type) -> tuple[tuple[Layout, ...], str]:
    """The layouts of a class, or why it has no counterpart; neither where it is a user's own."""
    try:
        return find(kind), ""
    except LayoutError as error:
        known = any(
            base.__name__ in WITHOUT_COUNTERPART and base.__module__.startswith("chainer.") for base in kind.__mro__
        )
        return (), str(error) if known else ""


def _known(described: Model) -> list[LayerArrays]:
    """The layers of known classes."""
    return [layer for layer in described.layers if layer.layouts]


def _is(layer: LayerArrays, link: str) -> bool:
    return any(layout.link == link and not isinstance(layout, JointLayout) for layout in layer.layouts)


def _input_shape(described: Model, layer: LayerArrays) -> tuple[int, ...] | None:
    """Two rows for a matrix, or two sequences of three to be looked up; None for what may be of any size."""
    if _is(layer, "EmbedID"):
        return (2, 3)
    if not _is(layer, "Linear"):
        return None
    weight = described.shapes[layer.keys["weight" if "weight" in layer.keys else "W"]]
    return (2, weight[1]) if weight else None


def _narrow(x: Array) -> Array:
    """Integers as Chainer takes them."""
    return x.astype(np.int32) if x.dtype.kind == "i" else x


def _is_below(key: str, path: str) -> bool:
    return not path or key.startswith(f"{path}/")


def _below(key: str, path: str) -> str:
    return key.removeprefix(f"{path}/") if path else key


def _shape(value: Any) -> tuple[int, ...] | None:
    array = np.asarray(value)
    return None if array.dtype == object else array.shape


def _flat(results: Any) -> list[Any]:
    """The arrays in whatever a model returns, in their order."""
    if isinstance(results, Mapping):
        results = list(results.values())
    if isinstance(results, tuple | list):
        return [array for result in results for array in _flat(result)]
    return [] if results is None else [results]
