/* What is true of a training's losses beside those of a reference: keys of texts, and what is put into them. */

function remarksOn(losses, reference, name) {
  const both = Math.min(losses.length, reference.length);
  const remarks = [];
  let other = 0;
  while (other < both && Object.is(losses[other], reference[other])) other++;
  if (other < both) remarks.push(["play.differs", { name, n: other + 1 }]);
  else if (losses.length === reference.length) remarks.push(["play.equal", { name, n: both }]);
  else remarks.push(["play.equal.both", { name, n: both }]);
  const infinite = losses.findIndex((loss) => Math.abs(loss) === Infinity);
  if (infinite >= 0) remarks.push(["play.infinite", { n: infinite + 1 }]);
  const undefinedFrom = losses.findIndex(Number.isNaN);
  if (undefinedFrom >= 0) remarks.push(["play.nan", { n: undefinedFrom + 1 }]);
  return remarks;
}
