"""Functions with weights, and normalisations."""

from backends.names.correspondence import differs, identical, integers, no_counterpart, normal, uniform, unproven, whole

IMAGE = {"x": normal(2, 3, 6, 5), "W": normal(4, 3, 3, 2), "b": normal(4)}
LINE = {"x": normal(2, 3, 7), "W": normal(4, 3, 3), "b": normal(4)}
VOLUME = {"x": normal(2, 2, 4, 3, 4), "W": normal(3, 2, 2, 2, 2), "b": normal(3)}
BACK = {"x": normal(2, 4, 5, 4), "W": normal(4, 3, 3, 2), "b": normal(3)}
BATCH = {"x": normal(6, 3), "g": normal(3), "b": normal(3)}
EPS = "eps 2e-5 by default, in PyTorch 1e-5"

WHITENED = (
    "(lambda h: (lambda values, vectors: h @ vectors @ torch.diag(values ** -0.5) @ vectors.mT)"
    "(*torch.linalg.eigh(h.mT @ h / len(h) + 2e-5 * torch.eye(h.shape[1]))))(x - x.mean(0))"
)
WHITENING = "of one group; several are whitened each for itself"

LINES = (
    differs(
        "F.batch_normalization(x, g, b)",
        "nn.functional.batch_norm(x, None, None, g, b, training=True, eps=2e-5)",
        "nn.functional.batch_norm(x, None, None, g, b, training=True)",
        difference="batch_normalization_eps",
        how=EPS,
        given=BATCH,
    ),
    no_counterpart(
        "F.batch_renormalization(x, g, b, 1.5, 0.5, running_mean=m.array.copy(), running_var=v.array.copy())",
        "((x - x.mean(0)) / torch.sqrt(x.var(0, correction=0) + 2e-5)"
        " * (torch.sqrt(x.var(0, correction=0) + 2e-5) / torch.sqrt(v + 2e-5)).clamp(1 / 1.5, 1.5).detach()"
        " + ((x.mean(0) - m) / torch.sqrt(v + 2e-5)).clamp(-0.5, 0.5).detach()) * g + b",
        given=BATCH,
        m=normal(3),
        v=uniform(0.5, 2, 3),
    ),
    no_counterpart(
        "F.bilinear(x, y, W)",
        "torch.einsum('bi,bj,ijk->bk', x, y, W)",
        how="nn.functional.bilinear takes W with the output's axis first",
        x=whole(4, 2),
        y=whole(4, 3),
        W=whole(2, 3, 5),
    ),
    identical("F.convolution_1d(x, W, b)", "nn.functional.conv1d(x, W, b)", given=LINE),
    identical("F.convolution_2d(x, W, b, 2, 1)", "nn.functional.conv2d(x, W, b, 2, 1)", given=IMAGE),
    identical("F.convolution_3d(x, W, b)", "nn.functional.conv3d(x, W, b)", given=VOLUME),
    identical(
        "F.convolution_nd(x, W, b)", "nn.functional.conv2d(x, W, b)", how="conv1d to conv3d, by x.ndim", given=IMAGE
    ),
    identical(
        "F.deconvolution_1d(x, W, b)",
        "nn.functional.conv_transpose1d(x, W, b)",
        x=normal(2, 4, 5),
        W=normal(4, 3, 3),
        b=normal(3),
    ),
    identical(
        "F.deconvolution_2d(x, W, b, 2, 1)",
        "nn.functional.conv_transpose2d(x, W, b, 2, 1)",
        how="outsize is output_padding",
        given=BACK,
    ),
    identical(
        "F.deconvolution_3d(x, W, b)",
        "nn.functional.conv_transpose3d(x, W, b)",
        x=normal(2, 3, 2, 3, 2),
        W=normal(3, 2, 2, 2, 2),
        b=normal(2),
    ),
    identical(
        "F.deconvolution_nd(x, W, b)",
        "nn.functional.conv_transpose2d(x, W, b)",
        how="conv_transpose1d to conv_transpose3d, by x.ndim",
        given=BACK,
    ),
    no_counterpart("F.decorrelated_batch_normalization(x, groups=1)", WHITENED, how=WHITENING, x=normal(6, 3)),
    no_counterpart(
        "F.fixed_decorrelated_batch_normalization(x, mean.array, projection.array, groups=1)",
        "(x - mean[0].detach()) @ projection[0].detach().mT",
        how="neither is trained: Chainer's gradient of the projection has the wrong shape",
        x=normal(6, 3),
        mean=normal(1, 3),
        projection=normal(1, 3, 3),
    ),
    unproven(
        "F.deformable_convolution_2d_sampler(x, offset, W)",
        "torchvision.ops.deform_conv2d(x, offset, W)",
        "torchvision.ops holds it, which is no part of PyTorch",
        status="differs",
    ),
    differs(
        "F.depthwise_convolution_2d(x, W)",
        "nn.functional.conv2d(x, W.transpose(0, 1).reshape(-1, 1, *W.shape[2:]), groups=x.shape[1])",
        "nn.functional.conv2d(x, W.reshape(-1, 1, *W.shape[2:]), groups=x.shape[1])",
        difference="depthwise_weights",
        how="W is (multiplier, channel, height, width)",
        x=normal(2, 3, 5, 4),
        W=normal(2, 3, 2, 2),
    ),
    identical("F.dilated_convolution_2d(x, W, b, dilate=2)", "nn.functional.conv2d(x, W, b, dilation=2)", given=IMAGE),
    identical(
        "F.embed_id(t, W)",
        "nn.functional.embedding(t.long(), W)",
        how="for ignore_label see embed_id_padding",
        t=integers(5, 3, 4),
        W=normal(5, 2),
    ),
    differs(
        "F.fixed_batch_normalization(x, g, b, m.array, v.array)",
        "nn.functional.batch_norm(x, m.detach(), v.detach(), g, b, eps=2e-5)",
        "nn.functional.batch_norm(x, m.detach(), v.detach(), g, b)",
        how=EPS,
        given=BATCH,
        m=normal(3),
        v=uniform(0.5, 2, 3),
    ),
    differs(
        "F.fixed_batch_renormalization(x, g, b, m.array, v.array)",
        "nn.functional.batch_norm(x, m.detach(), v.detach(), g, b, eps=2e-5)",
        "nn.functional.batch_norm(x, m.detach(), v.detach(), g, b)",
        how=EPS,
        given=BATCH,
        m=normal(3),
        v=uniform(0.5, 2, 3),
    ),
    identical(
        "F.group_normalization(x, 2, g, b)",
        "nn.functional.group_norm(x, 2, g, b)",
        x=normal(3, 4, 2, 3),
        g=normal(4),
        b=normal(4),
    ),
    identical("F.layer_normalization(x, g, b)", "nn.functional.layer_norm(x, (3,), g, b)", given=BATCH),
    differs(
        "F.linear(x, W, b)",
        "nn.functional.linear(x.flatten(1), W, b)",
        "nn.functional.linear(x, W, b)",
        difference="linear_flattens",
        how="flattens all axes but the first",
        x=normal(4, 3, 2),
        W=normal(5, 6),
        b=normal(5),
    ),
    no_counterpart(
        "F.local_convolution_2d(x, W)",
        "torch.einsum('bclij,olcij->bol', x.unfold(2, 2, 1).unfold(3, 2, 1).flatten(2, 3), W.flatten(1, 2)).reshape(len(x), len(W), *W.shape[1:3])",
        x=normal(2, 3, 4, 5),
        W=normal(2, 3, 4, 3, 2, 2),
    ),
    differs(
        "F.local_response_normalization(x)",
        "nn.functional.local_response_norm(x, 5, alpha=5e-4, beta=0.75, k=2.0)",
        "nn.functional.local_response_norm(x, 5)",
        difference="local_response_normalization",
        how="alpha is not divided by n, and k is 2",
        x=normal(2, 7, 3, 3),
    ),
    differs(
        "F.normalize(x)",
        "x / (torch.linalg.vector_norm(x, dim=1, keepdim=True) + 1e-5)",
        "nn.functional.normalize(x)",
        difference="normalize_eps",
        how="adds eps to the norm",
        x=normal(4, 3),
    ),
    no_counterpart(
        "F.shift(x)",
        "torch.cat([nn.functional.pad(x, (1, 1, 1, 1))[:, j : j + 1, 2 - i // 3 : 2 - i // 3 + x.shape[2], 2 - i % 3 : 2 - i % 3 + x.shape[3]] for j, i in enumerate((0, 1, 2, 3, 8, 5, 6, 7, 4))], 1)",
        how="nine groups of channels, each shifted another way, the last one not at all",
        x=normal(2, 9, 4, 5),
    ),
    differs(
        "F.lstm(c, x)",
        "(lambda p: (lambda n: (n, torch.sigmoid(p[..., 3]) * torch.tanh(n)))"
        "(torch.tanh(p[..., 0]) * torch.sigmoid(p[..., 1]) + torch.sigmoid(p[..., 2]) * c))(x.reshape(len(x), -1, 4))",
        "(lambda p: (lambda n: (n, torch.sigmoid(p[3]) * torch.tanh(n)))"
        "(torch.tanh(p[2]) * torch.sigmoid(p[0]) + torch.sigmoid(p[1]) * c))(x.chunk(4, 1))",
        difference="lstm_gate_order",
        how="gates a, i, f, o of unit 1, then those of unit 2",
        c=normal(3, 2),
        x=normal(3, 8),
    ),
    no_counterpart(
        "F.slstm(c, d, x, y)",
        "(lambda p, q: (lambda n: (n, torch.sigmoid(p[..., 3] + q[..., 3]) * torch.tanh(n)))"
        "(torch.tanh(p[..., 0]) * torch.sigmoid(p[..., 1]) + torch.sigmoid(p[..., 2]) * c"
        " + torch.tanh(q[..., 0]) * torch.sigmoid(q[..., 1]) + torch.sigmoid(q[..., 2]) * d))"
        "(x.reshape(len(x), -1, 4), y.reshape(len(y), -1, 4))",
        c=normal(3, 2),
        d=normal(3, 2),
        x=normal(3, 8),
        y=normal(3, 8),
    ),
    no_counterpart(
        "F.tree_lstm(c, d, x)",
        "(lambda p: (lambda n: (n, torch.sigmoid(p[2]) * torch.tanh(n)))"
        "(torch.tanh(p[0]) * torch.sigmoid(p[1]) + torch.sigmoid(p[3]) * c + torch.sigmoid(p[4]) * d))(x.chunk(5, 1))",
        c=normal(3, 2),
        d=normal(3, 2),
        x=normal(3, 10),
    ),
)
