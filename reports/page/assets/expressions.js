/* Formulas as the harness writes them, `w1[0, 1] - lr · grad_w1[0, 1]`: their values, and the numbers put in. */

/* A name is what Python takes for one, or several parts with dots between them, with primes; `new w1` is w1 after the update. */
const TOKEN = /\s*(?:(\d+(?:\.\d*)?(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)|((?:new )?[\p{XID_Start}_]\p{XID_Continue}*(?:\.\p{XID_Continue}+)*'*(?:\[[\d, ]*\])?)|(\*\*|>=|<=|==|!=|[-+·/<>(),]))/uy;
const BINDING = { __proto__: null, ">": 1, ">=": 1, "<": 1, "<=": 1, "==": 1, "!=": 1, "+": 2, "-": 2, "·": 3, "/": 3, "**": 5 };
const NEGATION = 4;
const OPERATORS = {
  __proto__: null,
  "+": (a, b) => a + b, "-": (a, b) => a - b, "·": (a, b) => a * b, "/": (a, b) => a / b, "**": (a, b) => a ** b,
  ">": (a, b) => a > b, ">=": (a, b) => a >= b, "<": (a, b) => a < b, "<=": (a, b) => a <= b,
  "==": (a, b) => a === b, "!=": (a, b) => a !== b,
};
const FUNCTIONS = {
  __proto__: null,
  where: (condition, a, b) => (condition ? a : b),
  max: Math.max, min: Math.min, abs: Math.abs, exp: Math.exp, log: Math.log, sqrt: Math.sqrt, tanh: Math.tanh,
  sin: Math.sin, cos: Math.cos, expm1: Math.expm1, log1p: Math.log1p, sign: Math.sign, square: (a) => a * a,
  reciprocal: (a) => 1 / a, erf,
};

/* The error function: its series near 0, and the continued fraction of 1 - erf beyond (Abramowitz & Stegun 7.1.6, 7.1.14). */
function erf(x) {
  const size = Math.abs(x);
  const factor = (Math.exp(-x * x) * 2) / Math.sqrt(Math.PI);
  if (size < 2.5) {
    let [term, sum] = [x, x];
    for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) sum += term *= (2 * x * x) / (2 * n + 1);
    return factor * sum;
  }
  let fraction = size;
  for (let n = 60; n > 0; n--) fraction = size + n / 2 / fraction;
  return Math.sign(x) * (1 - factor / 2 / fraction);
}

const CONSTANTS = { __proto__: null, true: true, false: false, inf: Infinity, nan: NaN };

/* Splits a formula into {kind, text}; kind is number, name or sign. */
function tokens(formula) {
  const found = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < formula.trimEnd().length) {
    const match = TOKEN.exec(formula);
    if (!match) throw new SyntaxError(`unknown sign in ${formula}`);
    const kind = match[1] !== undefined ? "number" : match[2] !== undefined ? "name" : "sign";
    found.push({ kind, text: match[1] ?? match[2] ?? match[3] });
  }
  return found;
}

/* The value of a formula; `valueOf` gives that of a name. Throws where it can't be computed. */
function evaluated(formula, valueOf) {
  const list = tokens(formula);
  let at = 0;

  function operand() {
    const token = list[at++];
    if (!token) throw new SyntaxError(`${formula} ends too early`);
    if (token.kind === "number") return Number(token.text);
    if (token.text === "-") return -expression(NEGATION);
    if (token.text === "(") {
      const inside = expression(0);
      at += 1;
      return inside;
    }
    if (token.text in CONSTANTS) return CONSTANTS[token.text];
    if (list[at]?.text !== "(") return valueOf(token.text);
    const operands = [];
    do {
      at += 1;
      operands.push(expression(0));
    } while (list[at]?.text === ",");
    at += 1;
    if (!FUNCTIONS[token.text]) throw new SyntaxError(`unknown function ${token.text}`);
    return FUNCTIONS[token.text](...operands);
  }

  function expression(least) {
    let left = operand();
    while (at < list.length && BINDING[list[at].text] > least) {
      const sign = list[at++].text;
      // ** binds from the right.
      left = OPERATORS[sign](left, expression(sign === "**" ? BINDING[sign] - 1 : BINDING[sign]));
    }
    return left;
  }

  return expression(0);
}

/* The formula with numbers in place of names; `write` gives a name's. */
function withNumbers(formula, write) {
  let text = "";
  let before = "";
  const list = tokens(formula);
  list.forEach((token, i) => {
    const isFunction = list[i + 1]?.text === "(" && token.kind === "name";
    let piece = token.kind === "name" && !isFunction && !(token.text in CONSTANTS) ? write(token.text) : token.text;
    if (piece.startsWith("-") && token.kind === "name" && before && before !== "(" && before !== ",") piece = `(${piece})`;
    const isInfix = BINDING[token.text] !== undefined && i > 0 && before !== "(" && before !== "," && !(before in BINDING);
    text += isInfix ? ` ${piece} ` : token.text === "," ? ", " : piece;
    before = token.text;
  });
  return text;
}
