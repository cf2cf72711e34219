"""The playground of a page: its scripts, and the settings that it opens with."""

from typing import Any

from backends.contract import Program
from harness.results import Result
from reports.page.run.tour import is_the_articles_network

ARITHMETIC = tuple(
    f"arithmetic/{name}"
    for name in (
        "mt19937", "product_kernel", "strict_float32", "settings", "datasets", "ops", "optimizers", "networks",
        "training", "explained", "views", "copied_code", "worker",
    )
)  # fmt: skip
"""The scripts of the worker that trains, in the order in which they depend on each other."""
SCRIPTS = (
    "arithmetic/settings",
    *(
        f"playground/{name}"
        for name in (
            "laboratory", "sentences", "form", "tries", "transport", "network_drawn", "plane_drawn", "matrices_shown",
            "code_shown", "playground",
        )
    ),
)  # fmt: skip
"""The scripts that the page itself has for the playground."""
NETWORKS = {
    "linear_regression": ("linear", ((3, 1), (1,))),
    "logistic_regression": ("logistic", ((2, 1), (1,))),
    "xor": ("xor", ((2, 4), (4,), (4, 1), (1,))),
}
"""The scenarios whose networks the playground has, beside the article's, and the shapes of their weights."""
OPTIMIZERS = ("sgd", "momentum", "adam")
MOST_EPOCHS = 5000
"""The playground trains no longer."""


def opened_settings(result: Result, program: Program) -> dict[str, Any] | None:
    """The playground's settings that are those of a run; None if the playground does not have its network.

    The sizes are those of the data and the weights, so they hold for a variant of the scenario, too.
    """
    common = {
        "seed": result.seed,
        "epochs": min(result.epochs, MOST_EPOCHS),
        "lr": program.optimizer.settings.get("lr"),
    }
    if is_the_articles_network(program) and program.optimizer.op == "sgd":
        (m, n_i), (_, n_o) = (program.shapes[name] for name in program.data)
        n_h = program.shapes[program.weights[0]][1]
        return {"network": "article", "M": m, "N_I": n_i, "N_H": n_h, "N_O": n_o, **common}
    network, shapes = NETWORKS.get(result.scenario, ("", ()))
    if shapes == tuple(program.shapes[name] for name in program.weights) and program.optimizer.op in OPTIMIZERS:
        momentum = {name: value for name, value in program.optimizer.settings.items() if name == "momentum"}
        return {"network": network, "optimizer": program.optimizer.op, **momentum, **common}
    return None
