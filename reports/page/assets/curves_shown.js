/* The page's curves: the loss of every backend, and one tensor's deviation against its allowance. */

function drawCurves() {
  const look = (name) => `backend-${PAGE.backends.indexOf(name)}`;
  const n = PAGE.losses[PAGE.reference].length;
  drawChart(document.getElementById("loss-chart"), {
    series: PAGE.backends.map((name) => ({ label: name, look: look(name), values: PAGE.losses[name].map(parsed) })),
    summary: say("curves.summary", { what: say("curves.loss"), n }),
    dtype: PAGE.dtype,
  });
  const place = document.getElementById("deviation-chart");
  if (!place) return;
  const tensor = document.getElementById("deviation-tensor").value;
  const { allowed, by_backend } = PAGE.deviations[tensor];
  drawChart(place, {
    series: [
      ...Object.entries(by_backend).map(([name, values]) => ({ label: name, look: look(name), values })),
      { label: say("curves.allowed"), look: "allowed", values: allowed },
    ],
    log: true,
    unit: say("curves.ulps"),
    summary: say("curves.summary", { what: `${say("curves.deviation")}, ${tensor}`, n }),
  });
}

function startCurves() {
  document.getElementById("deviation-tensor")?.addEventListener("change", drawCurves);
  drawCurves();
}
