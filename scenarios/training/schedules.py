"""The network of the optimizers under every schedule; nothing else differs."""

from typing import Any

from scenarios.language.groups import group
from scenarios.language.optimizers import adam, adamw, momentum, sgd
from scenarios.language.rules import clip_by_norm, weight_decay
from scenarios.language.schedules import cosine_decay, exponential_decay, in_sequence, step_decay, warm_up
from scenarios.training.optimizers import loss_of, trained_by


@trained_by(momentum(lr=0.1, momentum=0.9), schedule=step_decay(every=10, factor=0.5))
def scheduled_by_steps(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """A learning rate that is halved after every ten updates.

    Large steps first, small ones later. Exercises step_decay.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(adam(lr=0.05), schedule=exponential_decay(factor=0.95))
def scheduled_exponentially(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """A learning rate that falls by 5 % at every update.

    PyTorch multiplies it by the factor each time, Chainer computes the power: their last digits differ. Exercises
    exponential_decay.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(sgd(lr=0.2), schedule=cosine_decay(updates=40))
def scheduled_by_cosine(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """A learning rate that falls along half a cosine.

    It falls slowly, then fast, then slowly again. Chainer has no such extension. Exercises cosine_decay.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(adamw(lr=0.02, weight_decay=0.1), schedule=warm_up(updates=10), clipping=clip_by_norm(max_norm=1.0))
def warmed_up(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """A learning rate that rises over ten updates, with AdamW and clipping, as large networks are trained.

    In AdamW the decay scales with the learning rate, too. Exercises warm_up, clip_by_norm and adamw.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(adam(lr=0.05), schedule=in_sequence(warm_up(updates=10), cosine_decay(updates=30), after=[10]))
def scheduled_in_sequence(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """A learning rate that rises over ten updates, and then falls along half a cosine, as for most large networks.

    Each schedule counts its own updates from 1. PyTorch has SequentialLR, Chainer no such extension. Exercises
    in_sequence, warm_up and cosine_decay.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(
    momentum(lr=0.1, momentum=0.9),
    schedule=in_sequence(cosine_decay(updates=15), cosine_decay(updates=25), after=[15]),
)
def scheduled_with_a_restart(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """A learning rate that falls along half a cosine, starts again from its full value, and falls more slowly.

    The velocity is kept over the restart (Loshchilov and Hutter call it a warm one). Exercises in_sequence and
    cosine_decay.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(momentum(lr=0.1, momentum=0.9), schedule=step_decay(every=2, factor=0.7, per="epoch"), batch_size=8)
def scheduled_by_epochs(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """Mini-batches, and a learning rate that falls after every second epoch.

    Every update of an epoch has the same rate: the schedule is stepped once per epoch, behind the loop over batches.
    Exercises step_decay.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(momentum(lr=0.05, momentum=0.5), schedule=warm_up(updates=20, of="momentum"))
def scheduled_momentum(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """A momentum that rises in equal steps to its full value, while the learning rate stays.

    The first gradients point anywhere, and a velocity that remembers them goes astray. Chainer's extensions change any
    setting of an optimizer, PyTorch's schedulers the learning rate alone: here that of a stand-in. Exercises warm_up
    and momentum.
    """
    return loss_of(op, x, y, w1, b1, w2)


@trained_by(
    sgd(lr=0.1),
    schedule=cosine_decay(updates=40, of="rate"),
    decay=weight_decay(rate=0.1),
    groups=[group("b1", rate=0.0)],
)
def scheduled_weight_decay(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """A weight decay that falls along half a cosine, and is 0 for the bias throughout.

    Strong at first, it keeps weights small while the network finds its way; weak in the end, it lets them fit.
    Exercises cosine_decay and weight_decay.
    """
    return loss_of(op, x, y, w1, b1, w2)
