/* Draws the tensors beside their lines for the epoch and backend that are chosen. */

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

function drawNumbers() {
  showEpoch();
  const active = document.activeElement?.closest?.("#map figure td");
  const focused = active && { name: active.closest("figure").dataset.tensor, flat: active.dataset.flat };
  for (const place of document.querySelectorAll("#map .tensors")) {
    drawTensors(place, view.backend, choose);
  }
  document.querySelectorAll("#map [data-apart]").forEach(drawApart);
  if (focused) document.querySelector(`#map figure[data-tensor="${focused.name}"] td[data-flat="${focused.flat}"]`)?.focus();
  if (view.chosen) choose(view.chosen.name, view.chosen.flat);
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
  drawNumbers();
}
