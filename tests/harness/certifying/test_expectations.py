"""What is the same in every update is prepared for bounds once."""

from harness.certifying.expectations import Evaluation
from harness.numerics.rounding import arithmetic
from harness.recording.loading import load_backends
from harness.running.experiment import prepare
from scenarios import Scenario


def test_data_that_come_again_are_made_exact_once(tiny: Scenario) -> None:
    experiment = prepare(tiny, load_backends(("numpy", "torch")))
    evaluation = Evaluation(experiment.program, arithmetic("float32"))
    one, two = experiment.draws.batches(2)
    exact = {name: evaluation.exact_data(one)[name] for name in one}
    assert all(evaluation.exact_data(two)[name] is exact[name] for name in exact)
    redrawn = two | {"x": two["x"] + 1}
    again = evaluation.exact_data(redrawn)
    assert (again["x"].midpoint == redrawn["x"]).all()
    assert again["y"] is exact["y"]
