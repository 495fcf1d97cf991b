// The answers code: blocks of four signs and a check sign, the same as the program writes.

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const EXP = [1];
for (let at = 1; at < 31; at++) EXP[at] = EXP[at - 1] << 1 ^ (EXP[at - 1] & 16 ? 0x25 : 0);

function times(value, power) {
  return value ? EXP[(EXP.indexOf(value) + power) % 31] : 0;
}

class Bits {
  constructor() {
    this.bits = [];
  }

  put(value, width) {
    for (let at = width - 1; at >= 0; at--) this.bits.push(Math.floor(value / Math.pow(2, at)) % 2);
  }

  // four bits at a time, the lowest first; a set fifth bit says that more follow
  number(value) {
    do {
      const rest = Math.floor(value / 16);
      this.put((rest ? 16 : 0) + value % 16, 5);
      value = rest;
    } while (value);
  }

  symbols() {
    while (this.bits.length && !this.bits[this.bits.length - 1]) this.bits.pop();
    while (this.bits.length % 5) this.bits.push(0);
    const found = [];
    for (let at = 0; at < this.bits.length; at += 5) found.push(parseInt(this.bits.slice(at, at + 5).join(""), 2));
    return found;
  }
}

// How many bits count so many states, and the two of every answer beside them: not asked, and not known.
function width(states) {
  return (states + 1).toString(2).length;
}

const FIELDS = {
  states(bits, states, index, value) {
    bits.put(value === undefined ? 0 : value === UNKNOWN ? 1 : 2 + index, width(states));
  },
  choice(bits, question, value) {
    FIELDS.states(bits, question.values.length, question.values.findIndex(([id]) => id === value), value);
  },
  choices(bits, question, value) {
    const mask = (ids) => question.values.reduce((sum, [id], at) => sum + (ids.indexOf(id) >= 0 ? 1 << at : 0), 0);
    FIELDS.states(bits, 1 << question.values.length, Array.isArray(value) ? mask(value) : 0, value);
  },
  integer(bits, question, value) {
    const least = question.minimum || 0;
    if (question.maximum === undefined) FIELDS.amount(bits, question, value);
    else FIELDS.states(bits, question.maximum - least + 1, value - least, value);
  },
  amount(bits, question, value) {
    bits.put(value === undefined ? 0 : value === UNKNOWN ? 1 : 2, 2);
    if (typeof value !== "number") return;
    let zeros = 0;
    while (value && value % 10 === 0 && zeros < 7) [value, zeros] = [value / 10, zeros + 1];
    bits.put(zeros, 3);
    bits.number(value);
  },
  text(bits, question, value) {
    bits.put(value === undefined ? 0 : value === UNKNOWN ? 1 : 2, 2);
    if (value === undefined || value === UNKNOWN) return;
    const number = value.split(".");
    bits.put(number.length - 1, 2);
    number.forEach((part) => bits.number(Number(part)));
  },
};

function crc(symbols) {
  let sum = 0x5a5a;
  for (const symbol of symbols) {
    for (let bit = 4; bit >= 0; bit--) {
      const top = (sum >> 14 ^ symbol >> bit) & 1;
      sum = sum << 1 & 0x7fff ^ (top ? 0x4599 : 0);
    }
  }
  return sum;
}

function encode(answers) {
  const bits = new Bits();
  DATA.questions.forEach((question) => FIELDS[question.type](bits, question, answers[question.id]));
  const symbols = bits.symbols();
  const three = (value) => [value >> 10 & 31, value >> 5 & 31, value & 31];
  const data = three(DATA.layout).concat(three(crc(symbols)), symbols);
  while (data.length % 4) data.push(0);
  const blocks = [];
  for (let at = 0; at < data.length; at += 4) {
    const block = data.slice(at, at + 4), index = at / 4;
    let sum = EXP[index % 31] ^ (at + 4 >= data.length ? 21 : 0);
    block.forEach((symbol, place) => { sum ^= times(symbol, place + 1); });
    blocks.push(block.concat(sum).map((symbol) => ALPHABET[symbol]).join(""));
  }
  return [DATA.mark].concat(blocks).join("-");
}
