"""Chainer's functions under the names, and with the settings, that both frameworks' captures share."""

from collections.abc import Callable, Mapping
from typing import Any

Settings = Callable[[Any], dict[str, Any]]
"""Reads the settings of a FunctionNode under shared names."""


def _none(node: Any) -> dict[str, Any]:
    return {}


def _named(**attributes: str) -> Settings:
    """Attributes of the node, each under its shared name."""
    return lambda node: {name: getattr(node, attribute) for name, attribute in attributes.items()}


def _window_2d(node: Any) -> dict[str, Any]:
    return {"stride": (node.sy, node.sx), "pad": (node.ph, node.pw)}


def _convolution_2d(node: Any) -> dict[str, Any]:
    return {**_window_2d(node), "dilation": (node.dy, node.dx), "groups": node.groups}


def _pooling_2d(node: Any) -> dict[str, Any]:
    return {"window": (node.kh, node.kw), **_window_2d(node)}


def _average_pooling_2d(node: Any) -> dict[str, Any]:
    return {**_pooling_2d(node), "count_include_pad": True}


def _max_pooling_2d(node: Any) -> dict[str, Any]:
    return {**_pooling_2d(node), "cover_all": node.cover_all}


def _pooling(node: Any) -> dict[str, Any]:
    return {"window": node.ksize, "stride": node.stride, "pad": node.pad}


def _average_pooling(node: Any) -> dict[str, Any]:
    return {**_pooling(node), "count_include_pad": node.pad_value is not None}


def _max_pooling(node: Any) -> dict[str, Any]:
    return {**_pooling(node), "cover_all": node.cover_all}


def _batch_normalization(node: Any) -> dict[str, Any]:
    return {"eps": node.eps, "momentum": 1 - node.decay, "training": True}


def _softmax_cross_entropy(node: Any) -> dict[str, Any]:
    weighted = node.class_weight is not None
    return {
        "ignore_label": label(node.ignore_label),
        "reduction": _reduction(node),
        "class_weight": weighted,
        "normalize": node.normalize,
    }


def _reduction(node: Any) -> Any:
    """PyTorch's word for what a loss does with its terms, where it has one."""
    return "none" if node.reduce == "no" else node.reduce


def _sigmoid_cross_entropy(node: Any) -> dict[str, Any]:
    return {"reduction": _reduction(node), "normalize": node.normalize}


def _with_reduction(**attributes: str) -> Settings:
    """Attributes of a loss, and its reduction."""
    read = _named(**attributes)
    return lambda node: {**read(node), "reduction": _reduction(node)}


def _mean_of_all(node: Any) -> dict[str, Any]:
    return {"reduction": "mean"}


SHARED: Mapping[str, tuple[str, Settings]] = {
    "LinearFunction": ("linear", _none),
    "Convolution2DFunction": ("conv2d", _convolution_2d),
    "Deconvolution2DFunction": ("deconv2d", _convolution_2d),
    "ConvolutionND": ("conv", _named(stride="stride", pad="pad", dilation="dilate", groups="groups")),
    "EmbedIDFunction": ("embedding", lambda node: {"ignore_label": label(node.ignore_label)}),
    "MatMul": ("matmul", _none),
    "BatchNormalization": ("batch_norm", _batch_normalization),
    "FixedBatchNormalization": ("batch_norm", lambda node: {"eps": node.eps, "training": False}),
    "LayerNormalization": ("layer_norm", _named(eps="eps")),
    "GroupNormalization": ("group_norm", _named(groups="groups", eps="eps")),
    "Dropout": ("dropout", _named(ratio="dropout_ratio")),
    "MaxPooling2D": ("max_pool2d", _max_pooling_2d),
    "AveragePooling2D": ("avg_pool2d", _average_pooling_2d),
    "MaxPoolingND": ("max_pool2d", _max_pooling),
    "AveragePoolingND": ("avg_pool2d", _average_pooling),
    "ReLU": ("relu", _none),
    "ClippedReLU": ("clipped_relu", _named(ceiling="cap")),
    "LeakyReLU": ("leaky_relu", _named(slope="slope")),
    "ELU": ("elu", _named(alpha="alpha")),
    "Sigmoid": ("sigmoid", _none),
    "HardSigmoid": ("hard_sigmoid", _none),
    "Tanh": ("tanh", _none),
    "Softplus": ("softplus", _named(beta="beta")),
    "Softmax": ("softmax", _named(axis="axis")),
    "LogSoftmax": ("log_softmax", _named(axis="axis")),
    "Exp": ("exp", _none),
    "Log": ("log", _none),
    "Sqrt": ("sqrt", _none),
    "Absolute": ("absolute", _none),
    "Neg": ("negative", _none),
    "Add": ("add", _none),
    "MultiAdd": ("add", _none),
    "AddConstant": ("add", _none),
    "Sub": ("subtract", _none),
    "SubFromConstant": ("subtract", _none),
    "Mul": ("multiply", _none),
    "MulConstant": ("multiply", _none),
    "Div": ("divide", _none),
    "DivFromConstant": ("divide", _none),
    "PowVarConst": ("power", _named(exponent="value")),
    "Sum": ("reduce_sum", _none),
    "Mean": ("reduce_mean", _none),
    "Average": ("reduce_mean", _none),
    "Reshape": ("reshape", _none),
    "Transpose": ("transpose", _none),
    "Concat": ("concatenate", _named(axis="axis")),
    "SplitAxis": ("split", _named(axis="axis")),
    "GetItem": ("select", _none),
    "LSTM": ("lstm_gates", _none),
    "SoftmaxCrossEntropy": ("softmax_cross_entropy", _softmax_cross_entropy),
    "SigmoidCrossEntropy": ("sigmoid_cross_entropy", _sigmoid_cross_entropy),
    "MeanSquaredError": ("mean_squared_error", _mean_of_all),
    "MeanAbsoluteError": ("mean_absolute_error", _mean_of_all),
    "HuberLoss": ("huber", _with_reduction(delta="delta")),
    "Triplet": ("triplet", _with_reduction(margin="margin")),
    "BernoulliNLL": ("bernoulli_nll", _with_reduction()),
    "Gaussian": ("gaussian", _none),
}
"""By the FunctionNode's class: the shared name, and how its settings are read. A constant beside a tensor is none."""


def shared_name(node: Any) -> tuple[str, dict[str, Any]]:
    """The shared name and settings of a FunctionNode; its class's name and no settings where there is no shared one."""
    name = type(node).__name__
    kind, settings = SHARED.get(name, (name, _none))
    return kind, {key: plain(value) for key, value in settings(node).items()}


def label(value: Any) -> Any:
    """A label to ignore; None for a negative one, which no data have unless they use it."""
    return None if value is None or value < 0 else value


def plain(value: Any) -> Any:
    """A setting as Python's own numbers; pairs of one number as that number."""
    if isinstance(value, tuple | list):
        values = [plain(item) for item in value]
        return values[0] if len(set(values)) == 1 else tuple(values)
    return value.item() if hasattr(value, "item") else value
