/* How an element was computed: formulas that many elements share, and the numbers of the one that is pointed at. */

/* What is written of updates like the one that is shown; those in which other weights are trained have other formulas. */
function writtenForm() {
  return PAGE.written.forms[PAGE.written.formOf[PAGE.epochs[view.step]]];
}

/* The elements of a tensor that share their formulas, among them this one. */
function groupOf(name, flat) {
  return writtenForm().groups[name]?.find(({ places }) => !places || places.includes(flat));
}

/* Why no steps are written of an element at the epoch that is shown, as the key of a text; undefined where some are. */
function lackOfSteps(name, flat) {
  const epoch = PAGE.epochs[view.step];
  const changed = PAGE.further.changed[epoch] ?? [];
  if (!groupOf(name, flat)) return "numbers.unwritten";
  if (PAGE.further.smaller.includes(epoch)) return "numbers.smaller";
  return (writtenForm().depends[name] ?? []).some((whole) => changed.includes(whole)) ? "numbers.changed" : undefined;
}

/* The steps of an element: {what, is}, {what, sum | max | min, of, at} or {what, at}; undefined where none are written. */
function stepsOf(name, flat) {
  if (lackOfSteps(name, flat)) return undefined;
  const group = groupOf(name, flat);
  const index = indexNumbers(flat, PAGE.tensors[name].shape);
  const place = (group.places ?? placesOf(name)).indexOf(flat);
  const numbers = group.slots.map((slot) => (slot.each ? slot.each[place] : slot.slice(1).reduce((sum, factor, d) => sum + factor * index[d], slot[0])));
  const filled = (text) => text.replace(/\{(\d+)\}/g, (_, i) => numbers[i]);
  const full = (value) => (Array.isArray(value) ? value.map(filled) : typeof value === "string" ? filled(value) : value);
  return group.steps.map((number) => Object.fromEntries(Object.entries(PAGE.written.steps[number]).map(([key, value]) => [key, full(value)])));
}

/* What the page keeps of the backend and epoch that are shown beside the tensors: elements, then computed numbers. */
function furtherNumbers() {
  const byBackend = PAGE.further.byEpoch[PAGE.epochs[view.step]] ?? {};
  const own = byBackend[view.backend];
  return (typeof own === "string" ? byBackend[own] : own) ?? [];
}

/* An element that no matrix shows. */
function furtherElement(name, flat) {
  let before = 0;
  for (const [tensor, places] of Object.entries(writtenForm().leaves)) {
    const place = places.indexOf(flat);
    if (tensor === name) return place < 0 ? undefined : inDtype(furtherNumbers()[before + place], PAGE.tensors[name].dtype);
    before += places.length;
  }
  return undefined;
}

/* A long sum, or another computed number that is given. */
function computedNumber(at) {
  const leaves = Object.values(writtenForm().leaves).reduce((sum, places) => sum + places.length, 0);
  const value = furtherNumbers()[leaves + Number(at)];
  if (value === undefined) throw new SyntaxError(`number ${at} is not kept`);
  return parsed(value);
}

function inDtype(value, dtype) {
  return value === undefined ? undefined : (DTYPES[dtype] ?? DTYPES.float64).round(parsed(value));
}

/* The number that a name of a formula stands for, at the epoch and of the backend that are shown. */
function valueOf(text, settings) {
  const [, name, index] = /^([^[]+)(?:\[(.*)\])?$/.exec(text);
  // A tensor may be called like a setting; only its elements have an index.
  if (index === undefined && name in settings) return settings[name];
  if (index === undefined && name === "t") return PAGE.steps[PAGE.epochs[view.step]];
  if (!PAGE.tensors[name]) return writtenForm().zeros.includes(name) ? 0 : undefined;
  const flat = flatOf(index, PAGE.tensors[name].shape);
  return elementAt(name, flat, view.backend) ?? furtherElement(name, flat) ?? unyieldedElement(name, flat);
}

/* An element of a tensor that the backend does not yield, computed from what it does yield. */
function unyieldedElement(name, flat) {
  if (kept(name, view.backend) !== undefined) return undefined;
  const key = [view.step, view.backend, name, flat].join(" ");
  if (!unyielded.has(key)) unyielded.set(key, arithmetic(name, flat)?.at(-1).value);
  return unyielded.get(key);
}

const unyielded = new Map();

/* The arithmetic of an element, step by step: {what, formula, numbers, value, kind, terms, of}. */
function arithmetic(name, flat) {
  const steps = stepsOf(name, flat);
  if (!steps) return undefined;
  const settings = writtenForm().settings[name] ?? {};
  const local = { __proto__: null };
  const { dtype } = PAGE.tensors[name];
  const find = (text) => {
    const value = text in local ? local[text] : valueOf(text, settings);
    if (value === undefined) throw new SyntaxError(`${text} is not kept`);
    return value;
  };
  const write = (text) => shown(find(text), dtype);
  return steps.map((step) => {
    const line = lineOf(step, find, write);
    local[step.what] = line.value;
    return line;
  });
}

/* A step with its numbers put in; without a value where one of them is not kept. */
function lineOf(step, find, write) {
  const { what, of, at } = step;
  const kind = ["sum", "max", "min"].find((each) => each in step);
  const written = (formula) => ({ formula, numbers: withNumbers(formula, write), value: evaluated(formula, find) });
  try {
    if (kind) {
      const terms = step[kind].map(written);
      const values = terms.map((term) => term.value);
      const value = of ? computedNumber(at) : kind === "sum" ? values.reduce((a, b) => a + b, 0) : Math[kind](...values);
      return { what, kind, terms, of, value };
    }
    return step.is ? { what, ...written(step.is) } : { what, value: computedNumber(at) };
  } catch {
    const formulas = step[kind] ?? [];
    return { what, formula: step.is ?? (of ? [...formulas.slice(0, 3), "…", ...formulas.slice(3)] : formulas).join(" + ") };
  }
}
