/* The last trainings of the playground, to be seen over each other, and to come back to. */

const MOST_TRIES = 5;
const tries = [];

/* What settings change, as the name of a try. */
function nameOf(settings) {
  const changed = changesOf(settings, usualSettings(settings.network));
  const inWords = ([name, text]) => (SWITCHES.includes(name) ? say(`play.${name}`) : name in CHOICES ? say(`play.${name}.${text}`) : `${name}=${text}`);
  return changed.length ? changed.map(inWords).join(say("play.list")) : referenceName(settings);
}

/* Keeps a training; the oldest goes, and one with the same settings is in its place. */
function keepTry(settings, losses) {
  const key = JSON.stringify(settings);
  const same = tries.findIndex((each) => each.key === key);
  const taken = new Set(tries.map((each) => each.look));
  const kept = same >= 0 ? tries.splice(same, 1)[0] : { key, settings, losses, look: -1 };
  if (kept.look < 0) {
    const gone = tries.length === MOST_TRIES ? tries.shift() : null;
    kept.look = gone ? gone.look : [...Array(MOST_TRIES).keys()].find((look) => !taken.has(look));
  }
  tries.push(kept);
}

/* The tries of a network, the latest last. */
function triesOf(network) {
  return tries.filter((each) => each.settings.network === network);
}

function drawTries(settings) {
  const items = triesOf(settings.network).reverse().map((each) => {
    const last = shown(each.losses.at(-1), "float32");
    const isCurrent = each.key === JSON.stringify(settings);
    const button = made("button", { type: "button", "aria-pressed": String(isCurrent) }, nameOf(each.settings));
    button.addEventListener("click", () => goTo(each.settings));
    return made("li", {}, made("span", { class: `dot try-${each.look}`, "aria-hidden": "true" }), button, made("span", { class: "muted" }, say("play.ends", { loss: last })));
  });
  document.getElementById("play-tries").replaceChildren(...items);
}
