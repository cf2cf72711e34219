"""What a hand-written op refuses: inputs and settings that a framework would refuse, or take for another thing."""

from typing import Any

import numpy as np
import pytest

from backends.vocabulary import OPS
from tests.backends.refusals import LABELS, SCORES, check_refused, ones

IMAGE = np.ones((1, 2, 1, 1), np.float32)
PER_CHANNEL = np.ones(2, np.float32)
REFUSED: dict[str, tuple[str, list[Any], dict[str, Any], str]] = {
    "an id that is no row": ("embedding", [np.array([0, -1]), SCORES], {}, "from 0 to V - 1"),
    "everything dropped": ("dropout", [SCORES, SCORES], {"ratio": 1.0}, "ratio must be from 0 to below 1"),
    "a mask of integers": ("dropout", [SCORES, np.ones((3, 4), int)], {"ratio": 0.5}, "the mask must hold floats"),
    "a row of one value": ("layer_norm", [SCORES[:, :1], PER_CHANNEL[:1], PER_CHANNEL[:1]], {"eps": 1e-5}, "variance"),
    "a group of one value": ("group_norm", [IMAGE, PER_CHANNEL, PER_CHANNEL], {"groups": 2, "eps": 1e-5}, "variance"),
    "narrow heads": ("multi_head_attention", [SCORES, *[SCORES.T] * 4, np.ones((3, 3), int)], {"heads": 1}, "square"),
    "no output": ("deconv2d", [IMAGE, np.ones((2, 2, 1, 1)), PER_CHANNEL], {"stride": 2, "pad": 1}, "leaves nothing"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_what_would_be_right(name: str) -> None:
    op, inputs, settings, says = REFUSED[name]
    check_refused(op, inputs, settings, says)


IMAGES, KERNELS, SHIFTS = ones(2, 4, 5, 6), ones(4, 4, 3, 3), ones(4)
CELL = [ones(2, 3), ones(2, 4), ones(3, 16), ones(4, 16), ones(16)]
MASK = np.ones((3, 3), int)
GROUPED = [ones(4, 8), ones(4, 4), ones(4, 4), ones(8, 2)]
LAYERS = [ones(2, 1, 5), ones(2, 1, 5), ones(4, 20), ones(5, 20), ones(20)]
GROUPS = {"heads": 4, "key_heads": 2}
EPS = {"eps": 1e-5}
STATISTICS = {"eps": 1e-5, "momentum": 0.1}

MISFITS: list[tuple[str, list[Any], dict[str, Any], str]] = [
    ("matmul", [ones(3), ones(3, 2)], {}, "x must be (N, D) and w (D, H)"),
    ("matmul", [ones(4, 3), ones(3)], {}, "x must be (N, D) and w (D, H)"),
    ("matmul", [ones(2, 4, 3), ones(3, 2)], {}, "batch_matmul takes stacks of matrices"),
    ("matmul", [ones(4, 3), ones(2, 3)], {}, "x must be (N, D) and w (D, H)"),
    ("batch_matmul", [ones(2, 4, 3), ones(2, 4)], {}, "x must be (…, N, D) and w (…, D, H)"),
    ("batch_matmul", [ones(2, 4, 3), ones(3, 3, 4)], {}, "x must be (…, N, D) and w (…, D, H)"),
    *(
        (op, [ones(4, 3), ones(4)], {}, "but for axes of size 1 and axes that are missing in front")
        for op in ("add", "subtract", "multiply", "divide", "maximum", "minimum")
    ),
    ("where", [ones(4, 3), ones(4, 3), ones(3)], {}, "mask must hold integers, 0 where b is taken"),
    ("where", [MASK, ones(3, 3), ones(2)], {}, "but for axes of size 1 and axes that are missing in front"),
    ("clip", [ones(3)], {"low": 1.0, "high": 1.0}, "low must be below high"),
    ("linear", [ones(3), ones(3, 2), ones(2)], {}, "x must be (N, D) or (…, D), w (D, H) and b (H,)"),
    ("linear", [ones(4, 3), ones(3, 2), ones(1)], {}, "x must be (N, D) or (…, D), w (D, H) and b (H,)"),
    ("linear", [ones(2, 4, 3), ones(2, 2), ones(2)], {}, "x must be (N, D) or (…, D), w (D, H) and b (H,)"),
    ("linear", [ones(4, 3), ones(4, 2)], {}, "x must be (N, D) or (…, D), w (D, H) and b (H,)"),
    ("glu", [ones(3, 5)], {}, "x must have an axis -1, of an even length"),
    ("glu", [ones(4)], {"axis": 1}, "x must have an axis 1, of an even length"),
    ("swiglu", [ones(3, 4), ones(4, 5), ones(4, 6), ones(5, 2)], {}, "w_gate and w_up (D, H)"),
    ("swiglu", [ones(3, 4), ones(3, 5), ones(3, 5), ones(5, 2)], {}, "x must be (…, D), and w_gate and w_up (D, H)"),
    ("swiglu", [ones(3, 4), ones(4, 5), ones(4, 5), ones(4, 2)], {}, "w_down must be (H, E)"),
    ("embedding", [LABELS, ones(5, 2, 2)], {}, "ids must be integers and table (V, D)"),
    ("embedding", [LABELS, ones(4, 2)], {"padding_id": 4}, "padding_id must name a row of the table"),
    (
        "embedding",
        [LABELS, ones(4, 2)],
        {"padding_id": 0, "ignore_label": 0},
        "only one of padding_id and ignore_label",
    ),
    ("embedding", [LABELS, ones(3, 2)], {"ignore_label": -1}, "every id must name a row of the table"),
    ("embedding", [ones(3), ones(5, 2)], {}, "ids must be integers and table (V, D)"),
    ("prelu", [ones(2, 3, 4), ones(3, 4)], {}, "slope (D,) or (C,), one for each feature, or (1,)"),
    ("prelu", [ones(2, 3, 4), ones(4)], {}, "slope (D,) or (C,), one for each feature, or (1,)"),
    ("softmax", [ones(3, 4)], {"axis": 2}, "x has no axis 2"),
    ("log_softmax", [ones(3, 4)], {"axis": -3}, "x has no axis -3"),
    ("softmax", [ones()], {}, "x must be (…, C)"),
    ("log_softmax", [ones(3, 0)], {}, "x must be (…, C) with at least one score"),
    ("conv2d", [ones(2, 4, 5), KERNELS, SHIFTS], {}, "x must be (N, C, H, W), w (O, C/groups, KH, KW) and b (O,)"),
    ("conv2d", [IMAGES, KERNELS, ones(1)], {}, "x must be (N, C, H, W), w (O, C/groups, KH, KW) and b (O,)"),
    ("conv2d", [IMAGES, ones(4, 3, 3, 3), SHIFTS], {}, "must match for this number of groups"),
    ("conv2d", [IMAGES, KERNELS, SHIFTS], {"groups": 3}, "must match for this number of groups"),
    ("conv2d", [IMAGES, ones(4, 4, 6, 6), SHIFTS], {}, "the kernel is larger than the padded image"),
    ("deconv2d", [IMAGES, ones(3, 4, 3, 3), SHIFTS], {}, "x must be (N, C, H, W), w (C, O/groups, KH, KW) and b (O,)"),
    ("deconv2d", [IMAGES, KERNELS, ones(1)], {}, "and b (O,)"),
    ("deconv2d", [IMAGES, KERNELS, SHIFTS], {"groups": 2}, "and b (O,)"),
    ("conv1d", [IMAGES, KERNELS], {}, "x must be (N, C, L), w (O, C/groups, K) and b (O,)"),
    ("conv1d", [ones(2, 4, 5), ones(4, 4, 3), ones(1)], {}, "x must be (N, C, L), w (O, C/groups, K) and b (O,)"),
    ("conv1d", [ones(2, 4, 5), ones(4, 3, 3)], {}, "must match for this number of groups"),
    ("conv1d", [ones(2, 4, 5), ones(4, 4, 6)], {}, "the kernel is larger than the padded image"),
    ("deconv1d", [ones(2, 4, 5), ones(3, 4, 3)], {}, "x must be (N, C, L), w (C, O/groups, K) and b (O,)"),
    ("deconv1d", [ones(2, 4, 5), ones(4, 4, 3), ones(1)], {}, "and b (O,)"),
    ("depthwise_conv2d", [IMAGES, KERNELS, SHIFTS], {}, "w (C·M, 1, KH, KW) and b (C·M,)"),
    ("depthwise_conv2d", [IMAGES, ones(6, 1, 3, 3), ones(6)], {}, "w (C·M, 1, KH, KW) and b (C·M,)"),
    ("max_pool2d", [ones(4, 5, 6)], {"window": 2, "stride": 2}, "x must be (N, C, H, W)"),
    ("avg_pool2d", [ones(4, 5, 6)], {"window": 2, "stride": 2}, "x must be (N, C, H, W)"),
    ("max_pool1d", [IMAGES], {"window": 2, "stride": 2}, "x must be (N, C, L)"),
    ("avg_pool1d", [IMAGES], {"window": 2, "stride": 2}, "x must be (N, C, L)"),
    ("max_pool1d", [ones(2, 3, 4)], {"window": 5, "stride": 1}, "the window is larger than the padded image"),
    ("avg_pool1d", [ones(2, 3, 4)], {"window": 2, "stride": 1, "pad": 2}, "at most half a window"),
    ("avg_pool2d", [IMAGES], {"window": 2, "stride": 1, "divisor": 0}, "divisor must be at least 1"),
    ("depthwise_conv2d", [IMAGES, ones(4, 1, 2, 2)], {"dilation": 0}, "stride and dilation must be at least 1"),
    ("max_pool2d", [IMAGES], {"window": 6, "stride": 2}, "the window is larger than the padded image"),
    ("avg_pool2d", [IMAGES], {"window": 6, "stride": 2}, "the window is larger than the padded image"),
    ("layer_norm", [ones(), ones(4), ones(4)], EPS, "axis must be -1, the last axis of x"),
    ("layer_norm", [ones(2, 3, 4), ones(3), ones(3)], EPS, "gain and bias (D,)"),
    ("layer_norm", [ones(2, 3), ones(1), ones(3)], EPS, "gain and bias (D,)"),
    ("layer_norm", [ones(0, 3), ones(3), ones(3)], EPS, "x has no elements"),
    ("batch_norm", [ones(3), *[ones(3)] * 4], STATISTICS, "x must be (N, C, …)"),
    ("batch_norm", [ones(2, 3), *[ones(3)] * 3, ones(1)], STATISTICS, "running_mean and running_var (C,)"),
    ("batch_norm", [ones(2, 3), ones(1)], {"eps": 1e-5}, "gain, bias, running_mean and running_var (C,)"),
    ("batch_norm", [ones(2, 3), *[ones(3)] * 3], STATISTICS, "both or none must be given"),
    ("batch_norm", [ones(0, 3)], STATISTICS, "x has no elements"),
    ("fixed_batch_norm", [ones(3), ones(3), ones(3)], EPS, "x must be (N, C, …), mean, var, gain and bias (C,)"),
    ("fixed_batch_norm", [ones(2, 3), ones(3), ones(1)], EPS, "mean, var, gain and bias (C,)"),
    ("fixed_batch_norm", [ones(2, 3), *[ones(3)] * 3, ones(2)], EPS, "mean, var, gain and bias (C,)"),
    ("layer_norm", [ones(2, 3, 4)], {"axis": 1, **EPS}, "axis must be -1, the last axis of x, or several last ones"),
    ("layer_norm", [ones(2, 3, 4)], {"axis": (0, 2), **EPS}, "axis must be -1"),
    ("layer_norm", [ones(2, 3, 4)], {"axis": (-2, 1), **EPS}, "axis must be -1"),
    ("layer_norm", [ones(2, 3, 4)], {"axis": (), **EPS}, "axis must be -1"),
    ("layer_norm", [ones(2, 3, 4), ones(4)], {"axis": (1, 2), **EPS}, "the shape of a row"),
    ("group_norm", [ones(4), SHIFTS, SHIFTS], {"groups": 2, **EPS}, "x must be (N, C, …), gain and bias (C,)"),
    ("group_norm", [IMAGES, ones(1), SHIFTS], {"groups": 2, **EPS}, "x must be (N, C, …), gain and bias (C,)"),
    *(
        (op, [x], settings, "x must be (N, C, H, W), with elements")
        for op, settings in (
            ("resize_bilinear", {"size": (2, 2), "align_corners": True}),
            ("resize_nearest", {"scale": 2}),
        )
        for x in (ones(2, 3, 4), IMAGES[:0])
    ),
    ("resize_bilinear", [IMAGES], {"size": (2, 0), "align_corners": True}, "the height and the width of y, at least 1"),
    ("resize_bilinear", [IMAGES], {"size": (2,), "align_corners": True}, "the height and the width of y, at least 1"),
    ("resize_nearest", [IMAGES], {"scale": 0}, "scale must be at least 1"),
    ("resize_nearest", [IMAGES], {"scale": (2, 2, 2)}, "must be one number, or two"),
    ("instance_norm", [ones(4, 5), ones(5)], EPS, "with at least one axis behind the channels, gain and bias (C,)"),
    ("instance_norm", [IMAGES, ones(1)], EPS, "x must be (N, C, …), with at least one axis behind the channels"),
    ("instance_norm", [IMAGES[:0]], EPS, "x has no elements"),
    ("instance_norm", [IMAGE], EPS, "a channel of one value has no variance"),
    ("instance_norm", [IMAGES], {"eps": -1.0}, "eps must not be below 0"),
    ("rms_norm", [SCORES, ones(3)], EPS, "x must be (…, D) and gain (D,)"),
    ("rms_norm", [ones()], EPS, "x must be (…, D) and gain (D,)"),
    ("rms_norm", [ones(0, 3)], EPS, "x has no elements"),
    ("rms_norm", [SCORES], {"eps": -1.0}, "eps must not be below 0"),
    ("weight_norm", [SHIFTS, SHIFTS], {}, "v must be (O, …), with at least one axis behind the first, and g (O,)"),
    ("weight_norm", [SCORES, SHIFTS], {}, "v must be (O, …), with at least one axis behind the first, and g (O,)"),
    ("weight_norm", [ones(4, 0), SHIFTS], {}, "v has no elements"),
    ("local_response_norm", [ones(4, 5)], {"n": 3, "k": 1.0, "alpha": 1.0, "beta": 0.5}, "x must be (N, C, …)"),
    ("rnn", [*CELL], {}, "w_x (D, H), w_h (H, H) and b (H,)"),
    ("lstm", [CELL[0], CELL[1], ones(1, 4), *CELL[2:]], {}, "h and c (N, H)"),
    ("lstm", [CELL[0], CELL[1], CELL[1], *CELL[2:4], ones(1)], {}, "w_x (D, 4H), w_h (H, 4H) and b (4H,)"),
    ("gru_reset_before", [*CELL], {}, "w_x (D, 3H), w_h (H, 3H) and b (3H,)"),
    ("gru_reset_after", [*CELL, CELL[-1]], {}, "w_x (D, 3H), w_h (H, 3H), b_x and b_h (3H,)"),
    (
        "scaled_dot_product_attention",
        [ones(1, 3, 4), ones(2, 3, 4), ones(2, 3, 4), MASK],
        {},
        "with the same axes in front",
    ),
    ("scaled_dot_product_attention", [ones(3, 4), ones(3, 2), ones(3, 4), MASK], {}, "k (…, S, d) and v (…, S, e)"),
    ("scaled_dot_product_attention", [*[ones(3, 4)] * 3, MASK[:1]], {}, "mask must be (T, S)"),
    ("scaled_dot_product_attention", [*[ones(3, 4)] * 3, ones(2, 3, 3)], {}, "have some of their axes in front"),
    ("scaled_dot_product_attention", [ones(3, 4)] * 3, {"scale": 0.0}, "scale must be above 0"),
    ("scaled_dot_product_attention", [*[ones(3, 4)] * 3, MASK], {"causal": True}, "left out where causal is set"),
    ("lstm_layers", [ones(2, 3), np.array([3, 2]), *LAYERS], {}, "x must be (N, T, D), and lengths (N,) integers"),
    ("lstm_layers", [ones(2, 3, 4), ones(2), *LAYERS], {}, "x must be (N, T, D), and lengths (N,) integers"),
    ("lstm_layers", [ones(2, 3, 4), np.array([3, 0]), *LAYERS], {}, "every length must be from 1 to T"),
    ("lstm_layers", [ones(2, 3, 4), np.array([4, 1]), *LAYERS], {}, "every length must be from 1 to T"),
    ("lstm_layers", [ones(2, 3, 4), np.array([3, 1]), ones(2, 5), *LAYERS[1:]], {}, "states must be (N, L, H)"),
    ("lstm_layers", [ones(2, 3, 4), np.array([3, 1]), *LAYERS[:-1]], {}, "3 weights of each cell"),
    ("lstm_layers", [ones(2, 3, 4), np.array([3, 1]), *LAYERS], {"bidirectional": True}, "every layer and direction"),
    ("lstm_layers", [ones(2, 3, 5), np.array([3, 1]), *LAYERS], {}, "of cell 0 must be (5, 20), (5, 20), (20,)"),
    ("gru_layers", [ones(2, 3, 4), np.array([3, 1]), *LAYERS[1:]], {}, "4 weights of each cell"),
    ("rotary_embedding", [ones(4)], {}, "x must be (…, T, D), of an even width D"),
    ("rotary_embedding", [ones(3, 5)], {}, "must have an even width"),
    ("rotary_embedding", [ones(3, 4)], {"base": 0.0}, "base must be above 0"),
    ("grouped_query_attention", [ones(3, 4), *GROUPED], {**GROUPS, "rotary_base": -1.0}, "base must be above 0"),
    ("grouped_query_attention", [ones(3, 4), *GROUPED], {"heads": 3, "key_heads": 2}, "a multiple of key_heads"),
    ("grouped_query_attention", [ones(3, 5), *GROUPED], GROUPS, "as many rows as x has features"),
    ("grouped_query_attention", [ones(0, 4), *GROUPED], GROUPS, "x must be (…, T, D), and have elements"),
    ("grouped_query_attention", [ones(3, 4), *GROUPED[:3], ones(4, 2)], GROUPS, "and w_o (heads·d, E)"),
    ("grouped_query_attention", [ones(3, 4), *[GROUPED[0]] * 3, GROUPED[3]], GROUPS, "must be (D, key_heads·d)"),
    ("grouped_query_attention", [ones(3, 4), *GROUPED, MASK[:1]], GROUPS, "mask must be (T, T) of integers"),
    ("grouped_query_attention", [ones(3, 4), *GROUPED, MASK], {**GROUPS, "causal": True}, "where causal is set"),
    ("multi_head_attention", [ones(3, 4), *[ones(4, 4)] * 4, MASK[:1]], {"heads": 2}, "mask (T, T) of integers"),
    *((op, [IMAGES[:0], KERNELS, SHIFTS], {}, "x has no elements") for op in ("conv2d", "deconv2d")),
    ("depthwise_conv2d", [IMAGES[:0], ones(4, 1, 3, 3), SHIFTS], {}, "x has no elements"),
    ("max_pool2d", [IMAGES[:0]], {"window": 2, "stride": 2}, "x has no elements"),
    ("group_norm", [IMAGES[:0], SHIFTS, SHIFTS], {"groups": 2, **EPS}, "x has no elements"),
    ("multi_head_attention", [ones(0, 3, 4), *[ones(4, 4)] * 4, MASK], {"heads": 2}, "x has no elements"),
    ("power", [SCORES], {"exponent": 0}, "exponent must not be 0: y would be 1 whatever x is"),
    ("power", [SCORES], {"exponent": 0.0}, "exponent must not be 0"),
    *((op, [SCORES], {"axis": ()}, "axis must name one axis of x or several") for op in OPS["reductions"]),
    *((op, [SCORES], {"axis": 2}, "axis must name one axis of x or several") for op in OPS["reductions"]),
    *((op, [SCORES], {"axis": (1, -1)}, "each of them once") for op in OPS["reductions"]),
    ("logsumexp", [ones(0, 3)], {}, "there is nothing to add up"),
    ("reduce_var", [ones(0, 3)], {}, "there is no variance"),
    ("reduce_var", [SCORES], {"axis": 1, "correction": 4}, "correction must be less than the number of values"),
    ("reduce_mean", [ones(0, 3)], {}, "there is nothing to average"),
    ("broadcast_to", [ones(2, 3)], {"shape": (3,)}, "shape must be that of x, but for axes of size 1"),
    ("broadcast_to", [ones(2, 3)], {"shape": (4, 3)}, "shape must be that of x, but for axes of size 1"),
    ("broadcast_to", [ones(1)], {"shape": (2, -1)}, "every size in shape must be 0 or more"),
    ("broadcast_to", [ones(1)], {"shape": (-1, 1)}, "every size in shape must be 0 or more"),
    ("pad", [ones()], {"widths": ()}, "x has no axis along which elements could be put"),
    ("pad", [ones(2, 3)], {"widths": ((1, 1),)}, "widths must be a pair for each axis of x"),
    ("pad", [ones(3)], {"widths": ((1, -1),)}, "widths must be a pair for each axis of x"),
    ("pad", [ones(3)], {"widths": ((1, 1, 1),)}, "widths must be a pair for each axis of x"),
    ("reduce_max", [ones(0, 3)], {"axis": 0}, "there is no largest one"),
    ("reduce_min", [ones(0, 3)], {}, "there is no smallest one"),
    ("reshape", [SCORES], {"shape": (5, 2)}, "shape must hold 12 elements, with -1 for at most one size"),
    ("reshape", [SCORES], {"shape": (-1, 5)}, "shape must hold 12 elements"),
    ("reshape", [SCORES], {"shape": (-1, -1)}, "with -1 for at most one size"),
    ("reshape", [SCORES], {"shape": (-2, -6)}, "shape must hold 12 elements"),
    ("reshape", [SCORES], {"shape": (0, -1)}, "shape must hold 12 elements"),
    ("einsum", [SCORES], {"equation": "ij"}, "equation must be letters"),
    ("einsum", [SCORES], {"equation": "...->..."}, "with an arrow and without an ellipsis"),
    ("einsum", [SCORES, SCORES], {"equation": "ij->ji"}, "letters for each of one or two tensors"),
    ("einsum", [SCORES] * 2, {"equation": "ij,ij,ij->ij"}, "letters for each of one or two tensors"),
    ("einsum", [SCORES], {"equation": "ié->ié"}, "equation must be letters"),
    ("einsum", [SCORES], {"equation": "ijk->k"}, "one for each of its axes"),
    ("einsum", [ones(3, 3)], {"equation": "ii->i"}, "no letter may stand twice in one place"),
    ("einsum", [SCORES], {"equation": "ij->ik"}, "those of the result must stand before the arrow"),
    ("einsum", [SCORES, ones(1, 4)], {"equation": "ij,ij->ij"}, "axes of one letter must have one length"),
    ("cumsum", [SCORES], {"axis": 2}, "x has no axis 2"),
    ("flip", [SCORES], {"axis": -3}, "x has no axis -3"),
    ("tile", [SCORES], {"repeats": (2,)}, "repeats must be a number of at least 1 for each axis of x"),
    ("tile", [SCORES], {"repeats": (2, 0)}, "repeats must be a number of at least 1 for each axis of x"),
    ("squeeze", [ones(3, 1)], {"axis": 2}, "x must have an axis 2, of size 1"),
    ("squeeze", [ones(3, 1)], {"axis": 0}, "x must have an axis 0, of size 1"),
    ("expand_dims", [SCORES], {"axis": 3}, "axis must be from -3 to 2, where y has a new axis"),
    ("gather", [SCORES, LABELS[:, None]], {"axis": 2}, "x has no axis 2"),
    ("gather", [SCORES, LABELS], {"axis": 1}, "ids must be integers with 2 axes, as x has"),
    ("gather", [SCORES, ones(3, 1)], {"axis": 1}, "ids must be integers with 2 axes, as x has"),
    ("gather", [SCORES[:2], LABELS[:, None]], {"axis": 1}, "no axis of ids but axis 1 may be longer"),
    ("gather", [SCORES, LABELS[:, None] + 1], {"axis": 1}, "every id must name a place along axis 1, from 0 to 3"),
    ("gather", [SCORES, LABELS[:, None] - 1], {"axis": 1}, "every id must name a place along axis 1, from 0 to 3"),
    ("transpose", [SCORES], {"axes": (0,)}, "axes must hold the number of each of the 2 axes once"),
    ("concatenate", [], {"axis": 0}, "there must be tensors that have an axis 0"),
    ("concatenate", [ones(), ones()], {"axis": 0}, "there must be tensors that have an axis 0"),
    ("concatenate", [SCORES, SCORES], {"axis": 2}, "there must be tensors that have an axis 2"),
    ("concatenate", [SCORES, ones(4)], {"axis": 0}, "their shapes must be the same except for axis 0"),
    ("concatenate", [SCORES, ones(3, 5)], {"axis": 0}, "their shapes must be the same except for axis 0"),
    ("stack", [], {"axis": 0}, "there must be at least one tensor"),
    ("stack", [SCORES, ones(3, 5)], {"axis": 0}, "their shapes must be the same"),
    ("stack", [SCORES, SCORES], {"axis": 3}, "axis must be from -3 to 2, where y has a new axis"),
    ("split", [SCORES], {"sections": 3, "axis": 1}, "sections must divide 4"),
    ("split", [SCORES], {"sections": -2, "axis": 1}, "sections must divide 4"),
    ("split", [SCORES], {"sections": (2, 2), "axis": 1}, "positions that rise from 1 to one less"),
    ("split", [SCORES], {"sections": (1, 4), "axis": 1}, "positions that rise from 1 to one less"),
    ("split", [SCORES], {"sections": 2, "axis": 2}, "x has no axis 2"),
    ("slice_axis", [SCORES], {"start": 0, "stop": 1, "axis": 2}, "x has no axis 2"),
    ("select", [SCORES], {"index": 0, "axis": -3}, "x has no axis -3"),
    ("select", [SCORES], {"index": 4, "axis": 1}, "axis 1 has 4 elements, so none of index 4"),
    ("maxout", [SCORES], {"pieces": 3}, "the last axis of x must be a multiple of pieces"),
    ("maxout", [SCORES], {"pieces": -2}, "the last axis of x must be a multiple of pieces"),
    ("clipped_relu", [SCORES], {"ceiling": -1}, "ceiling must be above 0"),
    ("clipped_relu", [SCORES], {"ceiling": 0}, "ceiling must be above 0"),
    *(
        (op, [IMAGES, w, SHIFTS], settings, "must be at least 1")
        for op, w in (("conv2d", KERNELS), ("deconv2d", KERNELS), ("depthwise_conv2d", ones(4, 1, 3, 3)))
        for settings in ({"stride": -1}, {"stride": 0}, {"pad": -1})
    ),
    ("conv2d", [IMAGES, KERNELS, SHIFTS], {"dilation": 0}, "must be at least 1"),
    ("conv2d", [IMAGES, KERNELS, SHIFTS], {"groups": 0}, "must be at least 1"),
    ("conv2d", [IMAGES, KERNELS, SHIFTS], {"stride": (2, 0)}, "must be at least 1"),
    ("conv2d", [IMAGES, KERNELS, SHIFTS], {"pad": (-1, 0)}, "pad at least 0"),
    *(
        (op, [IMAGES, w, SHIFTS], {"stride": stride}, "must be one number, or two")
        for op, w in (("conv2d", KERNELS), ("deconv2d", KERNELS), ("depthwise_conv2d", ones(4, 1, 3, 3)))
        for stride in ((), (1,), (1, 2, 1))
    ),
    ("deconv2d", [IMAGES, KERNELS, SHIFTS], {"dilation": 0}, "must be at least 1"),
    ("deconv2d", [IMAGES, KERNELS, SHIFTS], {"groups": 0}, "must be at least 1"),
    ("deconv2d", [IMAGES, KERNELS, SHIFTS], {"groups": 3}, "a multiple of the number of groups"),
    ("deconv2d", [IMAGES, KERNELS, SHIFTS], {"output_pad": -1}, "pad and output_pad at least 0"),
    ("deconv2d", [IMAGES, KERNELS, SHIFTS], {"output_pad": 1}, "output_pad must be less than the stride"),
    ("deconv2d", [IMAGES, KERNELS], {"stride": (3, 2), "output_pad": (1, 2)}, "less than the stride"),
    ("deconv1d", [ones(2, 4, 5), ones(4, 4, 3)], {"output_pad": 1}, "output_pad must be less than the stride"),
    *(
        (op, [IMAGES], {"window": 2, "stride": 1, **settings}, "window, stride and dilation must be at least 1")
        for op in ("max_pool2d", "avg_pool2d")
        for settings in ({"stride": -1}, {"window": 0}, {"pad": -1}, {"stride": (1, 0)}, {"pad": (0, -1)})
    ),
    *(
        (op, [IMAGES], {"window": window, "stride": 1}, "must be one number, or two")
        for op in ("max_pool2d", "avg_pool2d")
        for window in ((), (2,), (2, 2, 2))
    ),
    ("max_pool2d", [IMAGES], {"window": 2, "stride": 1, "dilation": 0}, "dilation must be at least 1"),
    ("max_pool2d", [IMAGES], {"window": 3, "stride": 1, "dilation": (1, 3)}, "larger than the padded image"),
    *(
        (op, [ones(1, 2, *size)], {"window": 2, "stride": 1, "pad": 1, "dilation": 2}, "would step over the image")
        for op, size in (("max_pool2d", (1, 4)), ("max_pool2d", (4, 1)), ("max_pool1d", (1,)))
    ),
    ("avg_pool2d", [IMAGES], {"window": (2, 7), "stride": 1, "pad": (1, 0)}, "larger than the padded image"),
    ("avg_pool2d", [IMAGES], {"window": (3, 1), "stride": 1, "pad": (1, 1)}, "at most half a window"),
    ("avg_pool2d", [IMAGES], {"window": 1, "stride": 3, "cover_all": True}, "nothing but padding"),
    ("layer_norm", [SCORES, ones(4), ones(4)], {"eps": -1.0}, "eps must not be below 0"),
    ("batch_norm", [SCORES, *[ones(4)] * 4], {**STATISTICS, "eps": -1.0}, "eps must not be below 0"),
    ("fixed_batch_norm", [SCORES, ones(4), ones(4)], {"eps": -1.0}, "eps must not be below 0"),
    ("group_norm", [IMAGES, SHIFTS, SHIFTS], {"groups": 2, "eps": -1.0}, "eps must not be below 0"),
    ("group_norm", [IMAGES, SHIFTS, SHIFTS], {"groups": 0, **EPS}, "a multiple of the number of groups"),
    ("local_response_norm", [IMAGES], {"n": -1, "k": 1.0, "alpha": 1.0, "beta": 0.5}, "n must be odd and above 0"),
    ("multi_head_attention", [ones(3, 4), *[ones(4, 4)] * 4, MASK], {"heads": 0}, "a multiple of the number of heads"),
]


@pytest.mark.parametrize(("op", "inputs", "settings", "says"), MISFITS)
def test_what_an_op_is_not_meant_for_is_refused_in_its_own_words(
    op: str, inputs: list[Any], settings: dict[str, Any], says: str
) -> None:
    check_refused(op, inputs, settings, says)
