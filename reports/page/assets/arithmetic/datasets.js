/* The data that the playground's networks learn, as float32; random numbers are NumPy's. Needs mt19937.js. */

/* A matrix of the numbers that `random` gives next; they are rounded to float32. */
function drawnMatrix(rows, columns, next) {
  return matrix(rows, columns, Float32Array.from({ length: rows * columns }, next));
}

/* Points of two dimensions, and for each whether it is of the second kind, 0 or 1; they come by turns. */
function labelled(count, seed, pointOf) {
  const random = new RandomState(seed);
  const points = new Float32Array(2 * count);
  for (let i = 0; i < count; i++) points.set(pointOf(i, i % 2, random), 2 * i);
  return { x: matrix(count, 2, points), t: matrix(count, 1, Float32Array.from({ length: count }, (_, i) => i % 2)) };
}

const DATASETS = {
  /* Three features and a linear function of them, with noise. */
  line() {
    const random = new RandomState(11);
    const x = Array.from({ length: 40 * 3 }, () => random.standardNormal());
    const y = Array.from({ length: 40 }, (_, i) => x[3 * i] * 1.5 + x[3 * i + 1] * -2 + x[3 * i + 2] * 0.5 + 0.7 + 0.1 * random.standardNormal());
    return { x: matrix(40, 3, Float32Array.from(x)), y: matrix(40, 1, Float32Array.from(y)) };
  },
  /* All four pairs of −1 and 1, and whether the two differ. */
  pairs() {
    return { x: matrix(4, 2, Float32Array.of(-1, -1, -1, 1, 1, -1, 1, 1)), y: matrix(4, 1, Float32Array.of(-1, 1, 1, -1)) };
  },
  clouds() {
    return labelled(48, 12, (i, label, random) => [random.standardNormal() + (2 * label - 1), random.standardNormal() + (2 * label - 1)]);
  },
  rings() {
    return labelled(64, 13, (i, label, random) => {
      const angle = (2 * Math.PI * Math.floor(i / 2)) / 32;
      const radius = 0.8 + 0.9 * label + 0.15 * random.standardNormal();
      return [radius * Math.cos(angle), radius * Math.sin(angle)];
    });
  },
  spirals() {
    return labelled(96, 14, (i, label, random) => {
      const along = Math.floor(i / 2) / 47;
      const angle = 4 * along + Math.PI * label + 0.1 * random.standardNormal();
      const radius = 0.3 + 1.7 * along;
      return [radius * Math.cos(angle), radius * Math.sin(angle)];
    });
  },
};
