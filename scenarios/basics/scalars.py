"""Expressions of single numbers, as a scalar autograd engine differentiates them."""

from typing import Any

from scenarios import param, scenario, sgd


@scenario(
    seed=1,
    epochs=10,
    optimizer=sgd(lr=1e-5),
    untested="ok",  # there is one example, which is on one side of each kink
    a=param(fill=-4.0),
    b=param(fill=2.0),
)
def micrograd(op: Any, a: Any, b: Any) -> Any:
    """The expression in two numbers from micrograd's README, whose value and gradients are published there.

    At a = −4 and b = 2 its value is 24.7041, with the gradients 138.8338 for a and 645.5773 for b (A. Karpathy,
    github.com/karpathy/micrograd); training then lowers it. Both are used many times, so each gradient is a sum over
    many paths. All tensors have the shape (). Exercises add, subtract, multiply, divide, power and relu.
    """
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + op.relu(b + a)
    d += 3 * d + op.relu(b - a)
    e = c - d
    f = e**2
    return f / 2.0 + 10.0 / f
