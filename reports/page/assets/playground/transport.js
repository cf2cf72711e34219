/* Play, pause and single steps through the epochs. Who wants less motion sees ten pictures, not a film. */

const WHOLE_RUN = 8000;
const SLOWEST = 3;
const PICTURES = 10;
const BETWEEN_PICTURES = 500;
const film = { isOn: false, from: 1, started: 0 };

function startTransport() {
  const moves = { first: () => 1, previous: () => play.epoch - 1, next: () => play.epoch + 1, last: () => play.settings.epochs };
  for (const [name, move] of Object.entries(moves)) {
    document.getElementById(`play-${name}`).addEventListener("click", () => {
      pause();
      showPlayEpoch(Math.min(Math.max(move(), 1), play.settings.epochs));
    });
  }
  document.getElementById("play-epoch").addEventListener("input", (event) => {
    pause();
    showPlayEpoch(Number(event.target.value));
  });
  document.getElementById("play-film").addEventListener("click", () => (film.isOn ? pause() : run()));
}

/* Plays from the epoch that is shown, or from the first if that is the last. */
function run() {
  film.isOn = true;
  film.from = play.epoch >= play.settings.epochs ? 1 : play.epoch;
  film.started = performance.now();
  showFilm();
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const again = (next) => (isCalm ? setTimeout(next, BETWEEN_PICTURES) : requestAnimationFrame(next));
  showPlayEpoch(film.from);
  (function frame() {
    if (!film.isOn) return;
    const { epochs } = play.settings;
    const passed = performance.now() - film.started;
    const share = isCalm ? Math.ceil((epochs / PICTURES) * Math.round(passed / BETWEEN_PICTURES)) : Math.floor((passed / 1000) * Math.max(SLOWEST, epochs / (WHOLE_RUN / 1000)));
    const epoch = Math.min(film.from + share, epochs);
    if (epoch !== play.epoch) showPlayEpoch(epoch);
    if (epoch === epochs) pause();
    else again(frame);
  })();
}

function pause() {
  film.isOn = false;
  showFilm();
}

/* The button's word; what changes with every picture is not read aloud. */
function showFilm() {
  const button = document.getElementById("play-film");
  speakInto(button, say(film.isOn ? "play.pause" : "play.play"));
  for (const place of document.querySelectorAll("#play .reading-at, #play-panel, #play-sides")) place.setAttribute("aria-live", film.isOn ? "off" : "polite");
}
