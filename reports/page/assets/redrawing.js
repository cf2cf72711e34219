/* What follows the window: drawings that depend on its width, and paper, on which nothing can be opened. */

function whenWidthChanges(draw) {
  let width = innerWidth;
  addEventListener("resize", () => {
    if (width === innerWidth) return;
    width = innerWidth;
    draw();
  });
}

addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
});
