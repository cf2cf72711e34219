/* Where a run failed: the page opens there, and marks the element at its epoch, in the backend that is wrong. */

/* Marks every culprit in a figure that shows its epoch and backend. */
function markCulprits(figure) {
  for (const { backend, epoch, tensor, flat, sort } of PAGE.culprits) {
    if (tensor !== figure.dataset.tensor || backend !== view.backend || epoch !== PAGE.epochs[view.step]) continue;
    const cell = figure.querySelector(`td[data-flat="${flat}"]`);
    if (!cell) continue;
    cell.classList.add("culprit-cell");
    cell.classList.toggle("parts", sort === "parts");
    cell.setAttribute("aria-label", `${cell.ariaLabel}, ${say(`mark.${sort}`)}`);
  }
}

/* Shows the backend and the epoch of a culprit. */
function showCulprit({ backend, epoch }) {
  view.step = Math.max(PAGE.epochs.indexOf(epoch), 0);
  view.backend = backend;
  checkRadio("backend", backend);
}

function startCulprits() {
  if (PAGE.culprits.length) showCulprit(PAGE.culprits[0]);
  for (const link of document.querySelectorAll("a[data-culprit]")) {
    link.addEventListener("click", () => {
      const culprit = PAGE.culprits[Number(link.dataset.culprit)];
      if (!culprit) return;
      showCulprit(culprit);
      drawNumbers();
      choose(culprit.tensor, culprit.flat);
    });
  }
}
