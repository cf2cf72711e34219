/* Strict float32: every product and every sum is rounded by itself, products are added in the order of k.

   A matrix is {rows, columns, data}, its data a Float32Array row by row. */

const f32 = Math.fround;

function matrix(rows, columns, data = new Float32Array(rows * columns)) {
  return { rows, columns, data };
}

/* a·b */
function product(a, b) {
  const y = matrix(a.rows, b.columns);
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < b.columns; j++) {
      let total = 0;
      for (let k = 0; k < a.columns; k++) {
        total = f32(total + f32(a.data[i * a.columns + k] * b.data[k * b.columns + j]));
      }
      y.data[i * b.columns + j] = total;
    }
  }
  return y;
}

function transposed(a) {
  const y = matrix(a.columns, a.rows);
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < a.columns; j++) y.data[j * a.rows + i] = a.data[i * a.columns + j];
  }
  return y;
}

/* A function of the elements at each place, such as mapped((x, y) => x - y, a, b); the result is rounded. */
function mapped(f, a, ...others) {
  const y = matrix(a.rows, a.columns);
  for (let i = 0; i < y.data.length; i++) y.data[i] = f(a.data[i], ...others.map((other) => other.data[i]));
  return y;
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
