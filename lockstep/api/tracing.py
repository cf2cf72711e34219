"""`lockstep trace` as a function: every number of one update."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType

from backends.vocabulary import BUILT_IN
from harness.errors import InputError, did_you_mean
from harness.recording.catalogue import find_scenarios
from harness.recording.loading import LoadedBackend, backend_of, checked_names, load_backend
from harness.running.traced import TracedUpdate, trace_update
from lockstep.api.shown import Shown
from reports.languages.language import Language
from reports.notebook.fragments import text_fragment
from reports.text.console import PIPE_WIDTH
from reports.text.trace import render_trace, tensor_names
from scenarios import Scenario
from scenarios.language.values import shown


@dataclass(frozen=True, repr=False)
class ShownTrace(Shown):
    """One update of each of some scenarios, in several backends."""

    updates: Sequence[tuple[str, TracedUpdate, str | None]]
    """The title and the update of each scenario, and the only tensor that is shown; all of them if None."""

    def render(self, *, colour: bool = False, width: int = PIPE_WIDTH, language: Language = "en") -> str:
        """What the command prints."""
        return "\n".join(
            render_trace(title, update, tensor, colour=colour, width=width, language=language)
            for title, update, tensor in self.updates
        )

    def __str__(self) -> str:
        return self.render()

    def _repr_html_(self) -> str:
        return text_fragment(self.render(colour=True))


def trace(
    scenario: Scenario | str,
    backends: Iterable[str] | Mapping[str, ModuleType] | None = None,
    dtype: str | None = None,
    *,
    epoch: int = 1,
    update: int = 1,
    tensor: str | None = None,
    seed: int | None = None,
    batch_size: int | None = None,
    settings: Mapping[str, float] | None = None,
) -> ShownTrace:
    """The matrix at every line of one update, in each backend, as `lockstep trace`.

    scenario: a Scenario, a built-in name, `./file.py:name`, or `./file.py` for every scenario in it.
    backends: names as `--backend` takes them, or modules by name; all built-in ones if None.
    epoch, update: which one, counted from 1.
    tensor: show this one only, such as "h" or "grad_w1"; names with dots also as lines of code have them.

    Raises InputError for invalid input or an update that there is none of, Crashed, which is an InputError, for a
    backend or scenario that raises an error, and BackendMissing for a framework that can't be imported.
    """
    loaded = _loaded(backends)
    updates = []
    for each in [scenario] if isinstance(scenario, Scenario) else find_scenarios([scenario]):
        varied = each.vary(seed=seed, batch_size=batch_size, settings=settings)
        traced = trace_update(varied, loaded, epoch=epoch, update=update, dtype=dtype)
        only = None if tensor is None else _meant(tensor, tensor_names(traced), varied.name)
        of_update = f", update {update} of {traced.updates_per_epoch}" if traced.updates_per_epoch > 1 else ""
        updates.append((f"{varied.name} {traced.dtype}, epoch {epoch} of {varied.epochs}{of_update}", traced, only))
    return ShownTrace(updates)


def _meant(tensor: str, names: Collection[str], scenario: str) -> str:
    """The tensor of this name, or that which lines of code call so: `grad_encoder_w` for that of `encoder.w`."""
    if tensor in names:
        return tensor
    in_code = {name.replace(".", "_"): name for name in names}
    if tensor not in in_code:
        raise InputError(f"scenario {scenario} has no tensor {tensor!r}{did_you_mean(tensor, names)}")
    return in_code[tensor]


def _loaded(backends: Iterable[str] | Mapping[str, ModuleType] | None) -> list[LoadedBackend]:
    if isinstance(backends, Mapping):
        return [backend_of(name, module, shown(module)) for name, module in backends.items()]
    names = [backends] if isinstance(backends, str) else list(backends or BUILT_IN)
    checked_names(names)
    return [load_backend(name) for name in names]
