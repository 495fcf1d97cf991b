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

const FIELDS = {
  states(bits, field, value) {
    const index = field.values ? field.values.indexOf(value) : value - field.minimum;
    bits.put(value === undefined ? 0 : value === UNKNOWN ? 1 : 2 + index, field.width);
  },
  set(bits, field, value) {
    const mask = () => field.values.reduce((sum, one, at) => sum + (value.indexOf(one) >= 0 ? 1 << at : 0), 0);
    bits.put(value === undefined ? 0 : value === UNKNOWN ? 1 : 2 + mask(), field.width);
  },
  amount(bits, field, value) {
    bits.put(value === undefined ? 0 : value === UNKNOWN ? 1 : 2, 2);
    if (typeof value !== "number") return;
    let zeros = 0;
    while (value && value % 10 === 0 && zeros < 7) [value, zeros] = [value / 10, zeros + 1];
    bits.put(zeros, 3);
    bits.number(value);
  },
  text(bits, field, value) {
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
  DATA.fields.forEach((field) => FIELDS[field.kind](bits, field, answers[field.id]));
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
