"""The lines that make a chain of Chainer's, which holds parameters."""

from collections.abc import Mapping

from reports.source.spans import WIDTH

CHAIN_ATTRIBUTES = """
    add_hook add_link add_param add_persistent addgrads children cleargrads copy copyparams count_params delete_hook
    device device_resident_accept disable_update enable_update from_chx from_params init_scope links local_link_hooks
    name namedlinks namedparams params printable_specs register_persistent repeat serialize to_chx to_cpu to_device
    to_gpu to_intel64 update_enabled within_init_scope xp zerograds
"""
"""Attributes of every chainer.Chain, which no parameter may be called."""


def chain_lines(chain: str, parameters: Mapping[str, str]) -> list[str]:
    """A chain with these variables as parameters under their names in the scenario, by which Chainer sorts them."""
    prefix = "" if set(CHAIN_ATTRIBUTES.split()).isdisjoint(parameters) else "parameter_"
    attributes = {f"{chain}.{prefix}{name}": variable for name, variable in parameters.items()}
    lines = [f"    {', '.join(attributes)} = {', '.join(attributes.values())}"]
    if any("." in name for name in parameters):  # other names would sort in another order
        lines = [f'    setattr({chain}, "{prefix}{name}", {variable})' for name, variable in parameters.items()]
    elif len(lines[0]) > WIDTH:  # then they have one each
        lines = [f"    {attribute} = {variable}" for attribute, variable in attributes.items()]
    return [f"{chain} = chainer.Chain()", f"with {chain}.init_scope():", *lines]
