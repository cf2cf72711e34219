"""Mistakes in calling PyTorch and Chainer: defaults that differ, flags that stay on, calls that are left out."""

from backends.mutants.mutant import Mutant, Training, family

batches = Training("batches")
branches = Training("branches")
plain = Training("plain")
with_adam = Training("with_adam")
with_adamw = Training("with_adamw")

MSE, CE = "mean_squared_error", "softmax_cross_entropy"
SGD = "torch.optim.SGD(parameters, lr=lr, momentum=momentum)"
RELU_OF_TORCH = """
    class Relu(torch.autograd.Function):
        @staticmethod
        def forward(context, x):
            context.save_for_backward(x)
            return x.clamp(min=0)

        @staticmethod
        def backward(context, grad_y):
            return grad_y.mul_(context.saved_tensors[0] > 0)

    return Relu.apply(x)
"""
RELU_OF_CHAINER = """
    class Relu(F.activation.relu.ReLU):
        def backward(self, indexes, grad_outputs):
            grad_outputs[0].array[self.get_retained_outputs()[0].array == 0] = 0
            return grad_outputs

    return Relu().apply((x,))[0]
"""

TORCH = family(
    "PyTorch calls",
    Mutant(
        "torch_mse_summed",
        'reduction="sum"',
        plain,
        (MSE, "forward"),
        MSE,
        {"reduction=reduction": 'reduction="sum"'},
        cause="not divided by 36, the number of elements",
    ),
    Mutant(
        "torch_ce_smoothed",
        "label smoothing is left on",
        batches,
        (CE, "forward"),
        CE,
        {"F.cross_entropy(x, t)": "F.cross_entropy(x, t, label_smoothing=0.1)"},
        cause="the labels are smoothed by 0.1",
    ),
    Mutant(
        "torch_ce_ignores_padding",
        "label 0 is ignored, as if it were padding",
        batches,
        (CE, "forward"),
        CE,
        {"F.cross_entropy(x, t)": "F.cross_entropy(x, t, ignore_index=0)"},
        cause="label 0 is ignored",
    ),
    Mutant(
        "torch_ce_of_softmax",
        "softmax is applied before cross_entropy, which applies it again",
        batches,
        (CE, "forward"),
        CE,
        {"F.cross_entropy(x, t)": "F.cross_entropy(F.softmax(x, dim=1), t)"},
        cause="softmax is applied twice",
    ),
    Mutant(
        "torch_norm_default_eps",
        "eps is left at PyTorch's 1e-5",
        with_adamw,
        ("layer_norm", "forward"),
        "layer_norm",
        {"gain, bias, eps)": "gain, bias)"},
        cause="eps is 1e-05",
    ),
    Mutant(
        "torch_relu_in_place",
        "ReLU overwrites an input that another op has used",
        branches,
        ("relu", "forward"),
        "relu",
        {"F.relu(x)": "F.relu(x, inplace=True)"},
        cause="wrote over its input a",
    ),
    Mutant(
        "torch_relu_gradient_in_place",
        "a backward of one's own clears the gradient that it receives, while other branches wait for it",
        branches,
        ("relu", "backward"),
        "relu",
        {"    return F.relu(x)": RELU_OF_TORCH},
        cause="the backward of relu",
    ),
    Mutant(
        "torch_leaky_relu",
        "leaky_relu with its default slope",
        plain,
        ("relu", "forward"),
        "relu",
        {"F.relu(x)": "F.leaky_relu(x)"},
        cause="leaky_relu with a slope of 0.01",
    ),
    Mutant(
        "torch_matmul_in_bfloat16",
        "the product is taken in bfloat16, as under autocast",
        plain,
        ("matmul", "forward"),
        "matmul",
        {"x @ w": "(x.bfloat16() @ w.bfloat16()).to(x.dtype)"},
    ),
    Mutant(
        "torch_gradients_not_cleared",
        "zero_grad() is forgotten",
        plain,
        ("matmul", "backward"),
        "train",
        {"            optimizer.zero_grad()\n": ""},
        cause="gradients are added up, not cleared",
    ),
    Mutant(
        "torch_momentum_dampened",
        "dampening is set to what the momentum leaves",
        batches,
        ("momentum", "state"),
        "momentum",
        {SGD: SGD.replace("=momentum)", "=momentum, dampening=1 - momentum)")},
        cause="9/10 of grad_w1",
    ),
    Mutant(
        "torch_momentum_nesterov",
        "nesterov=True",
        batches,
        ("momentum", "update"),
        "momentum",
        {SGD: SGD.replace("=momentum)", "=momentum, nesterov=True)")},
        cause="the step is Nesterov's",
    ),
    Mutant(
        "torch_sgd_decays",
        "weight_decay=1e-4 is left on",
        plain,
        ("sgd", "update"),
        "sgd",
        {"lr=lr)": "lr=lr, weight_decay=1e-4)"},
        cause="0.99999 times w1",
    ),
    Mutant(
        "torch_adam_default_eps",
        "eps is left at 1e-8",
        with_adam,
        ("adam", "update"),
        "adam",
        {", eps=eps)": ")"},
        cause="eps is 1e-08, not",
    ),
    Mutant(
        "torch_adamw_coupled",
        "Adam(weight_decay=…) for AdamW",
        with_adamw,
        ("adamw", "state"),
        "adamw",
        {"torch.optim.AdamW(": "torch.optim.Adam("},
        cause="the decay is added to the gradient",
    ),
    backend="torch",
)

CHAINER = family(
    "Chainer calls",
    Mutant(
        "chainer_norm_default_eps",
        "eps is left at Chainer's 1e-5",
        with_adamw,
        ("layer_norm", "forward"),
        "layer_norm",
        {"gains, biases, eps=eps)": "gains, biases)"},
        cause="eps is 1e-05, the default of PyTorch and of Chainer's function",
    ),
    Mutant(
        "chainer_mse_halved",
        "half the mean squared error",
        plain,
        (MSE, "forward"),
        MSE,
        {"F.mean_squared_error(y, t)": "0.5 * F.mean_squared_error(y, t)"},
        cause="got is half of want",
    ),
    Mutant(
        "chainer_ce_ignores_padding",
        "label 0 is ignored, as if it were padding",
        batches,
        (CE, "forward"),
        CE,
        {"F.softmax_cross_entropy(x, t)": "F.softmax_cross_entropy(x, t, ignore_label=0)"},
        cause="label 0 is ignored",
    ),
    Mutant(
        "chainer_relu_gradient_in_place",
        "a backward of one's own clears the gradient that it receives, while other branches wait for it",
        branches,
        ("relu", "backward"),
        "relu",
        {"    return F.relu(x)": RELU_OF_CHAINER},
        cause="the backward of relu",
    ),
    Mutant(
        "chainer_clipped_relu",
        "clipped_relu with a low ceiling",
        plain,
        ("relu", "forward"),
        "relu",
        {"F.relu(x)": "F.clipped_relu(x, z=1.0)"},
    ),
    Mutant(
        "chainer_gradients_not_cleared",
        "cleargrads() is forgotten",
        plain,
        ("matmul", "backward"),
        "train",
        {"            model.cleargrads()\n": "            pass\n"},
        cause="gradients are added up, not cleared",
    ),
    Mutant(
        "chainer_momentum_uncorrected",
        "MomentumSGD, whose velocity has the learning rate in it",
        batches,
        ("momentum", "state"),
        "momentum",
        {"chainer.optimizers.CorrectedMomentumSGD(": "chainer.optimizers.MomentumSGD("},
        cause="the velocity has the learning rate in it",
    ),
    Mutant(
        "chainer_adam_eps_uncorrected",
        "Chainer's own place for eps, before the bias correction",
        with_adam,
        ("adam", "update"),
        "adam",
        {"    _correct_eps(optimizer)\n": ""},
        cause="eps is added before v's bias is corrected",
    ),
    Mutant(
        "chainer_adamw_decay_without_lr",
        "weight_decay_rate, which Chainer does not multiply by the learning rate",
        with_adamw,
        ("adamw", "update"),
        "adamw",
        {"weight_decay_rate=lr * weight_decay": "weight_decay_rate=weight_decay"},
        cause="the decay is not multiplied by the learning rate",
    ),
    backend="chainer",
)

MUTANTS = TORCH + CHAINER
