/* The code map: lines and tensors that belong together light up, and the panel below says what is pointed at. */

const panel = document.getElementById("panel");

function unlit() {
  for (const element of document.querySelectorAll(".lit, .counterpart, .read, .written")) {
    element.classList.remove("lit", "counterpart", "read", "written");
  }
}

function lightTensors(reads, writes) {
  for (const figure of document.querySelectorAll("#map figure[data-tensor]")) {
    figure.classList.toggle("read", reads.includes(figure.dataset.tensor));
    figure.classList.toggle("written", writes.includes(figure.dataset.tensor));
  }
}

function lightLine(line) {
  unlit();
  const row = line.closest(".row");
  const [reads, writes] = [names(line.dataset.reads), names(line.dataset.writes)];
  const own = reads.length + writes.length > 0;
  for (const other of row.querySelectorAll(".line")) {
    if (other.closest(".cell") !== line.closest(".cell")) other.classList.add("counterpart");
  }
  for (const title of names(row.dataset.also)) {
    for (const other of document.querySelectorAll(`.row[data-title="${title}"] .line`)) other.classList.add("counterpart");
  }
  line.classList.add("lit");
  lightTensors(own ? reads : names(row.dataset.reads), own ? writes : names(row.dataset.writes));
  view.chosen = null;
  markChosen();
  const says = (key, list) => (list.length ? [made("span", { class: "does" }, `${say(key)} `), ...list.flatMap((name) => [made("code", {}, label(name)), " "])] : []);
  const code = line.cloneNode(true);
  code.removeAttribute("tabindex");
  code.className = "said";
  panel.replaceChildren(
    made("p", { class: "panel-title" }, code),
    made("p", {}, ...says("map.reads", own ? reads : names(row.dataset.reads)), ...says("map.writes", own ? writes : names(row.dataset.writes))),
  );
}

/* Lights up the lines that write and read a tensor. */
function lightTensor(name) {
  unlit();
  for (const line of document.querySelectorAll("#map .line")) {
    if (names(line.dataset.writes).includes(name)) line.classList.add("lit");
    else if (names(line.dataset.reads).includes(name)) line.classList.add("counterpart");
  }
  document.querySelector(`#map figure[data-tensor="${name}"]`)?.classList.add("written");
}

/* A tensor, and the index of its element, in a formula; no function. */
const ELEMENT = /([\p{XID_Start}_]\p{XID_Continue}*(?:\.\p{XID_Continue}+)*)(?![\p{XID_Continue}(]|\.\p{XID_Continue})(?:\[([\d, ]+)\])?/gu;

/* Lights up the elements that an element is computed from. */
function markChosen() {
  for (const cell of document.querySelectorAll("#map td.chosen, #map td.used")) cell.classList.remove("chosen", "used");
  if (!view.chosen) return;
  const { name, flat } = view.chosen;
  const cell = (tensor, at) => document.querySelector(`#map figure[data-tensor="${tensor}"] td[data-flat="${at}"]`);
  cell(name, flat)?.classList.add("chosen");
  const formulas = (stepsOf(name, flat) ?? []).flatMap(({ is, sum, max, min }) => is ?? sum ?? max ?? min ?? []);
  for (const [, tensor, index] of formulas.flatMap((formula) => [...formula.matchAll(ELEMENT)])) {
    const known = PAGE.tensors[tensor];
    if (known && tensor !== name) cell(tensor, flatOf(index, known.shape))?.classList.add("used");
  }
}

function choose(name, flat) {
  view.chosen = { name, flat };
  lightTensor(name);
  markChosen();
  explainChosen();
}

function explainChosen() {
  const { name, flat } = view.chosen;
  const tensor = PAGE.tensors[name];
  const at = indexOf(flat, tensor.shape);
  const value = elementAt(name, flat, view.backend);
  const written = arithmetic(name, flat);
  // Where something that goes in is not kept, the last step says what it is computed from.
  const lines = written?.length > 1 && written.at(-1).value === undefined ? written.slice(-1) : written;
  const title = made("p", { class: "panel-title" }, made("code", {}, label(name, at)), ` = ${value === undefined ? "–" : shown(value, tensor.dtype)}`, made("small", {}, say("numbers.recorded", { backend: view.backend })));
  const exact = lines?.at(-1)?.value;
  const formula = (lines ?? []).map((line) => writtenLine(line, tensor.dtype));
  const told = exact === undefined ? given(name, flat, at, formula) : [aside("numbers.formula.filled"), ...formula];
  panel.replaceChildren(title, ...compared(name, flat), ...told);
  if (Number.isFinite(value) && Number.isFinite(exact)) {
    const off = Math.abs(ulpsApart(value, exact, tensor.dtype));
    const n = shortUlps(Number(off.toPrecision(2)));
    const key = tensor.dtype === "float64" ? "numbers.apart" : "numbers.float64";
    panel.append(aside(key, { value: String(exact), n }));
  }
  for (const line of writtenForm().sources[name] ?? []) panel.append(made("p", { class: "source" }, made("code", {}, line)));
}

/* What the panel says of the backend's numbers. */
function aside(key, more = {}) {
  return made("p", { class: "apart" }, say(key, { backend: view.backend, ...more }));
}

/* Where differences are shown: the reference's number, and how far the backend's is from it. */
function compared(name, flat) {
  if (!showsDifferences()) return [];
  const { dtype } = PAGE.tensors[name];
  const [got, want] = [view.backend, PAGE.reference].map((backend) => elementAt(name, flat, backend));
  if (got === undefined || want === undefined) return [];
  const ulps = ulpsApart(got, want, dtype);
  const difference = ulps === 0 ? 0 : got - want;
  const said = { reference: PAGE.reference, value: shown(want, dtype), difference: signed(difference, shown(difference, dtype)), ulps: signed(ulps, shortUlps(ulps)) };
  return [made("p", { class: "compared" }, say("numbers.compared", said))];
}

/* One step of the arithmetic, `what = formula = numbers = value`; a sum has a line for each of its terms. */
function writtenLine({ what, formula, numbers, value, terms, kind, of }, dtype) {
  const result = value === undefined ? [] : [` = `, made("b", {}, typeof value === "boolean" ? String(value) : shown(DTYPES[dtype].round(value), dtype))];
  if (!terms && formula === undefined) return made("span", { class: "arithmetic given" }, what, ...result);
  if (!terms) {
    return made("p", { class: "arithmetic" }, `${what} = ${formula}`, ...(numbers && numbers !== formula ? [made("br"), `  = ${numbers}`] : []), ...result);
  }
  const sign = { sum: "+", max: ",", min: "," }[kind];
  const rows = terms.map((term, i) =>
    made("tr", {}, made("td", {}, i ? sign : ""), made("td", {}, term.formula), made("td", {}, term.numbers === term.formula ? "" : `= ${term.numbers}`), made("td", {}, `= ${shown(DTYPES[dtype].round(term.value), dtype)}`)),
  );
  if (of) rows.splice(rows.length / 2, 0, made("tr", {}, made("td", {}, sign), made("td", { colspan: 3 }, say("numbers.more", { n: (of - terms.length).toLocaleString(spoken.language) }))));
  const name = kind === "sum" ? "" : `${kind} `;
  return made("div", { class: "arithmetic" }, `${what} = ${name}`, made("table", { class: "terms" }, made("tbody", {}, ...rows)), "  ", ...result);
}

/* Why no numbers can be put into the formula of an element at the epoch that is shown: a text's key and what fills it in. */
function lackOfNumbers(name, flat) {
  const lack = lackOfSteps(name, flat);
  if (lack) return [lack];
  const epochs = Object.keys(PAGE.further.byEpoch);
  return epochs.length && !epochs.includes(`${PAGE.epochs[view.step]}`) ? ["numbers.further", { epochs: epochs.join(", ") }] : ["numbers.unyielded"];
}

/* Where no numbers can be put in: the formula if there is one, and what the line that makes the tensor reads, at the same place. */
function given(name, flat, at, formula) {
  const { kind } = PAGE.tensors[name];
  if (kind === "data" || (kind === "weight" && view.step === 0)) return [made("p", {}, say("numbers.drawn"))];
  if (kind === "weight" || kind === "state") return [made("p", {}, say("numbers.carried"))];
  const line = [...document.querySelectorAll("#map .line")].find((one) => names(one.dataset.writes).includes(name));
  const read = names(line?.dataset.reads).filter((other) => PAGE.tensors[other] && String(PAGE.tensors[other].shape) === String(PAGE.tensors[name].shape));
  const known = read.map((other) => [other, elementAt(other, flat, view.backend)]).filter(([, element]) => element !== undefined);
  const parts = known.map(([other, element]) => made("li", {}, made("code", {}, label(other, at)), ` = ${shown(element, PAGE.tensors[other].dtype)}`));
  const code = line?.cloneNode(true);
  code?.removeAttribute("tabindex");
  const heading = formula.length || code ? aside("numbers.formula") : "";
  return [heading, ...formula, code ? made("p", {}, code) : "", aside(...lackOfNumbers(name, flat)), parts.length ? aside("numbers.inputs") : "", made("ul", {}, ...parts)];
}

function startCodeMap() {
  const map = document.getElementById("map");
  const use = (event) => {
    const line = event.target.closest?.(".line");
    if (line && !panel.contains(line)) lightLine(line);
  };
  whenPointedAt(map, use);
  map.addEventListener("keydown", (event) => event.key === "Escape" && dismissChosen());
  document.addEventListener("spoken", () => view.chosen || dismissChosen());
  dismissChosen();
}

/* Nothing is pointed at any more. */
function dismissChosen() {
  view.chosen = null;
  unlit();
  markChosen();
  panel.replaceChildren(made("p", { class: "hint" }, say("map.hint")));
}
