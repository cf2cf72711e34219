"""What a user gives to be compared: a model, how its loss is computed, and what updates it."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from dis import get_instructions
from importlib import import_module
from typing import Any, Protocol

import numpy as np

from backends.capture.calls import Draws, Pass
from backends.capture.errors import TrainingError
from backends.contract import Array

Batch = Sequence[Any]
"""What the loss of one update is computed from: NumPy arrays, and whatever else it takes."""
ADAPTERS: Mapping[str, str] = {
    "chainer": "backends.capture.chainer.training",
    "torch": "backends.capture.torch.training",
}
"""The module that drives a framework's models, by the package that their classes come from."""


@dataclass(frozen=True)
class Layer:
    """A link or module that has weights or buffers of its own."""

    path: str
    kind: str
    """The name of its class, or of the first of the framework's classes that it inherits from."""
    weights: Mapping[str, str]
    """The full names of its weights, by their names in the layer."""
    buffers: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The full names of all of them."""
        return [*self.weights.values(), *self.buffers.values()]


@dataclass(frozen=True)
class Rule:
    """How a training updates its weights."""

    name: str
    """The class of the optimizer."""
    kind: str
    """The rule's name in both frameworks; the class's own where there is none."""
    settings: Mapping[str, Any]
    """Under names that both frameworks share; of parameter groups, those of the first."""
    names: tuple[str, ...] = ()
    """The full names of the optimizer and its hooks, as `LiveCall.names`."""


class LiveTraining(Protocol):
    """A training that can be copied, loaded with weights and advanced, update by update."""

    framework: str

    def weights(self) -> dict[str, Array]:
        """Copies of all weights, by their paths."""
        ...

    def buffers(self) -> dict[str, Array]:
        """Copies of what is kept and not trained, such as running statistics."""
        ...

    def layers(self) -> list[Layer]:
        """The layers in the order in which the model has them."""
        ...

    def load(self, arrays: Mapping[str, Array]) -> None:
        """Set weights and buffers by name."""
        ...

    def in_dtype(self, dtype: str, batch: Batch) -> "LiveTraining":
        """An independent copy that computes in a dtype. The batch is there for layers that learn their shapes from one.

        Raises TrainingError for a model that can't be copied.
        """
        ...

    def advance(self, batch: Batch, draws: Draws) -> Pass:
        """Compute the loss and its gradients, and update the weights if there is an optimizer."""
        ...

    def trained(self) -> dict[str, Rule | None]:
        """The names of the weights that are trained, each with the rule that updates it; None if that is not known."""
        ...

    def rule(self) -> Rule | None:
        """What updates the weights, if that is known."""
        ...


@dataclass(frozen=True)
class Training:
    """A model as it stands, and how it trains. Nothing of it is changed: what trains is a copy.

    model: a `chainer.Link` or a `torch.nn.Module`.
    loss: `loss(model, *batch)` returns the loss, a number that the framework can differentiate.
    optimizer: one of the framework's, made for this model; None to compare losses and gradients alone.
    before_update: `before_update(model, optimizer)` runs between backward and the optimizer, such as a clipping of
        gradients or a schedule. It gets the copies that train.

    Without a model, any code with named arrays:

    step: `step(weights, *batch)` trains one update. It changes the arrays in `weights`, in place or by assigning new
        ones, and returns the loss and the gradients by name; only the loss if they are in `grads`. Or a generator
        `step(weights, batches)` that yields the loss, the weights and the gradients, once per batch.
    weights: the starting weights by name.
    grads: a dictionary that `step` writes the gradients to, by the names of the weights.
    """

    model: Any = None
    loss: Callable[..., Any] | None = None
    optimizer: Any = None
    before_update: Callable[[Any, Any], Any] | None = None
    step: Callable[..., Any] | None = None
    weights: Mapping[str, Array] | None = None
    grads: Mapping[str, Array] | None = None
    name: str = ""

    def __post_init__(self) -> None:
        if self.model is None:
            self._check_step()
        elif self.step is not None or self.weights is not None or self.grads is not None:
            raise TrainingError(
                "Training(...): step, weights and grads are for code without a model; leave out one side"
            )
        elif framework_of(self.model) is None:
            raise TrainingError(
                f"Training({type(self.model).__name__}): no chainer.Link and no torch.nn.Module; "
                "for NumPy code give step= and weights="
            )
        elif not callable(self.loss):
            raise TrainingError("Training(model, loss=...): loss must be a function, loss(model, *batch)")
        elif isinstance(self.optimizer, Sequence | Mapping):
            raise TrainingError(
                f"Training({type(self.model).__name__}): one loss and one optimizer make an update, and optimizer= "
                f"holds {len(self.optimizer)}; describe each optimizer's update by a Training of its own, with its own "
                "loss, as of a GAN that of the generator and that of the discriminator"
            )

    def _check_step(self) -> None:
        if not callable(self.step) or not isinstance(self.weights, Mapping) or not self.weights:
            raise TrainingError(
                "Training(...) needs a model and its loss, or step= and weights=: "
                "a function step(weights, *batch) and the starting weights by name"
            )
        for name, array in self.weights.items():
            if not isinstance(array, np.ndarray) or array.dtype.kind != "f":
                kind = array.dtype if isinstance(array, np.ndarray) else type(array).__name__
                raise TrainingError(f"Training(...): weight {name} must be a NumPy array of floats, not {kind}")

    def batch_names(self, count: int) -> list[str]:
        """What the loss calls the arrays of a batch; empty texts where that is not to be seen."""
        assert self.loss is not None
        try:
            names = list(inspect.signature(self.loss).parameters)[1:]
        except (TypeError, ValueError):
            names = []
        return [*names, *[""] * count][:count]

    def use_of_outer_model(self) -> str:
        """A sentence where the loss takes the model from around it, besides what it is given; empty if it doesn't."""
        code = getattr(self.loss, "__code__", None)
        if self.model is None or code is None:
            return ""
        variables = inspect.getclosurevars(self.loss)  # type: ignore[arg-type]
        around = {**variables.globals, **variables.nonlocals}
        loaded = (each.argval for each in get_instructions(code) if each.opname in ("LOAD_GLOBAL", "LOAD_DEREF"))
        name = next((name for name in loaded if around.get(name) is self.model), "")
        argument = f", {code.co_varnames[0]}" if code.co_argcount else ""
        copied = f"its first argument{argument}, which is the copy that trains"
        return f"the loss uses {name}, the model itself; it must use {copied}" if name else ""

    def live(self) -> LiveTraining:
        """The training as it can be driven. Imports the model's framework, which the model has imported before."""
        framework = framework_of(self.model)
        if framework is None:
            from backends.capture.array_training import ArrayTraining

            return ArrayTraining(self)
        adapter: LiveTraining = import_module(ADAPTERS[framework]).live(self)
        return adapter


def framework_of(model: Any) -> str | None:
    """The framework whose Link or Module a model is; None if it is neither."""
    for ancestor in type(model).__mro__:
        framework = ancestor.__module__.split(".")[0]
        if framework in ADAPTERS and ancestor.__name__ in ("Link", "Module"):
            return framework
    return None


def in_dtype(batch: Batch, dtype: str) -> list[Any]:
    """Copies of the arrays of a batch, real numbers in a dtype; whatever else there is stays as it is."""
    return [
        np.array(array, dtype if array.dtype.kind == "f" else None) if isinstance(array, np.ndarray) else array
        for array in map(as_array, batch)
    ]


def as_array(value: Any) -> Any:
    """A framework's tensor as the NumPy array that it holds; anything else as it is."""
    if isinstance(value, np.ndarray):
        return value
    held = getattr(value, "array", None)  # Chainer's Variable
    if isinstance(held, np.ndarray):
        return held
    return value.detach().cpu().numpy() if hasattr(value, "detach") else value


def described(value: Any) -> str:
    """What somebody gave in the place of a tensor: its type, and the shape if it has one."""
    kind = type(value).__name__
    return f"{kind} of shape {tuple(value.shape)}" if hasattr(value, "shape") else kind


def is_generator(step: Callable[..., Any]) -> bool:
    """Whether a step is a generator that yields once per batch."""
    return inspect.isgeneratorfunction(step)
