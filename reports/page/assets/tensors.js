/* The tensors that the page keeps: which epoch and backend is shown, and what an element was computed from. */

const view = { step: 0, backend: PAGE.reference, differences: false, chosen: null };

/* The tensors that an element names. */
function names(text) {
  return text ? text.split("|") : [];
}

function label(name) {
  return name.startsWith("new ") ? `${name.slice(4)} (${say("numbers.new")})` : name;
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

/* Its elements as they are written: the kept decimals are the shortest that name the numbers. */
function decimals(name, backend) {
  return kept(name, backend).map(String);
}

/* Whether cells show how far the chosen backend is from the reference. */
function showsDifferences() {
  return view.differences && view.backend !== PAGE.reference;
}

/* The number that a name of a formula stands for, at the epoch and of the backend that are shown. */
function valueOf(text, settings) {
  const [, name, index] = /^([^[]+)(?:\[(.*)\])?$/.exec(text);
  if (name in settings) return settings[name];
  if (name === "t") return (PAGE.epochs[view.step] - 1) * PAGE.updates + 1;
  const tensor = PAGE.tensors[name];
  const values = tensor && !tensor.large ? elements(name, view.backend) : undefined;
  if (!values) return undefined;
  const flat = (index ?? "").split(",").reduce((sum, i, d) => (index ? sum * tensor.shape[d] + Number(i) : 0), 0);
  return values[flat];
}

/* What a tensor is off by from the reference, in ulps of its largest element; null where that can't be said. */
function apart(name, backend) {
  const value = recorded(backend, view.step)?.[name];
  if (value === null) return null;
  if (value === undefined) return 0;
  if (value.apart !== undefined) return parsed(value.apart);
  const [got, want] = [elements(name, backend), elements(name, PAGE.reference)];
  const size = Math.max(...want.map(Math.abs));
  return Math.max(...got.map((g, i) => Math.abs(g - want[i]))) / ulp(size, PAGE.tensors[name].dtype);
}

/* The arithmetic of an element, step by step: {what, formula, numbers, value, terms}. */
function arithmetic(name, flat) {
  const steps = PAGE.written.elements[name]?.[flat];
  if (!steps) return undefined;
  const settings = PAGE.written.settings[name] ?? {};
  const local = {};
  const dtype = PAGE.tensors[name].dtype;
  const find = (text) => {
    const value = text in local ? local[text] : valueOf(text, settings);
    if (value === undefined) throw new SyntaxError(`${text} is not kept`);
    return value;
  };
  const write = (text) => shown(find(text), dtype);
  const lines = [];
  for (const number of steps) {
    const step = PAGE.written.steps[number];
    const kind = ["sum", "max", "min"].find((k) => k in step);
    try {
      if (kind) {
        const terms = step[kind].map((term) => ({ formula: term, numbers: withNumbers(term, write), value: evaluated(term, find) }));
        const values = terms.map((term) => term.value);
        const value = kind === "sum" ? values.reduce((a, b) => a + b, 0) : Math[kind](...values);
        lines.push({ what: step.what, kind, terms, value });
      } else if (step.is) {
        lines.push({ what: step.what, formula: step.is, numbers: withNumbers(step.is, write), value: evaluated(step.is, find) });
      } else {
        lines.push({ what: step.what, formula: say("numbers.long") });
      }
      local[step.what] = lines.at(-1).value;
    } catch {
      lines.push({ what: step.what, formula: step.is ?? (step[kind] ?? []).join(" + ") });
    }
  }
  return lines;
}
