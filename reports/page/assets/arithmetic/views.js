/* What the page shows of an update: its tensors or parts of them, and the output all over the plane. Needs training.js. */

const WINDOW = [6, 8];
const UNITS = [12, 12];
const PLANE_POINTS = 41;

/* An update as it is drawn: tensors in groups, each from its row and column in `windows` on, the weights that its loss is
   from, and the plane if it is of one. */
function viewOf(program, update, settings, windows = {}) {
  const { tensors } = update;
  const named = (names) => names.map((name) => part(name, tensors[name], WINDOW, windows[name]));
  const values = program.calls.slice(0, -1).map(({ output }) => output);
  const gradients = [...values, ...Object.keys(program.weights)].filter((name) => `grad_${name}` in tensors).map((name) => `grad_${name}`);
  const { slots } = OPTIMIZERS[settings.optimizer ?? "sgd"];
  const weights = Object.keys(program.weights);
  return {
    epoch: update.epoch,
    loss: update.loss,
    groups: [
      ["start", named([...Object.keys(program.data), ...weights])],
      ["forward", named([...values, eachName(program.calls.at(-1))])],
      ["backward", named(inOrder(program, gradients))],
      ["update", named(weights.flatMap((name) => [...slots.map((slot) => `${slot}_${name}`), `new ${name}`]))],
    ],
    layers: layersOf(program, tensors),
    plane: isOfThePlane(program) ? planeOf(program, tensors) : null,
  };
}

/* Gradients from the loss back to the weights. */
function inOrder({ calls }, gradients) {
  const order = [...calls].reverse().flatMap(({ inputs }) => [...inputs].reverse().map((name) => `grad_${name}`));
  return order.filter((name) => gradients.includes(name));
}

/* A part of a matrix from a row and a column on, or all of a small one. */
function part(name, { rows, columns, data, isVector = false }, most, [row, column] = [0, 0]) {
  const [shownRows, shownColumns] = [Math.min(rows, most[0]), Math.min(columns, most[1])];
  const within = (start, size, length) => Math.min(Math.max(start, 0), size - length);
  const [startRow, startColumn] = [within(row, rows, shownRows), within(column, columns, shownColumns)];
  const values = new Float32Array(shownRows * shownColumns);
  for (let i = 0; i < values.length; i++) {
    values[i] = data[(startRow + Math.floor(i / shownColumns)) * columns + startColumn + (i % shownColumns)];
  }
  return { name, rows, columns, isVector, startRow, startColumn, shownRows, shownColumns, values };
}

/* The layers of units by the tensors that they give, and the weights between each and the next. */
function layersOf({ calls }, tensors) {
  const products = calls.filter(({ op }) => op === "matmul");
  const names = [...products.map(({ inputs }) => inputs[0]), "y_p"];
  return { names, sizes: names.map((name) => tensors[name].columns), weights: products.map(({ inputs }) => part(inputs[1], tensors[inputs[1]], UNITS)) };
}

/* The output on a grid over the plane, from the lower left row by row, and the points that are learned. */
function planeOf(program, tensors) {
  const { x } = program.data;
  const reach = 1.25 * x.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const place = (i) => reach * ((2 * i) / (PLANE_POINTS - 1) - 1);
  const grid = new Float32Array(2 * PLANE_POINTS ** 2);
  for (let i = 0; i < PLANE_POINTS ** 2; i++) grid.set([place(i % PLANE_POINTS), place(Math.floor(i / PLANE_POINTS))], 2 * i);
  const everywhere = { ...tensors, x: matrix(PLANE_POINTS ** 2, 2, grid) };
  for (const { op, inputs, output, settings } of program.calls.slice(0, -1)) {
    everywhere[output] = OPS[op].forward(inputs.map((name) => everywhere[name]), settings);
  }
  const kinds = Array.from((program.data.y ?? program.data.t).data, (kind) => (kind > 0 ? 1 : 0));
  const onTheirSide = kinds.filter((kind, i) => (tensors.y_p.data[i] > 0 ? 1 : 0) === kind).length;
  return { reach, points: PLANE_POINTS, outputs: everywhere.y_p.data, examples: x.data, kinds, onTheirSide };
}
