/* The article's mistakes: what each did to the numbers, computed here. */

const TOUR = {
  loss(item) {
    const settings = { ...ARTICLE, ...JSON.parse(item.dataset.settings) };
    const { losses } = trained(settings);
    return say("tour.loss", { n: settings.epochs, loss: shown(losses.at(-1), "float32"), reference: shown(play.article.at(-1), "float32") });
  },
  change() {
    const [first, last] = [1, 300].map((epochs) => trained({ ...ARTICLE, epochs }).last.squared_error);
    const changes = Array.from(last.data, (value, i) => 100 * (value / first.data[i] - 1));
    const most = changes.indexOf(Math.max(...changes));
    const place = (i) => [Math.floor(i / last.columns) + 1, (i % last.columns) + 1];
    const [row, column] = place(most);
    const text = changes.map((change, i) => `(${place(i)}) ${change > 0 ? "+" : "−"}${Math.abs(change).toFixed(1)} %`).join(spoken.language === "ja" ? "、" : ", ");
    return say("tour.change", { changes: text, row, column });
  },
  alias() {
    const { losses } = trained({ ...ARTICLE, epochs: 301 });
    return say("tour.alias", { loss: shown(losses[300], "float32"), reference: shown(losses[0], "float32") });
  },
  nearest() {
    let nearest = Infinity;
    for (const { h } of training(ARTICLE)) {
      for (const value of h.data) if (Math.abs(value) < Math.abs(nearest)) nearest = value;
    }
    return say("tour.nearest", { value: shown(nearest, "float32") });
  },
};

function drawTour() {
  for (const item of document.querySelectorAll("#tour [data-compute]")) {
    item.querySelector("output").textContent = TOUR[item.dataset.compute](item);
  }
}

function startTour() {
  for (const button of document.querySelectorAll("#tour button")) {
    button.addEventListener("click", () => {
      const settings = { ...ARTICLE, ...JSON.parse(button.closest("[data-settings]").dataset.settings) };
      history.replaceState(null, "", hashOf(settings));
      setPlayground(settings);
      document.getElementById("play").scrollIntoView();
      document.getElementById("play-heading").focus({ preventScroll: true });
    });
  }
  drawTour();
}
