/* The ops of the playground in strict float32, forward and backward. Needs strict_float32.js.

   `forward(inputs, settings)` returns the output, `backward(gradient, inputs, output, settings)` a function for each input,
   which computes that input's gradient; of a loss, `each(inputs, settings)` is what every element adds to it. */

/* e⁻|ˣ| and σ(x) by it, so that no exponential overflows. */
function decayed(x) {
  return f32(Math.exp(-Math.abs(x)));
}

function sigma(x) {
  const e = decayed(x);
  return f32((x >= 0 ? 1 : e) / f32(1 + e));
}

const OPS = {
  matmul: {
    forward: ([x, w]) => product(x, w),
    backward: (grad, [x, w]) => [() => product(grad, transposed(w)), () => product(transposed(x), grad)],
  },
  add: {
    forward([x, b]) {
      const y = matrix(x.rows, x.columns);
      for (let i = 0; i < y.data.length; i++) y.data[i] = x.data[i] + b.data[i % x.columns];
      return y;
    },
    backward: (grad) => [() => grad, () => sumOfRows(grad)],
  },
  relu: {
    forward: ([x]) => mapped((a) => (a > 0 || Number.isNaN(a) ? a : 0), x),
    backward: (grad, [x], y, { mask = true }) => [() => (mask ? mapped((g, a) => (a > 0 ? g : 0), grad, x) : grad)],
  },
  tanh: {
    forward: ([x]) => mapped(Math.tanh, x),
    backward: (grad, _, y) => [() => mapped((g, a) => f32(g * f32(1 - f32(a * a))), grad, y)],
  },
  sigmoid: {
    forward: ([x]) => mapped(sigma, x),
    backward: (grad, _, y) => [() => mapped((g, a) => f32(f32(g * a) * f32(1 - a)), grad, y)],
  },
  mean_squared_error: {
    forward([y, t], { divisor = y.data.length, scale = 1 }) {
      const squares = mapped((a) => f32(a * a), mapped((a, b) => a - b, y, t));
      return f32(f32(sum(squares.data) / divisor) * scale);
    },
    each: ([y, t], { divisor = y.data.length }) => mapped((a, b) => f32(f32(f32(a - b) * f32(a - b)) / divisor), y, t),
    backward: (grad, [y, t], _, { divisor = y.data.length, scale = 1 }) => [
      () => mapped((a, b) => f32(f32(f32(scale * 2) * f32(a - b)) / divisor), y, t),
    ],
  },
  sigmoid_cross_entropy: {
    forward([x, t]) {
      const each = mapped((a, b) => f32(Math.max(b === 1 ? -a : a, 0) + f32(Math.log1p(decayed(a)))), x, t);
      return f32(sum(each.data) / x.data.length);
    },
    each: ([x, t]) => mapped((a, b) => f32(f32(Math.max(b === 1 ? -a : a, 0) + f32(Math.log1p(decayed(a)))) / x.data.length), x, t),
    backward: (grad, [x, t]) => [() => mapped((a, b) => f32((b === 1 ? f32(sigma(a) - 1) : sigma(a)) / x.data.length), x, t)],
  },
};
