/* Paper is white, and nothing on it can be opened: before printing all is opened in light colours, and then put back. */

const onScreen = { theme: "", closed: [] };

addEventListener("beforeprint", () => {
  onScreen.theme = document.documentElement.dataset.theme;
  onScreen.closed = [...document.querySelectorAll("details:not([open])")];
  document.documentElement.dataset.theme = "light";
  for (const details of onScreen.closed) details.open = true;
});

addEventListener("afterprint", () => {
  document.documentElement.dataset.theme = onScreen.theme;
  for (const details of onScreen.closed) details.open = false;
});
