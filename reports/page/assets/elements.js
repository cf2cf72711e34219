/* Makes elements, `made("p", {class: "lead"}, "text", child)`, and says which of them is pointed at. */

function made(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

function svg(name, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function filled(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

/* Calls `use` for what is pointed at, focused or clicked; a page that scrolls below a resting pointer is not pointed at. */
function whenPointedAt(element, use) {
  element.addEventListener("pointerover", (event) => {
    if (event.screenX !== pointer.x || event.screenY !== pointer.y) use(event);
  });
  for (const event of ["focusin", "click"]) element.addEventListener(event, use);
}

/* Where the pointer last moved to, or was pressed. */
const pointer = { x: NaN, y: NaN };
for (const event of ["pointermove", "pointerdown"]) {
  document.addEventListener(event, ({ screenX, screenY }) => Object.assign(pointer, { x: screenX, y: screenY }), { passive: true });
}
