/* A tensor drawn as a matrix: sign and size coloured, one stop of the Tab key, the keys of a grid within. */

/* The index of an element by its place in its tensor, a number for each axis; `flatOf` leads back. */
function indexNumbers(flat, shape) {
  return shape.map((length, d) => Math.floor(flat / shape.slice(d + 1).reduce((a, b) => a * b, 1)) % length);
}

/* The same as it is written, `[0, 3]`; empty for a single number. */
function indexOf(flat, shape) {
  return shape.length ? `[${indexNumbers(flat, shape).join(", ")}]` : "";
}

function shapeText(shape) {
  return shape.length ? `(${shape.join(", ")}${shape.length === 1 ? "," : ""})` : say("numbers.scalar");
}

/* How a cell looks among others of which the largest in size is given. */
function lookOf(value, largest) {
  const share = Number.isFinite(value) ? Math.abs(value) / largest : 1;
  const sign = !Number.isFinite(value) ? "strange" : value > 0 ? "plus" : value < 0 ? "minus" : "zero";
  return { sign, style: `--share: ${share.toFixed(3)}` };
}

function largestOf(values) {
  return Math.max(...values.filter((v) => Number.isFinite(v)).map(Math.abs), 0) || 1;
}

/* Draws {name, columns, values, texts, places, indexes, onFocus} as a table; values colour, texts are shown. A cell has the
   place of its element in the tensor. */
function drawMatrix({ name, label, columns, values, texts, places, indexes, onFocus }) {
  const largest = largestOf(values);
  const body = made("tbody");
  const cells = values.map((value, i) => {
    const { sign, style } = lookOf(value, largest);
    return made("td", {
      class: sign, style, tabindex: i === 0 ? 0 : -1, "data-flat": places?.[i] ?? i,
      "aria-label": `${name}${indexes[i]} ${texts[i]}`,
    }, texts[i]);
  });
  for (let i = 0; i < cells.length; i += columns) body.append(made("tr", {}, ...cells.slice(i, i + columns)));
  const table = made("table", { class: "matrix", role: "grid", "aria-label": label }, body);
  const use = (event) => {
    const cell = event.target.closest("td");
    if (cell && onFocus) onFocus(Number(cell.dataset.flat));
  };
  whenPointedAt(table, use);
  table.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      table.dispatchEvent(new CustomEvent("dismissed", { bubbles: true }));
      return;
    }
    const from = cells.indexOf(event.target);
    const to = placeAfter(event, from, columns, cells.length);
    if (!cells[to]) return;
    event.preventDefault();
    cells[from].tabIndex = -1;
    cells[to].tabIndex = 0;
    cells[to].focus();
  });
  return table;
}

/* Where a key leads from a place in a grid: arrows, Home and End in the row, with Ctrl in the whole grid. */
function placeAfter({ key, ctrlKey }, from, columns, count) {
  const first = ctrlKey ? 0 : from - (from % columns);
  const last = ctrlKey ? count - 1 : first + columns - 1;
  const places = { ArrowLeft: from - 1, ArrowRight: from + 1, ArrowUp: from - columns, ArrowDown: from + columns, Home: first, End: last };
  return places[key];
}

/* Puts other values into a table that was drawn, at other indexes if it shows another part; what is focused stays so. */
function refreshMatrix(table, name, { values, texts, indexes }) {
  const largest = largestOf(values);
  table.querySelectorAll("td").forEach((cell, i) => {
    const { sign, style } = lookOf(values[i], largest);
    const [label, marks] = [`${name}${indexes[i]} ${texts[i]}`, ["chosen", "used"].filter((mark) => cell.classList.contains(mark))];
    // What stays as it is need not be styled and laid out anew.
    if (cell.getAttribute("style") !== style) cell.setAttribute("style", style);
    const look = [sign, ...marks].join(" ");
    if (cell.className !== look) cell.className = look;
    if (cell.getAttribute("aria-label") === label) return;
    cell.setAttribute("aria-label", label);
    cell.textContent = texts[i];
  });
}

/* The distribution of a large tensor's elements. */
function drawHistogram(counts, label) {
  const drawing = svg("svg", { class: "histogram", viewBox: `0 0 ${counts.length * 6} 36`, role: "img", "aria-label": label }, svg("path"));
  refreshHistogram(drawing, counts);
  return drawing;
}

/* Puts another distribution into a drawing. */
function refreshHistogram(drawing, counts) {
  const most = Math.max(...counts, 1);
  const bars = counts.map((count, i) => `M${i * 6} 36v${(-34 * count / most).toFixed(1)}h5V36z`);
  drawing.querySelector("path").setAttribute("d", bars.join(""));
}
