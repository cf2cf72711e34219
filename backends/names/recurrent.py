"""Recurrent links, and the functions of several steps."""

from backends.names.correspondence import Correspondence, differs, identical, no_counterpart, normal

SEQUENCES = {"x": normal(4, 3), "y": normal(3, 3), "z": normal(1, 3)}
PACKED = "module(nn.utils.rnn.pack_sequence([x, y, z]))"
UNPACKED = "*nn.utils.rnn.unpad_sequence(*nn.utils.rnn.pad_packed_sequence(ys))"
WITH_CELLS = (
    "(lambda h, c, ys: (h, c, *ys))(*link(None, None, [x, y, z]))",
    f"(lambda ys, state: (*state, {UNPACKED}))(*{PACKED})",
)
WITHOUT = ("(lambda h, ys: (h, *ys))(*link(None, [x, y, z]))", f"(lambda ys, h: (h, {UNPACKED}))(*{PACKED})")
LONGEST = "nn.utils.rnn.pack_sequence of the sequences, the longest first; one weight a gate becomes one for all"


def _weights(gates: int, layers: tuple[str, ...], separator: str = "_") -> dict[str, str]:
    """The weights of nn.LSTM, nn.GRU or nn.RNN from Chainer's, which has one per gate; `layers` are PyTorch's endings."""
    return {
        f"{name}_{ending}": f"torch.cat([{', '.join(f'layer{i}{separator}{kind}{j}' for j in range(start, start + gates))}])"
        for i, ending in enumerate(layers)
        for kind, names in (("w", ("weight_ih", "weight_hh")), ("b", ("bias_ih", "bias_hh")))
        for name, start in zip(names, (0, gates), strict=True)
    }


ONE, BOTH = ("l0",), ("l0", "l0_reverse")
GATES = "reshape(2, 4, -1)[:, [1, 2, 0, 3]].transpose(0, 1).reshape(8, -1)"
CELL = {
    "weight_ih": f"upward_W.{GATES}",
    "bias_ih": f"upward_b.{GATES}[:, 0]",
    "weight_hh": f"lateral_W.{GATES}",
    "bias_hh": "torch.zeros(8)",
}
LSTM_STEP = (
    "(lambda p: (lambda n: torch.sigmoid(p[..., 3]{peep_o}) * torch.tanh(n))"
    "(torch.tanh(p[..., 0]) * torch.sigmoid(p[..., 1]{peep_i}) + torch.sigmoid(p[..., 2]{peep_f}) * c))"
    "((nn.functional.linear(x, upward_W, upward_b) + h @ lateral_W.mT).reshape(len(x), -1, 4))"
)
GRU_STEP = (
    "(lambda r, z: (1 - z) * h + z * torch.tanh(nn.functional.linear(x, W_W, W_b) + nn.functional.linear(r * h, U_W, U_b)))"
    "(*(torch.sigmoid(nn.functional.linear(x, w, b) + nn.functional.linear(h, u, d))"
    " for w, b, u, d in ((W_r_W, W_r_b, U_r_W, U_r_b), (W_z_W, W_z_b, U_z_W, U_z_b))))"
)
MGU_STEP = (
    "(lambda f: f * torch.tanh(nn.functional.linear(torch.cat([f * h, x], 1), W_h_W, W_h_b)) + (1 - f) * h)"
    "(torch.sigmoid(nn.functional.linear(torch.cat([h, x], 1), W_f_W, W_f_b)))"
)
TREE = "(n, torch.sigmoid(p[2]) * torch.tanh(n))"
FROM_H = "(link.set_state(h), link(x))[1]"
STEP = {"h": normal(4, 2), "x": normal(4, 3)}


def _function_inputs(gates: int, layers: int) -> dict[str, str]:
    """Shapes of the weights that a function of several steps takes, by the names that its expression uses."""
    return {f"layer{i}_{kind}{j}": kind for i in range(layers) for kind in "wb" for j in range(2 * gates)}


def _steps(name: str, torch: str, gates: int, both: bool, cells: bool = False) -> Correspondence:
    layers = 2 if both else 1
    inputs = {
        key: normal(2) if kind == "b" else normal(2, 3 if int(key.rpartition(kind)[2]) < gates else 2)
        for key, kind in _function_inputs(gates, layers).items()
    }
    lists = [
        "["
        + ", ".join("[" + ", ".join(f"layer{i}_{kind}{j}" for j in range(2 * gates)) + "]" for i in range(layers))
        + "]"
        for kind in "wb"
    ]
    state, given = ("h, c", "h, c") if cells else ("h", "h")
    call = f"F.{name}(1, 0.0, {given}, {lists[0]}, {lists[1]}, [x, y, z])"
    states = {key: normal(layers, 4, 2) for key in ("hc" if cells else "h")}
    pack = f"module(nn.utils.rnn.PackedSequence(torch.cat([x, y, z]), torch.tensor([4, 3, 1])), {'(h, c)' if cells else 'h'})"
    use = f"(lambda ys, state: ({'*state' if cells else 'state'}, *ys.data.split([4, 3, 1])))(*{pack})"
    return identical(
        f"F.{name}(1, 0.0, {given}, ws, bs, xs)",
        torch,
        how="xs holds the batch of each step, as a PackedSequence does",
        weights=_weights(gates, BOTH if both else ONE),
        use=(f"(lambda {state}, ys: ({state}, *ys))(*{call})", use),
        given={**states, **SEQUENCES, **inputs},
    )


LINES = (
    identical(
        "L.NStepLSTM(1, 3, 2, 0.0)",
        "nn.LSTM(3, 2)",
        how=LONGEST,
        weights=_weights(4, ONE),
        use=WITH_CELLS,
        given=SEQUENCES,
    ),
    identical(
        "L.NStepBiLSTM(1, 3, 2, 0.0)",
        "nn.LSTM(3, 2, bidirectional=True)",
        how=LONGEST,
        weights=_weights(4, BOTH),
        use=WITH_CELLS,
        given=SEQUENCES,
    ),
    identical(
        "L.NStepGRU(1, 3, 2, 0.0)",
        "nn.GRU(3, 2)",
        how=f"{LONGEST}; L.GRU is another formula",
        weights=_weights(3, ONE),
        use=WITHOUT,
        given=SEQUENCES,
    ),
    identical(
        "L.NStepBiGRU(1, 3, 2, 0.0)",
        "nn.GRU(3, 2, bidirectional=True)",
        how=LONGEST,
        weights=_weights(3, BOTH),
        use=WITHOUT,
        given=SEQUENCES,
    ),
    identical(
        "L.NStepRNNTanh(1, 3, 2, 0.0)",
        "nn.RNN(3, 2)",
        how=LONGEST,
        weights=_weights(1, ONE),
        use=WITHOUT,
        given=SEQUENCES,
    ),
    identical(
        "L.NStepBiRNNTanh(1, 3, 2, 0.0)",
        "nn.RNN(3, 2, bidirectional=True)",
        how=LONGEST,
        weights=_weights(1, BOTH),
        use=WITHOUT,
        given=SEQUENCES,
    ),
    identical(
        "L.NStepRNNReLU(1, 3, 2, 0.0)",
        "nn.RNN(3, 2, nonlinearity='relu')",
        how=LONGEST,
        weights=_weights(1, ONE),
        use=WITHOUT,
        given=SEQUENCES,
    ),
    identical(
        "L.NStepBiRNNReLU(1, 3, 2, 0.0)",
        "nn.RNN(3, 2, nonlinearity='relu', bidirectional=True)",
        how=LONGEST,
        weights=_weights(1, BOTH),
        use=WITHOUT,
        given=SEQUENCES,
    ),
    _steps("n_step_lstm", "nn.LSTM(3, 2)", 4, False, cells=True),
    _steps("n_step_bilstm", "nn.LSTM(3, 2, bidirectional=True)", 4, True, cells=True),
    _steps("n_step_gru", "nn.GRU(3, 2)", 3, False),
    _steps("n_step_bigru", "nn.GRU(3, 2, bidirectional=True)", 3, True),
    _steps("n_step_rnn", "nn.RNN(3, 2)", 1, False),
    _steps("n_step_birnn", "nn.RNN(3, 2, bidirectional=True)", 1, True),
    differs(
        "L.StatelessLSTM(3, 2)",
        "nn.LSTMCell(3, 2)",
        difference="lstm_gate_order",
        how="gates a, i, f, o of unit 1, then of unit 2; returns c, h, in PyTorch h, c",
        weights=CELL,
        use=("link(c, h, x)", "module(x, (h, c))[::-1]"),
        c=normal(4, 2),
        given=STEP,
    ),
    differs(
        "L.LSTM(3, 2)",
        "nn.LSTMCell(3, 2)",
        difference="lstm_gate_order",
        how="gates a, i, f, o of unit 1, then of unit 2; keeps its state, which PyTorch's takes and returns",
        weights=CELL,
        use=("(link(x), link(y))", "(lambda s: (s[0], module(y, s)[0]))(module(x))"),
        x=normal(4, 3),
        y=normal(4, 3),
    ),
    no_counterpart(
        "L.StatelessGRU(3, 2)",
        GRU_STEP,
        difference="gru_reset_gate",
        how="the reset gate is within the product",
        use=("link(h, x)", ""),
        given=STEP,
    ),
    no_counterpart(
        "L.StatefulGRU(3, 2)", GRU_STEP, difference="gru_reset_gate", how="keeps h", use=(FROM_H, ""), given=STEP
    ),
    no_counterpart(
        "L.GRU(3, 2)",
        GRU_STEP,
        difference="gru_reset_gate",
        how="another name of L.StatefulGRU",
        use=(FROM_H, ""),
        given=STEP,
    ),
    no_counterpart("L.StatelessMGU(3, 2)", MGU_STEP, use=("link(h, x)", ""), given=STEP),
    no_counterpart("L.StatefulMGU(3, 2)", MGU_STEP, how="keeps h", use=(FROM_H, ""), given=STEP),
    no_counterpart(
        "L.StatefulPeepholeLSTM(3, 2)",
        LSTM_STEP.format(peep_i=" + c @ peep_i_W.mT", peep_f=" + c @ peep_f_W.mT", peep_o=" + n @ peep_o_W.mT"),
        how="keeps c and h",
        use=("(setattr(link, 'c', c), setattr(link, 'h', h), link(x))[2]", ""),
        c=normal(4, 2),
        given=STEP,
    ),
    no_counterpart(
        "L.StatefulZoneoutLSTM(3, 2)",
        LSTM_STEP.format(peep_i="", peep_f="", peep_o=""),
        how="in evaluation; in training torch.where(draws < ratio, old, new) for c and h",
        training=False,
        use=("(link.set_state(c, h), link(x))[1]", ""),
        c=normal(4, 2),
        given=STEP,
    ),
    no_counterpart(
        "L.ChildSumTreeLSTM(3, 2)",
        f"(lambda p, q: (lambda n: {TREE})(torch.tanh(p[0]) * torch.sigmoid(p[1])"
        " + torch.sigmoid(q + c @ W_h_f_W.mT) * a + torch.sigmoid(q + h @ W_h_f_W.mT) * b))"
        "(((c + h) @ W_h_aio_W.mT + nn.functional.linear(x, W_x_W, W_x_b)[:, :6]).chunk(3, 1), nn.functional.linear(x, W_x_W, W_x_b)[:, 6:])",
        use=("link(a, b, c, h, x)", ""),
        a=normal(4, 2),
        b=normal(4, 2),
        c=normal(4, 2),
        given=STEP,
    ),
    no_counterpart(
        "L.NaryTreeLSTM(3, 2)",
        f"(lambda p: (lambda n: {TREE})(torch.tanh(p[0]) * torch.sigmoid(p[1])"
        " + torch.sigmoid(p[3]) * a + torch.sigmoid(p[4]) * b))"
        "((nn.functional.linear(x, W_x_W, W_x_b) + c @ W_h1_W.mT + h @ W_h2_W.mT).chunk(5, 1))",
        use=("link(a, b, c, h, x)", ""),
        a=normal(4, 2),
        b=normal(4, 2),
        c=normal(4, 2),
        given=STEP,
    ),
)
