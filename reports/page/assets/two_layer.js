/* The article's network and its mistakes, in strict float32. Needs strict_float32.js and mt19937.js. */

const ARTICLE = {
  M: 2, N_I: 3, N_H: 2, N_O: 3, seed: 1, lr: 1e-4, epochs: 300, scale: 1,
  mask: true, ysize: false, twice: false, keep: false,
};

/* Data and starting weights as the scenario draws them: standard normals in the order X, Y, W1, W2. */
function drawn({ M, N_I, N_H, N_O, seed }) {
  const random = new RandomState(seed);
  const normals = (rows, columns) =>
    matrix(rows, columns, Float32Array.from({ length: rows * columns }, () => random.standardNormal()));
  return { x: normals(M, N_I), y: normals(M, N_O), w1: normals(N_I, N_H), w2: normals(N_H, N_O) };
}

/* Trains epoch by epoch; yields every tensor of each, with the loss before the update and the weights after it. */
function* training(settings) {
  const { epochs, mask, ysize, twice, keep } = settings;
  const { x, y, ...start } = drawn(settings);
  let { w1, w2 } = start;
  let kept_w1, kept_w2;
  const size = ysize ? 4 : y.data.length;
  const lr = f32(settings.lr);
  const grad_loss = f32(settings.scale);
  const step = (w, grad) => mapped((a, g) => f32(a - f32(lr * g)), w, grad);
  const added = (before, grad) => (before && keep ? mapped((a, b) => f32(a + b), before, grad) : grad);

  for (let epoch = 1; epoch <= epochs; epoch++) {
    const h = product(x, w1);
    const h_r = mapped((a) => (a > 0 || Number.isNaN(a) ? a : 0), h);
    const y_p = product(h_r, w2);
    const difference = mapped((a, b) => a - b, y_p, y);
    const squares = mapped((a) => f32(a * a), difference);
    const loss = f32(f32(sum(squares.data) / size) * grad_loss);
    const squared_error = mapped((a) => f32(a / size), squares);

    const grad_y_p = mapped((a) => f32(f32(f32(grad_loss * 2) * a) / size), difference);
    const grad_h_r = product(grad_y_p, transposed(w2));
    const grad_h = mask ? mapped((g, a) => (a > 0 ? g : 0), grad_h_r, h) : grad_h_r;
    const grad_w2 = (kept_w2 = added(kept_w2, product(transposed(h_r), grad_y_p)));
    const grad_w1 = (kept_w1 = added(kept_w1, product(transposed(x), grad_h)));

    const before = { x, y, w1, w2 };
    w1 = step(w1, grad_w1);
    if (twice) w1 = step(w1, grad_w1);
    w2 = step(w2, grad_w2);
    yield {
      epoch, loss, ...before, h, h_r, y_p, squared_error,
      grad_y_p, grad_w2, grad_h_r, grad_h, grad_w1, "new w1": w1, "new w2": w2,
    };
  }
}

/* The hidden units that are 0 in every row and let no gradient through. */
function dead({ h_r, grad_h }) {
  const isZero = ({ columns, data }, unit) => data.every((value, i) => i % columns !== unit || value === 0);
  return [...Array(h_r.columns).keys()].filter((unit) => isZero(h_r, unit) && isZero(grad_h, unit));
}

/* Every loss of a training, and its last epoch's tensors. */
function trained(settings) {
  const losses = new Float32Array(settings.epochs);
  let last;
  for (last of training(settings)) losses[last.epoch - 1] = last.loss;
  return { losses, last };
}
