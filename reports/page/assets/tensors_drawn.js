/* Draws a tensor of the epoch that is shown. */

/* The place of a corner's element in the tensor. */
function cornerIndex(tensor, flat) {
  const { columns } = kept(Object.keys(PAGE.tensors).find((name) => PAGE.tensors[name] === tensor), PAGE.reference);
  const [row, column] = [Math.floor(flat / columns), flat % columns];
  if (tensor.shape.length === 1) return `[${column}]`;
  return tensor.shape.length === 2 ? `[${row}, ${column}]` : `[${row}, …]`;
}

/* A tensor as a backend has it at the epoch that is shown; null where it has none. */
function drawTensor(name, backend, onFocus) {
  const tensor = PAGE.tensors[name];
  const value = tensor && kept(name, backend);
  if (value === undefined) return null;
  const values = elements(name, backend);
  const reference = elements(name, PAGE.reference);
  const { dtype, shape, large } = tensor;
  const off = values.map((v, i) => ulpsApart(v, reference[i], dtype));
  const showOff = showsDifferences();
  const columns = large ? value.columns : gridOf(shape, values.length)[1];
  const table = drawMatrix({
    name,
    label: say("numbers.matrix", { name, shape: shapeText(shape), dtype }),
    columns,
    values: showOff ? off : values,
    texts: showOff ? off.map((u) => signed(u, shortUlps(u))) : values.map((v) => (large ? String(Number(v.toPrecision(5))) : shown(v, dtype))),
    indexes: values.map((_, i) => (large ? cornerIndex(tensor, i) : indexOf(i, shape))),
    onFocus,
  });
  const caption = made(
    "figcaption", {}, made("code", {}, name.startsWith("new ") ? name.slice(4) : name),
    made("small", {}, ` ${tensor.kind === "new" ? `${say("numbers.new")} · ` : ""}${shapeText(shape)} · ${dtype}`),
  );
  const scroll = made("div", { class: "scroll" }, table);
  const figure = made("figure", { "data-tensor": name, class: `tensor ${tensor.kind}` }, caption, scroll);
  if (large) {
    const n = shape.reduce((a, b) => a * b, 1).toLocaleString(spoken.language);
    const range = say("numbers.range", { low: shown(parsed(value.low), dtype), high: shown(parsed(value.high), dtype) });
    figure.append(
      drawHistogram(value.counts, say("numbers.histogram", { name })),
      made("small", {}, `${range} · ${say("numbers.norm")} ${value.norm} · ${say("numbers.mean")} ${value.mean} · ${say("numbers.zeros")} ${value.zeros}`),
      made("small", { class: "large" }, say("numbers.large", { n })),
    );
  }
  return figure;
}

/* Fills a place with the tensors that it is for. */
function drawTensors(place, backend, choose) {
  const figures = names(place.dataset.tensors).map((name) => drawTensor(name, backend, choose && ((flat) => choose(name, flat))));
  place.replaceChildren(...figures.filter((figure) => figure !== null));
}
