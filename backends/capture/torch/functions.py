"""PyTorch's functions under the names, and with the settings, that both frameworks' captures share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from backends.capture.chainer.functions import label, plain


@dataclass(frozen=True)
class Shared:
    """What a function is called in both frameworks' captures, and where its settings stand among its arguments."""

    kind: str
    parameters: tuple[str, ...] = ()
    """The function's parameters by position, as far as settings are among them."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Parameter by shared name."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """What holds where nothing is given, by shared name."""

    def read(self, arguments: tuple[Any, ...], named: Mapping[str, Any]) -> dict[str, Any]:
        """The settings of one call."""
        given = {**dict(zip(self.parameters, arguments, strict=False)), **named}
        found: dict[str, Any] = {}
        for name, parameter in self.settings.items():
            value = given.get(parameter)
            value = self.defaults.get(name) if value is None else value
            if name == "class_weight":
                value = value is not None
            elif name == "ignore_label":
                value = label(value)
            elif name == "stride" and value is None:
                value = found.get("window")  # PyTorch's windows lie side by side unless told otherwise
            found[name] = plain(value)
        return found


CONVOLUTION = ("input", "weight", "bias", "stride", "padding", "dilation", "groups")
TRANSPOSED = ("input", "weight", "bias", "stride", "padding", "output_padding", "groups", "dilation")
OF_CONVOLUTION = {"stride": "stride", "pad": "padding", "dilation": "dilation", "groups": "groups"}
PLAIN_CONVOLUTION = {"stride": 1, "pad": 0, "dilation": 1, "groups": 1}
MAX_POOLING = ("input", "kernel_size", "stride", "padding", "dilation", "ceil_mode")
AVERAGE_POOLING = ("input", "kernel_size", "stride", "padding", "ceil_mode", "count_include_pad")
POOLING = {"window": "kernel_size", "stride": "stride", "pad": "padding"}
CROSS_ENTROPY = ("input", "target", "weight", "size_average", "ignore_index", "reduce", "reduction", "label_smoothing")
ATTENTION = ("query", "key", "value", "embed_dim_to_check", "num_heads")
OF_LOSS = ("input", "target", "size_average", "reduce", "reduction")
REDUCTION = {"reduction": "reduction"}

SHARED: Mapping[str, Shared] = {
    "linear": Shared("linear"),
    "conv1d": Shared("conv", CONVOLUTION, OF_CONVOLUTION, PLAIN_CONVOLUTION),
    "conv2d": Shared("conv2d", CONVOLUTION, OF_CONVOLUTION, PLAIN_CONVOLUTION),
    "conv3d": Shared("conv", CONVOLUTION, OF_CONVOLUTION, PLAIN_CONVOLUTION),
    "conv_transpose2d": Shared("deconv2d", TRANSPOSED, OF_CONVOLUTION, PLAIN_CONVOLUTION),
    "embedding": Shared("embedding", ("input", "weight", "padding_idx"), {"ignore_label": "padding_idx"}),
    "matmul": Shared("matmul"),
    "mm": Shared("matmul"),
    "bmm": Shared("matmul"),
    "batch_norm": Shared(
        "batch_norm",
        ("input", "running_mean", "running_var", "weight", "bias", "training", "momentum", "eps"),
        {"eps": "eps", "momentum": "momentum", "training": "training"},
        {"eps": 1e-5, "momentum": 0.1, "training": False},
    ),
    "group_norm": Shared(
        "group_norm",
        ("input", "num_groups", "weight", "bias", "eps"),
        {"groups": "num_groups", "eps": "eps"},
        {"eps": 1e-5},
    ),
    "multi_head_attention_forward": Shared("multi_head_attention", ATTENTION, {"heads": "num_heads"}),
    "layer_norm": Shared(
        "layer_norm", ("input", "normalized_shape", "weight", "bias", "eps"), {"eps": "eps"}, {"eps": 1e-5}
    ),
    "dropout": Shared("dropout", ("input", "p", "training"), {"ratio": "p"}, {"ratio": 0.5}),
    "max_pool2d": Shared(
        "max_pool2d", MAX_POOLING, {**POOLING, "cover_all": "ceil_mode"}, {"pad": 0, "cover_all": False}
    ),
    "avg_pool2d": Shared(
        "avg_pool2d",
        AVERAGE_POOLING,
        {**POOLING, "count_include_pad": "count_include_pad"},
        {"pad": 0, "count_include_pad": True},
    ),
    "relu": Shared("relu"),
    "relu6": Shared("clipped_relu", (), {"ceiling": "ceiling"}, {"ceiling": 6.0}),
    "hardtanh": Shared("clipped_relu", ("input", "min_val", "max_val"), {"ceiling": "max_val"}, {"ceiling": 1.0}),
    "leaky_relu": Shared("leaky_relu", ("input", "negative_slope"), {"slope": "negative_slope"}, {"slope": 0.01}),
    "elu": Shared("elu", ("input", "alpha"), {"alpha": "alpha"}, {"alpha": 1.0}),
    "sigmoid": Shared("sigmoid"),
    "hardsigmoid": Shared("hard_sigmoid"),
    "tanh": Shared("tanh"),
    "softplus": Shared("softplus", ("input", "beta"), {"beta": "beta"}, {"beta": 1.0}),
    "softmax": Shared("softmax", ("input", "dim"), {"axis": "dim"}),
    "log_softmax": Shared("log_softmax", ("input", "dim"), {"axis": "dim"}),
    "exp": Shared("exp"),
    "log": Shared("log"),
    "sqrt": Shared("sqrt"),
    "abs": Shared("absolute"),
    "neg": Shared("negative"),
    "add": Shared("add"),
    "radd": Shared("add"),
    "sub": Shared("subtract"),
    "rsub": Shared("subtract"),
    "mul": Shared("multiply"),
    "rmul": Shared("multiply"),
    "div": Shared("divide"),
    "truediv": Shared("divide"),
    "rdiv": Shared("divide"),
    "rtruediv": Shared("divide"),
    "pow": Shared("power", ("input", "exponent"), {"exponent": "exponent"}),
    "square": Shared("power", (), {"exponent": "exponent"}, {"exponent": 2}),
    "sum": Shared("reduce_sum"),
    "mean": Shared("reduce_mean"),
    "reshape": Shared("reshape"),
    "view": Shared("reshape"),
    "flatten": Shared("reshape"),
    "squeeze": Shared("reshape"),
    "unsqueeze": Shared("reshape"),
    "transpose": Shared("transpose"),
    "permute": Shared("transpose"),
    "t": Shared("transpose"),
    "T": Shared("transpose"),
    "mT": Shared("transpose"),
    "cat": Shared("concatenate", ("tensors", "dim"), {"axis": "dim"}, {"axis": 0}),
    "concat": Shared("concatenate", ("tensors", "dim"), {"axis": "dim"}, {"axis": 0}),
    "split": Shared("split", ("tensor", "split_size", "dim"), {"axis": "dim"}, {"axis": 0}),
    "chunk": Shared("split", ("input", "chunks", "dim"), {"axis": "dim"}, {"axis": 0}),
    "getitem": Shared("select"),
    "cross_entropy": Shared(
        "softmax_cross_entropy",
        CROSS_ENTROPY,
        {"ignore_label": "ignore_index", "reduction": "reduction", "class_weight": "weight"},
        {"ignore_label": -100, "reduction": "mean"},
    ),
    "binary_cross_entropy_with_logits": Shared(
        "sigmoid_cross_entropy",
        ("input", "target", "weight", "size_average", "reduce", "reduction"),
        REDUCTION,
        {"reduction": "mean"},
    ),
    "binary_cross_entropy": Shared(
        "binary_cross_entropy",
        ("input", "target", "weight", "size_average", "reduce", "reduction"),
        REDUCTION,
        {"reduction": "mean"},
    ),
    "nll_loss": Shared(
        "negative_log_likelihood",
        CROSS_ENTROPY,
        {"ignore_label": "ignore_index", "reduction": "reduction", "class_weight": "weight"},
        {"ignore_label": -100, "reduction": "mean"},
    ),
    "kl_div": Shared("kl_divergence", OF_LOSS, REDUCTION, {"reduction": "mean"}),
    "smooth_l1_loss": Shared("smooth_l1", OF_LOSS, REDUCTION, {"reduction": "mean"}),
    "mse_loss": Shared("mean_squared_error", OF_LOSS, REDUCTION, {"reduction": "mean"}),
    "l1_loss": Shared("mean_absolute_error", OF_LOSS, REDUCTION, {"reduction": "mean"}),
    "huber_loss": Shared(
        "huber",
        ("input", "target", "reduction", "delta"),
        {"delta": "delta", **REDUCTION},
        {"delta": 1.0, "reduction": "mean"},
    ),
}
"""By the function's name without underscores."""


def shared_name(function: str, arguments: tuple[Any, ...], named: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The shared name and settings of a call; the function's own name and no settings where there is no shared one."""
    shared = SHARED.get(function)
    return (function, {}) if shared is None else (shared.kind, shared.read(arguments, named))
