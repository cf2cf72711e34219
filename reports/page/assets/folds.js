/* Folded parts of a page: a link into one unfolds it. */

function unfold(element) {
  for (let fold = element.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
}

/* Unfolds what the address names, and shows it. */
function openLinked() {
  const linked = document.querySelector(":target");
  if (!linked?.closest("details")) return;
  unfold(linked);
  linked.scrollIntoView();
}

function startFolds() {
  addEventListener("hashchange", openLinked);
  // A link to where the address already leads is no change of it.
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("a[href^='#']")?.hash === location.hash) openLinked();
  });
  openLinked();
}
