/* The product of two float32 matrices in WebAssembly, four columns in one instruction: f32x4.mul, then f32x4.add.

   WebAssembly rounds each of the two by itself and never fuses them, and a column's terms are added in the order of k,
   so the result is that of the loop in strict_float32.js, bit for bit. The module is assembled here from its
   instructions; it computes y = a·b for a whose rows lie one after the other, and b and y whose rows are filled up to a
   multiple of 16 columns. */

const COLUMNS_AT_ONCE = 16;
const KERNEL_INSTRUCTIONS = {
  loop: [0x03, 0x40], end: [0x0b], brIf: [0x0d, 0], get: [0x20], set: [0x21], tee: [0x22], constant: [0x41], lessThan: [0x49], add: [0x6a],
  load: [0xfd, 0], loadSplat: [0xfd, 9], store: [0xfd, 11], vector: [0xfd, 12], addVectors: [0xfd, 0xe4, 1], multiplyVectors: [0xfd, 0xe6, 1],
};
const I32 = 0x7f;
const V128 = 0x7b;

/* The bytes of the module, whose function `product` takes addresses and sizes in bytes. */
function kernelModule() {
  const is = KERNEL_INSTRUCTIONS;
  const given = ["a", "b", "y", "yEnd", "aRow", "yRow"];
  const own = ["aRowEnd", "yRowEnd", "bColumn", "aAt", "bAt", "t0", "t1", "t2", "t3", "splat"];
  const index = Object.fromEntries([...given, ...own].map((name, i) => [name, i]));
  const totals = ["t0", "t1", "t2", "t3"];
  const get = (name) => [...is.get, index[name]];
  const set = (name) => [...is.set, index[name]];
  const number = (bytes) => [...is.constant, ...signedLeb(bytes)];
  const moved = (name, ...by) => [...get(name), ...by, ...is.add];
  const againWhileBelow = (name, end, ...step) => [...moved(name, ...step), ...is.tee, index[name], ...get(end), ...is.lessThan, ...is.brIf, ...is.end];
  const aligned = (bytes, offset) => [Math.log2(bytes), offset];

  const term = (total, i) => [
    ...get(total), ...get("splat"), ...get("bAt"), ...is.load, ...aligned(16, 16 * i), ...is.multiplyVectors, ...is.addVectors, ...set(total),
  ];
  const body = [
    ...is.loop, // over the rows of a and y
    ...moved("y", ...get("yRow")), ...set("yRowEnd"), ...moved("a", ...get("aRow")), ...set("aRowEnd"), ...get("b"), ...set("bColumn"),
    ...is.loop, // over 16 columns of b and y at a time
    ...totals.flatMap((total) => [...is.vector, ...Array(16).fill(0), ...set(total)]),
    ...get("a"), ...set("aAt"), ...get("bColumn"), ...set("bAt"),
    ...is.loop, // over k
    ...get("aAt"), ...is.loadSplat, ...aligned(4, 0), ...set("splat"), ...totals.flatMap(term),
    ...moved("bAt", ...get("yRow")), ...set("bAt"), ...againWhileBelow("aAt", "aRowEnd", ...number(4)),
    ...totals.flatMap((total, i) => [...get("y"), ...get(total), ...is.store, ...aligned(16, 16 * i)]),
    ...moved("bColumn", ...number(64)), ...set("bColumn"), ...againWhileBelow("y", "yRowEnd", ...number(64)),
    ...get("aRowEnd"), ...set("a"), ...get("y"), ...get("yEnd"), ...is.lessThan, ...is.brIf, ...is.end,
    ...is.end,
  ];
  const code = [2, 5, I32, 5, V128, ...body];
  const exported = (name, kind) => [name.length, ...Array.from(name, (letter) => letter.charCodeAt(0)), kind, 0];
  return Uint8Array.from([
    0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...moduleSection(1, [0x60, given.length, ...given.map(() => I32), 0]),
    ...moduleSection(3, [0]),
    ...moduleSection(5, [0, 1]),
    ...moduleSection(7, exported("memory", 2), exported("product", 0)),
    ...moduleSection(10, [...unsignedLeb(code.length), ...code]),
  ]);
}

function moduleSection(id, ...items) {
  const content = [...unsignedLeb(items.length), ...items.flat()];
  return [id, ...unsignedLeb(content.length), ...content];
}

/* LEB128, the format of numbers in a WebAssembly module. */
function unsignedLeb(value) {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsignedLeb(value >>> 7)];
}

function signedLeb(value) {
  return value < 64 ? [value] : [(value & 127) | 128, ...signedLeb(value >>> 7)];
}

/* The kernel's exports; null where a browser has no WebAssembly, or an older one without vectors. */
const kernel = (() => {
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(kernelModule())).exports;
  } catch {
    return null;
  }
})();

/* a·b by the kernel, as the elements of y row by row. */
function productInKernel(a, b) {
  const width = Math.ceil(b.columns / COLUMNS_AT_ONCE) * COLUMNS_AT_ONCE;
  const bStart = 16 * Math.ceil(a.data.length / 4);
  const yStart = bStart + 4 * b.rows * width;
  const yEnd = yStart + 4 * a.rows * width;
  const missing = yEnd - kernel.memory.buffer.byteLength;
  if (missing > 0) kernel.memory.grow(Math.ceil(missing / 65536));
  const floats = new Float32Array(kernel.memory.buffer);
  floats.set(a.data);
  for (let k = 0; k < b.rows; k++) {
    const start = bStart / 4 + k * width;
    floats.set(b.data.subarray(k * b.columns, (k + 1) * b.columns), start);
    floats.fill(0, start + b.columns, start + width);
  }
  kernel.product(0, bStart, yStart, yEnd, 4 * a.columns, 4 * width);
  const y = new Float32Array(a.rows * b.columns);
  for (let i = 0; i < a.rows; i++) {
    const start = yStart / 4 + i * width;
    y.set(floats.subarray(start, start + b.columns), i * b.columns);
  }
  return y;
}
