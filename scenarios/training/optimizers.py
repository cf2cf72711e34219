"""One network trained with every optimizer, clipping and weight decay; nothing else differs."""

from collections.abc import Callable
from typing import Any

from scenarios.language.definition import Scenario, scenario
from scenarios.language.draws import param, randn
from scenarios.language.groups import group
from scenarios.language.optimizers import (
    adabound,
    adadelta,
    adagrad,
    adam,
    adamax,
    adamw,
    amsbound,
    amsgrad,
    dampened_momentum,
    lion,
    momentum,
    msvag,
    nadam,
    nesterov,
    nesterov_ag,
    radam,
    rmsprop,
    rmsprop_centered,
    rmsprop_eps_inside,
    rmsprop_graves,
    rmsprop_with_momentum,
    sgd,
    smorms3,
)
from scenarios.language.rules import Optimizer, clip_by_norm, clip_by_value, weight_average, weight_decay
from scenarios.language.schedules import step_decay


def trained_by(optimizer: Optimizer, **around: Any) -> Callable[[Callable[..., Any]], Scenario]:
    """A regression network with one hidden tanh layer, the same for every way to train it."""
    return scenario(
        seed=1,
        epochs=40,
        optimizer=optimizer,
        **around,
        x=randn(20, 5),
        y=randn(20, 2),
        w1=param(5, 8, scale=0.5),
        b1=param(8, fill=0.0),
        w2=param(8, 2, scale=0.5),
    )


def loss_of(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """The network and its loss."""
    h = op.tanh(op.add(op.matmul(x, w1), b1))
    y_p = op.matmul(h, w2)
    return op.mean_squared_error(y_p, y)


@trained_by(sgd(lr=0.1))
def trained_by_sgd(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """Plain gradient descent on the network that all of these scenarios share.

    The step is the gradient times the learning rate: the baseline for every other optimizer here. Exercises sgd.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(momentum(lr=0.05, momentum=0.9))
def trained_by_momentum(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """Gradient descent with momentum.

    The velocity remembers past gradients. Chainer's MomentumSGD keeps the learning rate inside it;
    CorrectedMomentumSGD keeps it outside, like PyTorch. Exercises momentum.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(dampened_momentum(lr=0.1, momentum=0.9, dampening=0.5))
def trained_by_dampened_momentum(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """Momentum whose velocity takes half of each gradient, but all of the first.

    The exception is PyTorch's: its velocity starts as a copy of the first gradient. Chainer has no dampening. Exercises
    dampened_momentum.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(nesterov(lr=0.05, momentum=0.9))
def trained_by_nesterov(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """Nesterov's momentum, as PyTorch has it.

    The step looks ahead along the new velocity. Chainer's NesterovAG is another rule (see trained_by_nesterov_ag), so
    the Chainer backend writes this one as an update rule of its own. Exercises nesterov.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(nesterov_ag(lr=0.02, momentum=0.9))
def trained_by_nesterov_ag(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """Nesterov's momentum, as Chainer's NesterovAG has it.

    Compare it with trained_by_nesterov: the two part at the first update. Exercises nesterov_ag.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(adagrad(lr=0.1))
def trained_by_adagrad(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """AdaGrad: every weight has a learning rate of its own, which only falls.

    The sum of squared gradients never shrinks. Exercises adagrad.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(rmsprop(lr=0.01))
def trained_by_rmsprop(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """RMSprop: like AdaGrad, but it forgets old gradients.

    It keeps a running mean of squared gradients in place of their sum. Exercises rmsprop.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(adagrad(lr=0.1, initial_h=0.1))
def cautious_adagrad(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """AdaGrad whose sums start above 0: where a gradient is small, so is the first step.

    From 0, the first step of every weight is as long as the learning rate, however small its gradient is. It is
    PyTorch's initial_accumulator_value; Chainer's sums start at 0. Exercises adagrad with initial_h.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(rmsprop_eps_inside(lr=0.01, alpha=0.9, eps=1e-4, initial_v=1.0))
def cautious_rmsprop(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """RMSprop whose mean starts at 1, as in TensorFlow: its first steps are about lr times the gradient.

    From 0, the first mean is (1 − alpha)·g², and the first steps are longer than all later ones. Chainer's and
    PyTorch's means start at 0. Exercises rmsprop_eps_inside with initial_v.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(rmsprop_eps_inside(lr=0.01, eps=1e-4))
def trained_by_rmsprop_eps_inside(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """RMSprop with eps inside the root, Chainer's eps_inside_sqrt.

    Where v is small, √(v + eps) is far larger than √v + eps. PyTorch has no such setting. Exercises rmsprop_eps_inside.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(rmsprop_with_momentum(lr=0.003, momentum=0.9))
def trained_by_rmsprop_with_momentum(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """RMSprop whose steps are gathered in a velocity.

    It is a setting of PyTorch's RMSprop; Chainer's RMSpropGraves is another rule. Exercises rmsprop_with_momentum.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(rmsprop_centered(lr=0.01, alpha=0.9))
def trained_by_rmsprop_centered(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """RMSprop that divides by the deviation of the gradient from its mean.

    A steady gradient hardly deviates, so its steps grow long. It is a setting of PyTorch's RMSprop, centered=True;
    Chainer's centered RMSprop is another rule (see trained_by_rmsprop_graves). Exercises rmsprop_centered.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(rmsprop_graves(lr=0.001))
def trained_by_rmsprop_graves(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """The first RMSprop in print, by which Graves taught networks to write by hand.

    It is centered and has a momentum, eps is inside the root, and the learning rate is inside the step that is kept.
    Chainer's; PyTorch's RMSprop has the first two alone. Exercises rmsprop_graves.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(smorms3(lr=0.05))
def trained_by_smorms3(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """SMORMS3: the length of each running mean follows from how steady the gradient is.

    The means are short where a gradient keeps its sign, and long where it is noise. Chainer's; PyTorch has no such
    optimizer. Exercises smorms3.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(adadelta(rho=0.9, eps=1e-4))
def trained_by_adadelta(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """AdaDelta: no learning rate at all.

    A step is about as large as recent steps. Exercises adadelta.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(adam(lr=0.02))
def trained_by_adam(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """Adam: momentum over RMSprop, with the bias of the first updates corrected.

    Chainer adds eps before that correction, PyTorch after it; Lockstep follows PyTorch and the paper's Algorithm 1.
    Exercises adam.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(amsgrad(lr=0.02))
def trained_by_amsgrad(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """AMSGrad: Adam whose steps are divided by the largest v so far.

    This way a rare large gradient is not forgotten. Exercises amsgrad.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(adamw(lr=0.02, weight_decay=0.1))
def trained_by_adamw(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """AdamW: weight decay beside Adam's step, not inside the gradient.

    Compare it with decayed_adam, where the decay goes through Adam's division. Exercises adamw.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(adamax(lr=0.05))
def trained_by_adamax(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """AdaMax: Adam that divides by the largest recent gradient.

    The maximum needs no correction of its bias. Chainer has no such optimizer. Exercises adamax.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(nadam(lr=0.03))
def trained_by_nadam(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """NAdam: Adam with Nesterov's look ahead.

    The momentum grows from about half of beta1 towards beta1, so a product of momenta takes the place of a power in the
    correction. PyTorch's keeps that product in float32, in float64 training, too. Exercises nadam.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(radam(lr=0.05))
def trained_by_radam(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """RAdam: Adam that waits until its v is known well enough.

    The first five steps are those of momentum; then the division sets in, and a factor that rises to 1. Exercises
    radam.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(adabound(lr=0.02, final_lr=0.1, gamma=0.05))
def trained_by_adabound(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """AdaBound: it begins as Adam and ends as gradient descent with momentum.

    Each element's rate is kept between two bounds, which are far apart at first and then meet at final_lr. Chainer's;
    PyTorch has no such optimizer. Exercises adabound.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(adabound(lr=0.02, final_lr=0.1, gamma=0.05), schedule=step_decay(every=10, factor=0.5))
def falling_bounds(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """AdaBound under a schedule, which its bounds follow.

    When the learning rate is halved, so is final_lr; else the bounds would soon undo what the schedule does. Exercises
    adabound with a schedule.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(amsbound(lr=0.02, final_lr=0.1, gamma=0.05))
def trained_by_amsbound(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """AMSBound: AdaBound whose rates are divided by the largest v so far.

    It is to AdaBound what AMSGrad is to Adam. Exercises amsbound.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(msvag(lr=0.1))
def trained_by_msvag(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """M-SVAG: momentum that moves each element the less, the more its gradient varies.

    Adam takes the size of the gradient out of its steps together with its variance; this rule takes out the variance
    alone. At the first update that is a difference of two equal numbers, divided by 1 − ρ, so rounding shows in the
    step: runs may part by thousands of ulp at once, and no further. Chainer's; PyTorch has no such optimizer.
    Exercises msvag.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(lion(lr=0.01, weight_decay=0.1))
def trained_by_lion(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """Lion: every step is as long as the learning rate, and only its sign comes from gradients.

    The sign is taken of one mean of gradients, and another one is kept. No framework has it. Exercises lion.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(momentum(lr=0.05, momentum=0.9), decay=weight_decay(rate=0.02))
def decayed(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """Weight decay: the gradient of an L2 penalty is added to every gradient.

    It is a hook in Chainer and a setting of every optimizer in PyTorch. Exercises weight_decay.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(adam(lr=0.02), decay=weight_decay(rate=0.1))
def decayed_adam(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """Adam with an L2 penalty, whose effect the division by √v̂ levels out.

    AdamW was made to fix this. Exercises weight_decay with adam.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(sgd(lr=0.1), clipping=clip_by_norm(max_norm=0.5))
def clipped_by_norm(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """Gradients scaled down together when their norm is too large.

    Their direction stays the same. PyTorch adds 1e-6 to the norm, Chainer does not. Exercises clip_by_norm.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(sgd(lr=0.1), clipping=clip_by_value(limit=0.1))
def clipped_by_value(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """Every element of every gradient clamped to −0.1 … 0.1.

    This changes the direction, too. Exercises clip_by_value.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(adamw(lr=0.01, weight_decay=0.1), groups=[group("b*", weight_decay=0.0)])
def biases_not_decayed(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """AdamW whose weight decay leaves out the biases, as is usual for large networks.

    The decay keeps the slopes of a network small, and a bias only shifts where a unit bends. The biases are a group of
    parameters with a weight decay of 0. Exercises parameter groups and adamw.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(sgd(lr=0.3), average=weight_average(share=0.8))
def averaged(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """An exponential moving average of the weights, beside weights that swing.

    The steps are large, and the average smooths what they do; it trains nothing. Large networks are often tested with
    it. PyTorch has it in swa_utils, Chainer has none. Exercises weight_average.
    """
    return loss_of(op, x, y, w1, b1, w2)
