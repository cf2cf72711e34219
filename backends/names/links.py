"""Links of one layer: linear, convolutions, normalisations, activations with weights."""

from backends.names.connections import WHITENED, WHITENING
from backends.names.correspondence import differs, identical, integers, no_counterpart, normal, unproven, values, whole
from backends.names.losses import CRF, STATES

LAYER = {"weight": "W", "bias": "b"}
EPS = "eps 2e-5 by default, in PyTorch 1e-5; decay 0.9 is PyTorch's momentum 0.1"
VISION = "torchvision holds it, which is no part of PyTorch, and Chainer's reads a file of Caffe"
SCALED = "(x - x.mean(0)) / torch.sqrt(x.var(0, correction=0) + 2e-5)"
BATCH_STATISTICS = ("(link(x), link.avg_mean, link.avg_var)", "(module(x), state.running_mean, state.running_var)")
INCEPTION = (
    "(lambda unit: torch.cat([unit(x, conv1_W, conv1n_gamma, conv1n_beta),"
    " unit(unit(x, proj3_W, proj3n_gamma, proj3n_beta), conv3_W, conv3n_gamma, conv3n_beta),"
    " unit(unit(unit(x, proj33_W, proj33n_gamma, proj33n_beta), conv33a_W, conv33an_gamma, conv33an_beta),"
    " conv33b_W, conv33bn_gamma, conv33bn_beta),"
    " unit(nn.functional.avg_pool2d(x, 3, 1, 1), poolp_W, poolpn_gamma, poolpn_beta)], 1))"
    "(lambda h, W, gamma, beta: torch.relu(nn.functional.batch_norm("
    "nn.functional.conv2d(h, W, padding=W.shape[-1] // 2), None, None, gamma, beta, True, 0.1, 2e-5)))"
)

LINES = (
    differs(
        "L.BatchNormalization(3)",
        "nn.BatchNorm1d(3, eps=2e-5)",
        "nn.BatchNorm1d(3)",
        difference="batch_normalization_eps",
        how=EPS,
        weights={"weight": "gamma", "bias": "beta"},
        use=BATCH_STATISTICS,
        x=normal(6, 3),
    ),
    no_counterpart(
        "L.BatchRenormalization(3, rmax=1.5, dmax=0.5)",
        f"(({SCALED}) * (torch.sqrt(x.var(0, correction=0) + 2e-5) / (1 + 2e-5) ** 0.5).clamp(1 / 1.5, 1.5).detach()"
        " + (x.mean(0) / (1 + 2e-5) ** 0.5).clamp(-0.5, 0.5).detach()) * gamma + beta",
        how="the first update, whose running statistics are 0 and 1",
        x=normal(6, 3),
    ),
    no_counterpart("L.Bias(shape=(3,))", "x + b.reshape(-1, 1)", x=normal(2, 3, 4)),
    differs(
        "L.Bilinear(2, 3, 4)",
        "torch.einsum('bi,bj,ijk->bk', x, y, W) + x @ V1 + y @ V2 + b",
        "torch.einsum('bi,bj,ijk->bk', x, y, W) + b",
        how="nn.Bilinear has no linear terms, and its weight has the output's axis first",
        use=("link(x, y)", ""),
        x=whole(4, 2),
        y=whole(4, 3),
    ),
    identical("L.Convolution1D(3, 4, 2)", "nn.Conv1d(3, 4, 2)", weights=LAYER, x=normal(2, 3, 5)),
    identical(
        "L.Convolution2D(3, 4, 2, stride=2, pad=1)",
        "nn.Conv2d(3, 4, 2, stride=2, padding=1)",
        weights=LAYER,
        how="for what weights start as see initial_weights and initial_bias",
        x=normal(2, 3, 5, 4),
    ),
    identical("L.Convolution3D(2, 3, 2)", "nn.Conv3d(2, 3, 2)", weights=LAYER, x=normal(2, 2, 3, 4, 3)),
    identical(
        "L.ConvolutionND(2, 3, 4, 2)",
        "nn.Conv2d(3, 4, 2)",
        weights=LAYER,
        how="nn.Conv1d to nn.Conv3d",
        x=normal(2, 3, 5, 4),
    ),
    identical("L.Deconvolution1D(3, 4, 2)", "nn.ConvTranspose1d(3, 4, 2)", weights=LAYER, x=normal(2, 3, 5)),
    identical(
        "L.Deconvolution2D(3, 4, 4, stride=2, pad=1)",
        "nn.ConvTranspose2d(3, 4, 4, stride=2, padding=1)",
        weights=LAYER,
        how="outsize is output_padding",
        x=normal(2, 3, 5, 4),
    ),
    identical("L.Deconvolution3D(2, 3, 2)", "nn.ConvTranspose3d(2, 3, 2)", weights=LAYER, x=normal(2, 2, 3, 2, 3)),
    identical(
        "L.DeconvolutionND(2, 3, 4, 2)",
        "nn.ConvTranspose2d(3, 4, 2)",
        weights=LAYER,
        how="nn.ConvTranspose1d to nn.ConvTranspose3d",
        x=normal(2, 3, 5, 4),
    ),
    no_counterpart("L.DecorrelatedBatchNormalization(3, groups=1)", WHITENED, how=WHITENING, x=normal(6, 3)),
    unproven(
        "L.DeformableConvolution2D(3, 4, 3)",
        "torchvision.ops.DeformConv2d(3, 4, 3)",
        "torchvision holds it, which is no part of PyTorch",
        status="differs",
    ),
    differs(
        "L.DepthwiseConvolution2D(3, 2, 2)",
        "nn.Conv2d(3, 6, 2, groups=3)",
        difference="depthwise_weights",
        how="W is (multiplier, channel, height, width)",
        weights={"weight": "W.transpose(0, 1).reshape(-1, 1, 2, 2)", "bias": "b"},
        x=normal(2, 3, 4, 5),
    ),
    identical(
        "L.DilatedConvolution2D(3, 4, 2, dilate=2)",
        "nn.Conv2d(3, 4, 2, dilation=2)",
        weights=LAYER,
        x=normal(2, 3, 5, 4),
    ),
    identical(
        "L.EmbedID(5, 2)",
        "nn.Embedding(5, 2)",
        weights={"weight": "W"},
        use=("link(t)", "module(t.long())"),
        how="for ignore_label see embed_id_padding",
        t=integers(5, 3, 4),
    ),
    identical(
        "L.GroupNormalization(2, 4)",
        "nn.GroupNorm(2, 4)",
        weights={"weight": "gamma", "bias": "beta"},
        x=normal(3, 4, 2, 3),
    ),
    no_counterpart(
        "L.Highway(3)",
        "(lambda t: torch.relu(nn.functional.linear(x, plain_W, plain_b)) * t + x * (1 - t))"
        "(torch.sigmoid(nn.functional.linear(x, transform_W, transform_b)))",
        x=normal(4, 3),
    ),
    no_counterpart(
        "L.Inception(3, 2, 2, 3, 2, 3, 2)",
        "torch.relu(torch.cat([nn.functional.conv2d(x, conv1_W, conv1_b),"
        " nn.functional.conv2d(torch.relu(nn.functional.conv2d(x, proj3_W, proj3_b)), conv3_W, conv3_b, padding=1),"
        " nn.functional.conv2d(torch.relu(nn.functional.conv2d(x, proj5_W, proj5_b)), conv5_W, conv5_b, padding=2),"
        " nn.functional.conv2d(nn.functional.max_pool2d(x, 3, 1, 1), projp_W, projp_b)], 1))",
        x=normal(2, 3, 5, 4),
    ),
    no_counterpart(
        "L.InceptionBN(3, 2, 2, 3, 2, 3, 'avg', 2)",
        INCEPTION,
        how="nn.Sequential(nn.Conv2d(…, bias=False), nn.BatchNorm2d(…, eps=2e-5), nn.ReLU()) for each call of unit",
        x=normal(2, 3, 5, 4),
    ),
    differs(
        "L.LayerNormalization(3)",
        "nn.LayerNorm(3, eps=1e-6)",
        "nn.LayerNorm(3)",
        difference="layer_normalization_eps",
        how="eps 1e-6 by default, in PyTorch 1e-5",
        weights={"weight": "gamma", "bias": "beta"},
        x=normal(4, 3),
    ),
    identical(
        "L.Linear(3, 2)", "nn.Linear(3, 2)", weights=LAYER, how="for more axes see linear_flattens", x=normal(4, 3)
    ),
    no_counterpart(
        "L.LocalConvolution2D(3, 2, (4, 5), 2)",
        "torch.einsum('bclij,olcij->bol', x.unfold(2, 2, 1).unfold(3, 2, 1).flatten(2, 3), W.flatten(1, 2)).reshape(len(x), *b.shape) + b",
        x=normal(2, 3, 4, 5),
    ),
    no_counterpart(
        "L.MLPConvolution2D(3, (4, 2), 2)",
        "nn.functional.conv2d(torch.relu(nn.functional.conv2d(x, layer0_W, layer0_b)), layer1_W, layer1_b)",
        how="nn.Sequential(nn.Conv2d(3, 4, 2), nn.ReLU(), nn.Conv2d(4, 2, 1))",
        x=normal(2, 3, 4, 5),
    ),
    no_counterpart(
        "L.Maxout(3, 2, 4)", "nn.functional.linear(x, linear_W, linear_b).reshape(len(x), 2, 4).amax(2)", x=normal(5, 3)
    ),
    differs(
        "L.PReLU((3,))",
        "torch.where(x >= 0, x, W * x)",
        difference="prelu_at_zero",
        how="slope 1 at 0, where nn.PReLU has W; the same elsewhere",
        x=normal(4, 3),
    ),
    identical(
        "L.Parameter(np.ones((2, 3)))", "W", use=("link()", ""), how="nn.Parameter is an attribute, not a module"
    ),
    no_counterpart(
        "L.Scale(W_shape=(3,), bias_term=True)", "x * W.reshape(-1, 1) + bias_b.reshape(-1, 1)", x=normal(2, 3, 4)
    ),
    no_counterpart(
        "L.SimplifiedDropconnect(3, 2)",
        "nn.functional.linear(x, W * m * 2, b)",
        how="draws m itself if it is not given",
        use=("link(x, mask=m, use_batchwise_mask=False)", ""),
        x=normal(4, 3),
        m=values([True, False, True], [False, True, True]),
    ),
    no_counterpart(
        "L.Swish((3,))", "x * torch.sigmoid(beta * x)", how="nn.SiLU() if beta is 1 and not trained", x=normal(4, 3)
    ),
    no_counterpart(
        "L.Classifier(L.Linear(3, 2))",
        "nn.functional.cross_entropy(nn.functional.linear(x, predictor_W, predictor_b), t.long())",
        how="calls the predictor, then the loss: F.softmax_cross_entropy by default",
        use=("link(x, t)", ""),
        x=normal(4, 3),
        t=integers(2, 4),
    ),
    no_counterpart(
        "L.BinaryHierarchicalSoftmax(3, ((0, 1), 2))",
        "(lambda code: (nn.functional.softplus(-(x @ W.mT) * code) * code.abs()).sum())"
        "(torch.tensor([[1, 1], [1, -1], [-1, 0]])[t.long()])",
        how="the code of each label: 1 to the left, -1 to the right, 0 where a node is not on its path",
        use=("link(x, t)", ""),
        x=normal(4, 3),
        t=integers(3, 4),
    ),
    no_counterpart(
        "L.BlackOut(3, [1, 2, 3, 4, 5], 2)",
        "-(lambda p: (torch.log(p[:, 0]) + torch.log(1 - p[:, 1:]).sum(1)).mean())"
        "(torch.softmax(torch.cat([(x * W[t.long()]).sum(1, keepdim=True), (W[s.long()] * x[:, None]).sum(2)], 1), 1))",
        how="s are the samples: torch.multinomial(counts, 2 * len(x), replacement=True).reshape(-1, 2)",
        use=("(setattr(link, 'sample_data', s), link(x, t))[1]", ""),
        x=normal(4, 3),
        t=integers(5, 4),
        s=integers(5, 4, 2),
    ),
    no_counterpart(
        "L.NegativeSampling(3, [1, 2, 3, 4, 5], 2)",
        "(nn.functional.softplus(-(x * W[t.long()]).sum(1)).sum()"
        " + nn.functional.softplus((W[s.long()] * x[:, None]).sum(2)).sum())",
        how="s are the samples: torch.multinomial(counts ** 0.75, 2 * len(x), replacement=True).reshape(-1, 2)",
        use=("(setattr(link.sampler, 'sample', lambda shape: np.insert(s, 0, 9, axis=1)), link(x, t))[1]", ""),
        x=normal(4, 3),
        t=integers(5, 4),
        s=integers(5, 4, 2),
    ),
    no_counterpart(
        "L.CRF1d(3)",
        CRF,
        how="for sequences of three; the package pytorch-crf",
        use=("link([x, y, z], [a, b, c])", ""),
        given={name: draw for name, draw in STATES.items() if name != "cost"},
    ),
    unproven("L.GoogLeNet()", "torchvision.models.googlenet()", VISION, status="differs"),
    unproven("L.ResNet50Layers()", "torchvision.models.resnet50()", VISION, status="differs"),
    unproven("L.ResNet101Layers()", "torchvision.models.resnet101()", VISION, status="differs"),
    unproven("L.ResNet152Layers()", "torchvision.models.resnet152()", VISION, status="differs"),
    unproven("L.VGG16Layers()", "torchvision.models.vgg16()", VISION, status="differs"),
    unproven("L.VGG19Layers()", "torchvision.models.vgg19()", VISION, status="differs"),
    unproven("L.TheanoFunction(inputs, outputs)", "nothing: rewrite Theano's graph", "needs Theano"),
)
