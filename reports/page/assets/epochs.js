/* The epoch that is shown: a slider, and buttons beside it. */

function showEpoch() {
  const epoch = PAGE.epochs[view.step];
  const slider = document.getElementById("epoch");
  slider.value = view.step;
  document.getElementById("epoch-shown").textContent = `${epoch}`;
  slider.setAttribute("aria-valuetext", `${say("numbers.epoch")} ${epoch}`);
}

function startEpochs(draw) {
  const last = PAGE.epochs.length - 1;
  const to = (step) => {
    view.step = Math.min(Math.max(step, 0), last);
    draw();
  };
  const slider = document.getElementById("epoch");
  slider.max = last;
  slider.addEventListener("input", () => to(Number(slider.value)));
  const moves = { first: () => 0, previous: () => view.step - 1, next: () => view.step + 1, last: () => last };
  for (const [name, move] of Object.entries(moves)) {
    document.getElementById(`epoch-${name}`).addEventListener("click", () => to(move()));
  }
}
