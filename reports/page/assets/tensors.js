/* The tensors that the page keeps: which epoch and backend is shown, and what an element was computed from. */

const view = { step: 0, backend: PAGE.reference, differences: false, chosen: null };

/* The tensors that an element names. */
function names(text) {
  return text ? text.split("|") : [];
}

/* A tensor's name without what says that it is the one after the update. */
function plainName(name) {
  return name.replace(/^new /, "");
}

/* What a tensor, or its element at an index, is called in the page's language. */
function label(name, index = "") {
  return `${plainName(name)}${index}${name.startsWith("new ") ? ` (${say("numbers.new")})` : ""}`;
}

/* What the page keeps of a backend at an epoch; the name of another one stands for its numbers. */
function recorded(backend, step) {
  const own = PAGE.numbers[step][backend];
  return typeof own === "string" ? PAGE.numbers[step][own] : own;
}

/* The kept value of a tensor: a list, a summary of a large one, or undefined where the backend has none. */
function kept(name, backend, step = view.step) {
  const own = recorded(backend, step)?.[name];
  if (own !== undefined) return own ?? undefined;
  if (backend !== PAGE.reference) return kept(name, PAGE.reference, step);
  return step > 0 ? kept(name, backend, step - 1) : undefined;
}

/* Its elements as numbers of its dtype, which the document's decimals only name; of a large tensor those of the corner. */
function elements(name, backend, step = view.step) {
  const value = kept(name, backend, step);
  if (value === undefined) return undefined;
  const { round } = DTYPES[PAGE.tensors[name].dtype] ?? DTYPES.float64;
  return (value.corner ?? value).map((element) => round(parsed(element)));
}

/* The shape of a tensor at the epoch that is shown; a last batch may have fewer rows than the first. */
function shapeShown(name, backend) {
  const { shape, large } = PAGE.tensors[name];
  const value = kept(name, backend);
  if (large) return value.shape ?? shape;
  const perRow = shape.slice(1).reduce((a, b) => a * b, 1);
  return shape.length && perRow ? [value.length / perRow, ...shape.slice(1)] : shape;
}

/* Where the elements that are kept of a tensor stand in it, in order; of a large tensor those of a part of it. */
function placesOf(name, value = kept(name, PAGE.reference)) {
  const { shape, large, start } = PAGE.tensors[name];
  if (!large) return value.map((_, i) => i);
  const columns = columnsOf(shape);
  return value.corner.map((_, i) => (start[0] + Math.floor(i / value.columns)) * columns + start[1] + (i % value.columns));
}

/* How many columns a tensor is drawn with: a vector is one row, axes after the first are joined, a number is alone. */
function columnsOf(shape) {
  return shape.slice(shape.length === 1 ? 0 : 1).reduce((a, b) => a * b, 1);
}

/* An element by its place in its tensor; undefined where it is not kept. */
function elementAt(name, flat, backend, step = view.step) {
  const value = kept(name, backend, step);
  if (value === undefined) return undefined;
  const { dtype, large } = PAGE.tensors[name];
  const { round } = DTYPES[dtype] ?? DTYPES.float64;
  const element = large ? value.corner[placesOf(name, value).indexOf(flat)] : value[flat];
  return element === undefined ? undefined : round(parsed(element));
}

/* Its elements as they are written: the kept decimals are the shortest that name the numbers. */
function decimals(name, backend) {
  return kept(name, backend).map(String);
}

/* Whether cells show how far the chosen backend is from the reference. */
function showsDifferences() {
  return view.differences && view.backend !== PAGE.reference;
}

/* The place of an element with an index such as `0, 3`. */
function flatOf(index, shape) {
  return (index ?? "").split(",").reduce((sum, i, d) => (index ? sum * shape[d] + Number(i) : 0), 0);
}

/* The number of the update that is shown, counted over the whole run. */
function updateShown() {
  return PAGE.shown[PAGE.epochs[view.step]];
}

/* What a tensor is off by from the reference, in ulps of its largest element; null where that can't be said. */
function apart(name, backend) {
  const value = recorded(backend, view.step)?.[name];
  if (value === null) return null;
  if (value === undefined) return 0;
  if (value.apart !== undefined) return parsed(value.apart);
  return largestApart(elements(name, backend), elements(name, PAGE.reference), PAGE.tensors[name].dtype);
}

/* The largest difference of elements, in ulps of the largest of those that they should be. */
function largestApart(got, want, dtype) {
  return Math.max(...got.map((value, i) => Math.abs(value - want[i]))) / ulp(Math.max(...want.map(Math.abs)), dtype);
}
