/* Data that the page holds compressed: JSON in gzip in base64. */

async function unpacked(id) {
  const bytes = Uint8Array.from(atob(document.getElementById(id).textContent), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return withoutPrototypes(await new Response(stream).json());
}

/* Data whose objects have nothing but their own keys: a tensor may be called `constructor` or `valueOf`. */
function withoutPrototypes(data) {
  if (data === null || typeof data !== "object") return data;
  if (!Array.isArray(data)) Object.setPrototypeOf(data, null);
  Object.values(data).forEach(withoutPrototypes);
  return data;
}
