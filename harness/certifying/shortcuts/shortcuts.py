"""Which tensors of an update are seen to be right without their bounds, or with less than a Check of them.

Never more than a Check would pass, so what is found is the same. At updates 1, 4, 16, 64 and so on, and at the last,
every bound is computed and every check made, to measure for the report how sharp they are.
"""

from backends.contract import Array, Node, Program
from harness.certifying.shortcuts.quick_look import is_surely_right
from harness.certifying.shortcuts.replay import Replay, ReplayedUpdate, is_same
from harness.certifying.uses import Formulas
from harness.numerics.bounded import Bounded
from harness.numerics.rounding import Arithmetic
from harness.running.updates import Update


class Shortcuts:
    """The shortcuts of one backend's certificate."""

    def __init__(self, program: Program, constants: Arithmetic, formulas: Formulas, last: int) -> None:
        """`last` is the number of the last update."""
        self._replay = Replay(program, constants)
        self._formulas = formulas
        self._last = last
        self._telling: set[Node] = set()
        self._misses: dict[Node, int] = {}
        self._update: ReplayedUpdate | None = None

    def begin(self, update: Update) -> None:
        """Begin with an update."""
        self._update = None
        if not self.is_measured(update.number) and self._telling:
            self._update = ReplayedUpdate(self._replay, update, self._formulas)

    def is_measured(self, update: int) -> bool:
        """Whether all bounds of an update are computed."""
        return update == self._last or (not update & (update - 1) and update.bit_length() % 2 == 1)

    def tell(self, node: Node) -> None:
        """Note that the check of a tensor said something, at an update that is measured."""
        self._telling.add(node)

    def is_replayed(self, node: Node, got: Array) -> bool:
        """Whether a tensor is what the hand-written ops compute, to the last bit, where its check told something.

        After two tensors that are not, it is no longer asked of this node until bounds are measured again.
        """
        if self._update is None or node not in self._telling:
            return False
        if self._update.yields(node, got):
            return True
        self._misses[node] = self._misses.get(node, 0) + 1
        if self._misses[node] % 2 == 0:
            self._telling.discard(node)
        return False

    def is_reported_as_computed(self, update: Update, loss: Node, got: Array) -> bool:
        """Whether the loss that is reported has the bits of the value that the program computed."""
        value = update.step.values.get(loss.of)
        return value is not None and value.dtype == got.dtype and is_same(value, got)

    def is_surely_right(self, update: int, bound: Bounded, got: Array) -> bool:
        """Whether a look at a tensor in the run's dtype shows that it is right."""
        return not self.is_measured(update) and is_surely_right(bound, got)
