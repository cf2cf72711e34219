"""The built-in backends, and the names of the ops and rules that every one of them has.

Every backend is a folder with one file per family: those of ops in the folders that FAMILIES names, those of rules in
training/. Each file has one function per name, in this order. To add an op, enter its name here and write it in each
backend.
"""

from collections.abc import Mapping
from typing import Literal, get_args

BUILT_IN = {
    "numpy": "backends.numpy_manual",
    "chainer": "backends.chainer_autograd",
    "torch": "backends.torch_autograd",
}
"""The modules of the built-in backends, by the names that runs use."""
TITLES = {"numpy": "NumPy", "chainer": "Chainer", "torch": "PyTorch"}
"""Their names in text."""
HAND_WRITTEN = "numpy"
"""The backend whose gradients are written by hand; certificates are computed from it."""
TRAIN = "train"
KEEP = "keep"
"""Stands for an op where the next value of a tensor is the tensor itself, as that of a frozen weight is."""
ACCUMULATION = "gradient_accumulation"
"""Stands for an op where the backward pass starts: at the share of a batch in the mean over several."""
TRAINING = (TRAIN, "threads", "freeze", "thaw", "leave_out")
"""The functions of a backend that are neither ops nor rules."""
Part = Literal["optimizer", "clear gradients", "backward", "clip", "step", "schedule", "carry"]
PARTS: tuple[Part, ...] = get_args(Part)
"""What the `train` of a built-in backend consists of: each part stands under a comment that names it and ends at the
next empty line. The code map shows these lines, and raises an error where a backend lacks one of the comments."""

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "arithmetic": (
        "products",
        "elementwise",
        "reductions",
        "sums",
        "elementary",
    ),
    "arrays": (
        "reshaping",
        "joining",
        "indexing",
        "repeating",
    ),
    "activations": (
        "rectifiers",
        "smooth",
        "gates",
    ),
    "layers": (
        "linear_embedding_dropout",
        "convolution",
        "pooling",
        "resizing",
        "normalisation",
        "other_norms",
        "recurrent",
        "recurrent_layers",
        "positions",
        "attention",
    ),
    "losses": (
        "distance_losses",
        "label_losses",
        "cross_entropies",
        "sequence_losses",
    ),
}
"""The families of ops by the folder that their files stand in: the same ones wherever something is said of every op."""
OPS: Mapping[str, tuple[str, ...]] = {
    "products": (
        "matmul",
        "batch_matmul",
        "einsum",
    ),
    "elementwise": (
        "add",
        "subtract",
        "multiply",
        "divide",
        "negative",
        "power",
        "maximum",
        "minimum",
        "where",
    ),
    "reductions": (
        "reduce_sum",
        "reduce_mean",
        "reduce_var",
        "reduce_max",
        "reduce_min",
        "logsumexp",
    ),
    "sums": ("cumsum",),
    "elementary": (
        "exp",
        "log",
        "sqrt",
        "sin",
        "cos",
        "absolute",
        "clip",
    ),
    "reshaping": (
        "reshape",
        "squeeze",
        "expand_dims",
        "transpose",
    ),
    "joining": (
        "concatenate",
        "stack",
        "split",
    ),
    "indexing": (
        "slice_axis",
        "select",
        "gather",
        "flip",
    ),
    "repeating": (
        "broadcast_to",
        "tile",
        "pad",
    ),
    "rectifiers": (
        "relu",
        "leaky_relu",
        "elu",
        "selu",
        "hard_sigmoid",
        "clipped_relu",
        "hard_swish",
        "maxout",
        "prelu",
    ),
    "smooth": (
        "softplus",
        "sigmoid",
        "tanh",
        "swish",
        "mish",
        "log_sigmoid",
        "gelu",
        "gelu_tanh",
        "softmax",
        "log_softmax",
    ),
    "gates": (
        "glu",
        "swiglu",
    ),
    "linear_embedding_dropout": (
        "linear",
        "embedding",
        "dropout",
    ),
    "convolution": (
        "conv2d",
        "conv1d",
        "deconv2d",
        "deconv1d",
        "depthwise_conv2d",
    ),
    "pooling": (
        "max_pool2d",
        "avg_pool2d",
        "max_pool1d",
        "avg_pool1d",
    ),
    "resizing": (
        "resize_bilinear",
        "resize_nearest",
    ),
    "normalisation": (
        "layer_norm",
        "batch_norm",
        "fixed_batch_norm",
        "group_norm",
        "instance_norm",
    ),
    "other_norms": (
        "local_response_norm",
        "rms_norm",
        "weight_norm",
    ),
    "recurrent": (
        "rnn",
        "lstm",
        "gru_reset_before",
        "gru_reset_after",
    ),
    "recurrent_layers": (
        "lstm_layers",
        "gru_layers",
    ),
    "positions": ("rotary_embedding",),
    "attention": (
        "scaled_dot_product_attention",
        "multi_head_attention",
        "grouped_query_attention",
    ),
    "distance_losses": (
        "mean_squared_error",
        "mean_absolute_error",
        "huber",
        "smooth_l1",
        "triplet",
        "triplet_margin",
        "cosine_distance",
    ),
    "label_losses": (
        "softmax_cross_entropy",
        "weighted_softmax_cross_entropy",
        "masked_softmax_cross_entropy",
        "smoothed_softmax_cross_entropy",
        "sigmoid_cross_entropy",
        "masked_sigmoid_cross_entropy",
        "hinge",
    ),
    "cross_entropies": (
        "cross_entropy",
        "negative_log_likelihood",
        "binary_cross_entropy_with_logits",
        "binary_cross_entropy",
        "kl_divergence",
    ),
    "sequence_losses": ("ctc",),
}
"""The ops by family."""
DETACHING = ("detach",)
"""The ops through which no gradient passes: a family of its own, since they have none to derive or to check."""
OPTIMIZER_FAMILIES: Mapping[str, tuple[str, ...]] = {
    "optimizers": (
        "sgd",
        "momentum",
        "dampened_momentum",
        "nesterov",
        "nesterov_ag",
        "adagrad",
        "rmsprop",
        "rmsprop_eps_inside",
        "rmsprop_with_momentum",
        "rmsprop_centered",
        "rmsprop_graves",
        "smorms3",
        "adadelta",
    ),
    "moments": (
        "adam",
        "amsgrad",
        "adamw",
        "adamax",
        "nadam",
        "radam",
        "adabound",
        "amsbound",
        "msvag",
        "lion",
    ),
}
"""The optimizers by family."""
OPTIMIZERS = tuple(name for names in OPTIMIZER_FAMILIES.values() for name in names)
DECAYS = ("weight_decay",)
AVERAGES = ("weight_average",)
CLIPPINGS = ("clip_by_norm", "clip_by_value")
SCHEDULES = ("step_decay", "exponential_decay", "cosine_decay", "warm_up", "in_sequence")

RULES: Mapping[str, tuple[str, ...]] = {
    **OPTIMIZER_FAMILIES,
    "weights": (*DECAYS, *AVERAGES),
    "clipping": CLIPPINGS,
    "schedules": SCHEDULES,
}
"""The rules around the ops, by family."""
KINDS: Mapping[str, str] = {
    **{name: "op" for names in OPS.values() for name in names},
    **dict.fromkeys(DETACHING, "op"),
    **dict.fromkeys(OPTIMIZERS, "optimizer"),
    **dict.fromkeys(DECAYS, "decay"),
    **dict.fromkeys(AVERAGES, "average"),
    **dict.fromkeys(CLIPPINGS, "clipping"),
    **dict.fromkeys(SCHEDULES, "schedule"),
}
"""The kind of each name."""
