/* The worker that trains: requests to it and what it answers. Its source stands in the page, which may be a file. Null on
   a page without a playground, and where a browser starts no worker, as inside a frame that is shut off. */

const laboratory = (() => {
  const source = document.getElementById("arithmetic");
  const worker = source && startedWorker(source.textContent);
  if (!worker) return null;
  const heard = new Map();
  let count = 0;
  worker.addEventListener("message", ({ data: { id, ...answer } }) => heard.get(id)?.(answer));
  return {
    /* Asks for something; `hear` is called with every answer, until it is forgotten. */
    ask(kind, given, hear) {
      count += 1;
      heard.set(count, hear);
      worker.postMessage({ id: count, kind, ...given });
      return count;
    },
    forget: (id) => heard.delete(id),
    /* The only answer to a request. */
    answerTo(kind, given) {
      return new Promise((resolve) => {
        const id = this.ask(kind, given, (answer) => {
          this.forget(id);
          resolve(answer);
        });
      });
    },
    /* A whole training: its losses, and what is said at its end. */
    trained(settings) {
      return new Promise((resolve) => {
        const losses = new Float32Array(settings.epochs);
        const id = this.ask("train", { settings, isShown: false }, (answer) => {
          losses.set(answer.losses, answer.from);
          if (!answer.isDone) return;
          this.forget(id);
          resolve({ ...answer, losses });
        });
      });
    },
  };
})();

function startedWorker(source) {
  try {
    return new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  } catch {
    return null;
  }
}
