"""Where the gradients of ops jump."""

KINKS: dict[str, tuple[float | str, ...]] = {
    "absolute": (0.0,),
    "clip": ("low", "high"),
    "relu": (0.0,),
    "leaky_relu": (0.0,),
    "elu": (0.0,),
    "selu": (0.0,),
    "hard_sigmoid": (-2.5, 2.5),
    "clipped_relu": (0.0, "ceiling"),
    "prelu": (0.0,),
    "hard_swish": (-3.0, 3.0),
}
"""Where the gradient of an op jumps: the values of its first input, or the names of the settings that hold them.

The gradient of elu jumps unless alpha is 1.
"""
