/* The page's language and colours. Every text is in STRINGS, by language and key; elements name theirs in data-s. */

const STRINGS = JSON.parse(document.getElementById("strings").textContent);
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
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", say(element.dataset.label));
  }
  document.dispatchEvent(new CustomEvent("spoken"));
}

/* Remembers a choice where the browser lets a file do so. */
function remembered(name, value) {
  try {
    if (value !== undefined) localStorage.setItem(`lockstep-${name}`, value);
    return localStorage.getItem(`lockstep-${name}`);
  } catch {
    return null;
  }
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
  const theme = remembered("theme") ?? "auto";
  document.documentElement.dataset.theme = theme;
  checkRadio("theme", theme);
  checkRadio("language", spoken.language);
  chosenByRadio("theme", (value) => {
    document.documentElement.dataset.theme = value;
    remembered("theme", value);
  });
  chosenByRadio("language", (value) => {
    spoken.language = value;
    speak();
  });
}
