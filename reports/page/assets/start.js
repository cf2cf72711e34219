/* Starts what the page has, and draws anew what depends on its language or its width. */

function started(id, start, draw) {
  if (!document.getElementById(id)) return;
  start();
  document.addEventListener("spoken", draw);
}

startLanguage();
started("loss-chart", startCurves, drawCurves);
if (document.getElementById("panel")) startCodeMap();
if (document.getElementById("outline")) startOutline();
started("epoch", startNumbers, drawNumbers);
started("play", startPlayground, redrawPlayground);
started("tour", startTour, drawTour);

whenWidthChanges(() => {
  if (document.getElementById("loss-chart")) drawCurves();
  if (document.getElementById("play")) redrawPlayground();
});

startFolds();
