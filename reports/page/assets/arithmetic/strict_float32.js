/* Strict float32: every product and every sum is rounded by itself, products are added in the order of k.

   A matrix is {rows, columns, data}, its data a Float32Array row by row; a vector, such as a bias, is one row of it.
   Needs product_kernel.js. */

const f32 = Math.fround;

function matrix(rows, columns, data = new Float32Array(rows * columns)) {
  return { rows, columns, data };
}

function vector(data) {
  return { rows: 1, columns: data.length, data, isVector: true };
}

/* The number of terms from which the kernel is worth the copies into its memory. */
const WORTH_THE_KERNEL = 4096;

/* a·b */
function product(a, b) {
  const terms = a.rows * a.columns * b.columns;
  return matrix(a.rows, b.columns, kernel && terms >= WORTH_THE_KERNEL ? productInKernel(a, b) : productInLoops(a, b));
}

/* The elements of a·b, row by row. */
function productInLoops(a, b) {
  const y = new Float32Array(a.rows * b.columns);
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < b.columns; j++) {
      let total = 0;
      for (let k = 0; k < a.columns; k++) {
        total = f32(total + f32(a.data[i * a.columns + k] * b.data[k * b.columns + j]));
      }
      y[i * b.columns + j] = total;
    }
  }
  return y;
}

/* Matrices that were transposed before, such as the data, which every update needs. */
const TRANSPOSED = new WeakMap();

function transposed(a) {
  if (TRANSPOSED.has(a)) return TRANSPOSED.get(a);
  const y = matrix(a.columns, a.rows);
  TRANSPOSED.set(a, y);
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < a.columns; j++) y.data[j * a.rows + i] = a.data[i * a.columns + j];
  }
  return y;
}

/* A function of the elements at each place of one matrix or two, such as mapped((x, y) => x - y, a, b); the result is rounded. */
function mapped(f, a, b = a) {
  const y = new Float32Array(a.data.length);
  for (let i = 0; i < y.length; i++) y[i] = f(a.data[i], b.data[i]);
  return { ...a, data: y };
}

/* np.sum(a, axis=0): row after row; a single column lies in memory as a row does, and is summed as one. */
function sumOfRows(a) {
  if (a.columns === 1) return vector(Float32Array.of(sum(a.data)));
  const y = new Float32Array(a.columns);
  for (let i = 0; i < a.data.length; i++) y[i % a.columns] += a.data[i];
  return vector(y);
}

/* np.sum: fewer than 8 numbers one after the other, up to 128 in 8 columns, more as two halves. */
function sum(data, start = 0, length = data.length) {
  if (length < 8) {
    let total = 0;
    for (let i = 0; i < length; i++) total = f32(total + data[start + i]);
    return total;
  }
  if (length > 128) {
    let half = Math.floor(length / 2);
    half -= half % 8;
    return f32(sum(data, start, half) + sum(data, start + half, length - half));
  }
  const r = Array.from(data.subarray(start, start + 8));
  let i = 8;
  for (; i < length - (length % 8); i += 8) {
    for (let k = 0; k < 8; k++) r[k] = f32(r[k] + data[start + i + k]);
  }
  const pairs = [f32(r[0] + r[1]), f32(r[2] + r[3]), f32(r[4] + r[5]), f32(r[6] + r[7])];
  let total = f32(f32(pairs[0] + pairs[1]) + f32(pairs[2] + pairs[3]));
  for (; i < length; i++) total = f32(total + data[start + i]);
  return total;
}
