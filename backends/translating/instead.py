"""What functions that no op computes can be written with: ops by the functions' names in PyTorch or Chainer."""

from collections.abc import Mapping

INSTEAD: Mapping[str, tuple[str, ...]] = {
    # sums of products
    "tensordot": ("reshape", "matmul"),
    "baddbmm": ("batch_matmul", "add"),
    "dot": ("multiply", "reduce_sum"),
    "outer": ("matmul",),
    "bilinear": ("matmul", "multiply", "reduce_sum"),
    "BilinearFunction": ("matmul", "multiply", "reduce_sum"),
    # norms and distances
    "norm": ("power", "reduce_sum", "sqrt"),
    "vector_norm": ("power", "reduce_sum", "sqrt"),
    "linalg_norm": ("power", "reduce_sum", "sqrt"),
    "linalg_vector_norm": ("power", "reduce_sum", "sqrt"),
    "BatchL2NormSquared": ("power", "reduce_sum"),
    "normalize": ("power", "reduce_sum", "sqrt", "divide"),
    "NormalizeL2": ("power", "reduce_sum", "sqrt", "divide"),
    "pairwise_distance": ("subtract", "power", "reduce_sum", "sqrt"),
    "cdist": ("subtract", "power", "reduce_sum", "sqrt"),
    # elements
    "expm1": ("exp", "subtract"),
    "Expm1": ("exp", "subtract"),
    "log1p": ("add", "log"),
    "Log1p": ("add", "log"),
    "log2": ("log", "divide"),
    "Log2": ("log", "divide"),
    "log10": ("log", "divide"),
    "Log10": ("log", "divide"),
    "tan": ("sin", "cos", "divide"),
    "Tan": ("sin", "cos", "divide"),
    "sinh": ("exp", "subtract", "divide"),
    "Sinh": ("exp", "subtract", "divide"),
    "cosh": ("exp", "add", "divide"),
    "Cosh": ("exp", "add", "divide"),
    "lerp": ("multiply", "add"),
    "masked_fill": ("where",),
    "tril": ("where",),
    "triu": ("where",),
    # activations
    "celu": ("elu",),
    "CReLU": ("relu", "negative", "concatenate"),
    "softsign": ("absolute", "divide"),
    "softmin": ("negative", "softmax"),
    "tanhshrink": ("tanh", "subtract"),
    "hardshrink": ("where",),
    "softshrink": ("relu", "subtract"),
    # places and orders
    "take_along_dim": ("gather",),
    "roll": ("split", "concatenate"),
    "Repeat": ("concatenate",),
    "repeat_interleave": ("stack", "reshape"),
    "Prod": ("multiply",),
    "prod": ("multiply",),
    # layers
    "lp_pool2d": ("power", "avg_pool2d"),
    "pixel_shuffle": ("reshape", "transpose"),
    "Depth2Space": ("reshape", "transpose"),
    "Space2Depth": ("reshape", "transpose"),
}
"""The first ops to think of, in the order in which they are called."""
