/* Line charts by epoch or update, with a cursor that the pointer and the arrow keys move. */

const CHART = { height: 260, left: 64, right: 14, top: 12, bottom: 34 };
const MOST_POINTS = 1200;

/* Round numbers on an axis, at most about `count`. */
function niceTicks(low, high, count) {
  const raw = (high - low) / count || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw);
  const ticks = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high + step * 1e-9; tick += step) ticks.push(tick);
  return ticks;
}

/* The ends of a logarithmic axis, as powers of ten, and its marks: powers of ten, and on a short one their 2- and 5-fold. */
function logarithmicScale(positive) {
  const [least, most] = [Math.min(...positive, Infinity), Math.max(...positive, -Infinity)];
  if (!(most > 0)) return { low: 0, high: 1, marks: [1, 10] };
  const isShort = most < 300 * least;
  const steps = isShort ? [1, 2, 5] : [1];
  const [from, to] = [Math.floor(Math.log10(least)) - 1, Math.ceil(Math.log10(most)) + 1];
  const every = isShort ? 1 : Math.ceil((to - from) / 6);
  const all = [];
  for (let power = from; power <= to; power++) for (const step of steps) all.push(step * 10 ** power);
  const first = all.findLastIndex((v) => v <= least * (1 + 1e-9));
  const last = Math.max(all.findIndex((v) => v >= most * (1 - 1e-9)), first + 1);
  return { low: Math.log10(all[first]), high: Math.log10(all[last]), marks: all.slice(first, last + 1).filter((_, i) => i % every === 0) };
}

/* Maps a value to a height, with ticks; on a logarithmic axis 0 has a place of its own at the bottom. */
function verticalAxis(values, log, height) {
  const finite = values.filter((v) => Number.isFinite(v));
  const inside = [CHART.top, height - CHART.bottom];
  const place = (share) => inside[1] - share * (inside[1] - inside[0]);
  const text = (v) => (Math.abs(v) >= 1e5 || (v !== 0 && Math.abs(v) < 1e-3) ? v.toExponential(0) : String(Number(v.toPrecision(6))));
  if (!log) {
    let [low, high] = [Math.min(...finite, Infinity), Math.max(...finite, -Infinity)];
    if (!(high > low)) [low, high] = Number.isFinite(low) ? [low - 0.5, low + 0.5] : [0, 1];
    const pad = (high - low) * 0.05;
    [low, high] = [low - pad, high + pad];
    return {
      y: (v) => place((v - low) / (high - low)),
      ticks: niceTicks(low, high, 5).map((v) => ({ at: v, text: text(v) })),
    };
  }
  const positive = finite.filter((v) => v > 0);
  const hasZero = finite.some((v) => v <= 0);
  const { low, high, marks } = logarithmicScale(positive);
  const floor = hasZero ? 0.09 : 0;
  const y = (v) => place(v > 0 ? floor + (1 - floor) * ((Math.log10(v) - low) / (high - low)) : 0);
  const ticks = marks.map((v) => ({ at: v, text: text(v) }));
  if (hasZero) ticks.unshift({ at: 0, text: say("curves.zero") });
  return { y, ticks };
}

/* A path through the numbers, with a gap where one is not finite. */
function curve(values, x, y) {
  const every = Math.ceil(values.length / MOST_POINTS);
  let path = "";
  let pen = "M";
  values.forEach((value, i) => {
    if (i % every && i !== values.length - 1) return;
    if (value === null || !Number.isFinite(value)) {
      pen = "M";
      return;
    }
    path += `${pen}${x(i + 1).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = "L";
  });
  return path;
}

/* Draws {series: [{label, values, look}], log, unit, summary, along, write} into an element, and returns what moves its
   cursor to an epoch. Values are by epoch, or by what `along` says; `write` makes a text of one. */
function drawChart(place, { series, log = false, unit = "", summary, dtype = "float64", along = say("curves.epoch"), write }) {
  const written = write ?? ((value) => (log ? shortUlps(value) : shown(value, dtype)));
  const width = Math.max(place.clientWidth, 280);
  const epochs = Math.max(...series.map((one) => one.values.length));
  const { y, ticks } = verticalAxis(series.flatMap((one) => Array.from(one.values)), log, CHART.height);
  const span = width - CHART.left - CHART.right;
  const x = (epoch) => CHART.left + (epochs > 1 ? ((epoch - 1) / (epochs - 1)) * span : span / 2);
  const bottom = CHART.height - CHART.bottom;
  const drawing = svg("svg", {
    viewBox: `0 0 ${width} ${CHART.height}`, width, height: CHART.height, role: "img", tabindex: 0, class: "chart", "aria-label": summary,
  });
  for (const tick of ticks) {
    drawing.append(
      svg("line", { class: "grid", x1: CHART.left, x2: width - CHART.right, y1: y(tick.at), y2: y(tick.at) }),
      svg("text", { class: "tick", x: CHART.left - 8, y: y(tick.at) + 4, "text-anchor": "end" }, tick.text),
    );
  }
  const marks = niceTicks(1, epochs, width < 480 ? 4 : 8).filter((t) => Number.isInteger(t) && t > 1 && epochs - t > epochs * 0.04);
  for (const epoch of new Set([1, ...marks.filter((t) => t > epochs * 0.06), epochs])) {
    drawing.append(svg("text", { class: "tick", x: x(epoch), y: bottom + 18, "text-anchor": "middle" }, String(epoch)));
  }
  drawing.append(svg("line", { class: "axis", x1: CHART.left, x2: width - CHART.right, y1: bottom, y2: bottom }));
  for (const one of series) drawing.append(svg("path", { class: `curve ${one.look}`, d: curve(one.values, x, y) }));
  const cursor = svg("line", { class: "cursor", y1: CHART.top, y2: bottom, visibility: "hidden" });
  drawing.append(cursor);

  const legend = made("ul", { class: "legend" });
  const readings = series.map((one) => {
    const reading = made("span", { class: "reading" });
    const sample = svg("svg", { width: 28, height: 8, "aria-hidden": "true" }, svg("path", { class: `curve ${one.look}`, d: "M1 4H27" }));
    legend.append(made("li", {}, sample, made("span", {}, one.label), reading));
    return reading;
  });
  const at = made("p", { class: "reading-at", "aria-live": "polite" }, `${along} 1–${epochs}${log ? ` · ${[unit, say("curves.log")].filter(Boolean).join(", ")}` : ""}`);
  let current = epochs;
  function read(epoch) {
    current = Math.min(Math.max(epoch, 1), epochs);
    cursor.setAttribute("x1", x(current));
    cursor.setAttribute("x2", x(current));
    cursor.setAttribute("visibility", "visible");
    at.textContent = `${along} ${current}`;
    series.forEach((one, i) => {
      const value = one.values[current - 1];
      readings[i].textContent = value === null || value === undefined ? "–" : `${written(value)} ${unit}`;
    });
  }
  drawing.addEventListener("pointermove", (event) => {
    const box = drawing.getBoundingClientRect();
    const across = ((event.clientX - box.left) / box.width) * width;
    read(Math.round(1 + ((across - CHART.left) / span) * (epochs - 1)));
  });
  drawing.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: -1, ArrowRight: 1, PageUp: 10, PageDown: -10, Home: -epochs, End: epochs };
    if (!(event.key in moves)) return;
    event.preventDefault();
    read(current + moves[event.key] * (event.shiftKey ? 10 : 1));
  });
  place.replaceChildren(legend, drawing, at);
  return read;
}
