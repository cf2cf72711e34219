/* Draws tensors at the epoch that is shown, and puts the numbers of another epoch or backend into the same cells. */

/* The elements of a tensor as cells: their values, which colour them, their texts, and where they stand in it. */
function cellsOf(name, backend) {
  const { dtype, shape, large } = PAGE.tensors[name];
  const values = elements(name, backend);
  const places = placesOf(name);
  const indexes = places.map((place) => indexOf(place, shape));
  if (showsDifferences()) {
    const reference = elements(name, PAGE.reference);
    const off = values.map((value, i) => ulpsApart(value, reference[i], dtype));
    return { values: off, texts: off.map((ulps) => signed(ulps, shortUlps(ulps))), places, indexes };
  }
  const texts = large ? values.map((value) => (Number.isFinite(value) ? String(Number(value.toPrecision(5))) : shown(value, dtype))) : decimals(name, backend);
  return { values, texts, places, indexes };
}

/* What is said below the corner of a large tensor. */
function summaryOf(value, dtype) {
  const range = say("numbers.range", { low: shown(parsed(value.low), dtype), high: shown(parsed(value.high), dtype) });
  const others = value.notFinite ? ` · ${say("numbers.not_finite")} ${value.notFinite}` : "";
  return `${range} · ${say("numbers.norm")} ${value.norm} · ${say("numbers.mean")} ${value.mean} · ${say("numbers.zeros")} ${value.zeros}${others}`;
}

/* A tensor as a backend, which has it, has it at the epoch that is shown. */
function drawTensor(name, backend, onFocus) {
  const { dtype, large, kind, start } = PAGE.tensors[name];
  const value = kept(name, backend);
  const shape = shapeShown(name, backend);
  const columns = large ? value.columns : columnsOf(shape);
  const title = say("numbers.matrix", { name: label(name), shape: shapeText(shape), dtype });
  const table = drawMatrix({ name: label(name), label: title, columns, ...cellsOf(name, backend), onFocus });
  const caption = made(
    "figcaption", {}, made("code", {}, plainName(name)),
    made("small", {}, ` ${kind === "new" ? `${say("numbers.new")} · ` : ""}${shapeText(shape)} · ${dtype}`),
  );
  const figure = made("figure", { "data-tensor": name, class: `tensor ${kind}` }, caption, made("div", { class: "scroll" }, table));
  if (PAGE.tensors[name].picture) figure.append(drawPictures(name, backend));
  if (large) {
    const n = shape.reduce((a, b) => a * b, 1).toLocaleString(spoken.language);
    figure.append(
      drawHistogram(value.counts, say("numbers.histogram", { name: label(name) })),
      made("small", { class: "summary" }, summaryOf(value, dtype)),
      made("small", { class: "large" }, say(start.some(Boolean) ? "numbers.part" : "numbers.large", { n, row: start[0], column: start[1] })),
    );
  }
  return figure;
}

/* Puts the numbers of the epoch and the backend that are shown into a figure; what is focused in it stays so. */
function refreshFigure(figure, backend) {
  const name = figure.dataset.tensor;
  refreshMatrix(figure.querySelector("table"), label(name), cellsOf(name, backend));
  const { large, dtype, picture } = PAGE.tensors[name];
  if (picture) refreshPictures(figure.querySelector(".pictures"), name, backend);
  if (!large) return;
  const value = kept(name, backend);
  refreshHistogram(figure.querySelector(".histogram"), value.counts);
  figure.querySelector(".summary").textContent = summaryOf(value, dtype);
}

/* By place: which tensors were drawn in it, of which shapes, in which language. */
const drawnIn = new WeakMap();

/* Makes the figures of a place for the tensors that the backend has, unless they are there; returns whether it did. */
function makeFigures(place, backend, choose) {
  const own = names(place.dataset.tensors).filter((name) => name in PAGE.tensors && kept(name, backend) !== undefined);
  const drawing = [spoken.language, ...own.map((name) => `${name} ${shapeShown(name, backend)}`)].join("|");
  if (drawnIn.get(place) === drawing) return false;
  drawnIn.set(place, drawing);
  place.replaceChildren(...own.map((name) => drawTensor(name, backend, choose && ((flat) => choose(name, flat)))));
  return true;
}

/* Draws the tensors of a place that the backend has. */
function drawTensors(place, backend) {
  if (makeFigures(place, backend)) return;
  for (const figure of place.children) refreshFigure(figure, backend);
}
