/* An experiment as a program to copy, with NumPy, Chainer or PyTorch: the calls of its network, one on a line each, and
   the article's mistakes where they are on. It prints the loss of every epoch. Needs networks.js and optimizers.js. */

const DATA_CODE = {
  line: [
    "data = np.random.RandomState(11)",
    "x = data.standard_normal((40, 3))",
    "y = x @ np.array([[1.5], [-2.0], [0.5]]) + 0.7 + 0.1 * data.standard_normal((40, 1))",
  ],
  pairs: ["x = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]])", "y = np.array([[-1], [1], [1], [-1]])"],
  clouds: ["data = np.random.RandomState(12)", "t = np.arange(48)[:, None] % 2", "x = data.standard_normal((48, 2)) + (2 * t - 1)"],
  rings: [
    "data = np.random.RandomState(13)",
    "t = np.arange(64)[:, None] % 2",
    "angle = 2 * np.pi * (np.arange(64)[:, None] // 2) / 32",
    "radius = 0.8 + 0.9 * t + 0.15 * data.standard_normal((64, 1))",
    "x = np.hstack([radius * np.cos(angle), radius * np.sin(angle)])",
  ],
  spirals: [
    "data = np.random.RandomState(14)",
    "t = np.arange(96)[:, None] % 2",
    "along = (np.arange(96)[:, None] // 2) / 47",
    "angle = 4 * along + np.pi * t + 0.1 * data.standard_normal((96, 1))",
    "radius = 0.3 + 1.7 * along",
    "x = np.hstack([radius * np.cos(angle), radius * np.sin(angle)])",
  ],
};
const DATA_OF = { linear: () => "line", xor: () => "pairs", logistic: ({ data }) => data, mlp: ({ data }) => data };

/* What starting weights are drawn as: the factor of their normal numbers, 0 for zeros. */
const DRAWN_TIMES = { linear: { w: 0, b: 0 }, logistic: { w: 0.5, b: 0 }, xor: { b1: 0.5, b2: 0 }, mlp: { b1: 0.5, b2: 0 }, article: {} };

const BY_HAND = {
  imports: ["import numpy as np"],
  data: (name, text) => `${name} = ${text}.astype(np.float32)`,
  weight: (name, text) => `${name} = ${text}`,
  call: {
    matmul: ([x, w]) => `${x} @ ${w}`,
    add: ([x, b]) => `${x} + ${b}`,
    relu: ([x]) => `np.maximum(${x}, 0)`,
    tanh: ([x]) => `np.tanh(${x})`,
    sigmoid: ([x]) => `1 / (1 + np.exp(-${x}))`,
    mean_squared_error: ([y, t], { divisor = `${y}.size` }) => `np.sum((${y} - ${t}) ** 2) / ${divisor}`,
    sigmoid_cross_entropy: ([x, t]) => `np.sum(np.maximum(${x}, 0) - ${x} * ${t} + np.log1p(np.exp(-np.abs(${x})))) / ${x}.size`,
  },
  printed: "loss",
};
const GRADIENTS_BY_HAND = {
  matmul: (grad, [x, w]) => [`${grad} @ ${w}.T`, `${x}.T @ ${grad}`],
  add: (grad) => [grad, `np.sum(${grad}, axis=0)`],
  relu: (grad, [x], _, { mask = true }) => [mask ? `np.where(${x} > 0, ${grad}, 0)` : `${grad}  # without the mask`],
  tanh: (grad, _, y) => [`${grad} * (1 - ${y} * ${y})`],
  sigmoid: (grad, _, y) => [`${grad} * ${y} * (1 - ${y})`],
  mean_squared_error: (_, [y, t], __, { divisor = `${y}.size`, scale = 1 }) => [`${scale === 1 ? "" : `${scale} * `}2 * (${y} - ${t}) / ${divisor}`],
  sigmoid_cross_entropy: (_, [x, t]) => [`(1 / (1 + np.exp(-${x})) - ${t}) / ${x}.size`],
};
const IN_CHAINER = {
  imports: ["import chainer", "import chainer.functions as F", "import numpy as np"],
  data: (name, text) => `${name} = ${text}.astype(${name === "t" ? "np.int32" : "np.float32"})`,
  weight: (name, text) => `${name} = chainer.Parameter(${text})`,
  call: {
    matmul: ([x, w]) => `F.matmul(${x}, ${w})`,
    add: ([x, b]) => `F.bias(${x}, ${b}, axis=1)`,
    relu: ([x], { mask = true }) => (mask ? `F.relu(${x})` : `${x} + (F.relu(${x}) - ${x}).array  # without the mask`),
    tanh: ([x]) => `F.tanh(${x})`,
    sigmoid: ([x]) => `F.sigmoid(${x})`,
    mean_squared_error: ([y, t], { divisor }) => (divisor ? `F.sum((${y} - ${t}) ** 2) / ${divisor}` : `F.mean_squared_error(${y}, ${t})`),
    sigmoid_cross_entropy: ([x, t]) => `F.sigmoid_cross_entropy(${x}, ${t})`,
  },
  printed: "loss.array",
  optimizer(weights, { optimizer = "sgd", lr, momentum }) {
    const made = { sgd: `SGD(lr=${lr})`, momentum: `CorrectedMomentumSGD(lr=${lr}, momentum=${momentum})`, adam: `Adam(alpha=${lr}, beta1=${BETA1}, beta2=${BETA2})` };
    return ["model = chainer.Chain()", "with model.init_scope():", `    ${weights.map((name) => `model.${name}`).join(", ")} = ${weights.join(", ")}`, `optimizer = chainer.optimizers.${made[optimizer]}.setup(model)`];
  },
  clear: "model.cleargrads()",
  step: ({ optimizer }) => [
    ...(optimizer === "adam" ? [`optimizer.eps = ${EPSILON} * (1 - ${BETA2} ** epoch) ** 0.5  # Chainer adds eps before it corrects v`] : []),
    "optimizer.update()",
  ],
  twice: (lr) => [`w1.array -= np.float32(${lr}) * w1.grad  # a second time`],
};
const IN_PYTORCH = {
  imports: ["import numpy as np", "import torch", "import torch.nn.functional as F"],
  data: (name, text) => `${name} = torch.from_numpy(${text}.astype(np.float32))`,
  weight: (name, text) => `${name} = torch.from_numpy(${text}).requires_grad_()`,
  call: {
    matmul: ([x, w]) => `${x} @ ${w}`,
    add: ([x, b]) => `${x} + ${b}`,
    relu: ([x], { mask = true }) => (mask ? `F.relu(${x})` : `${x} + (F.relu(${x}) - ${x}).detach()  # without the mask`),
    tanh: ([x]) => `torch.tanh(${x})`,
    sigmoid: ([x]) => `torch.sigmoid(${x})`,
    mean_squared_error: ([y, t], { divisor }) => (divisor ? `torch.sum((${y} - ${t}) ** 2) / ${divisor}` : `F.mse_loss(${y}, ${t})`),
    sigmoid_cross_entropy: ([x, t]) => `F.binary_cross_entropy_with_logits(${x}, ${t})`,
  },
  printed: "loss.item()",
  optimizer(weights, { optimizer = "sgd", lr, momentum }) {
    const made = { sgd: ["SGD", `lr=${lr}`], momentum: ["SGD", `lr=${lr}, momentum=${momentum}`], adam: ["Adam", `lr=${lr}, betas=(${BETA1}, ${BETA2}), eps=${EPSILON}`] };
    const [name, settings] = made[optimizer];
    return [`optimizer = torch.optim.${name}([${weights.join(", ")}], ${settings})`];
  },
  clear: "optimizer.zero_grad()",
  step: () => ["optimizer.step()"],
  twice: (lr) => ["with torch.no_grad():", `    w1 -= ${lr} * w1.grad  # a second time`],
};
const CODE_FOR = { numpy: BY_HAND, chainer: IN_CHAINER, torch: IN_PYTORCH };

/* The program for a framework, as the lines of a file. */
function codeOf(settings, framework) {
  const program = programOf(settings);
  const written = CODE_FOR[framework];
  const lines = [
    ...(framework === "chainer" ? ["# lockstep chainer FILE.py runs this on today's Python and NumPy"] : []),
    ...written.imports, "",
    ...dataCode(program, settings, written), "",
    ...(framework === "numpy" ? stateCode(program, settings) : [...written.optimizer(Object.keys(program.weights), settings), ""]),
    `for epoch in range(1, ${settings.epochs + 1}):`,
    ...forwardCode(program, written),
    ...(framework === "numpy" ? backwardCode(program, settings) : stepCode(settings, written)),
  ];
  return `${lines.join("\n")}\n`;
}

/* Data and starting weights, in the order in which they are drawn. */
function dataCode({ data, weights }, settings, written) {
  const isDrawn = settings.network === "article";
  const normal = ({ rows, columns, isVector }) => `random.randn(${isVector ? columns : `${rows}, ${columns}`})`;
  const loaded = isDrawn ? [] : [...DATA_CODE[DATA_OF[settings.network](settings)], ...Object.keys(data).map((name) => written.data(name, name))];
  const times = DRAWN_TIMES[settings.network];
  const start = ([name, tensor]) => {
    const factor = times[name] ?? 1;
    const shape = tensor.isVector ? tensor.columns : `(${tensor.rows}, ${tensor.columns})`;
    if (factor === 0) return written.weight(name, `np.zeros(${shape}, np.float32)`);
    return written.weight(name, `${factor === 1 ? normal(tensor) : `(${factor} * ${normal(tensor)})`}.astype(np.float32)`);
  };
  const generator = settings.network === "linear" ? [] : [`random = np.random.RandomState(${settings.seed})`];
  const drawn = isDrawn ? Object.entries(data).map(([name, tensor]) => written.data(name, normal(tensor))) : [];
  return [...loaded, ...generator, ...drawn, ...Object.entries(weights).map(start)];
}

function forwardCode({ calls }, written) {
  const line = ({ op, inputs, output, settings }) => `    ${output} = ${written.call[op](inputs, settings)}${(settings.scale ?? 1) === 1 ? "" : ` * ${settings.scale}`}`;
  return ["    # forward", ...calls.map(line), `    print(epoch, ${written.printed})`];
}

/* What the optimizer, or gradients that are not cleared, start from. */
function stateCode({ weights }, { optimizer = "sgd", keep }) {
  const names = Object.keys(weights).flatMap((name) => [...OPTIMIZERS[optimizer].slots.map((slot) => `${slot}_${name}`), ...(keep ? [`grad_${name}`] : [])]);
  return names.length ? [`${names.join(" = ")} = 0`, ""] : [];
}

function backwardCode({ data, weights, calls }, { optimizer = "sgd", lr, momentum, twice, keep }) {
  const lines = ["", "    # backward"];
  for (const { op, inputs, output, settings } of [...calls].reverse()) {
    GRADIENTS_BY_HAND[op](`grad_${output}`, inputs, output, settings).forEach((text, i) => {
      const adds = keep && inputs[i] in weights ? `grad_${inputs[i]} + ` : "";
      if (!(inputs[i] in data)) lines.push(`    grad_${inputs[i]} = ${adds}${text}`);
    });
  }
  lines.push("", "    # update");
  const step = {
    sgd: (w) => [`${w} = ${w} - ${lr} * grad_${w}`],
    momentum: (w) => [`v_${w} = ${momentum} * v_${w} + grad_${w}`, `${w} = ${w} - ${lr} * v_${w}`],
    adam: (w) => [
      `m_${w} = ${BETA1} * m_${w} + (1 - ${BETA1}) * grad_${w}`,
      `v_${w} = ${BETA2} * v_${w} + (1 - ${BETA2}) * grad_${w} * grad_${w}`,
      `${w} = ${w} - ${lr} / (1 - ${BETA1}**epoch) * m_${w} / (np.sqrt(v_${w} / (1 - ${BETA2}**epoch)) + ${EPSILON})`,
    ],
  }[optimizer];
  for (const name of Object.keys(weights)) {
    const update = step(name).map((line) => `    ${line}`);
    lines.push(...update, ...(twice && name === "w1" ? update.map((line) => `${line}  # a second time`) : []));
  }
  return lines;
}

function stepCode({ optimizer, lr, twice, keep }, { clear, step, twice: second }) {
  const cleared = keep ? ["    if epoch == 1:", `        ${clear}  # and never again`] : [`    ${clear}`];
  return ["", "    # backward and update", ...cleared, "    loss.backward()", ...[...step({ optimizer }), ...(twice ? second(lr) : [])].map((line) => `    ${line}`)];
}
