/* Trains a program update by update, in full batches. Needs networks.js and optimizers.js. */

/* What the first update starts from. */
function firstState(program, settings) {
  const { slots } = OPTIMIZERS[settings.optimizer ?? "sgd"];
  const zeros = (w) => slots.map(() => ({ ...w, data: new Float32Array(w.data.length) }));
  return { t: 1, weights: program.weights, slots: eachValue(program.weights, zeros), kept: null };
}

/* One update from a state: its loss, every tensor of it, and the state that the next one starts from. */
function updated(program, state, settings) {
  const tensors = { ...program.data, ...state.weights };
  const loss = computeForward(program, tensors);
  const grads = gradientsOf(program, tensors);
  if (settings.keep && state.kept) {
    for (const [name, before] of Object.entries(state.kept)) {
      tensors[`last grad_${name}`] = before;
      grads[name] = mapped((a, b) => f32(a + b), before, grads[name]);
    }
  }
  const { slots, rule } = OPTIMIZERS[settings.optimizer ?? "sgd"];
  const next = { t: state.t + 1, weights: {}, slots: {}, kept: settings.keep ? {} : null };
  for (const [name, weight] of Object.entries(state.weights)) {
    const updates = settings.twice && name === "w1" ? 2 : 1;
    [next.weights[name], next.slots[name]] = [weight, state.slots[name]];
    for (let i = 0; i < updates; i++) [next.weights[name], ...next.slots[name]] = rule(next.weights[name], grads[name], next.slots[name], settings, state.t);
    tensors[`new ${name}`] = next.weights[name];
    slots.forEach((slot, i) => {
      tensors[`last ${slot}_${name}`] = state.slots[name][i];
      tensors[`${slot}_${name}`] = next.slots[name][i];
    });
    if (settings.keep) next.kept[name] = grads[name];
  }
  for (const [name, grad] of Object.entries(grads)) tensors[`grad_${name}`] = grad;
  return { epoch: state.t, loss, tensors, next };
}

/* Puts the output of every call into `tensors`, and what each element adds to the loss; returns the loss. */
function computeForward({ calls }, tensors) {
  for (const { op, inputs, output, settings } of calls.slice(0, -1)) {
    tensors[output] = OPS[op].forward(inputs.map((name) => tensors[name]), settings);
  }
  const last = calls.at(-1);
  const given = last.inputs.map((name) => tensors[name]);
  tensors[eachName(last)] = OPS[last.op].each(given, last.settings);
  return OPS[last.op].forward(given, last.settings);
}

/* What a loss calls its share of each element, before they are added. */
function eachName({ op }) {
  return op === "mean_squared_error" ? "squared_error" : "cross_entropy";
}

/* The gradient of the loss in every tensor but the data, from the last call to the first. */
function gradientsOf({ data, calls }, tensors) {
  const grads = {};
  for (const { op, inputs, output, settings } of [...calls].reverse()) {
    const given = inputs.map((name) => tensors[name]);
    OPS[op].backward(grads[output], given, tensors[output], settings).forEach((gradient, i) => {
      if (!(inputs[i] in data)) grads[inputs[i]] = gradient();
    });
  }
  return grads;
}

function eachValue(object, f) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, f(value)]));
}

/* The most numbers that a training keeps to come back to an earlier epoch. */
const MOST_KEPT = 4e6;

/* A training that can be shown at any epoch that it has come to. */
class Training {
  constructor(settings) {
    this.settings = settings;
    this.program = programOf(settings);
    this.losses = [];
    this.state = firstState(this.program, settings);
    const size = Object.values(this.program.weights).reduce((total, { data }) => total + data.length, 0);
    const perState = size * (1 + OPTIMIZERS[settings.optimizer ?? "sgd"].slots.length + (settings.keep ? 1 : 0));
    this.every = Math.max(1, Math.ceil((perState * settings.epochs) / MOST_KEPT));
    this.kept = [];
    this.shown = null;
  }

  get isDone() {
    return this.losses.length === this.settings.epochs;
  }

  /* The next update; it is what the loss of its epoch is from. */
  advance() {
    if ((this.state.t - 1) % this.every === 0) this.kept.push(this.state);
    const update = updated(this.program, this.state, this.settings);
    this.losses.push(update.loss);
    this.state = update.next;
    return (this.shown = update);
  }

  /* The update of an epoch, computed again from the nearest state before it that was kept. */
  at(epoch) {
    while (this.losses.length < epoch) this.advance();
    if (this.shown?.epoch === epoch) return this.shown;
    let state = this.kept[Math.floor((epoch - 1) / this.every)];
    if (this.shown && this.shown.next.t <= epoch && this.shown.next.t > state.t) state = this.shown.next;
    let update;
    do {
      update = updated(this.program, state, this.settings);
      state = update.next;
    } while (update.epoch < epoch);
    return (this.shown = update);
  }
}

/* Every loss of a training, and the tensors of its last epoch. */
function trained(settings) {
  const training = new Training(settings);
  while (!training.isDone) training.advance();
  return { losses: Float32Array.from(training.losses), last: training.shown.tensors };
}

/* The hidden units that are 0 in every row and let no gradient through, and their tensor; only ReLU has any. */
function deadUnits({ calls }, tensors) {
  const relu = calls.find(({ op }) => op === "relu");
  if (!relu) return { name: "", units: [] };
  const isZero = ({ columns, data }, unit) => data.every((value, i) => i % columns !== unit || value === 0);
  const [after, grad] = [tensors[relu.output], tensors[`grad_${relu.inputs[0]}`]];
  return { name: relu.output, units: [...Array(after.columns).keys()].filter((unit) => isZero(after, unit) && isZero(grad, unit)) };
}
