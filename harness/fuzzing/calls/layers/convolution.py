"""Calls of convolutions: images, kernels and settings that differ by axis, groups, with and without a bias."""

from functools import partial
from typing import Any

from harness.fuzzing.calls.maker import Maker, each_of, one_or_two
from harness.fuzzing.draft import Draft, Tensor

DEFAULTS = {"stride": 1, "pad": 0, "dilation": 1, "groups": 1, "output_pad": 0}


def but_for_defaults(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings that are not at their defaults."""
    return {name: value for name, value in settings.items() if value != DEFAULTS[name]}


def images(draft: Draft, axes: int, channels: int = 1) -> Tensor:
    """Images, or signals, of so many axes, whose channels are a multiple of a number."""
    return draft.some(
        lambda shape: len(shape) == 2 + axes and shape[1] % channels == 0,
        lambda: (
            draft.shape(1)[0],
            channels * draft.choose.between(1, 2),
            *[draft.choose.of((4, 3, 5, 6, 2, 1)) for _ in range(axes)],
        ),
    )


def bias(draft: Draft, channels: int) -> list[Tensor]:
    """One, or none."""
    return [draft.weight((channels,))] if draft.choose.one_in(2) else []


def convolution(draft: Draft, op: str, axes: int) -> None:
    """A kernel that the padded images have room for."""
    choose = draft.choose
    groups = choose.of((1, 1, 2))
    x = images(draft, axes, groups)
    outputs = groups * choose.between(1, 2)
    kernel = tuple(choose.between(1, 3) for _ in range(axes))
    settings: dict[str, Any] = {
        "stride": one_or_two(choose, 1, 2, axes),
        "pad": one_or_two(choose, 0, 2, axes),
        "dilation": one_or_two(choose, 1, 2, axes),
        "groups": groups,
    }
    w = draft.weight((outputs, x.shape[1] // groups, *kernel))
    draft.call(op, x, w, *bias(draft, outputs), **but_for_defaults(settings))


def deconvolution(draft: Draft, op: str, axes: int) -> None:
    """A transposed convolution, with rows that its stride left out."""
    choose = draft.choose
    groups = choose.of((1, 1, 2))
    x = images(draft, axes, groups)
    outputs = choose.between(1, 2)
    pad, stride = one_or_two(choose, 0, 1, axes), one_or_two(choose, 1, 3, axes)
    kernel = tuple(2 * each + choose.between(1, 2) for each in each_of(pad, axes))
    more = choose.below(min(each_of(stride, axes)))
    dilation = one_or_two(choose, 1, 2, axes)
    settings: dict[str, Any] = {
        "stride": stride,
        "pad": pad,
        "dilation": dilation,
        "groups": groups,
        "output_pad": more,
    }
    w = draft.weight((x.shape[1], outputs, *kernel))
    draft.call(op, x, w, *bias(draft, groups * outputs), **but_for_defaults(settings))


def depthwise_conv2d(draft: Draft) -> None:
    """Every channel by itself, with one kernel or more."""
    choose = draft.choose
    x = images(draft, 2)
    outputs = x.shape[1] * choose.between(1, 2)
    w = draft.weight((outputs, 1, choose.between(1, 3), choose.between(1, 3)))
    settings: dict[str, Any] = {
        "stride": one_or_two(choose, 1, 2),
        "pad": one_or_two(choose, 0, 2),
        "dilation": one_or_two(choose, 1, 2),
    }
    draft.call("depthwise_conv2d", x, w, *bias(draft, outputs), **but_for_defaults(settings))


MAKERS: dict[str, Maker] = {
    "conv2d": partial(convolution, op="conv2d", axes=2),
    "conv1d": partial(convolution, op="conv1d", axes=1),
    "deconv2d": partial(deconvolution, op="deconv2d", axes=2),
    "deconv1d": partial(deconvolution, op="deconv1d", axes=1),
    "depthwise_conv2d": depthwise_conv2d,
}
