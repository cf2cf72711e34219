/* The experiment as a program, to be copied. */

async function drawCode() {
  const { settings } = play;
  const framework = document.querySelector('input[name="play-framework"]:checked').value;
  const { code } = await laboratory.answerTo("code", { settings, framework });
  if (settings === play.settings) document.getElementById("play-code").textContent = code;
}

function startCode() {
  chosenByRadio("play-framework", drawCode);
  document.getElementById("play-copy").addEventListener("click", copyCode);
}

/* Copies the program; where a browser does not allow that, selects it for the keys that copy. */
async function copyCode() {
  const place = document.getElementById("play-code");
  const said = document.getElementById("play-copied");
  try {
    await navigator.clipboard.writeText(place.textContent);
    said.textContent = say("play.copied");
  } catch {
    getSelection().selectAllChildren(place);
    said.textContent = say("play.selected");
  }
}
