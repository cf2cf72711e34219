/* The network as units and the weights between them: the wider a line, the larger its weight; its colour is the sign. */

const NETWORK_HEIGHT = 230;
const WIDEST = 7;

function drawNetwork(place, { names: layers, sizes, weights }, epoch) {
  const width = Math.max(place.clientWidth, 240);
  const drawing = svg("svg", {
    viewBox: `0 0 ${width} ${NETWORK_HEIGHT}`, width, height: NETWORK_HEIGHT, role: "img", class: "network", "aria-label": say("play.network.summary", { sizes: sizes.join(" – "), epoch }),
  });
  const counts = sizes.map((size, i) => Math.min(size, i ? weights[i - 1].shownColumns : weights[0].shownRows));
  const most = Math.max(...weights.flatMap(({ values }) => Array.from(values, Math.abs).filter(Number.isFinite)), 0) || 1;
  const x = (layer) => 34 + ((width - 68) * layer) / (sizes.length - 1);
  const y = (layer, unit) => (NETWORK_HEIGHT - 26) * ((unit + 0.5) / counts[layer]) + 4;
  weights.forEach(({ name, values, shownRows, shownColumns }, layer) => {
    for (let i = 0; i < Math.min(shownRows, counts[layer]); i++) {
      for (let j = 0; j < shownColumns; j++) {
        const value = values[i * shownColumns + j];
        const isNumber = Number.isFinite(value);
        const look = !isNumber ? "strange" : value < 0 ? "minus" : "plus";
        drawing.append(svg("line", {
          class: `weight ${look}`, x1: x(layer), y1: y(layer, i), x2: x(layer + 1), y2: y(layer + 1, j),
          "stroke-width": (isNumber ? 0.3 + (WIDEST * Math.abs(value)) / most : 1).toFixed(2),
        }, svg("title", {}, `${name}[${i}, ${j}] = ${shown(value, "float32")}`)));
      }
    }
  });
  sizes.forEach((size, layer) => {
    for (let unit = 0; unit < counts[layer]; unit++) drawing.append(svg("circle", { class: "unit", cx: x(layer), cy: y(layer, unit), r: counts[layer] > 8 ? 5 : 8 }));
    const count = size > counts[layer] ? say("play.network.of", { n: counts[layer], of: size }) : String(size);
    const anchor = layer === 0 ? "start" : layer === sizes.length - 1 ? "end" : "middle";
    drawing.append(svg("text", { x: { start: 4, middle: x(layer), end: width - 4 }[anchor], y: NETWORK_HEIGHT - 4, "text-anchor": anchor }, `${layers[layer]}: ${count}`));
  });
  place.replaceChildren(drawing);
}
