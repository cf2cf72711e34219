/* The playground's form: shows settings, reads them, and says beside a field what it can't take. */

const FIELDS = [...Object.keys(LIMITS), ...Object.keys(CHOICES), ...SWITCHES];

function field(name) {
  return document.getElementById(`play-${name}`);
}

/* Shows settings, and only the fields that their network has. */
function showSettings(settings) {
  for (const name of FIELDS) {
    const input = field(name);
    input.closest(".field, .check").hidden = !(name in settings) || (name === "momentum" && settings.optimizer !== "momentum");
    if (!(name in settings)) continue;
    if (SWITCHES.includes(name)) input.checked = settings[name] !== ARTICLE[name];
    else input.value = settings[name];
    if (name in LIMITS) complain(input, "");
  }
  for (const group of document.querySelectorAll("#play-form fieldset")) {
    group.hidden = group.querySelector(".field:not([hidden]), .check:not([hidden])") === null;
  }
  showRate(settings.lr);
}

function complain(input, text) {
  input.setAttribute("aria-invalid", String(text !== ""));
  document.getElementById(`${input.id}-wrong`).textContent = text;
}

/* The learning rate on its slider, whose scale is logarithmic; the slider's lowest place is 10⁻⁶, and 0 is there too. */
function showRate(lr) {
  const slider = document.getElementById("play-rate");
  slider.value = lr > 0 ? Math.log10(lr) : slider.min;
  slider.setAttribute("aria-valuetext", String(lr));
}

function rateOf(slider) {
  return Number((10 ** Number(slider.value)).toPrecision(2));
}

/* The settings after a change of a field; null where it holds nothing that can be trained. */
function settingsAfter(target, settings, opened) {
  const name = target.id.replace("play-", "");
  if (name === "rate") {
    const lr = rateOf(target);
    field("lr").value = lr;
    complain(field("lr"), "");
    target.setAttribute("aria-valuetext", String(lr));
    return { ...settings, lr };
  }
  if (name === "network") return target.value === opened.network ? { ...opened } : { ...PRESETS[target.value] };
  if (SWITCHES.includes(name)) return { ...settings, [name]: target.checked !== ARTICLE[name] };
  if (name in CHOICES) return { ...settings, [name]: target.value };
  if (!(name in LIMITS)) return null;
  if (!isAccepted(name, target.value)) {
    const [low, high, whole] = LIMITS[name];
    complain(target, say("play.range", { name, kind: say(whole ? "play.whole" : "play.number"), low, high }));
    return null;
  }
  complain(target, "");
  if (name === "lr") showRate(Number(target.value));
  return { ...settings, [name]: Number(target.value) };
}
