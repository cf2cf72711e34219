"""Optimizers and optimizer hooks."""

from backends.names.correspondence import differs, identical, no_counterpart

OWN = "an optimizer of one's own, a few lines in backends/names/optimizer_rules.py"
RULE = "a torch.optim.Optimizer of one's own, whose step() is a few lines"

LINES = (
    no_counterpart("optimizers.AMSBound(beta2=0.2)", "optimizer_rules.AMSBound(params, betas=(0.9, 0.2))", how=OWN),
    differs(
        "optimizers.AMSGrad()",
        "torch.optim.Adam(params, amsgrad=True)",
        difference="amsgrad_eps",
        how="eps is added before √v is corrected; only Chainer's side can be changed to agree",
    ),
    no_counterpart("optimizers.AdaBound()", "optimizer_rules.AdaBound(params)", how=OWN),
    differs(
        "optimizers.AdaDelta()",
        "torch.optim.Adadelta(params, rho=0.95, eps=1e-6)",
        "torch.optim.Adadelta(params)",
        difference="adadelta_rho",
        how="rho 0.95 by default, in PyTorch 0.9",
    ),
    differs(
        "optimizers.AdaGrad()",
        "torch.optim.Adagrad(params, lr=0.001, eps=1e-8)",
        "torch.optim.Adagrad(params)",
        difference="adagrad_settings",
        how="eps 1e-8 and lr 0.001 by default, in PyTorch 1e-10 and 0.01",
    ),
    differs(
        "optimizers.Adam()",
        "torch.optim.Adam(params)",
        difference="adam_eps",
        how="eps is added before √v is corrected: scale it by √(1 − β₂ᵗ) at each update",
    ),
    differs(
        "optimizers.AdamW(weight_decay_rate=0.01)",
        "torch.optim.AdamW(params, weight_decay=0.01 / lr)",
        difference="adamw_decay",
        how="the decay is not multiplied by lr, and is 0 by default",
    ),
    differs(
        "optimizers.CorrectedMomentumSGD(lr=0.05)",
        "torch.optim.SGD(params, lr=0.05, momentum=0.9)",
        "torch.optim.SGD(params, lr=0.05)",
        how="momentum 0.9 by default, in PyTorch 0",
    ),
    no_counterpart("optimizers.MSVAG()", "optimizer_rules.MSVAG(params)", how=OWN),
    differs(
        "optimizers.MomentumSGD(lr=0.05)",
        "torch.optim.SGD(params, lr=0.05, momentum=0.9)",
        "torch.optim.SGD(params, lr=0.05)",
        difference="momentum_under_a_changing_lr",
        how="momentum 0.9 by default, in PyTorch 0; the state holds lr, so they part when lr changes",
    ),
    differs(
        "optimizers.NesterovAG()",
        "torch.optim.SGD(params, lr=0.01, momentum=0.9, nesterov=True)",
        difference="nesterov",
        how="the first update has another momentum",
    ),
    differs(
        "optimizers.RMSprop()",
        "torch.optim.RMSprop(params, lr=0.01, alpha=0.99, eps=1e-8)",
        "torch.optim.RMSprop(params, lr=0.001)",
        difference="rmsprop_eps_inside_sqrt",
        how="the same with equal settings; eps_inside_sqrt=True has no counterpart",
    ),
    no_counterpart(
        "optimizers.RMSpropGraves()",
        RULE,
        difference="rmsprop_graves",
        how="torch.optim.RMSprop adds eps outside the root",
    ),
    differs(
        "optimizers.SGD()",
        "torch.optim.SGD(params, lr=0.01)",
        "torch.optim.SGD(params)",
        difference="sgd_learning_rate",
        how="lr 0.01 by default, in PyTorch 0.001",
    ),
    no_counterpart("optimizers.SMORMS3()", "optimizer_rules.SMORMS3(params)", how=OWN),
    differs(
        "optimizer_hooks.GradientClipping(0.5)",
        "nn.utils.clip_grad_norm_(params, 0.5)",
        difference="gradient_clipping",
        how="PyTorch adds 1e-6 to the norm",
    ),
    identical(
        "optimizer_hooks.GradientHardClipping(-0.5, 0.5)",
        "nn.utils.clip_grad_value_(params, 0.5)",
        how="of two unequal bounds: p.grad.clamp_(low, high)",
    ),
    no_counterpart(
        "optimizer_hooks.GradientLARS()",
        "[p.grad.mul_(p.detach().norm() / (1e-9 + p.grad.norm())"
        " if p.detach().norm() > 0.01 else 1.0) for p in params]",
    ),
    no_counterpart(
        "optimizer_hooks.GradientNoise(0.1, lambda xp, shape, dtype, hook, rule: np.random.randn(*shape))",
        "[p.grad.add_(torch.as_tensor(np.random.randn(*p.shape))) for p in params]",
        how="deviation √(eta / (1 + update)^0.55) unless a noise function is given",
    ),
    no_counterpart("optimizer_hooks.Lasso(0.1)", "[p.grad.add_(p.detach().sign(), alpha=0.1) for p in params]"),
    identical(
        "optimizer_hooks.WeightDecay(0.1)",
        "[p.grad.add_(p.detach(), alpha=0.1) for p in params]",
        how="weight_decay=0.1 of torch.optim.SGD; see decay_before_clipping and gradient_after_weight_decay",
    ),
)
