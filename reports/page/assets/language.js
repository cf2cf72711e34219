/* The page's language and colours. Every text is in STRINGS, by language and key; elements name theirs in data-s. What is
   said of this run alone stands in data-texts, by language. */

const STRINGS = JSON.parse(document.getElementById("strings").textContent);
const IN_ADDRESS = "lang";
const spoken = { language: document.documentElement.lang };

/* The text of a key, with what stands in braces put in. */
function say(key, given = {}) {
  const text = STRINGS[spoken.language][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => given[name] ?? "");
}

/* Puts a text into an element; what stands between backticks is code. */
function speakInto(element, text) {
  element.replaceChildren(
    ...text.split("`").map((part, i) => {
      if (i % 2 === 0) return document.createTextNode(part);
      const code = document.createElement("code");
      code.textContent = part;
      return code;
    }),
  );
}

function speak() {
  document.documentElement.lang = spoken.language;
  for (const element of document.querySelectorAll("[data-s]")) {
    const given = JSON.parse(element.dataset.given ?? "{}");
    for (const [name, key] of Object.entries(JSON.parse(element.dataset.keys ?? "{}"))) given[name] = say(key);
    speakInto(element, say(element.dataset.s, given));
  }
  for (const element of document.querySelectorAll("[data-texts]")) {
    const texts = JSON.parse(element.dataset.texts);
    speakInto(element, texts[spoken.language] ?? texts.en);
  }
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", say(element.dataset.label));
  }
  document.dispatchEvent(new CustomEvent("spoken"));
}

/* Remembers a choice where the browser lets a file do so: for the tab, or for good. */
function remembered(name, value, kept = () => sessionStorage) {
  try {
    if (value !== undefined) kept().setItem(`lockstep-${name}`, value);
    return kept().getItem(`lockstep-${name}`);
  } catch {
    return null;
  }
}

/* The language that the address names, as `?lang=ja`; undefined where it names none that the page has. */
function languageInAddress() {
  const named = new URLSearchParams(location.search).get(IN_ADDRESS);
  return Object.hasOwn(STRINGS, named) ? named : undefined;
}

/* Whether a link leads to another page beside this one. */
function leadsToAnotherPage(link) {
  return link.protocol === location.protocol && link.host === location.host && link.pathname !== location.pathname;
}

/* Puts the language into this page's address and into its links to other pages: what a browser keeps for a page, it
   may not show to the next one where both are files. */
function keepLanguage() {
  const search = `?${IN_ADDRESS}=${spoken.language}`;
  if (location.search !== search) history.replaceState(history.state, "", search + location.hash);
  for (const link of document.querySelectorAll("a[href]")) {
    if (leadsToAnotherPage(link)) link.search = search;
  }
  remembered("language", spoken.language);
}

function speakLanguage(language) {
  spoken.language = language;
  speak();
  checkRadio("language", language);
  keepLanguage();
}

/* A page to which the reader goes back was left in the language of then; what was chosen since is kept for the tab. */
function speakAfterGoingBack({ persisted }) {
  const [entry] = performance.getEntriesByType("navigation");
  if (!persisted && entry?.type !== "back_forward") return;
  const last = remembered("language");
  if (Object.hasOwn(STRINGS, last) && last !== spoken.language) speakLanguage(last);
}

function chosenByRadio(name, use) {
  for (const radio of document.querySelectorAll(`input[name="${name}"]`)) {
    radio.addEventListener("change", () => use(radio.value));
  }
}

function checkRadio(name, value) {
  for (const radio of document.querySelectorAll(`input[name="${name}"]`)) radio.checked = radio.value === value;
}

function startLanguage() {
  const forGood = () => localStorage;
  const theme = remembered("theme", undefined, forGood) ?? "auto";
  document.documentElement.dataset.theme = theme;
  checkRadio("theme", theme);
  chosenByRadio("theme", (value) => {
    document.documentElement.dataset.theme = value;
    remembered("theme", value, forGood);
  });
  chosenByRadio("language", speakLanguage);
  const named = languageInAddress();
  if (named) speakLanguage(named);
  else checkRadio("language", spoken.language);
  addEventListener("pageshow", speakAfterGoingBack);
}
