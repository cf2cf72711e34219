/* The optimizers' rules for one weight in strict float32: from the weight, its gradient and its state to the new ones.

   Numbers that are the same for all elements are computed in float64 and then rounded, as NumPy does with Python's floats.
   Needs strict_float32.js. */

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

const OPTIMIZERS = {
  sgd: {
    slots: [],
    /* A loop of its own, since it is most of what is left of a large network once products are fast. */
    rule(w, grad, _, { lr }) {
      const [rate, y] = [f32(lr), new Float32Array(w.data.length)];
      for (let i = 0; i < y.length; i++) y[i] = w.data[i] - f32(rate * grad.data[i]);
      return [{ ...w, data: y }];
    },
  },
  momentum: {
    slots: ["v"],
    rule(w, grad, [v], { lr, momentum }) {
      const moved = mapped((a, g) => f32(f32(f32(momentum) * a) + g), v, grad);
      return [mapped((a, b) => f32(a - f32(f32(lr) * b)), w, moved), moved];
    },
  },
  adam: {
    slots: ["m", "v"],
    rule(w, grad, [m, v], { lr }, t) {
      const first = mapped((a, g) => f32(f32(f32(BETA1) * a) + f32(f32(1 - BETA1) * g)), m, grad);
      const second = mapped((a, g) => f32(f32(f32(BETA2) * a) + f32(f32(f32(1 - BETA2) * g) * g)), v, grad);
      const [rate, share] = [f32(lr / (1 - BETA1 ** t)), f32(1 - BETA2 ** t)];
      const deviation = mapped((a) => f32(f32(Math.sqrt(f32(a / share))) + f32(EPSILON)), second);
      const step = mapped((a, d) => f32(f32(rate * a) / d), first, deviation);
      return [mapped((a, s) => a - s, w, step), first, second];
    },
  },
};
