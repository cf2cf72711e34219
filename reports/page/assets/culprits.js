/* Where a run failed: the page opens there, and marks the element at its epoch, in the backend that is wrong. */

/* Marks every culprit in a figure that shows its update and backend; of one epoch the page keeps one update. */
function markCulprits(figure) {
  for (const { backend, update, tensor, flat, sort } of PAGE.culprits.filter(Boolean)) {
    if (tensor !== figure.dataset.tensor || backend !== view.backend || update !== updateShown()) continue;
    const cell = figure.querySelector(`td[data-flat="${flat}"]`);
    if (!cell) continue;
    cell.classList.add("culprit-cell");
    cell.classList.toggle("not-wrong", sort !== "wrong");
    cell.setAttribute("aria-label", `${cell.getAttribute("aria-label")}, ${say(`mark.${sort}`)}`);
  }
}

/* Shows the backend and the epoch of a culprit. */
function showCulprit({ backend, epoch }) {
  view.step = Math.max(PAGE.epochs.indexOf(epoch), 0);
  view.backend = backend;
  checkRadio("backend", backend);
}

function startCulprits() {
  const first = PAGE.culprits.find(Boolean);
  if (first) showCulprit(first);
  for (const link of document.querySelectorAll("a[data-culprit]")) {
    link.addEventListener("click", () => {
      const culprit = PAGE.culprits[Number(link.dataset.culprit)];
      if (!culprit) return;
      showCulprit(culprit);
      drawNumbers();
      if (culprit.update === updateShown()) choose(culprit.tensor, culprit.flat);
    });
  }
}
