/* The playground: a network that the page trains; its settings are in the address. */

const play = {
  opened: null, settings: null, reference: null, losses: null, end: null, run: 0, training: null,
  epoch: null, view: null, asking: false, chosen: null, windows: {}, isLogarithmic: null, moveCursor: () => {},
};

/* The settings that a network has before anything is changed: the page's own, or the network's usual ones. */
function usualSettings(network) {
  return network === play.opened.network ? play.opened : PRESETS[network];
}

function isTheArticles(settings) {
  return Object.keys(ARTICLE).every((name) => settings[name] === ARTICLE[name]);
}

function referenceName({ network }) {
  return say(isTheArticles(usualSettings(network)) ? "play.article" : "play.opened");
}

/* Shows settings in the form and trains. */
function setPlayground(settings) {
  showSettings(settings);
  trainPlayground(settings);
}

/* Trains with settings that are not from the form. */
function goTo(settings) {
  history.replaceState(null, "", hashOf(settings, play.opened));
  setPlayground(settings);
}

/* A change is a try once it is done: not every place that a slider passes is one. */
function playgroundChanged(event) {
  if (event.type === "change") {
    play.isTry = true;
    if (play.end) drawPlayground();
    return;
  }
  const settings = settingsAfter(event.target, play.settings, play.opened);
  if (!settings) return;
  if (event.target.matches("select")) showSettings(settings);
  history.replaceState(null, "", hashOf(settings, play.opened));
  trainPlayground(settings, !event.target.matches("input:not([type=checkbox])"));
}

/* Trains in the worker; a newer training takes the place of an older one. */
function trainPlayground(settings, isTry = true) {
  const run = ++play.run;
  pause();
  const wasAtTheEnd = play.epoch === null || play.epoch === play.settings?.epochs;
  const isSameNetwork = play.settings?.network === settings.network;
  if (!isSameNetwork) Object.assign(play, { chosen: null, windows: {}, isLogarithmic: null });
  const isUsual = Object.entries(usualSettings(settings.network)).every(([name, value]) => settings[name] === value);
  const losses = new Float32Array(settings.epochs).fill(NaN);
  Object.assign(play, {
    isTry, end: null, settings: { ...settings }, epoch: wasAtTheEnd ? settings.epochs : Math.min(play.epoch, settings.epochs),
    losses, reference: isUsual ? losses : isSameNetwork ? play.reference : null,
  });
  laboratory.forget(play.training);
  const training = laboratory.ask("train", { settings: play.settings, isShown: true }, async (answer) => {
    losses.set(answer.losses, answer.from);
    if (!answer.isDone) {
      const n = answer.from + answer.losses.length;
      document.getElementById("play-result").textContent = say("play.training.now", { n, of: settings.epochs });
      if (play.reference) drawPlaygroundLosses();
      return;
    }
    laboratory.forget(training);
    if (isUsual) referencesKnown.set(settings.network, losses);
    const reference = await referenceLosses(settings);
    if (run !== play.run) return;
    Object.assign(play, { reference, end: answer });
    drawPlayground();
    showPlayEpoch(play.epoch);
  });
  play.training = training;
}

/* The losses of a network before anything is changed, which are computed once. */
const referencesKnown = new Map();

function referenceLosses({ network }) {
  if (!referencesKnown.has(network)) referencesKnown.set(network, laboratory.trained(usualSettings(network)).then(({ losses }) => losses));
  return referencesKnown.get(network);
}

/* Shows an epoch; while the worker is asked for one, only the latest of those that come is asked for next. */
async function showPlayEpoch(epoch) {
  play.epoch = epoch;
  document.getElementById("play-epoch").value = epoch;
  document.getElementById("play-epoch-shown").textContent = String(epoch);
  document.getElementById("play-loss-shown").textContent = shown(play.losses[epoch - 1], "float32");
  play.moveCursor(epoch);
  if (play.asking) return;
  play.asking = true;
  const { run, windows } = play;
  const { view } = await laboratory.answerTo("epoch", { epoch, windows });
  play.asking = false;
  if (run === play.run) {
    play.view = view;
    drawView();
  }
  if (run !== play.run || play.epoch !== epoch || play.windows !== windows) showPlayEpoch(play.epoch);
}

function drawView() {
  const { layers, plane, epoch } = play.view;
  drawNetwork(document.getElementById("play-network-drawn"), layers, epoch);
  document.getElementById("play-plane").hidden = !plane;
  if (plane) {
    drawPlane(document.getElementById("play-plane-drawn"), plane);
    document.getElementById("play-sides").textContent = say("play.sides", { n: plane.onTheirSide, of: plane.kinds.length });
  }
  drawPlaygroundMatrices(play.view);
  explainElement();
}

function drawDead({ name, units }, epoch) {
  const said = made("p", { class: "notice" });
  const which = units.slice(0, 8).map((unit) => `\`${name}[:, ${unit}]\``).join(", ") + (units.length > 8 ? ", …" : "");
  speakInto(said, say("play.dead", { n: play.settings.N_H, dead: units.length, which, epoch }));
  document.getElementById("play-dead").replaceChildren(...(units.length ? [said] : []));
}

/* What follows from the losses; a training that is a try is kept first. */
function drawPlayground() {
  const { losses, reference, settings, end } = play;
  const name = referenceName(settings);
  const last = losses.length;
  if (play.isTry) keepTry(settings, losses);
  document.getElementById("play-result").textContent = remarksOn(losses, reference, name).map(([key, given]) => say(key, given)).join(say("play.and"));
  document.getElementById("play-took").textContent = say("play.took", { n: last.toLocaleString(spoken.language), seconds: (end.took / 1000).toPrecision(2) });
  drawDead(end.dead, last);
  drawTries(settings);
  drawCode();
  drawPlaygroundLosses();
  const epochs = [...new Set([1, 2, 10, 100, 200, 300, last])].filter((epoch) => epoch <= last).sort((a, b) => a - b);
  const cell = (value) => made("td", {}, value === undefined ? "–" : shown(value, "float32"));
  document.getElementById("play-losses").replaceChildren(
    made("thead", {}, made("tr", {}, made("th", { scope: "col" }, say("curves.epoch")), made("th", { scope: "col" }, say("play.yours")), made("th", { scope: "col" }, name))),
    made("tbody", {}, ...epochs.map((epoch) => made("tr", {}, made("th", { scope: "row" }, String(epoch)), cell(losses[epoch - 1]), cell(reference[epoch - 1])))),
  );
  const slider = document.getElementById("play-epoch");
  slider.max = settings.epochs;
  slider.value = play.epoch;
}

/* The losses of this training over those of the tries before it, and those from before anything was changed. */
function drawPlaygroundLosses() {
  const { losses, reference, settings } = play;
  const key = JSON.stringify(settings);
  const numbers = (values) => Array.from(values, (loss) => (Number.isFinite(loss) ? loss : null));
  const before = triesOf(settings.network).filter((each) => each.key !== key && each.losses !== reference);
  const own = tries.find((each) => each.key === key)?.look ?? "now";
  const series = [
    { label: referenceName(settings), look: "article", values: numbers(reference) },
    ...before.map((each) => ({ label: nameOf(each.settings), look: `try-${each.look}`, values: numbers(each.losses) })),
    { label: losses === reference ? say("play.yours") : nameOf(settings), look: `try-${own} current`, values: numbers(losses) },
  ];
  const box = document.getElementById("play-log");
  box.checked = play.isLogarithmic ?? spansDecades(reference);
  play.moveCursor = drawChart(document.getElementById("play-chart"), {
    series, log: box.checked, summary: say("play.result"), write: (value) => shown(value, "float32"),
  });
  play.moveCursor(play.epoch);
}

/* Whether losses are better seen on a logarithmic scale. */
function spansDecades(losses) {
  const positive = losses.filter((loss) => loss > 0 && Number.isFinite(loss));
  return Math.max(...positive) > 50 * Math.min(...positive);
}

function startPlayground() {
  if (!laboratory) {
    document.getElementById("play-result").textContent = say("play.unavailable");
    return;
  }
  const form = document.getElementById("play-form");
  play.opened = { ...PRESETS[PAGE.playground.network], ...PAGE.playground };
  form.addEventListener("input", playgroundChanged);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", playgroundChanged);
  document.getElementById("play-matrices").addEventListener("dismissed", dismissElement);
  startTransport();
  startCode();
  document.getElementById("play-log").addEventListener("input", (event) => {
    play.isLogarithmic = event.target.checked;
    drawPlaygroundLosses();
  });
  document.getElementById("play-reset").addEventListener("click", () => {
    goTo(usualSettings(play.settings.network));
  });
  const follow = () => {
    const settings = settingsIn(location.hash, play.opened);
    if (!settings) return;
    setPlayground(settings);
    document.getElementById("play").scrollIntoView();
  };
  addEventListener("hashchange", follow);
  if (settingsIn(location.hash, play.opened)) follow();
  else setPlayground(play.opened);
}

/* Draws anew what depends on the language and the width. */
function redrawPlayground() {
  if (laboratory) showFilm();
  if (!play.end) return;
  drawPlayground();
  if (play.view) drawView();
}
