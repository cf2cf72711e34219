"""Layers that are paired crosswise: each with the one that has the other's name and shape."""

from collections.abc import Iterator, Sequence

from harness.comparing.document.outcome import WeightPair


def crossed(pairs: Sequence[WeightPair]) -> Iterator[str]:
    """What to say of layers that each have a namesake of their shape, and are paired in a circle with other ones.

    They are paired by the order of use. Where a port swaps two layers by mistake, weights that are copied to the layer
    that is used at the same place don't show it.
    """
    weights = [pair for pair in pairs if not pair.is_buffer and "," not in pair.left]
    shapes = {pair.right: pair.shape for pair in weights}
    paired = {_layer(pair.left): _layer(pair.right) for pair in weights}
    for pair in weights:
        namesake = pair.right.replace(_layer(pair.right), _layer(pair.left), 1)
        if shapes.get(namesake) != pair.shape:
            paired.pop(_layer(pair.left), None)
    seen: set[str] = set()
    for layer in paired:
        circle = _circle(layer, paired)
        if len(circle) > 1 and layer not in seen:
            seen |= {*circle}
            told = ", ".join(f"{each} with {paired[each]}" for each in circle)
            yield (
                f"layers of the same names and shapes are paired crosswise, by the order of use: {told}; "
                "if one side swaps them by mistake, copied weights don't show it"
            )


def _layer(name: str) -> str:
    """The path of the layer that has a weight; of a weight without a layer, its own name."""
    return name.rpartition(".")[0] or name


def _circle(layer: str, paired: dict[str, str]) -> list[str]:
    """The layers from this one on, each followed by the one that it is paired with; empty if that leads elsewhere."""
    circle = [layer]
    while (following := paired.get(circle[-1])) != layer:
        if following is None or following in circle:
            return []
        circle.append(following)
    return circle
