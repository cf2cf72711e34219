/* Draws the tensors beside their lines for the epoch and backend that are chosen: what is on the screen at once, so that
   the slider follows the hand, and the rest when there is time. */

/* How far the other frameworks' tensors of a row are from the reference, in the frameworks' own columns. */
function drawApart(place) {
  const backend = place.dataset.apart;
  if (!PAGE.backends.includes(backend) || backend === PAGE.reference) return;
  const list = names(place.dataset.tensors).filter((name) => name in PAGE.tensors && kept(name, backend) !== undefined);
  place.replaceChildren(
    ...list.map((name) => {
      const ulps = apart(name, backend) ?? NaN;
      const text = !Number.isFinite(ulps) ? "–" : ulps === 0 ? say("map.equal") : `${shortUlps(Number(ulps.toPrecision(2)))} ulp`;
      return made("span", { class: ulps ? "some" : "none" }, made("code", {}, label(name)), ` ${text}`);
    }),
  );
}

const onScreen = new Set();
/* What still shows the numbers of before: figures of tensors, and places of `drawApart`. They are aria-busy. */
const behind = new Set();
const watching = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!target.isConnected) continue; // an entry may come after its figure was taken away
    if (isIntersecting) onScreen.add(target);
    else onScreen.delete(target);
  }
  drawBehind(entries.filter(({ target, isIntersecting }) => isIntersecting && behind.has(target)).map(({ target }) => target));
});
const PAUSE = 60; // milliseconds, longer than from one move of a dragged slider to the next
const SLICE = 8; // milliseconds of drawing after which the page answers again
let timer;

function drawBehind(elements) {
  for (const element of elements) {
    if ("apart" in element.dataset) drawApart(element);
    else {
      refreshFigure(element, view.backend);
      markCulprits(element);
    }
    behind.delete(element);
    element.removeAttribute("aria-busy");
  }
}

function drawAllBehind() {
  drawBehind([...behind]);
}

/* Draws what is behind, a slice at a time, after so many milliseconds in which nothing is chosen anew. */
function drawLater(delay) {
  clearTimeout(timer);
  timer = setTimeout(() => {
    const end = performance.now() + SLICE;
    for (const element of behind) {
      drawBehind([element]);
      if (performance.now() > end) break;
    }
    if (behind.size > 0) drawLater(0);
  }, delay);
}

function forget(figure) {
  watching.unobserve(figure);
  onScreen.delete(figure);
  behind.delete(figure);
}

/* Makes the figures that the map lacks, and notes that all the others are behind. */
function noteBehind() {
  for (const place of document.querySelectorAll("#map .tensors")) {
    const before = [...place.children];
    const isMade = makeFigures(place, view.backend, choose);
    for (const figure of before) {
      if (isMade) forget(figure);
      else behind.add(figure);
    }
    for (const figure of isMade ? place.children : []) {
      markCulprits(figure);
      watching.observe(figure);
    }
  }
  for (const place of document.querySelectorAll("#map [data-apart]")) behind.add(place);
  for (const element of behind) element.setAttribute("aria-busy", "true");
}

function drawNumbers() {
  showEpoch();
  noteBehind();
  drawBehind([...onScreen]);
  if (view.chosen) choose(view.chosen.name, view.chosen.flat);
  drawLater(PAUSE);
}

function startNumbers() {
  startEpochs(drawNumbers);
  chosenByRadio("backend", (value) => {
    view.backend = value;
    drawNumbers();
  });
  chosenByRadio("show", (value) => {
    view.differences = value === "differences";
    if (view.differences && view.backend === PAGE.reference) {
      view.backend = PAGE.backends.find((name) => name !== PAGE.reference);
      checkRadio("backend", view.backend);
    }
    drawNumbers();
  });
  startCulprits();
  drawNumbers();
  drawAllBehind();
  for (const place of document.querySelectorAll("#map [data-apart]")) watching.observe(place);
  addEventListener("beforeprint", drawAllBehind);
}
