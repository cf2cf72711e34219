/* Paper is white, and nothing on it can be opened: before printing all is opened in light colours, and then put back. */

const asOnScreen = { theme: "", closed: [] };

addEventListener("beforeprint", () => {
  asOnScreen.theme = document.documentElement.dataset.theme;
  asOnScreen.closed = [...document.querySelectorAll("details:not([open])")];
  document.documentElement.dataset.theme = "light";
  for (const details of asOnScreen.closed) details.open = true;
});

addEventListener("afterprint", () => {
  document.documentElement.dataset.theme = asOnScreen.theme;
  for (const details of asOnScreen.closed) details.open = false;
});
