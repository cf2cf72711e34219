/* Numbers of float32 and float64: how they are written, and how far apart they are. */

const DTYPES = {
  float32: { digits: 9, mantissa: 23, smallest: -149, round: Math.fround },
  float64: { digits: 17, mantissa: 52, smallest: -1074, round: (x) => x },
};

/* The document's words for what JSON can't hold. */
function parsed(value) {
  if (typeof value !== "string") return value;
  return { nan: NaN, inf: Infinity, "-inf": -Infinity }[value];
}

/* The shortest decimal that is this number in its dtype, as NumPy prints it. */
function shown(value, dtype) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  const { digits, round } = DTYPES[dtype] ?? DTYPES.float64;
  if (digits === 17) return String(value);
  for (let precision = 1; precision < digits; precision++) {
    const text = Number(value.toPrecision(precision));
    if (round(text) === value) return String(text);
  }
  return String(Number(value.toPrecision(digits)));
}

/* The distance from a number to the next larger one in size. */
function ulp(value, dtype) {
  const { mantissa, smallest } = DTYPES[dtype] ?? DTYPES.float64;
  const size = Math.abs(value);
  if (!Number.isFinite(size)) return NaN;
  if (size === 0) return 2 ** smallest;
  let exponent = Math.floor(Math.log2(size));
  if (2 ** exponent > size) exponent -= 1;
  if (2 ** (exponent + 1) <= size) exponent += 1;
  return Math.max(2 ** (exponent - mantissa), 2 ** smallest);
}

/* By how many ulps of the larger of the two a number is off. */
function ulpsApart(got, want, dtype) {
  if (Object.is(got, want) || got === want) return 0;
  return (got - want) / ulp(Math.max(Math.abs(got), Math.abs(want)), dtype);
}

/* A text of a number with its sign, also where that is a plus. */
function signed(value, text) {
  return value > 0 ? `+${text}` : text;
}

/* A count of ulps in few digits. */
function shortUlps(ulps) {
  const size = Math.abs(ulps);
  if (Number.isNaN(size)) return "nan";
  if (size === 0 || Number.isInteger(size) && size < 10000) return String(ulps);
  if (size < 0.05) return "<0.1";
  return size < 10 ? ulps.toFixed(1) : size < 10000 ? ulps.toFixed(0) : ulps.toExponential(1);
}
