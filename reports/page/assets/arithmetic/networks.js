/* The playground's networks as programs: data, starting weights, and the calls from them to the loss.

   A call is {op, inputs, output, settings}. Needs datasets.js, ops.js and settings.js. */

function call(op, inputs, output, settings = {}) {
  return { op, inputs, output, settings };
}

/* Data and starting weights as Lockstep's scenarios draw them: standard normals in the order of the names. */
const PROGRAMS = {
  article({ M, N_I, N_H, N_O, seed, mask, ysize, scale }) {
    const random = new RandomState(seed);
    const normals = (rows, columns) => drawnMatrix(rows, columns, () => random.standardNormal());
    const [x, y, w1, w2] = [normals(M, N_I), normals(M, N_O), normals(N_I, N_H), normals(N_H, N_O)];
    return {
      data: { x, y },
      weights: { w1, w2 },
      calls: [
        call("matmul", ["x", "w1"], "h"),
        call("relu", ["h"], "h_r", { mask }),
        call("matmul", ["h_r", "w2"], "y_p"),
        call("mean_squared_error", ["y_p", "y"], "loss", { scale: f32(scale), ...(ysize ? { divisor: 4 } : {}) }),
      ],
    };
  },
  linear() {
    return {
      data: DATASETS.line(),
      weights: { w: matrix(3, 1), b: vector(new Float32Array(1)) },
      calls: [call("matmul", ["x", "w"], "s"), call("add", ["s", "b"], "y_p"), call("mean_squared_error", ["y_p", "y"], "loss")],
    };
  },
  logistic({ data, seed }) {
    const random = new RandomState(seed);
    return {
      data: DATASETS[data](),
      weights: { w: drawnMatrix(2, 1, () => 0.5 * random.standardNormal()), b: vector(new Float32Array(1)) },
      calls: [call("matmul", ["x", "w"], "s"), call("add", ["s", "b"], "y_p"), call("sigmoid_cross_entropy", ["y_p", "t"], "loss")],
    };
  },
  xor: (settings) => hiddenLayer(DATASETS.pairs(), settings, call("mean_squared_error", ["y_p", "y"], "loss")),
  mlp: (settings) => hiddenLayer(DATASETS[settings.data](), settings, call("sigmoid_cross_entropy", ["y_p", "t"], "loss")),
};

/* Two inputs, a hidden layer and one output, with biases. */
function hiddenLayer(data, { N_H, activation, seed }, loss) {
  const random = new RandomState(seed);
  const w1 = drawnMatrix(2, N_H, () => random.standardNormal());
  const b1 = vector(Float32Array.from({ length: N_H }, () => 0.5 * random.standardNormal()));
  const w2 = drawnMatrix(N_H, 1, () => random.standardNormal());
  return {
    data,
    weights: { w1, b1, w2, b2: vector(new Float32Array(1)) },
    calls: [
      call("matmul", ["x", "w1"], "s1"),
      call("add", ["s1", "b1"], "z"),
      call(activation, ["z"], "h"),
      call("matmul", ["h", "w2"], "s2"),
      call("add", ["s2", "b2"], "y_p"),
      loss,
    ],
  };
}

function programOf(settings) {
  return PROGRAMS[settings.network](settings);
}

/* Whether a program's inputs are points of a plane, and its output one number that tells two kinds apart. */
function isOfThePlane({ data, calls }) {
  return data.x.columns === 2 && calls.at(-1).inputs[0] === "y_p" && (data.y ?? data.t).columns === 1;
}
