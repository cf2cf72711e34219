"""Activations, and random layers that are replayed or run in evaluation mode."""

from backends.names.correspondence import ANY, differs, identical, no_counterpart, normal, values

LINES = (
    differs(
        "F.clipped_relu(x, z=1.0)",
        "torch.where((x > 0) & (x < 1.0), x, torch.clamp(x, 0, 1.0).detach())",
        "torch.clamp(x, 0, 1.0)",
        difference="clipped_relu_ends",
        how="no gradient at 0 and at z",
        x=values(-1.0, 0.0, 0.5, 1.0, 2.0),
    ),
    no_counterpart("F.crelu(x)", "torch.relu(torch.cat([x, -x], dim=1))", x=ANY),
    identical("F.elu(x)", "nn.functional.elu(x)", x=ANY),
    differs(
        "F.hard_sigmoid(x)",
        "torch.clamp(0.2 * x + 0.5, 0, 1)",
        "nn.functional.hardsigmoid(x)",
        difference="hard_sigmoid",
        how="slope 1/5, in PyTorch 1/6",
        x=ANY,
    ),
    differs(
        "F.leaky_relu(x)",
        "nn.functional.leaky_relu(x, 0.2)",
        "nn.functional.leaky_relu(x)",
        difference="leaky_relu_slope",
        how="slope 0.2 by default, in PyTorch 0.01",
        x=ANY,
    ),
    differs(
        "F.log_softmax(x)",
        "torch.log_softmax(x, dim=1)",
        "torch.log_softmax(x, dim=-1)",
        difference="softmax_axis",
        how="axis 1 by default",
        x=normal(2, 3, 4),
    ),
    no_counterpart(
        "F.maxout(x, 2)",
        "x.reshape(x.shape[0], -1, 2, *x.shape[2:]).amax(2)",
        x=normal(3, 6),
    ),
    differs(
        "F.prelu(x, a)",
        "torch.where(x >= 0, x, a * x)",
        "nn.functional.prelu(x, a)",
        difference="prelu_at_zero",
        how="slope 1 at 0",
        x=values([-1.0, 0.0, 2.0], [0.5, -0.5, 0.0]),
        a=values(0.1, 0.2, 0.3),
    ),
    identical("F.relu(x)", "torch.relu(x)", x=ANY),
    identical("F.relu6(x)", "nn.functional.relu6(x)", x=ANY),
    differs(
        "F.rrelu(x)",
        "nn.functional.rrelu(x, 1 / 8, 1 / 3, training=True)",
        "nn.functional.rrelu(x)",
        difference="rrelu_in_training",
        how="draws slopes while chainer.config.train is True",
    ),
    identical("F.selu(x)", "torch.selu(x)", x=ANY),
    identical("F.sigmoid(x)", "torch.sigmoid(x)", how="for x < −37 see sigmoid_of_very_negative", x=ANY),
    differs(
        "F.softmax(x)",
        "torch.softmax(x, dim=1)",
        "torch.softmax(x, dim=-1)",
        difference="softmax_axis",
        how="axis 1 by default",
        x=normal(2, 3, 4),
    ),
    differs(
        "F.softplus(x)",
        "nn.functional.softplus(x, threshold=float('inf'))",
        "nn.functional.softplus(x)",
        difference="softplus_threshold",
        how="the same formula everywhere",
    ),
    no_counterpart(
        "F.swish(x, b)", "x * torch.sigmoid(b * x)", how="nn.functional.silu(x) if b is 1", x=normal(3, 4), b=normal(4)
    ),
    identical("F.tanh(x)", "torch.tanh(x)", x=ANY),
    differs(
        "F.dropout(x)",
        "nn.functional.dropout(x, training=module.training)",
        "nn.functional.dropout(x)",
        difference="dropout_in_evaluation",
        how="drops only while chainer.config.train is True",
    ),
    no_counterpart(
        "F.gaussian(m, v, eps=e.array)", "m + e.detach() * torch.exp(v / 2)", how="e are draws", m=ANY, v=ANY, e=ANY
    ),
    differs(
        "F.gumbel_softmax(p, tau=0.1)",
        "torch.softmax((p + torch.as_tensor(np.random.gumbel(size=p.shape))) / 0.1, dim=1)",
        "nn.functional.gumbel_softmax(p)",
        how="tau 0.1 and axis 1, in PyTorch 1 and −1; the draws come from np.random",
        p=normal(3, 4),
    ),
    no_counterpart(
        "F.simplified_dropconnect(x, W, b, mask=m, use_batchwise_mask=False)",
        "nn.functional.linear(x, W * m * 2, b)",
        how="draws m itself if it is not given",
        x=normal(3, 4),
        W=normal(2, 4),
        b=normal(2),
        m=values([True, False, True, True], [False, True, True, False]),
    ),
    no_counterpart(
        "F.zoneout(h, x, ratio=0.5)",
        "x",
        how="in evaluation; in training torch.where(draws < ratio, h, x)",
        training=False,
        h=ANY,
        x=ANY,
    ),
)
