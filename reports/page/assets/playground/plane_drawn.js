/* The plane of a network with two inputs: where its output is above 0 and where below, and the examples. */

const PLANE_SIZE = 260;

function drawPlane(canvas, { reach, points, outputs, examples, kinds }) {
  const style = getComputedStyle(document.documentElement);
  const colours = [style.getPropertyValue("--minus"), style.getPropertyValue("--plus")].map((text) => text.trim().split(/\s+/).map(Number));
  const ratio = devicePixelRatio || 1;
  canvas.width = canvas.height = Math.round(PLANE_SIZE * ratio);
  const context = canvas.getContext("2d");
  context.drawImage(fieldOf(points, outputs, colours), 0, 0, canvas.width, canvas.height);
  const place = (value) => ((value / reach + 1) / 2) * canvas.width;
  kinds.forEach((kind, i) => {
    context.beginPath();
    context.arc(place(examples[2 * i]), canvas.height - place(examples[2 * i + 1]), 4 * ratio, 0, 2 * Math.PI);
    context.fillStyle = `rgb(${colours[kind].join(" ")})`;
    context.fill();
    context.lineWidth = 1.25 * ratio;
    context.strokeStyle = style.getPropertyValue("--card");
    context.stroke();
  });
}

/* A picture with a pixel for each point of the grid, whose first row is the lowest. */
function fieldOf(points, outputs, colours) {
  const field = document.createElement("canvas");
  field.width = field.height = points;
  const context = field.getContext("2d");
  const picture = context.createImageData(points, points);
  outputs.forEach((output, i) => {
    const at = 4 * ((points - 1 - Math.floor(i / points)) * points + (i % points));
    const strength = Number.isFinite(output) ? 40 + 110 * Math.abs(Math.tanh(output)) : 0;
    picture.data.set([...colours[output > 0 ? 1 : 0], strength], at);
  });
  context.putImageData(picture, 0, 0);
  return field;
}
