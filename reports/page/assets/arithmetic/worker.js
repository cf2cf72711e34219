/* What the playground's worker is asked for: to train, to show an epoch, and to write out an element.

   A request is {id, kind, …}, and every answer to it {id, …}; a training answers several times, the last time with `isDone`. */

/* Milliseconds of training between two looks at what was asked meanwhile. */
const SLICE = 30;
let shownTraining = null;

const ANSWERS = {
  /* Trains; what `isShown` takes the place of the training before it, which ends where it is. */
  train({ settings, isShown }, answer) {
    const training = new Training(settings);
    const started = performance.now();
    if (isShown) shownTraining = training;
    let told = 0;
    (function slice() {
      if (isShown && shownTraining !== training) return;
      const until = performance.now() + SLICE;
      while (!training.isDone && performance.now() < until) training.advance();
      const losses = Float32Array.from(training.losses.slice(told));
      const { isDone } = training;
      answer({ losses, from: told, isDone, ...(isDone ? endOf(training, started) : {}) });
      told = training.losses.length;
      if (!isDone) setTimeout(slice);
    })();
  },
  epoch({ epoch, windows }, answer) {
    const training = shownTraining;
    answer({ view: viewOf(training.program, training.at(epoch), training.settings, windows) });
  },
  element({ epoch, name, row, column }, answer) {
    const { program, settings } = shownTraining;
    answer({ written: explained(program, shownTraining.at(epoch), settings, name, row, column) });
  },
  code({ settings, framework }, answer) {
    answer({ code: codeOf(settings, framework) });
  },
  /* The element of a tensor, over all epochs, that is nearest to 0. */
  nearest({ settings, name }, answer) {
    const training = new Training(settings);
    let nearest = Infinity;
    while (!training.isDone) {
      for (const value of training.advance().tensors[name].data) if (Math.abs(value) < Math.abs(nearest)) nearest = value;
    }
    answer({ nearest, isDone: true });
  },
};

function endOf(training, started) {
  const { tensors } = training.at(training.settings.epochs);
  const squaredError = tensors.squared_error && tensors.squared_error.data.length <= 1000 ? tensors.squared_error : null;
  return { dead: deadUnits(training.program, tensors), squaredError, took: performance.now() - started };
}

onmessage = ({ data: { id, kind, ...given } }) => ANSWERS[kind](given, (answer) => postMessage({ id, ...answer }));
