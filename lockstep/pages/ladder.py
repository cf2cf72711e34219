"""What the page of the ladder is rendered from: every rung, trained side by side, with its numbers at every epoch."""

from collections.abc import Mapping, Sequence

from harness.recording.loading import LoadedBackend
from harness.recording.versions import versions
from harness.running.experiment import prepare
from harness.running.traced import first_update, tensors_of, trace_epochs
from harness.studies.ladder import Climbed, Rung, rung_backend
from reports.page.ladder import LadderContent
from reports.page.run.numbers import PageNumbers
from scenarios import Scenario


def ladder_content(
    ladders: Mapping[str, Sequence[Rung]],
    climbed: Sequence[Climbed],
    dtype: str,
    command: str,
    scenario: Scenario,
) -> LadderContent:
    """Train every rung once more on the same scenario, and keep every tensor of every epoch.

    `climbed` is what came of these rungs, in their order.
    """
    backends = [LoadedBackend(each.rung.name, rung_backend(each.rung)) for each in climbed]
    experiment = prepare(scenario, backends, dtype)
    program = experiment.program
    first = tensors_of((*program.nodes(), program.loss_gradient), first_update(experiment))
    numbers = PageNumbers(program, first)
    updates = {epoch: program.epoch.first_step_in(epoch) for epoch in range(1, experiment.epochs + 1)}
    trace_epochs(experiment, updates, numbers.keep)
    return LadderContent(ladders, {each.rung.name: each for each in climbed}, numbers, versions(), command)
