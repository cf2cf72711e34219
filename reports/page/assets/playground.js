/* The playground: the article's network with other numbers and with its mistakes; the state is in the address. */

const LIMITS = {
  M: [1, 64, 1], N_I: [1, 64, 1], N_H: [1, 64, 1], N_O: [1, 64, 1], seed: [0, 4294967295, 1], epochs: [1, 2000, 1],
  lr: [0, 1000, 0], scale: [-65536, 65536, 0],
};
const SWITCHES = ["mask", "ysize", "twice", "keep"];
const SHOWN_TENSORS = ["h", "h_r", "y_p", "squared_error", "grad_y_p", "grad_w2", "grad_h", "grad_w1", "new w1", "new w2"];
const play = { settings: { ...ARTICLE }, losses: null, dead: [], article: trained(ARTICLE).losses, run: 0, epoch: null };

/* The settings that an address holds, as `#play&lr=0.01&mask=off`; null where it holds none. */
function settingsOf(hash) {
  if (!/^#play(&|$)/.test(hash)) return null;
  const settings = { ...ARTICLE };
  for (const [name, value] of new URLSearchParams(hash.slice("#play".length))) {
    if (SWITCHES.includes(name)) settings[name] = value === "on";
    else if (name in LIMITS && accepted(name, value)) settings[name] = Number(value);
  }
  return settings;
}

function hashOf(settings) {
  const changed = Object.keys(ARTICLE).filter((name) => settings[name] !== ARTICLE[name]);
  return `#play${changed.map((name) => `&${name}=${SWITCHES.includes(name) ? (settings[name] ? "on" : "off") : settings[name]}`).join("")}`;
}

function accepted(name, text) {
  const [low, high, whole] = LIMITS[name];
  const value = Number(text);
  return String(text).trim() !== "" && value >= low && value <= high && (!whole || Number.isInteger(value));
}

/* Shows settings in the form and trains. */
function setPlayground(settings) {
  play.settings = { ...settings };
  for (const name of Object.keys(LIMITS)) {
    const input = document.getElementById(`play-${name}`);
    input.value = settings[name];
    complain(input, "");
  }
  for (const name of SWITCHES) document.getElementById(`play-${name}`).checked = settings[name] !== ARTICLE[name];
  trainPlayground();
}

function complain(input, text) {
  input.setAttribute("aria-invalid", String(text !== ""));
  document.getElementById(`${input.id}-wrong`).textContent = text;
}

function playgroundChanged(event) {
  const name = event.target.id.replace("play-", "");
  if (SWITCHES.includes(name)) play.settings[name] = event.target.checked !== ARTICLE[name];
  else if (name in LIMITS) {
    if (!accepted(name, event.target.value)) {
      const [low, high, whole] = LIMITS[name];
      complain(event.target, say("play.range", { name, kind: say(whole ? "play.whole" : "play.number"), low, high }));
      return;
    }
    complain(event.target, "");
    play.settings[name] = Number(event.target.value);
  } else return;
  history.replaceState(null, "", hashOf(play.settings));
  trainPlayground();
}

/* Trains in slices of a few milliseconds, so that the page stays awake; a newer training ends an older one. */
function trainPlayground() {
  const run = ++play.run;
  const losses = new Float32Array(play.settings.epochs);
  const steps = training({ ...play.settings });
  let last;
  const output = document.getElementById("play-result");
  function slice() {
    if (run !== play.run) return;
    const until = performance.now() + 12;
    do {
      const { value, done } = steps.next();
      if (done) {
        play.losses = losses;
        play.dead = dead(last);
        play.epoch = Math.min(play.epoch ?? losses.length, losses.length);
        drawPlayground();
        return;
      }
      last = value;
      losses[value.epoch - 1] = value.loss;
    } while (performance.now() < until);
    output.textContent = say("play.training.now");
    setTimeout(slice);
  }
  slice();
}

/* How the losses are beside those of the article's program, in words. */
function comparison(losses, article) {
  return remarksOn(losses, article, say("play.article")).map(([key, given]) => say(key, given)).join(say("play.and"));
}

function drawDead(units, n, epoch) {
  const said = made("p", { class: "notice" });
  const which = units.map((unit) => `\`h_r[:, ${unit}]\``).join(", ");
  speakInto(said, say("play.dead", { n, dead: units.length, which, epoch }));
  document.getElementById("play-dead").replaceChildren(...(units.length ? [said] : []));
}

function drawPlayground() {
  const { losses, article, settings } = play;
  const last = losses.length;
  document.getElementById("play-result").textContent = comparison(losses, article);
  drawDead(play.dead, settings.N_H, last);
  drawChart(document.getElementById("play-chart"), {
    series: [
      { label: say("play.article"), look: "article", values: Array.from(article) },
      { label: say("play.yours"), look: "backend-0", values: Array.from(losses, (loss) => (Number.isFinite(loss) ? loss : null)) },
    ],
    summary: say("play.result"),
    dtype: "float32",
  });
  const epochs = [...new Set([1, 2, 10, 100, 200, 300, last])].filter((epoch) => epoch <= Math.max(last, 300)).sort((a, b) => a - b);
  const cell = (value) => made("td", {}, value === undefined ? "–" : shown(value, "float32"));
  document.getElementById("play-losses").replaceChildren(
    made("thead", {}, made("tr", {}, made("th", { scope: "col" }, say("curves.epoch")), made("th", { scope: "col" }, say("play.yours")), made("th", { scope: "col" }, say("play.article")))),
    made("tbody", {}, ...epochs.map((epoch) => made("tr", {}, made("th", { scope: "row" }, String(epoch)), cell(losses[epoch - 1]), cell(article[epoch - 1])))),
  );
  const slider = document.getElementById("play-epoch");
  slider.max = last;
  slider.value = play.epoch;
  drawPlaygroundMatrices(settings);
}

function drawPlaygroundMatrices(settings) {
  const place = document.getElementById("play-matrices");
  document.getElementById("play-epoch-shown").textContent = String(play.epoch);
  if (Math.max(settings.M, settings.N_I, settings.N_O, settings.N_H) > 8) {
    place.replaceChildren(made("p", {}, say("play.large")));
    return;
  }
  const { last } = trained({ ...settings, epochs: play.epoch });
  place.replaceChildren(
    ...SHOWN_TENSORS.map((name) => {
      const { rows, columns, data } = last[name];
      const values = Array.from(data);
      const own = name.replace("new ", "");
      const table = drawMatrix({
        name: own, columns, values, label: say("numbers.matrix", { name: own, shape: shapeText([rows, columns]), dtype: "float32" }),
        texts: values.map((v) => shown(v, "float32")), indexes: values.map((_, i) => indexOf(i, [rows, columns])),
      });
      const caption = made("figcaption", {}, made("code", {}, own), made("small", {}, ` ${name === own ? "" : `${say("numbers.new")} · `}${shapeText([rows, columns])}`));
      return made("figure", { class: "tensor" }, caption, made("div", { class: "scroll" }, table));
    }),
  );
}

function startPlayground() {
  const form = document.getElementById("play-form");
  form.addEventListener("input", playgroundChanged);
  form.addEventListener("submit", (event) => event.preventDefault());
  const slider = document.getElementById("play-epoch");
  slider.addEventListener("input", () => {
    play.epoch = Number(slider.value);
    drawPlaygroundMatrices(play.settings);
  });
  document.getElementById("play-reset").addEventListener("click", () => {
    history.replaceState(null, "", "#play");
    setPlayground(ARTICLE);
  });
  const follow = () => {
    const settings = settingsOf(location.hash);
    if (!settings) return;
    setPlayground(settings);
    document.getElementById("play").scrollIntoView();
  };
  addEventListener("hashchange", follow);
  if (settingsOf(location.hash)) follow();
  else setPlayground(ARTICLE);
}
