/* How an element of a tensor is computed, as a formula with the numbers that go in. Needs networks.js and optimizers.js.

   The arithmetic of an element is {what, value, used} with a `formula` and the `values` of the names in it, or with `terms`,
   each {formula, values, value} and where they are added one after the other `total`, of which the ones in the middle of a
   long sum are `left` out; `used` is [tensor, row, column] of all that goes in. */

const TERMS_AT_THE_START = 6;
const TERMS_AT_THE_END = 2;

/* Writes elements of tensors by their names and remembers what they are. */
class Notes {
  constructor(tensors) {
    this.tensors = tensors;
    this.values = {};
    this.used = [];
  }

  /* The text of an element; a vector has only columns. What an update makes has a prime, as w1'[0, 0]. */
  at(name, row, column) {
    const { columns, data, isVector } = this.tensors[name];
    const isNew = name.startsWith("new ") || /^[mv]_/.test(name);
    const plain = name.replace("last grad_", "kept_grad_").replace(/^(new|last) /, "");
    const text = `${plain}${isNew ? "'" : ""}[${isVector ? "" : `${row}, `}${column}]`;
    this.values[text] = data[(isVector ? 0 : row) * columns + column];
    this.used.push([name, isVector ? 0 : row, column]);
    return text;
  }

  number(name, value) {
    this.values[name] = value;
    return name;
  }
}

const FORMULAS = {
  relu: ([x], at) => `max(${at(x)}, 0)`,
  tanh: ([x], at) => `tanh(${at(x)})`,
  sigmoid: ([x], at) => `1 / (1 + exp(-${at(x)}))`,
  mean_squared_error: ([y, t], at, { divisor }) => `(${at(y)} - ${at(t)}) ** 2 / ${divisor}`,
  sigmoid_cross_entropy: ([x, t], at, { divisor }) => `(max(${at(x)}, 0) - ${at(x)} · ${at(t)} + log1p(exp(-abs(${at(x)})))) / ${divisor}`,
};
const GRADIENT_FORMULAS = {
  relu: (grad, [x], y, at, { mask = true }) => (mask ? `where(${at(x)} > 0, ${at(grad)}, 0)` : at(grad)),
  tanh: (grad, _, y, at) => `${at(grad)} · (1 - ${at(y)} ** 2)`,
  sigmoid: (grad, _, y, at) => `${at(grad)} · ${at(y)} · (1 - ${at(y)})`,
  mean_squared_error: (grad, [y, t], _, at, { divisor, scale = 1 }) => `${scale === 1 ? "" : `${scale} · `}2 · (${at(y)} - ${at(t)}) / ${divisor}`,
  sigmoid_cross_entropy: (grad, [x, t], _, at, { divisor }) => `(1 / (1 + exp(-${at(x)})) - ${at(t)}) / ${divisor}`,
};
const RULE_FORMULAS = {
  sgd: (w, at, notes, { twice }) => {
    const step = () => ` - ${notes.number("lr", notes.lr)} · ${at(`grad_${w}`)}`;
    return `${at(w)}${step()}${twice && w === "w1" ? step() : ""}`;
  },
  momentum: (w, at, notes) => `${at(w)} - ${notes.number("lr", notes.lr)} · ${at(`v_${w}`)}`,
  adam: (w, at, notes) =>
    `${at(w)} - ${notes.number("lr", notes.lr)} / (1 - ${BETA1} ** ${notes.number("t", notes.t)}) · ${at(`m_${w}`)} / (sqrt(${at(`v_${w}`)} / (1 - ${BETA2} ** t)) + ${EPSILON})`,
};
const SLOT_FORMULAS = {
  momentum: { v: (w, at, notes) => `${notes.number("momentum", notes.momentum)} · ${at(`last v_${w}`)} + ${at(`grad_${w}`)}` },
  adam: {
    m: (w, at) => `${BETA1} · ${at(`last m_${w}`)} + (1 - ${BETA1}) · ${at(`grad_${w}`)}`,
    v: (w, at) => `${BETA2} · ${at(`last v_${w}`)} + (1 - ${BETA2}) · ${at(`grad_${w}`)} ** 2`,
  },
};

/* The arithmetic of an element; null for data and for the weights that an update starts from. */
function explained(program, { epoch, tensors }, settings, name, row, column) {
  const notes = Object.assign(new Notes(tensors), { lr: settings.lr, momentum: settings.momentum, t: epoch });
  const what = notes.at(name, row, column);
  const value = notes.values[what];
  notes.used = [];
  notes.values = {};
  const at = (other) => notes.at(other, row, column);
  const rule = settings.optimizer ?? "sgd";
  const done = (formula) => ({ what, value, formula, values: notes.values, used: notes.used });
  const added = (terms, inOrder = true) => ({ what, value, ...shortened(terms, inOrder), used: notes.used });

  if (name.startsWith("new ")) return done(RULE_FORMULAS[rule](name.slice(4), at, notes, settings));
  const [, slot, weight] = /^([mv])_(\w+)$/.exec(name) ?? [];
  if (slot && weight in program.weights) return done(SLOT_FORMULAS[rule][slot](weight, at, notes));
  const maker = program.calls.find((each) => each.output === name || (each.output === "loss" && eachName(each) === name));
  if (maker) {
    if (maker.op === "matmul") return added(productTerms(notes, maker.inputs, row, column, [false, false]));
    if (maker.op === "add") return done(`${at(maker.inputs[0])} + ${at(maker.inputs[1])}`);
    return done(FORMULAS[maker.op](maker.inputs, at, withDivisor(maker, tensors)));
  }
  const of = /^grad_(\w+)$/.exec(name)?.[1];
  const user = of && program.calls.find(({ inputs }) => inputs.includes(of));
  if (!user) return null;
  const [first, second] = user.inputs;
  const grad = `grad_${user.output}`;
  if (user.op === "add") {
    return of === first ? done(at(grad)) : added(rowTerms(notes, grad, column), tensors[grad].columns > 1);
  }
  if (user.op !== "matmul") return done(GRADIENT_FORMULAS[user.op](grad, user.inputs, user.output, at, withDivisor(user, tensors)));
  const factors = of === first ? [[grad, second], [false, true]] : [[first, grad], [true, false]];
  const terms = productTerms(notes, factors[0], row, column, factors[1]);
  if (settings.keep && `last ${name}` in tensors) {
    terms.push({ formula: notes.at(`last ${name}`, row, column), values: notes.values, value: tensors[`last ${name}`].data[row * tensors[name].columns + column] });
  }
  return added(terms);
}

function withDivisor({ inputs, settings }, tensors) {
  return { divisor: tensors[inputs[0]].data.length, ...settings };
}

/* The terms of an element of a·b, either of which may be transposed. */
function productTerms(notes, [a, b], row, column, [transposesA, transposesB]) {
  const { tensors } = notes;
  const count = transposesA ? tensors[a].rows : tensors[a].columns;
  const value = (name, i, j) => tensors[name].data[i * tensors[name].columns + j];
  return Array.from({ length: count }, (_, k) => {
    const [left, right] = [transposesA ? [a, k, row] : [a, row, k], transposesB ? [b, column, k] : [b, k, column]];
    return { formula: `${notes.at(...left)} · ${notes.at(...right)}`, values: notes.values, value: f32(value(...left) * value(...right)) };
  });
}

function rowTerms(notes, name, column) {
  const { rows, columns, data } = notes.tensors[name];
  return Array.from({ length: rows }, (_, i) => ({ formula: notes.at(name, i, column), values: notes.values, value: data[i * columns + column] }));
}

/* Terms with what they come to one after the other, if that is how they are added; without the middle of a long sum. */
function shortened(terms, inOrder) {
  let total = 0;
  const all = terms.map((term) => {
    total = f32(total + term.value);
    return inOrder ? { ...term, total } : term;
  });
  const left = Math.max(0, all.length - TERMS_AT_THE_START - TERMS_AT_THE_END);
  const kept = left > 1 ? [...all.slice(0, TERMS_AT_THE_START), ...all.slice(-TERMS_AT_THE_END)] : all;
  const texts = kept.flatMap(({ formula }) => formula.split(" · "));
  const values = Object.fromEntries(texts.map((text) => [text, terms[0].values[text]]));
  return { terms: kept.map((term) => ({ ...term, values })), left: left > 1 ? left : 0 };
}
