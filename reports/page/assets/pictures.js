/* Images and kernels as pictures in grey, from black for the smallest of their elements to white for the largest. */

const MOST_PICTURES = 8;
const GREYS = 255;
const GAP = 1;
const LEAST_HEIGHT = 36; // pixels of the screen
const LEAST_PIXEL = 4;

/* The greys of a tensor's first pictures. Of a large tensor the page keeps them; another backend's only where they are
   not the reference's. */
function greysOf(name, backend) {
  const { large, picture } = PAGE.tensors[name];
  if (large) return Uint8Array.from(atob(kept(name, backend).greys ?? kept(name, PAGE.reference).greys), (letter) => letter.charCodeAt(0));
  const values = elements(name, backend).slice(0, MOST_PICTURES * picture[0] * picture[1]);
  const finite = values.filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  return Uint8Array.from(values, (value) => (Number.isFinite(value) && high > low ? Math.round((GREYS * (value - low)) / (high - low)) : 0));
}

function drawPictures(name, backend) {
  const canvas = made("canvas", { class: "pictures", role: "img" });
  refreshPictures(canvas, name, backend);
  return canvas;
}

/* Draws the pictures of the epoch and backend that are shown; a last batch may have fewer. */
function refreshPictures(canvas, name, backend) {
  const [rows, columns] = PAGE.tensors[name].picture;
  const greys = greysOf(name, backend);
  const n = greys.length / (rows * columns);
  [canvas.width, canvas.height] = [n * (columns + GAP) - GAP, rows];
  canvas.style.setProperty("--width", canvas.width * Math.max(LEAST_PIXEL, Math.round(LEAST_HEIGHT / rows)));
  canvas.setAttribute("aria-label", say("numbers.pictures", { name: label(name), n }));
  const drawing = canvas.getContext("2d");
  const image = drawing.createImageData(canvas.width, canvas.height);
  greys.forEach((grey, i) => {
    const [picture, place] = [Math.floor(i / (rows * columns)), i % (rows * columns)];
    const [row, column] = [Math.floor(place / columns), place % columns];
    const at = 4 * (row * canvas.width + picture * (columns + GAP) + column);
    image.data.set([grey, grey, grey, 255], at);
  });
  drawing.putImageData(image, 0, 0);
}
