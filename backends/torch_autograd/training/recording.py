"""Copies what flows between PyTorch's ops, with hooks of tensors and of the graph's nodes for the gradients."""

import weakref
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import torch
from torch.autograd import graph
from torch.utils.hooks import RemovableHandle

from backends.contract import Array, Call, Tensors, gradient_name
from backends.recording import AutogradRecording

Edge = tuple[graph.Node | None, int]
"""An input of a node of the graph, counted among the outputs of what it computed in the forward."""
Gradients = Sequence[torch.Tensor | None]


class TensorRecording(AutogradRecording):
    """The tensors of one update and their gradients.

    PyTorch's hooks hold this only weakly: its tensors hold the graph, whose hooks Python's garbage collector can't see.
    """

    def __init__(self, given: Tensors) -> None:
        super().__init__(given, _contents, _memory)
        self._weak = weakref.ref(self)
        self._hooks: list[RemovableHandle] = []
        weakref.finalize(self, _remove, self._hooks)
        self._names_at: dict[Edge, list[str]] = {}
        self._known_nodes: set[graph.Node] = set()
        for name, tensor in given.items():
            if tensor.requires_grad:
                self._watch_weight(name, tensor)

    def keep_outputs(self, call: Call, tensors: Tensors) -> None:
        """Copy the outputs of a call that has just run, and have their gradients copied.

        A hook that is set before a tensor is written over gets the gradient of what it was before.
        """
        super().keep_outputs(call, tensors)
        outputs = {name: tensors[name] for name in call.outputs if tensors[name].requires_grad}
        self._watch_backwards(call, [output.grad_fn for output in outputs.values()])
        for name, output in outputs.items():
            edge = _edge_to(output) if output.grad_fn is None else (output.grad_fn, output.output_nr)
            self._names_at.setdefault(edge, []).append(name)
            # An op may return a weight, which outlives the update.
            self._hooks.append(output.register_hook(self._hook(TensorRecording.keep_arrived, name)))

    def keep_backward(
        self, call: Call, edges: Sequence[Edge], reaches_inputs: bool, returned: Gradients, received: Gradients
    ) -> None:
        """Note what a node of a call's backward wrote over, and copy what it returned where others hold it too."""
        read = self._memories_of((*call.inputs, *call.outputs)) if reaches_inputs else ()
        pairs = zip(edges, returned, strict=True)
        given = [(self._names_at.get(edge, ()), gradient) for edge, gradient in pairs if gradient is not None]
        self.ran(call, [gradient for gradient in received if gradient is not None], read, given)

    def _watch_weight(self, name: str, weight: torch.Tensor) -> None:
        """A whole gradient of a weight never waits: AccumulateGrad comes before all other nodes.

        It copies a gradient that others hold.
        """
        node, _ = edge = _edge_to(weight)
        self._names_at[edge] = [name]
        self._known_nodes.add(node)
        # A weight's node outlives the update.
        self._hooks.append(node.register_hook(self._hook(TensorRecording._release_weight, name)))

    def _release_weight(self, name: str, returned: Gradients, received: Gradients) -> None:
        self.release([gradient_name(name)])

    def _hook(self, method: Callable[..., None], *first: Any) -> Callable[..., None]:
        """A hook that calls a method of this recording, for as long as the recording is there."""
        weak = self._weak

        def hook(*arguments: Any) -> None:
            living = weak()
            if living is not None:
                method(living, *first, *arguments)

        return hook

    def _watch_backwards(self, call: Call, nodes: list[graph.Node | None]) -> None:
        """Set a hook at each node that a call added to the graph."""
        while nodes:
            node = nodes.pop()
            if node is not None and node not in self._known_nodes:
                self._known_nodes.add(node)
                self.waits(call)
                edges = node.next_functions
                reaches_inputs = any(edge in self._names_at for edge in edges)
                node.register_hook(self._hook(TensorRecording.keep_backward, call, edges, reaches_inputs))
                nodes.extend(into for into, _ in edges)


def _edge_to(tensor: torch.Tensor) -> tuple[graph.Node, int]:
    """Where the gradient of a tensor goes to."""
    edge = graph.get_gradient_edge(tensor)
    return edge.node, edge.output_nr


def _remove(hooks: Sequence[RemovableHandle]) -> None:
    for hook in hooks:
        hook.remove()


def _contents(tensor: torch.Tensor) -> Array:
    array: Array = tensor.detach().numpy()
    return array


def _memory(tensor: torch.Tensor) -> Hashable:
    return tensor.untyped_storage().data_ptr()
