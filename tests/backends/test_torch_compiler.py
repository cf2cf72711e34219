"""PyTorch's compiler is imported only by who compiles, and then optimizers are as PyTorch made them."""

import subprocess
import sys
from textwrap import dedent

import pytest

OPTIMIZERS = ("SGD", "Adam", "AdamW", "NAdam", "RAdam", "Adamax", "Adagrad", "Adadelta", "RMSprop", "ASGD", "Rprop")
TRAIN = """
import sys
import torch
{first}
from backends import torch_autograd
def trained(optimizer_class, compiled=False):
    w = torch.ones(3, requires_grad=True)
    optimizer = optimizer_class([w], lr=0.1)
    def step():
        optimizer.step()
    step = torch.compile(step, backend="eager") if compiled else step
    for _ in range(3):
        optimizer.zero_grad()
        (w * w).sum().backward()
        step()
    return w.tolist()
"""


def run_alone(program: str, first: str = "") -> str:
    command = [sys.executable, "-c", TRAIN.format(first=first) + dedent(program)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_training_does_not_import_the_compiler_and_gives_the_same_numbers() -> None:
    program = f"""
    print([trained(getattr(torch.optim, name)) for name in {OPTIMIZERS}])
    assert ("torch._dynamo" in sys.modules) == wanted
    """
    assert run_alone(program, "wanted = False") == run_alone(program, "import torch._dynamo; wanted = True")


@pytest.mark.slow
def test_a_step_can_be_compiled_afterwards_as_if_the_compiler_had_been_there() -> None:
    program = """
    before = trained(torch.optim.Adam)
    print(before, trained(torch.optim.Adam, compiled=True))
    assert "torch._dynamo" in sys.modules
    assert trained(torch.optim.Adam) == before
    """
    assert run_alone(program) == run_alone(program, "import torch._dynamo")


@pytest.mark.slow
@pytest.mark.parametrize("first", ["", "import torch._dynamo"])
def test_a_step_is_differentiated_where_it_is_asked_to_be(first: str) -> None:
    printed = run_alone(
        """
        start = torch.ones(3, requires_grad=True)
        w = start.clone()
        w.grad = 2 * w
        torch.optim.SGD([w], lr=0.25, differentiable=True).step()
        w.sum().backward()
        print(start.grad.tolist(), torch.is_grad_enabled())
        """,
        first,
    )
    assert printed == "[0.5, 0.5, 0.5] True\n"


def test_optimizers_are_left_alone_where_the_compiler_is_imported() -> None:
    run_alone("assert torch.optim.SGD.step is original", "import torch._dynamo; original = torch.optim.SGD.step")
