"""Mistakes in calling PyTorch's and Chainer's activations and maxima: defaults and ties that mean something else."""

from typing import Final

from backends.mutants.mutant import Mutant, Training, family

equal = Training("equal")
equal_smallest = Training("equal_smallest")
summaries = Training("summaries_of_sets", epochs=3)
far = Training("far")
zeros = Training("zeros")
mixed_axes = Training("mixed_axes", epochs=3)
mlp_clipped_relu = Training("mlp_clipped_relu", epochs=3)
mlp_elu = Training("mlp_elu", epochs=3)
mlp_gelu = Training("mlp_gelu", epochs=3)
mlp_hard_sigmoid = Training("mlp_hard_sigmoid", epochs=3)
mlp_leaky_relu = Training("mlp_leaky_relu", epochs=3)

SHARP: Final = ("float64",)
"""Where it makes a difference that float32 could show."""

TORCH = family(
    "PyTorch calls",
    Mutant(
        "torch_hardsigmoid",
        "F.hardsigmoid, which has a slope of 1/6",
        mlp_hard_sigmoid,
        ("hard_sigmoid", "forward"),
        "hard_sigmoid",
        {"F.hardtanh(0.2 * x + 0.5, 0.0, 1.0)": "F.hardsigmoid(x)"},
        cause="its slope is 1/6",
    ),
    Mutant(
        "torch_softplus_usual_threshold",
        "the threshold is left at 20, from where on F.softplus returns x",
        far,
        ("softplus", "forward"),
        "softplus",
        {"threshold=50": "threshold=20"},
        dtypes=SHARP,
        cause="x itself above 20",
    ),
    Mutant(
        "torch_gelu_approximated",
        "the tanh approximation is left on",
        mlp_gelu,
        ("gelu", "forward"),
        "gelu",
        {"F.gelu(x)": 'F.gelu(x, approximate="tanh")'},
        cause="gelu by tanh",
    ),
    Mutant(
        "torch_leaky_relu_usual_slope",
        "the slope is left at PyTorch's 0.01",
        mlp_leaky_relu,
        ("leaky_relu", "forward"),
        "leaky_relu",
        {"F.leaky_relu(x, slope)": "F.leaky_relu(x)"},
        cause="slope is 0.01, PyTorch's default",
    ),
    Mutant(
        "torch_elu_usual_alpha",
        "alpha is left at 1",
        mlp_elu,
        ("elu", "forward"),
        "elu",
        {"F.elu(x, alpha)": "F.elu(x)"},
        cause="alpha is 1",
    ),
    Mutant(
        "torch_amax",
        "torch.amax, which shares the gradient out among equal elements",
        equal,
        ("reduce_max", "backward"),
        "reduce_max",
        {"torch.max(x, dim=axis, keepdim=keepdims).values": "torch.amax(x, dim=axis, keepdim=keepdims)"},
        cause="share the gradient",
    ),
    Mutant(
        "torch_amin",
        "torch.amin, which shares the gradient out among equal elements",
        equal_smallest,
        ("reduce_min", "backward"),
        "reduce_min",
        {"torch.min(_rows_along(x, axis), dim=-1).values": "torch.amin(_rows_along(x, axis), dim=-1)"},
        cause="share the gradient",
    ),
    Mutant(
        "torch_var_unbiased",
        "torch.var as it comes: divided by n − 1",
        summaries,
        ("reduce_var", "forward"),
        "reduce_var",
        {"correction=correction, ": ""},
        cause="divided by n - 1, not by n",
    ),
    backend="torch",
)

CHAINER = family(
    "Chainer calls",
    Mutant(
        "chainer_leaky_relu_usual_slope",
        "the slope is left at Chainer's 0.2",
        mlp_leaky_relu,
        ("leaky_relu", "forward"),
        "leaky_relu",
        {"F.leaky_relu(x, slope)": "F.leaky_relu(x)"},
        cause="slope is 0.2, Chainer's default",
    ),
    Mutant(
        "chainer_clipped_relu_usual_ceiling",
        "the ceiling is left at 20",
        mlp_clipped_relu,
        ("clipped_relu", "forward"),
        "clipped_relu",
        {"F.clipped_relu(x, ceiling)": "F.clipped_relu(x)"},
        cause="ceiling is 20",
    ),
    Mutant(
        "chainer_prelu_at_zero",
        "F.prelu, which counts 0 as above 0",
        zeros,
        ("prelu", "backward"),
        "prelu",
        {"F.where(x.array > 0, x, F.broadcast_to(slopes, x.shape) * x)": "F.prelu(x, slope)"},
        cause="with >= for > in",
    ),
    Mutant(
        "chainer_softmax_over_axis_1",
        "softmax over Chainer's axis 1, which is not the last one of three",
        mixed_axes,
        ("softmax", "forward"),
        "softmax",
        {"F.softmax(x, axis=axis)": "F.softmax(x)"},
        cause="over axis 1",
    ),
    Mutant(
        "chainer_max",
        "F.max, which gives all of several equal elements the whole gradient",
        equal,
        ("reduce_max", "backward"),
        "reduce_max",
        {"F.sum(F.where(first, x, np.zeros_like(x.array)), ": "F.max(x, "},
        cause="each of several largest elements",
    ),
    Mutant(
        "chainer_min",
        "F.min, which gives all of several equal elements the whole gradient",
        equal_smallest,
        ("reduce_min", "backward"),
        "reduce_min",
        {"F.sum(F.where(first, x, np.zeros_like(x.array)), ": "F.min(x, "},
        cause="each of several smallest elements",
    ),
    backend="chainer",
)

MUTANTS = TORCH + CHAINER
