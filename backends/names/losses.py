"""Losses, and measures of a prediction's quality."""

from backends.names.correspondence import ANY, differs, identical, integers, no_counterpart, normal, values

LABELS = integers(3, 6)
SCORES = normal(6, 3)
ONE_CLASS = "each class for itself"
SUPPORT = "torch.bincount(t.long(), minlength=3)"
RIGHT = "torch.bincount(t[y.argmax(1) == t].long(), minlength=3)"
GUESSED = "torch.bincount(y.argmax(1), minlength=3)"
EVERY_CLASS = {
    "t": values(0, 1, 2, 2, 1, 0, 2),
    "y": values([3.0, 1, 0], [0, 2, 1], [0, 1, 2], [2, 1, 0], [0, 3, 1], [1, 0, 2], [0, 0, 1]),
}
PAIR = {"x": normal(4, 3), "y": normal(4, 3)}

STATES = {
    "cost": normal(3, 3),
    **{name: normal(4, 3) for name in "xyz"},
    **{name: integers(3, 4) for name in "abc"},
}
"""The scores of three steps of four sequences, and their labels."""
CRF = (
    "(lambda step, a, b, c: (torch.logsumexp(step(step(x, y), z), 1) - x.take_along_dim(a, 1).squeeze(1)"
    " - y.take_along_dim(b, 1).squeeze(1) - z.take_along_dim(c, 1).squeeze(1) - cost[a, b].squeeze(1) - cost[b, c].squeeze(1)).mean())"
    "(lambda alpha, x: torch.logsumexp(alpha[..., None] + cost, 1) + x,"
    " a.long()[:, None], b.long()[:, None], c.long()[:, None])"
)
VITERBI = (
    "(lambda first: (lambda second: (lambda c: (lambda b: (second[0].amax(1),"
    " first[1].take_along_dim(b, 1).squeeze(1), b.squeeze(1), c.squeeze(1)))"
    "(second[1].take_along_dim(c, 1)))(second[0].argmax(1, keepdim=True)))"
    "((lambda s: (s.amax(1) + z, s.argmax(1)))(first[0][..., None] + cost)))"
    "((lambda s: (s.amax(1) + y, s.argmax(1)))(x[..., None] + cost))"
)
CLUSTERING = (
    "(lambda m: (lambda mean: ("
    "(torch.relu(((mean[..., None, None] - x) * m).abs().sum(2) - 0.5).square().sum((1, 2, 3))"
    " / m.sum((1, 2, 3, 4)).clamp(min=1)).mean(), "
    "sum(torch.relu(3 - (mean[i] - mean[j]).abs().sum(1)).square().sum() for i in range(3) for j in range(i)) / (3 * len(x)), "
    "0.001 * mean.abs().sum() / (3 * len(x))))"
    "((x * m).sum((3, 4)) / m.sum((2, 3, 4))[..., None].clamp(min=1)))"
    "(torch.stack([(t == label + 1)[:, None].double() for label in range(3)]))"
)

LINES = (
    no_counterpart(
        "F.absolute_error(x, y)", "torch.abs(x - y)", how="nn.functional.l1_loss(x, y, reduction='none')", x=ANY, y=ANY
    ),
    no_counterpart("F.accuracy(y, t)", "(y.argmax(1) == t).double().mean()", y=SCORES, t=LABELS),
    differs(
        "F.bernoulli_nll(t, y)",
        "nn.functional.binary_cross_entropy_with_logits(y, t, reduction='sum')",
        "nn.functional.binary_cross_entropy_with_logits(t, y, reduction='sum')",
        difference="bernoulli_nll",
        how="the target comes first",
        t=ANY,
        y=ANY,
    ),
    no_counterpart(
        "F.binary_accuracy(y, t)",
        "((y >= 0) == (t == 1)).double().mean()",
        how="labels −1 are left out",
        y=normal(7),
        t=integers(2, 7),
    ),
    no_counterpart(
        "F.black_out(x, t, W, s, reduce='no')",
        "-(torch.log_softmax(torch.cat([(x * W[t.long()]).sum(1, keepdim=True), (W[s.long()] * x[:, None]).sum(2)], 1), 1)[:, 0]"
        " + torch.log(1 - torch.softmax(torch.cat([(x * W[t.long()]).sum(1, keepdim=True), (W[s.long()] * x[:, None]).sum(2)], 1), 1)[:, 1:]).sum(1))",
        how="s are the samples",
        x=normal(4, 3),
        t=integers(5, 4),
        W=normal(5, 3),
        s=integers(5, 4, 2),
    ),
    no_counterpart(
        "F.classification_summary(y, t)",
        f"({RIGHT} / {GUESSED}, {RIGHT} / {SUPPORT}, 2 * {RIGHT} / ({GUESSED} + {SUPPORT}), {SUPPORT})",
        given=EVERY_CLASS,
    ),
    differs(
        "F.connectionist_temporal_classification(xs, t, blank_symbol=0)",
        "nn.functional.ctc_loss(…, reduction='none').mean()",
        "nn.functional.ctc_loss(…)",
        difference="ctc_mean",
        how="of scores, without a division by the targets' lengths",
    ),
    differs(
        "F.contrastive(x, y, t)",
        "(t * (x - y).square().sum(1) + (1 - t) * torch.relu(1 - torch.linalg.vector_norm(x - y, dim=1)).square()).mean() / 2",
        "nn.functional.cosine_embedding_loss(x, y, 2 * t - 1)",
        difference="contrastive_distance",
        how="by the distance",
        given=PAIR,
        t=integers(2, 4),
    ),
    no_counterpart(
        "F.crf1d(cost, [x, y, z], [a, b, c])", CRF, how="for sequences of three; the package pytorch-crf", given=STATES
    ),
    no_counterpart(
        "(lambda score, path: (score, *path))(*F.argmax_crf1d(cost, [x, y, z]))",
        VITERBI,
        how="for sequences of three; the package pytorch-crf",
        given={name: draw for name, draw in STATES.items() if name not in "abc"},
    ),
    no_counterpart(
        "F.cross_covariance(x, y)",
        "(((x - x.mean(0)).mT @ (y - y.mean(0))) / len(x)).square().sum() / 2",
        x=normal(5, 3),
        y=normal(5, 2),
    ),
    no_counterpart(
        "F.decov(x)",
        "(((x - x.mean(0)).mT @ (x - x.mean(0))) / len(x) * (1 - torch.eye(x.shape[1]))).square().sum() / 2",
        x=normal(5, 3),
    ),
    no_counterpart(
        "F.discriminative_margin_based_clustering_loss(x, t, 0.5, 1.5, 3)",
        CLUSTERING,
        how="the terms of variance, distance and regularisation; Chainer's takes as many images as there are labels only",
        x=normal(3, 3, 4, 5),
        t=integers(4, 3, 4, 5),
    ),
    no_counterpart("F.f1_score(y, t)[0]", f"2 * {RIGHT} / ({GUESSED} + {SUPPORT})", given=EVERY_CLASS),
    differs(
        "F.gaussian_kl_divergence(m, v)",
        "(m.square() + v.exp() - v - 1).sum() / 2",
        "torch.distributions.kl_divergence(torch.distributions.Normal(m, v.exp()), torch.distributions.Normal(0.0, 1.0)).sum()",
        difference="gaussian_kl_divergence",
        how="v is the logarithm of the variance",
        m=ANY,
        v=ANY,
    ),
    differs(
        "F.gaussian_nll(x, m, v)",
        "nn.functional.gaussian_nll_loss(m, x, v.exp(), full=True, eps=0, reduction='sum')",
        "nn.functional.gaussian_nll_loss(m, x, v.exp(), reduction='sum')",
        difference="gaussian_nll",
        how="with the constant, and of the logarithm of the variance",
        x=ANY,
        m=ANY,
        v=ANY,
    ),
    differs(
        "F.hinge(x, t)",
        "torch.relu(1 - x * (2 * nn.functional.one_hot(t.long(), x.shape[1]) - 1)).sum() / len(x)",
        "nn.functional.multi_margin_loss(x, t.long())",
        difference="hinge",
        how=ONE_CLASS,
        x=SCORES,
        t=LABELS,
    ),
    differs(
        "F.huber_loss(x, y, 1.0)",
        "nn.functional.huber_loss(x, y, reduction='none').sum(1)",
        "nn.functional.huber_loss(x, y)",
        difference="huber_axis",
        how="summed over axis 1",
        given=PAIR,
    ),
    identical("F.mean_absolute_error(x, y)", "nn.functional.l1_loss(x, y)", x=ANY, y=ANY),
    identical("F.mean_squared_error(x, y)", "nn.functional.mse_loss(x, y)", x=ANY, y=ANY),
    no_counterpart(
        "F.negative_sampling(x, t, W, lambda shape: np.array([[9, 0, 1], [9, 2, 3], [9, 4, 0], [9, 1, 2]], np.int32), 2)",
        "(nn.functional.softplus(-(x * W[t.long()]).sum(1), threshold=float('inf')).sum()"
        " + nn.functional.softplus((W[torch.tensor([[0, 1], [2, 3], [4, 0], [1, 2]])] * x[:, None]).sum(2), threshold=float('inf')).sum())",
        how="the function draws the samples",
        x=normal(4, 3),
        t=integers(5, 4),
        W=normal(5, 3),
    ),
    no_counterpart("F.precision(y, t)[0]", f"{RIGHT} / {GUESSED}", given=EVERY_CLASS),
    no_counterpart(
        "F.r2_score(x, y)",
        "(1 - (x - y).square().sum(0) / (y - y.mean(0)).square().sum(0)).detach().mean()",
        given=PAIR,
    ),
    no_counterpart("F.recall(y, t)[0]", f"{RIGHT} / {SUPPORT}", given=EVERY_CLASS),
    differs(
        "F.sigmoid_cross_entropy(x, t)",
        "(nn.functional.binary_cross_entropy_with_logits(x, t.double(), reduction='none') * (t != -1)).sum() / (t != -1).sum()",
        "nn.functional.binary_cross_entropy_with_logits(x, t.double())",
        difference="sigmoid_cross_entropy_ignore_label",
        how="labels −1 are ignored",
        x=normal(3, 4),
        t=values([0, 1, -1, 1], [1, 1, 0, -1], [0, 0, 1, 1]),
    ),
    differs(
        "F.softmax_cross_entropy(x, t)",
        "nn.functional.cross_entropy(x, t.long(), ignore_index=-1)",
        "nn.functional.cross_entropy(x, t.long())",
        difference="softmax_cross_entropy_ignore_label",
        how="labels −1 are ignored",
        x=SCORES,
        t=values(0, 1, -1, 2, 0, 1),
    ),
    identical("F.squared_error(x, y)", "nn.functional.mse_loss(x, y, reduction='none')", x=ANY, y=ANY),
    differs(
        "F.triplet(a, p, n)",
        "torch.relu((a - p).square().sum(1) - (a - n).square().sum(1) + 0.2).mean()",
        "nn.functional.triplet_margin_loss(a, p, n, margin=0.2)",
        difference="triplet",
        how="of squared distances",
        a=normal(4, 3),
        p=normal(4, 3),
        n=normal(4, 3),
    ),
)
