"""The contract between the harness and a backend: the program to train, and one Step per update.

A backend is a module with one function per op, one per optimizer, and a generator of `Step`s,
`train(ops, program, weights, batches, *, trace)`. docs/backends.md is the whole contract in prose.
"""

from backends.contract.calls import Call as Call
from backends.contract.calls import RuleCall as RuleCall
from backends.contract.calls import ScheduleCall as ScheduleCall
from backends.contract.calls import WeightGroup as WeightGroup
from backends.contract.nodes import Array as Array
from backends.contract.nodes import Node as Node
from backends.contract.nodes import NodeKind as NodeKind
from backends.contract.nodes import Phase as Phase
from backends.contract.nodes import average_name as average_name
from backends.contract.nodes import clipped_name as clipped_name
from backends.contract.nodes import decayed_name as decayed_name
from backends.contract.nodes import gradient_name as gradient_name
from backends.contract.program import Program as Program
from backends.contract.program import Tensors as Tensors
from backends.contract.step import Backend as Backend
from backends.contract.step import ContractError as ContractError
from backends.contract.step import Overwriting as Overwriting
from backends.contract.step import Step as Step
