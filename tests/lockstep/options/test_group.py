"""A group gives a command its options in the order in which it lists them, between those around it."""

import click

from lockstep.options.group import in_order


def test_options_stand_in_the_order_of_the_group() -> None:
    @click.command()
    @click.option("--before")
    @in_order(click.option("--first"), click.option("--second", type=int))
    @click.option("--after")
    def command(before: str | None, first: str | None, second: int | None, after: str | None) -> None:
        click.echo(f"{before} {first} {second} {after}")

    assert [parameter.name for parameter in command.params] == ["before", "first", "second", "after"]
    with click.Context(command) as context:
        assert command.parse_args(context, ["--second", "2", "--first", "1"]) == []
    assert (context.params["first"], context.params["second"]) == ("1", 2)
