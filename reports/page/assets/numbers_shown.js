/* Draws the tensors beside their lines for the epoch and backend that are chosen. */

/* The place of a corner's element in the tensor. */
function cornerIndex(tensor, flat) {
  const { columns } = kept(Object.keys(PAGE.tensors).find((name) => PAGE.tensors[name] === tensor), PAGE.reference);
  const [row, column] = [Math.floor(flat / columns), flat % columns];
  if (tensor.shape.length === 1) return `[${column}]`;
  return tensor.shape.length === 2 ? `[${row}, ${column}]` : `[${row}, …]`;
}

function drawTensor(name) {
  const tensor = PAGE.tensors[name];
  const value = tensor && kept(name, view.backend);
  if (value === undefined) return null;
  const values = elements(name, view.backend);
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
    onFocus: (flat) => choose(name, flat),
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

/* How far the other frameworks' tensors of a row are from the reference, in the frameworks' own columns. */
function drawApart(place) {
  const backend = place.dataset.apart;
  if (!PAGE.backends.includes(backend) || backend === PAGE.reference) return;
  const list = names(place.dataset.tensors).filter((name) => name in PAGE.tensors && kept(name, backend) !== undefined);
  place.replaceChildren(
    ...list.map((name) => {
      const ulps = apart(name, backend) ?? NaN;
      const text = !Number.isFinite(ulps) ? "–" : ulps === 0 ? say("map.equal") : `${shortUlps(Number(ulps.toPrecision(2)))} ulp`;
      return made("span", { class: ulps ? "some" : "none" }, made("code", {}, label(name)), ` ${text}`);
    }),
  );
}

function drawNumbers() {
  const epoch = PAGE.epochs[view.step];
  document.getElementById("epoch").value = view.step;
  document.getElementById("epoch-shown").textContent = `${epoch}`;
  document.getElementById("epoch").setAttribute("aria-valuetext", `${say("numbers.epoch")} ${epoch}`);
  const active = document.activeElement?.closest?.("#map figure td");
  const focused = active && { name: active.closest("figure").dataset.tensor, flat: active.dataset.flat };
  for (const place of document.querySelectorAll("#map .tensors")) {
    place.replaceChildren(...names(place.dataset.tensors).map(drawTensor).filter((figure) => figure !== null));
  }
  document.querySelectorAll("#map [data-apart]").forEach(drawApart);
  if (focused) document.querySelector(`#map figure[data-tensor="${focused.name}"] td[data-flat="${focused.flat}"]`)?.focus();
  if (view.chosen) choose(view.chosen.name, view.chosen.flat);
}

function startNumbers() {
  const last = PAGE.epochs.length - 1;
  const to = (step) => {
    view.step = Math.min(Math.max(step, 0), last);
    drawNumbers();
  };
  const slider = document.getElementById("epoch");
  slider.max = last;
  slider.addEventListener("input", () => to(Number(slider.value)));
  const moves = { first: () => 0, previous: () => view.step - 1, next: () => view.step + 1, last: () => last };
  for (const [name, move] of Object.entries(moves)) {
    document.getElementById(`epoch-${name}`).addEventListener("click", () => to(move()));
  }
  chosenByRadio("backend", (value) => {
    view.backend = value;
    drawNumbers();
  });
  chosenByRadio("show", (value) => {
    view.differences = value === "differences";
    if (view.differences && view.backend === PAGE.reference) {
      view.backend = PAGE.backends.find((name) => name !== PAGE.reference);
      checkRadio("backend", view.backend);
    }
    drawNumbers();
  });
  drawNumbers();
}
