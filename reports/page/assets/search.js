/* Finds pages in the list by the words on their cards, by ops and by what the frameworks call them. Needs language.js. */

/* A text as it is compared: without a difference of case, or of wide and narrow letters. */
function comparable(text) {
  return text.normalize("NFKC").toLowerCase();
}

/* Shows the cards that hold every word, and says how many they are. */
function findCards(text) {
  const words = comparable(text).split(/\s+/).filter(Boolean);
  const cards = [...document.querySelectorAll(".card")];
  for (const card of cards) {
    const own = comparable(`${card.textContent} ${card.dataset.words}`);
    card.hidden = !words.every((word) => own.includes(word));
  }
  const n = cards.filter((card) => !card.hidden).length;
  document.getElementById("search-found").textContent = words.length ? say("search.found", { n, of: cards.length }) : "";
}

function startSearch() {
  const input = document.getElementById("search-text");
  const find = () => findCards(input.value);
  document.getElementById("search").hidden = false;
  document.getElementById("search").addEventListener("submit", (event) => event.preventDefault());
  input.addEventListener("input", find);
  document.addEventListener("spoken", find);
  find();
}
