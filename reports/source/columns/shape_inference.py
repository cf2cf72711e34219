"""What is known from the shapes of tensors: those of expressions, and the values of expressions about shapes."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from reports.source.choices import literal
from reports.source.spans import read_names

Shape = tuple[int, ...]
PURE = {
    each.__name__: each for each in (all, any, enumerate, len, list, max, min, range, slice, sorted, sum, tuple, zip)
}
"""The built-in functions by which a helper finds out about shapes."""
ELEMENTWISE = frozenset({"abs", "cos", "exp", "log", "sign", "sin", "sqrt", "tanh", "where"})
"""The functions of NumPy that give the common shape of their arguments."""


def with_other_lengths(shapes: Mapping[str, Shape]) -> dict[str, Shape]:
    """Shapes of the same axes, where every length but 1 is another one; lengths that are equal stay equal."""
    return {name: tuple(length if length == 1 else 2 * length for length in shape) for name, shape in shapes.items()}


def reads_shapes(value: ast.expr) -> bool:
    """Whether an expression reads the shape of a tensor."""
    return any(isinstance(node, ast.Attribute) and node.attr in ("shape", "ndim") for node in ast.walk(value))


def decided(value: ast.expr, known: Mapping[str, Any], shapes: Mapping[str, Shape]) -> Any:
    """The value of an expression that only depends on shapes; None if it depends on more."""

    class Shapes(ast.NodeTransformer):
        def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
            match node:
                case ast.Attribute(value=ast.Name(id=name), attr="shape" | "ndim" as attribute) if name in shapes:
                    shape = shapes[name]
                    return ast.parse(repr(shape if attribute == "shape" else len(shape)), mode="eval").body
            return node

    tree = ast.fix_missing_locations(Shapes().visit(ast.parse(ast.unparse(value), mode="eval")))
    own = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    if read_names([tree]) - own - known.keys() - PURE.keys():
        return None
    return eval(compile(tree, "shapes", "eval"), {"__builtins__": PURE, **known})


def shape_of(value: ast.expr, shapes: Mapping[str, Shape]) -> Shape | None:
    """The shape of an expression of tensors; None where it is not known."""
    match value:
        case ast.Name(id=name):
            return shapes.get(name)
        case ast.Constant(value=int() | float()) | ast.Attribute(attr="size" | "ndim"):
            return ()
        case ast.UnaryOp(operand=operand):
            return shape_of(operand, shapes)
        case ast.BinOp(left=left, op=ast.MatMult(), right=right):
            return _of_product(shape_of(left, shapes), shape_of(right, shapes))
        case ast.BinOp(left=left, right=right):
            return _common([shape_of(left, shapes), shape_of(right, shapes)])
        case ast.Compare(left=left, comparators=[right]):
            return _common([shape_of(left, shapes), shape_of(right, shapes)])
        case ast.Call(func=ast.Attribute(value=ast.Name(id="np"), attr="swapaxes"), args=[array, first, second]):
            shape, axes = shape_of(array, shapes), [literal(ast.unparse(axis)) for axis in (first, second)]
            if shape is None or [] in axes:
                return None
            return tuple(np.swapaxes(np.empty(shape, dtype=bool), axes[0][0], axes[1][0]).shape)
        case ast.Call(func=ast.Attribute(value=ast.Name(id="np"), attr="sum"), args=[array], keywords=[keyword]):
            shape, axis = shape_of(array, shapes), literal(ast.unparse(keyword.value))
            if shape is None or keyword.arg != "axis" or not axis:
                return None
            gone = (
                {number % len(shape) for number in np.atleast_1d(axis[0])} if shape and axis[0] is not None else set()
            )
            return () if axis[0] is None else tuple(size for i, size in enumerate(shape) if i not in gone)
        case ast.Call(func=ast.Attribute(value=ast.Name(id="np"), attr=name), args=arrays) if name in ELEMENTWISE:
            return _common([shape_of(array, shapes) for array in arrays])
    return None


def _common(shapes: Sequence[Shape | None]) -> Shape | None:
    known = [shape for shape in shapes if shape is not None]
    return np.broadcast_shapes(*known) if len(known) == len(shapes) else None


def _of_product(first: Shape | None, second: Shape | None) -> Shape | None:
    if first is None or second is None or min(len(first), len(second)) < 2:
        return None
    return (*np.broadcast_shapes(first[:-2], second[:-2]), first[-2], second[-1])
