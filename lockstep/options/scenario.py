"""Options that vary a scenario: its seed, its epochs, its batches and its settings."""

import click

SEED_OPTION = click.option("--seed", type=int, help="Draw data and starting weights from this seed.")
EPOCHS_OPTION = click.option("--epochs", type=int, help="Train for this many epochs.")
BATCH_SIZE_OPTION = click.option("--batch-size", type=int, help="Examples per update.")


def _settings(context: click.Context, parameter: click.Parameter, texts: tuple[str, ...]) -> dict[str, float]:
    settings = {}
    for text in texts:
        name, equals, value = text.partition("=")
        try:
            settings[name] = _number(value)
        except ValueError:
            problem = f"{value!r} is not a number" if equals else "write NAME=VALUE"
            raise click.BadParameter(f"{text!r}: {problem}, as in --set lr=0.01") from None
    return settings


def _number(text: str) -> float:
    """Read a whole number as an int, so that messages show it as it was typed."""
    try:
        return int(text)
    except ValueError:
        return float(text)


SETTINGS_OPTION = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    callback=_settings,
    help="A setting of the scenario, such as lr=0.01; may be repeated.",
)
