"""Attention with rotary positions: alone, and in the block that LLaMA stacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scenarios import adam, data, param, scenario

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

POSITIONS, BASE = 8, 100.0


def _contents() -> Array:
    """What stands at each position, (T, 5)."""
    import numpy as np

    return np.random.RandomState(11).standard_normal((POSITIONS, 5))


def _two_before() -> Array:
    """What stands two positions before each, and at the first two what stands there."""
    import numpy as np

    return _contents()[np.maximum(np.arange(POSITIONS) - 2, 0)]


@scenario(
    seed=1,
    epochs=30,
    optimizer=adam(lr=0.2),
    x=data(_contents),
    y=data(_two_before),
    q=param(1, 6, scale=1.0),
    k=param(1, 6, scale=1.0),
)
def rotary_positions(op: Any, x: Any, y: Any, q: Any, k: Any) -> Any:
    """Attention that learns to look two positions back, from nothing but how far q and k are turned.

    All positions have one and the same query, and one and the same key. Each pair of features is turned by an angle
    that grows with the position, so that q·k depends on the distance alone. Exercises rotary_embedding,
    scaled_dot_product_attention, broadcast_to.
    """
    turned_q = op.rotary_embedding(op.broadcast_to(q, shape=(POSITIONS, 6)), base=BASE)
    turned_k = op.rotary_embedding(op.broadcast_to(k, shape=(POSITIONS, 6)), base=BASE)
    return op.mean_squared_error(op.scaled_dot_product_attention(turned_q, turned_k, x, causal=True), y)


TEXT = "round the rugged rock the ragged rascal ran"
ALPHABET = sorted(set(TEXT))
WIDTH, HIDDEN = 16, 16


def _letters() -> Array:
    """All letters but the last, as ids."""
    import numpy as np

    return np.array([ALPHABET.index(letter) for letter in TEXT[:-1]])


def _following() -> Array:
    """The letter that follows each, as a label."""
    import numpy as np

    return np.array([ALPHABET.index(letter) for letter in TEXT[1:]])


@scenario(
    seed=1,
    epochs=12,
    optimizer=adam(lr=0.02),
    ids=data(_letters),
    t=data(_following),
    table=param(len(ALPHABET), WIDTH, scale=0.5),
    gain_1=param(WIDTH, fill=1.0),
    w_q=param(WIDTH, WIDTH, scale=0.3),
    w_k=param(WIDTH, WIDTH // 2, scale=0.3),
    w_v=param(WIDTH, WIDTH // 2, scale=0.3),
    w_o=param(WIDTH, WIDTH, scale=0.3),
    gain_2=param(WIDTH, fill=1.0),
    w_gate=param(WIDTH, HIDDEN, scale=0.3),
    w_up=param(WIDTH, HIDDEN, scale=0.3),
    w_down=param(HIDDEN, WIDTH, scale=0.3),
    w_out=param(WIDTH, len(ALPHABET), scale=0.3),
)
def llama_block(
    op: Any,
    ids: Any,
    t: Any,
    table: Any,
    gain_1: Any,
    w_q: Any,
    w_k: Any,
    w_v: Any,
    w_o: Any,
    gain_2: Any,
    w_gate: Any,
    w_up: Any,
    w_down: Any,
    w_out: Any,
) -> Any:
    """A block like LLaMA's learns to predict the next letter of a line of text.

    Four heads look at what came before; two of them share a head of keys and values, and rotary positions say how far
    apart letters are. The feed-forward layer has gates, and both layers are normalised in front by the root mean
    square. Exercises grouped_query_attention, swiglu, rms_norm, embedding, softmax_cross_entropy.
    """
    h = op.embedding(ids, table)
    seen = op.grouped_query_attention(
        op.rms_norm(h, gain_1, eps=1e-5), w_q, w_k, w_v, w_o, heads=4, key_heads=2, causal=True, rotary_base=BASE
    )
    h = op.add(h, seen)
    h = op.add(h, op.swiglu(op.rms_norm(h, gain_2, eps=1e-5), w_gate, w_up, w_down))
    return op.softmax_cross_entropy(op.matmul(h, w_out), t)
