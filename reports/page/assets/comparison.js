/* The page of a comparison: the losses of both sides, how far they are apart. */

function drawLosses() {
  const { losses, sides } = PAGE;
  const own = losses.at(-1);
  const along = say("comparison.update");
  const summary = (what) => say("comparison.curves.summary", { what, n: own.left.length });
  drawChart(document.getElementById("loss-chart"), {
    series: [own.left, own.right].map((values, i) => ({ label: sides[i], look: `backend-${i}`, values: values.map(parsed) })),
    summary: summary(say("curves.loss")),
    dtype: own.dtype,
    along,
  });
  drawChart(document.getElementById("difference-chart"), {
    series: losses.map(({ dtype, left, right }, i) => ({
      label: dtype,
      look: `backend-${3 - i}`,
      values: left.map((loss, j) => apart(parsed(loss), parsed(right[j]))),
    })),
    log: true,
    summary: summary(say("comparison.curves.difference")),
    along,
    write: (value) => (value === 0 || Number.isNaN(value) ? String(value) : value.toExponential(1)),
  });
}

/* How far two losses are apart, relative to the left one. */
function apart(left, right) {
  const off = Math.abs(left - right);
  return left === 0 ? off : off / Math.abs(left);
}

startLanguage();
if (document.getElementById("loss-chart")) {
  drawLosses();
  document.addEventListener("spoken", drawLosses);
  whenWidthChanges(drawLosses);
}
startFolds();
