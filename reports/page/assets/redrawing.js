/* What follows the window: drawings that depend on its width. */

function whenWidthChanges(draw) {
  let width = innerWidth;
  addEventListener("resize", () => {
    if (width === innerWidth) return;
    width = innerWidth;
    draw();
  });
}
