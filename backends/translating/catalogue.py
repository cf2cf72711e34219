"""All translations, by framework and by the name of the function."""

from collections.abc import Mapping

from backends.translating.axes import Translation
from backends.translating.chainer import activations as chainer_activations
from backends.translating.chainer import arithmetic as chainer_arithmetic
from backends.translating.chainer import layers as chainer_layers
from backends.translating.chainer import losses as chainer_losses
from backends.translating.chainer import manipulation as chainer_manipulation
from backends.translating.chainer import pooling as chainer_pooling
from backends.translating.chainer import recurrent as chainer_recurrent
from backends.translating.torch import activations as torch_activations
from backends.translating.torch import arithmetic as torch_arithmetic
from backends.translating.torch import attention as torch_attention
from backends.translating.torch import elman as torch_elman
from backends.translating.torch import layers as torch_layers
from backends.translating.torch import losses as torch_losses
from backends.translating.torch import manipulation as torch_manipulation
from backends.translating.torch import packed as torch_packed
from backends.translating.torch import pooling as torch_pooling
from backends.translating.torch import recurrent as torch_recurrent

TRANSLATIONS: Mapping[str, Mapping[str, Translation]] = {
    "chainer": {
        **chainer_arithmetic.TRANSLATIONS,
        **chainer_manipulation.TRANSLATIONS,
        **chainer_activations.TRANSLATIONS,
        **chainer_layers.TRANSLATIONS,
        **chainer_pooling.TRANSLATIONS,
        **chainer_recurrent.TRANSLATIONS,
        **chainer_losses.TRANSLATIONS,
    },
    "torch": {
        **torch_arithmetic.TRANSLATIONS,
        **torch_manipulation.TRANSLATIONS,
        **torch_activations.TRANSLATIONS,
        **torch_layers.TRANSLATIONS,
        **torch_pooling.TRANSLATIONS,
        **torch_recurrent.TRANSLATIONS,
        **torch_elman.TRANSLATIONS,
        **torch_packed.TRANSLATIONS,
        **torch_attention.TRANSLATIONS,
        **torch_losses.TRANSLATIONS,
    },
}
"""By the names that captures give to functions."""
DRAWN = frozenset({"randn_like", "rand_like", "randn", "rand"})
"""Functions whose result is drawn: it is data, like a mask."""
