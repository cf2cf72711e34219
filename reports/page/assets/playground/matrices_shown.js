/* The playground's matrices of an epoch, and the arithmetic of the element that is pointed at. */

function drawPlaygroundMatrices(view) {
  const place = document.getElementById("play-matrices");
  const known = new Set(Array.from(place.querySelectorAll("figure"), (figure) => figure.dataset.key));
  const keys = view.groups.flatMap(([, tensors]) => tensors.map(keyOf));
  if (keys.length === known.size && keys.every((key) => known.has(key))) {
    for (const [, tensors] of view.groups) for (const tensor of tensors) refreshTensor(place, tensor);
  } else {
    place.replaceChildren(
      ...view.groups.map(([group, tensors]) =>
        made("div", { class: "group" }, made("h4", {}, say(`play.group.${group}`)), made("div", { class: "tensors" }, ...tensors.map(drawPlaygroundTensor))),
      ),
    );
  }
}

/* What a drawing of a tensor depends on, beside its values. */
function keyOf({ name, rows, columns }) {
  return `${name} ${rows} ${columns} ${spoken.language}`;
}

function drawPlaygroundTensor(tensor) {
  const { name, rows, columns, isVector, shownColumns } = tensor;
  const shape = shapeText(isVector ? [columns] : [rows, columns]);
  const said = name.startsWith("new ") ? `${say("numbers.new")} · ` : "";
  const figure = made("figure", { class: "tensor", "data-key": keyOf(tensor), "data-tensor": name });
  const table = drawMatrix({
    name: plainName(name), columns: shownColumns, ...looksOf(tensor), label: `${plainName(name)}, ${said}${shape}, float32`,
    onFocus(flat) {
      const { startRow, startColumn } = figure.dataset;
      chooseElement(name, Number(startRow) + Math.floor(flat / shownColumns), Number(startColumn) + (flat % shownColumns));
    },
  });
  const caption = made("figcaption", {}, made("code", {}, plainName(name)), made("small", {}, ` ${said}${shape}`));
  figure.append(caption, made("div", { class: "scroll" }, table), ...(isWhole(tensor) ? [] : [windowControls(tensor)]));
  placeWindow(figure, tensor);
  return figure;
}

function isWhole({ rows, columns, shownRows, shownColumns }) {
  return shownRows * shownColumns === rows * columns;
}

/* Buttons that go to other rows and columns of a large matrix. */
function windowControls({ name, rows, columns, shownRows, shownColumns }) {
  const button = (key, sign, byRows, byColumns) => {
    const arrow = made("button", { type: "button", "aria-label": `${plainName(name)}: ${say(key)}` }, sign);
    arrow.addEventListener("click", () => moveWindow(name, byRows, byColumns));
    return arrow;
  };
  return made(
    "div", { class: "window" }, made("small"),
    ...(rows > shownRows ? [button("play.rows.before", "↑", -shownRows, 0), button("play.rows.after", "↓", shownRows, 0)] : []),
    ...(columns > shownColumns ? [button("play.columns.before", "←", 0, -shownColumns), button("play.columns.after", "→", 0, shownColumns)] : []),
  );
}

function moveWindow(name, byRows, byColumns) {
  const { startRow, startColumn } = document.querySelector(`#play-matrices figure[data-tensor="${name}"]`).dataset;
  play.windows = { ...play.windows, [name]: [Number(startRow) + byRows, Number(startColumn) + byColumns] };
  showPlayEpoch(play.epoch);
}

/* Says which part of its matrix a drawing shows. */
function placeWindow(figure, { rows, columns, startRow, startColumn, shownRows, shownColumns }) {
  Object.assign(figure.dataset, { startRow, startColumn });
  const note = figure.querySelector(".window small");
  const range = (start, length) => (length > 1 ? `${start}–${start + length - 1}` : String(start));
  if (note) note.textContent = say("play.window", { rows: range(startRow, shownRows), columns: range(startColumn, shownColumns), of_rows: rows, of_columns: columns });
}

function looksOf(tensor) {
  const { values, isVector, startRow, startColumn, shownColumns } = tensor;
  const numbers = Array.from(values);
  return {
    values: numbers,
    texts: numbers.map((value) => (isWhole(tensor) ? shown(value, "float32") : String(Number(value.toPrecision(5))))),
    indexes: numbers.map((_, i) => `[${isVector ? "" : `${startRow + Math.floor(i / shownColumns)}, `}${startColumn + (i % shownColumns)}]`),
  };
}

/* Puts other values into a drawing, which keeps what is focused. */
function refreshTensor(place, tensor) {
  const figure = place.querySelector(`figure[data-key="${keyOf(tensor)}"]`);
  refreshMatrix(figure.querySelector("table"), plainName(tensor.name), looksOf(tensor));
  placeWindow(figure, tensor);
}

function chooseElement(name, row, column) {
  play.chosen = { name, row, column };
  explainElement();
}

/* Nothing is pointed at any more. */
function dismissElement() {
  play.chosen = null;
  explainElement();
}

/* Asks how the chosen element is computed at the epoch that is shown, and writes it out. */
async function explainElement() {
  const { chosen, epoch, run } = play;
  const place = document.getElementById("play-panel");
  if (!chosen) {
    unmarkElements();
    place.replaceChildren(made("p", { class: "hint" }, say("play.hint")));
    return;
  }
  const { written } = await laboratory.answerTo("element", { epoch, ...chosen });
  if (play.chosen !== chosen || play.epoch !== epoch || play.run !== run) return;
  markElements(chosen, written?.used ?? []);
  if (!written) {
    place.replaceChildren(made("p", { class: "panel-title" }, made("code", {}, plainName(chosen.name))), made("p", {}, say(/^w|^b/.test(chosen.name) ? "play.starts" : "numbers.drawn")));
    return;
  }
  const title = made("p", { class: "panel-title" }, made("code", {}, written.what), ` = ${shown(written.value, "float32")}`);
  place.replaceChildren(title, written.terms ? termsWritten(written) : formulaWritten(written));
}

function unmarkElements() {
  for (const cell of document.querySelectorAll("#play-matrices :is(.chosen, .used)")) cell.classList.remove("chosen", "used");
}

function markElements({ name, row, column }, used) {
  const place = document.getElementById("play-matrices");
  unmarkElements();
  const cellOf = (tensor, i, j) => {
    const figure = place.querySelector(`figure[data-tensor="${tensor}"]`);
    return figure?.querySelector("tbody").rows[i - figure.dataset.startRow]?.cells[j - figure.dataset.startColumn];
  };
  cellOf(name, row, column)?.classList.add("chosen");
  for (const [tensor, i, j] of used) cellOf(tensor, i, j)?.classList.add("used");
}

function formulaWritten({ what, value, formula, values }) {
  const numbers = withNumbers(formula, (name) => shown(values[name], "float32"));
  const line = made("p", { class: "arithmetic" }, `${what} = ${formula}`, made("br"), `  = ${numbers}`, " = ", made("b", {}, shown(value, "float32")));
  return line;
}

/* A sum, a line for each term, with what it has come to so far. */
function termsWritten({ what, value, terms, left }) {
  const at = left ? terms.length - 2 : -1;
  const rows = terms.flatMap((term, i) => {
    const numbers = withNumbers(term.formula, (name) => shown(term.values[name], "float32"));
    const row = made(
      "tr", {}, made("td", {}, i ? "+" : ""), made("td", {}, term.formula), made("td", {}, `= ${numbers}`), made("td", {}, `= ${shown(term.value, "float32")}`),
      made("td", { class: "muted" }, term.total === undefined ? "" : `→ ${shown(term.total, "float32")}`),
    );
    return i === at ? [made("tr", {}, made("td"), made("td", { colspan: 4, class: "muted" }, say("play.left", { n: left }))), row] : [row];
  });
  const table = made("table", { class: "terms" }, made("tbody", {}, ...rows));
  return made("div", { class: "arithmetic" }, `${what} =`, table, "  = ", made("b", {}, shown(value, "float32")), terms[0].total === undefined ? "" : made("small", {}, ` ${say("play.totals")}`));
}
