/* The networks of the playground: what each of them can be given, and what it has unless told otherwise. */

const ARTICLE = {
  network: "article", M: 2, N_I: 3, N_H: 2, N_O: 3, seed: 1, lr: 1e-4, epochs: 300, scale: 1,
  mask: true, ysize: false, twice: false, keep: false,
};
const PRESETS = {
  article: ARTICLE,
  linear: { network: "linear", seed: 1, optimizer: "sgd", lr: 0.2, momentum: 0.8, epochs: 60 },
  logistic: { network: "logistic", data: "clouds", seed: 1, optimizer: "momentum", lr: 0.1, momentum: 0.8, epochs: 30 },
  xor: { network: "xor", N_H: 4, activation: "tanh", seed: 1, optimizer: "momentum", lr: 0.1, momentum: 0.8, epochs: 60 },
  mlp: { network: "mlp", data: "rings", N_H: 8, activation: "tanh", seed: 1, optimizer: "adam", lr: 0.05, momentum: 0.8, epochs: 200 },
};
/* The lowest and the highest number that is taken, and whether it must be whole. */
const LIMITS = {
  M: [1, 1000, true], N_I: [1, 2000, true], N_H: [1, 1000, true], N_O: [1, 1000, true],
  seed: [0, 4294967295, true], epochs: [1, 5000, true], lr: [0, 1000, false], momentum: [0, 1, false], scale: [-65536, 65536, false],
};
const CHOICES = {
  network: Object.keys(PRESETS), data: ["clouds", "rings", "spirals"], activation: ["relu", "tanh", "sigmoid"], optimizer: ["sgd", "momentum", "adam"],
};
const SWITCHES = ["mask", "ysize", "twice", "keep"];

function isAccepted(name, text) {
  const [low, high, whole] = LIMITS[name];
  const value = Number(text);
  return String(text).trim() !== "" && value >= low && value <= high && (!whole || Number.isInteger(value));
}

/* The settings that an address holds, as `#play&network=xor&lr=0.01`, of which `opened` has those that it leaves out; null
   where it holds none. */
function settingsIn(hash, opened) {
  if (!/^#play(&|$)/.test(hash)) return null;
  const given = new URLSearchParams(hash.slice("#play".length));
  const network = given.get("network") ?? opened.network;
  const settings = { ...(network === opened.network ? opened : PRESETS[network] ?? opened) };
  for (const [name, value] of given) {
    if (!(name in settings)) continue;
    if (SWITCHES.includes(name)) settings[name] = value === "on";
    else if (CHOICES[name]?.includes(value)) settings[name] = value;
    else if (name in LIMITS && isAccepted(name, value)) settings[name] = Number(value);
  }
  return settings;
}

/* What settings have otherwise than those of a page, as `[name, text]`. */
function changesOf(settings, opened) {
  const usual = settings.network === opened.network ? opened : PRESETS[settings.network];
  const changed = Object.keys(settings).filter((name) => name !== "network" && settings[name] !== usual[name]);
  const network = settings.network === opened.network ? [] : [["network", settings.network]];
  return [...network, ...changed.map((name) => [name, SWITCHES.includes(name) ? (settings[name] ? "on" : "off") : String(settings[name])])];
}

function hashOf(settings, opened) {
  return `#play${changesOf(settings, opened).map(([name, text]) => `&${name}=${text}`).join("")}`;
}
