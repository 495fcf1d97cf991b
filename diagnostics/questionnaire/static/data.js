"use strict";
// The page's data: JSON packed with deflate (RFC 1951), which old browsers cannot unpack by themselves.

function inflate(packed) {
  const out = [];
  let at = 0, held = 0, count = 0;

  const bits = (need) => {
    for (; count < need; count += 8) held |= packed[at++] << count;
    const value = held & ((1 << need) - 1);
    held >>>= need;
    count -= need;
    return value;
  };

  // how many codes of each length there are, and the symbols in the order of their codes
  const tree = (lengths) => {
    const counts = new Array(16).fill(0), symbols = [];
    lengths.forEach((length) => { counts[length] += 1; });
    for (let length = 1; length < 16; length++) {
      lengths.forEach((own, symbol) => { if (own === length) symbols.push(symbol); });
    }
    return { counts: counts, symbols: symbols };
  };

  const decode = (codes) => {
    let code = 0, first = 0, index = 0;
    for (let length = 1; length < 16; length++) {
      const many = codes.counts[length];
      if (!count) {
        held = packed[at++];
        count = 8;
      }
      code |= held & 1;
      held >>>= 1;
      count -= 1;
      if (code - many < first) return codes.symbols[index + code - first];
      index += many;
      first = (first + many) << 1;
      code <<= 1;
    }
    throw new Error("damaged data");
  };

  const trees = () => {
    const many = bits(5) + 257, distances = bits(5) + 1, own = bits(4) + 4, lengths = new Array(19).fill(0), all = [];
    const order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
    for (let index = 0; index < own; index++) lengths[order[index]] = bits(3);
    const codes = tree(lengths);
    while (all.length < many + distances) {
      const symbol = decode(codes);
      if (symbol < 16) {
        all.push(symbol);
      } else {
        const again = symbol === 16 ? all[all.length - 1] : 0;
        const times = symbol === 16 ? 3 + bits(2) : symbol === 17 ? 3 + bits(3) : 11 + bits(7);
        for (let left = times; left; left--) all.push(again);
      }
    }
    return [tree(all.slice(0, many)), tree(all.slice(many))];
  };

  const standard = () => {
    const lengths = [[144, 8], [112, 9], [24, 7], [8, 8]].map(([many, length]) => new Array(many).fill(length));
    return [tree([].concat(...lengths)), tree(new Array(30).fill(5))];
  };

  // what each code for a length or a distance begins at, with how many bits follow: `step` codes share a number of them
  const starts = (many, least, step) => {
    const found = [];
    for (let code = 0, value = least; code < many; code++) {
      const further = Math.max(0, Math.floor(code / step) - 1);
      found.push([value, further]);
      value += 1 << further;
    }
    return found;
  };
  const lengths = starts(28, 3, 4).concat([[258, 0]]), distant = starts(30, 1, 2);

  for (let final = 0; !final;) {
    final = bits(1);
    const [symbols, distances] = [null, standard, trees][bits(2)]();
    for (let symbol = decode(symbols); symbol !== 256; symbol = decode(symbols)) {
      if (symbol < 256) {
        out.push(symbol);
        continue;
      }
      const [length, more] = lengths[symbol - 257];
      let left = length + bits(more);
      const [least, further] = distant[decode(distances)], back = least + bits(further);
      for (; left; left--) out.push(out[out.length - back]);
    }
  }
  return new Uint8Array(out);
}

const SIGNS = atob(document.getElementById("data").textContent), PACKED = new Uint8Array(SIGNS.length);
for (let at = 0; at < SIGNS.length; at++) PACKED[at] = SIGNS.charCodeAt(at);
const DATA = JSON.parse(new TextDecoder().decode(inflate(PACKED)));
