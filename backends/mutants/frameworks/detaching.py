"""Mistakes in calling PyTorch and Chainer where no gradient may pass."""

from backends.mutants.mutant import Mutant, Training, family

values = Training("temporal_difference", epochs=3)
codes = Training("straight_through", epochs=3)
adversaries = Training("dcgan", epochs=1)

MUTANTS = (
    *family(
        "PyTorch calls",
        Mutant(
            "torch_target_not_detached",
            "the target is not detached",
            values,
            ("detach", "backward"),
            "detach",
            {"x.detach()": "x"},
        ),
        Mutant(
            "torch_detach_of_a_clone",
            "the clone is trained through, as clone() records it",
            codes,
            ("detach", "backward"),
            "detach",
            {"x.detach()": "x.clone()"},
        ),
        backend="torch",
    ),
    *family(
        "Chainer calls",
        Mutant(
            "chainer_target_not_detached",
            "the target is not detached",
            values,
            ("detach", "backward"),
            "detach",
            {"chainer.as_variable(x.array)": "x"},
        ),
        Mutant(
            "chainer_generator_sees_the_discriminators_loss",
            "what is generated is not detached, so the generator learns to give itself away",
            adversaries,
            ("detach", "backward"),
            "detach",
            {"chainer.as_variable(x.array)": "x"},
        ),
        backend="chainer",
    ),
)
