/* The outline: a list of the page's parts that opens over the page, and closes when one is chosen or the focus leaves. */

/* Marks the block at the top of the window. */
function markCurrent(outline) {
  const below = outline.getBoundingClientRect().bottom + 100;
  const links = [...outline.querySelectorAll("ol a")];
  const passed = links.filter((link) => document.getElementById(link.getAttribute("href").slice(1)).getBoundingClientRect().top < below);
  for (const link of links) link.toggleAttribute("aria-current", false);
  passed.at(-1)?.setAttribute("aria-current", "true");
}

function startOutline() {
  const outline = document.getElementById("outline");
  const summary = outline.querySelector("summary");
  const close = () => (outline.open = false);
  outline.addEventListener("toggle", () => outline.open && markCurrent(outline));
  outline.addEventListener("click", (event) => event.target.closest("a") && close());
  outline.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    close();
    summary.focus();
  });
  outline.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !outline.contains(event.relatedTarget)) close();
  });
  document.addEventListener("pointerdown", (event) => outline.contains(event.target) || close());
  for (const link of document.querySelectorAll(".to-outline a")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      outline.open = true;
      summary.focus();
    });
  }
  for (const [id, isOpen] of [["fold-all", false], ["unfold-all", true]]) {
    document.getElementById(id).addEventListener("click", () => {
      for (const block of document.querySelectorAll("#map .block")) block.open = isOpen;
    });
  }
}
