/* The article's mistakes: what each did to the numbers, computed here. */

const TOUR = {
  async loss(item) {
    const settings = { ...ARTICLE, ...JSON.parse(item.dataset.settings) };
    const [{ losses }, article] = await Promise.all([settings, ARTICLE].map((each) => laboratory.trained(each)));
    return ["tour.loss", { n: settings.epochs, loss: shown(losses.at(-1), "float32"), reference: shown(article.losses.at(-1), "float32") }];
  },
  async change() {
    const [first, last] = (await Promise.all([1, 300].map((epochs) => laboratory.trained({ ...ARTICLE, epochs })))).map((each) => each.squaredError);
    const changes = Array.from(last.data, (value, i) => 100 * (value / first.data[i] - 1));
    const most = changes.indexOf(Math.max(...changes));
    const place = (i) => [Math.floor(i / last.columns) + 1, (i % last.columns) + 1];
    const [row, column] = place(most);
    const text = changes.map((change, i) => `(${place(i)}) ${change > 0 ? "+" : "−"}${Math.abs(change).toFixed(1)} %`).join(spoken.language === "ja" ? "、" : ", ");
    return ["tour.change", { changes: text, row, column }];
  },
  async alias() {
    const { losses } = await laboratory.trained({ ...ARTICLE, epochs: 301 });
    return ["tour.alias", { loss: shown(losses[300], "float32"), reference: shown(losses[0], "float32") }];
  },
  async nearest() {
    const { nearest } = await laboratory.answerTo("nearest", { settings: ARTICLE, name: "h" });
    return ["tour.nearest", { value: shown(nearest, "float32") }];
  },
};

function drawTour() {
  if (!laboratory) return;
  for (const item of document.querySelectorAll("#tour [data-compute]")) {
    TOUR[item.dataset.compute](item).then(([key, given]) => (item.querySelector("output").textContent = say(key, given)));
  }
}

function startTour() {
  for (const button of document.querySelectorAll("#tour button")) {
    button.addEventListener("click", () => {
      const settings = { ...ARTICLE, ...JSON.parse(button.closest("[data-settings]").dataset.settings) };
      history.replaceState(null, "", hashOf(settings, play.opened));
      setPlayground(settings);
      document.getElementById("play").scrollIntoView();
      document.getElementById("play-heading").focus({ preventScroll: true });
    });
  }
  drawTour();
}
