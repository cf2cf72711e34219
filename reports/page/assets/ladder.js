/* The ladder: from rung to rung by click and key, both programs with their tensors at the epoch that is shown. */

const steps = [...document.querySelectorAll(".step")];

/* The step that the address names; the first one if it names none. */
function current() {
  return steps.find((step) => `#${step.id}` === location.hash) ?? steps[0];
}

/* The steps of the ladder that a step belongs to. */
function ladderOf(step) {
  return steps.filter((other) => other.dataset.ladder === step.dataset.ladder);
}

/* By how many ulps a tensor is off from that of the rung before. */
function fromBefore(name, backend, before) {
  const [got, want] = [elements(name, backend), elements(name, before)];
  if (!got || !want) return "";
  if (got.every((value, i) => Object.is(value, want[i]))) return say("ladder.equal");
  const off = largestApart(got, want, PAGE.tensors[name].dtype);
  return say("ladder.apart", { ulps: shortUlps(Number(off.toPrecision(2))) });
}

function drawStep() {
  showEpoch();
  drawTensorsOf(current());
}

function drawTensorsOf(step) {
  for (const place of step.querySelectorAll(".tensors")) {
    const { backend, before } = place.dataset;
    drawTensors(place, backend);
    if (!before) continue;
    for (const figure of place.querySelectorAll("figure")) {
      figure.querySelector(".from-before")?.remove();
      figure.append(made("small", { class: "from-before" }, fromBefore(figure.dataset.tensor, backend, before)));
    }
  }
}

function show() {
  const shownStep = current();
  for (const step of steps) step.hidden = step !== shownStep;
  const { ladder } = shownStep.dataset;
  for (const item of document.querySelectorAll(".contents li")) {
    item.hidden = item.dataset.ladder !== ladder;
    const link = item.querySelector("a");
    if (link.hash === `#${shownStep.id}`) link.setAttribute("aria-current", "step");
    else link.removeAttribute("aria-current");
  }
  checkRadio("ladder", ladder);
  const all = ladderOf(shownStep);
  document.getElementById("rung-previous").disabled = shownStep === all[0];
  document.getElementById("rung-next").disabled = shownStep === all.at(-1);
  document.getElementById("rung-shown").textContent = shownStep.querySelector("h2").textContent;
  drawStep();
}

function go(step) {
  if (!step || step === current()) return;
  history.pushState(null, "", `#${step.id}`);
  show();
}

/* The step so many rungs up the ladder; none beyond its ends. */
function beyond(by) {
  const all = ladderOf(current());
  return all[all.indexOf(current()) + by];
}

/* Whether a key belongs to what has the focus: a slider, a switch or a matrix. */
function takesArrows(target) {
  return Boolean(target.closest?.("input, select, [role='grid']"));
}

function startLadder() {
  document.querySelector(".contents").addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link) return;
    event.preventDefault();
    go(steps.find((step) => `#${step.id}` === link.hash));
  });
  document.getElementById("rung-previous").addEventListener("click", () => go(beyond(-1)));
  document.getElementById("rung-next").addEventListener("click", () => go(beyond(1)));
  document.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by || event.altKey || event.ctrlKey || event.metaKey || takesArrows(event.target)) return;
    event.preventDefault();
    go(beyond(by));
  });
  chosenByRadio("ladder", (ladder) => {
    const number = ladderOf(current()).indexOf(current());
    const all = steps.filter((step) => step.dataset.ladder === ladder);
    go(all[Math.min(number, all.length - 1)]);
  });
  for (const event of ["popstate", "hashchange"]) addEventListener(event, show);
  startEpochs(drawStep);
  addEventListener("beforeprint", () => steps.forEach(drawTensorsOf));
  show();
}

startLanguage();
startLadder();
document.addEventListener("spoken", show);
