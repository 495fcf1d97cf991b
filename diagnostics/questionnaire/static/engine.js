// The rule table of the program: facts by their operators, the bits that their values meet, and rows of bits.

const QUESTIONS = new Map(DATA.questions.map((question) => [question.id, question]));
const OPEN = 0, NEVER = 1, KNOWN = 2; // how far a fact is known
const UNMET = 0, MAYBE = 1, MET = 2; // what a bit or a row says
const UNKNOWN = "unknown", POSSIBLE = 2, UNDECIDED = 3, RULED_OUT = 4; // statuses, as their place in DATA.statuses
const NONE = [];

// What each bit belongs to, worked out once: its column, and the columns that an answer touches.
const ABOUT = new Set([].concat(...DATA.about.map(([, values]) => [].concat(...values)), ...[].concat(...DATA.others)));
const COLUMN_OF = {};
const TOUCHED = {};
DATA.columns.forEach((column) => {
  column.all.forEach((bit) => { COLUMN_OF[bit] = column; });
  (column.reads || [column.id]).forEach((id) => { (TOUCHED[id] = TOUCHED[id] || []).push(column); });
});

function known(value) {
  return { state: KNOWN, value: value };
}

function not(state) {
  return { state: state, value: null };
}

function withImplied(answers) {
  const whole = Object.assign({}, answers);
  for (const [steering] of DATA.steering) {
    const choice = QUESTIONS.get(steering).values.find(([id]) => id === answers[steering]);
    for (const [id, value] of Object.entries(choice && choice[2] || {})) {
      if (!(id in answers)) whole[id] = value;
    }
  }
  return whole;
}

class Facts {
  constructor(values) {
    this.values = values;
    this.held = {};
  }

  get(id) {
    if (!(id in this.held)) {
      const one = DATA.facts[id];
      this.held[id] = one ? OPERATORS[one.operator](this, one) : this.answer(id);
    }
    return this.held[id];
  }

  // what a fact is worked out from: of its own id the answer itself
  read(reader, id) {
    return id === reader ? this.answer(id) : this.get(id);
  }

  answer(id) {
    if (!(id in this.values)) return not(OPEN);
    return this.values[id] === UNKNOWN ? not(NEVER) : known(this.values[id]);
  }

  none(ids) {
    return not(ids.some((id) => this.get(id).state === OPEN) ? OPEN : NEVER);
  }
}

const OPERATORS = {
  first_known: (facts, one) => {
    const found = one.facts.map((id) => facts.read(one.id, id));
    return found.find((fact) => fact.state === KNOWN) || found[0];
  },
  // a version is a bare number here, and that names no system
  platform_of_text: (facts, one) => facts.none([one.wechat, one.os]),
  version_of_text: (facts, one) => {
    const told = facts.get(one.text);
    if (told.state !== KNOWN) return told;
    const version = { wechat: readWechat, os: readSystem }[one.what](told.value);
    return version === null ? not(NEVER) : known(version);
  },
  compare_version: (facts, one) => {
    const platform = facts.get(one.platform), minimums = DATA.minimums[one.what], sure = platform.state === KNOWN;
    if (sure && !one.any_phone && !(platform.value in minimums)) return not(NEVER);
    const number = facts.get(one.number);
    if (number.state !== KNOWN) return number;
    const names = (sure ? [platform.value] : one.any_phone ? DATA.phones : []).filter((name) => name in minimums);
    if (!names.length) return not(sure ? NEVER : platform.state);
    const partial = !one.any_phone || number.value.split(".").length < 3;
    const met = new Set(names.map((name) => reaches(number.value, minimums[name], partial)));
    if (met.size > 1) return not(platform.state);
    return met.has(null) ? not(NEVER) : known(met.has(true) ? "met" : "below");
  },
  ratio: (facts, one) => {
    const zero = one.unless_zero || [];
    if (zero.length && zero.every((id) => facts.get(id).value === 0)) return not(NEVER);
    const whole = facts.get(one.whole), part = facts.get(one.part);
    if (whole.state !== KNOWN || part.state !== KNOWN) {
      return not(whole.state === NEVER || part.state === NEVER ? NEVER : OPEN);
    }
    return whole.value ? known({ part: part.value * 100, of: whole.value }) : not(NEVER);
  },
  any_of: (facts, one) => {
    const ids = Object.keys(one.facts);
    return ids.some((id) => facts.read(one.id, id).value === one.facts[id]) ? known(one.gives) : facts.none(ids);
  },
  first_match: (facts, one) => {
    let fact = not(NEVER);
    for (const match of one.match) {
      fact = facts.read(one.id, match.fact);
      if (fact.state === KNOWN && match.any.indexOf(fact.value) >= 0) return known(match.gives);
    }
    return fact.state === KNOWN ? not(NEVER) : fact;
  },
  take: (facts, one) => {
    if ((one.unless_known || []).some((id) => facts.get(id).state === KNOWN)) return not(NEVER);
    const taken = facts.read(one.id, one.fact), where = Object.entries(one.where || {});
    if (!where.length) return taken;
    const held = where.map(([id, values]) => [facts.get(id), values]);
    if (taken.state !== KNOWN) return not(NEVER);
    if (held.some(([fact, values]) => fact.state === KNOWN && values.indexOf(fact.value) < 0)) return not(NEVER);
    const doubt = held.find(([fact]) => fact.state !== KNOWN);
    return doubt ? not(doubt[0].state) : taken;
  },
};

// Whether a version is the minimum or newer; null where parts that were left out decide.
function reaches(version, minimum, partial) {
  const ours = version.split(".").map(Number), theirs = minimum.split(".").map(Number);
  for (let at = 0; at < Math.max(ours.length, theirs.length); at++) {
    const difference = (ours[at] || 0) - (theirs[at] || 0);
    if (difference > 0) return true;
    if (difference) return partial && at >= ours.length ? null : false;
  }
  return true;
}

// The bits that a known value meets: of a number those of its place among the bounds, which are exact fractions.
function meets(column, value) {
  if (Array.isArray(value)) {
    const named = (ids) => ids.some((id) => value.indexOf(id) >= 0);
    return (column.lists || NONE).filter(([, empty, has, lacks]) => (empty === null || empty === !value.length) &&
      (has === null || named(has)) && (lacks === null || !named(lacks))).map(([bit]) => bit);
  }
  if (typeof value === "string") return (column.values || {})[value] || column.other || NONE;
  if (!column.steps) return NONE;
  const ratio = typeof value === "number" ? { part: value, of: 1 } : value;
  let at = 0;
  for (const [number, divisor] of column.bounds || NONE) {
    const side = ratio.part * divisor - number * ratio.of;
    if (side < 0) break;
    at += side > 0 ? 2 : 1;
    if (side === 0) break;
  }
  return column.steps[at];
}

// Sets the bits of a column by what is known of its fact.
function look(column, facts, state) {
  column.all.forEach((bit) => { state[bit] = UNMET; });
  const fact = facts.get(column.id);
  if (fact.state === OPEN) (column.may || NONE).forEach((bit) => { state[bit] = MAYBE; });
  const met = fact.state === KNOWN ? meets(column, fact.value) : fact.state === OPEN ? column.met : column.never;
  (met || NONE).forEach((bit) => { state[bit] = MET; });
}

// What all bits of a row say together.
function row(state, bits) {
  let worst = MET;
  for (let at = 0; at < bits.length && worst; at++) if (state[bits[at]] < worst) worst = state[bits[at]];
  return worst;
}

// What the best of several rows says; where there is none, nothing is asked for.
function anyRow(state, rows) {
  if (!rows || !rows.length) return MET;
  let best = UNMET;
  for (let at = 0; at < rows.length && best < MET; at++) best = Math.max(best, row(state, rows[at]));
  return best;
}

// Where every cause stands by these bits; sets the bits that look at the causes.
function judge(state) {
  const meet = (bit) => { state[bit] = MET; };
  ABOUT.forEach((bit) => { state[bit] = UNMET; });
  const statuses = DATA.causes.map((cause) => (cause.later ? UNDECIDED : standing(cause, state)));
  const stopped = DATA.causes.some((cause, at) => cause.stops && !cause.later && statuses[at] === 0);
  const clear = DATA.causes.every((cause, at) => cause.later || statuses[at] >= cause.clears);
  [stopped, clear].forEach((holds, at) => DATA.others[at][holds ? 1 : 0].forEach(meet));
  DATA.causes.forEach((cause, at) => { if (cause.later) statuses[at] = standing(cause, state); });
  DATA.about.forEach(([at, values]) => values[statuses[at]].forEach(meet));
  return { statuses: statuses, ranks: DATA.causes.map((cause, at) => cause.ranks[statuses[at]]), stopped: stopped };
}

function standing(cause, state) {
  let best = UNDECIDED, out = false;
  for (let at = 0; at < cause.rows.length; at++) {
    const status = cause.rows[at][0];
    if ((status < best || status === RULED_OUT) && row(state, cause.rows[at][1]) === MET) {
      if (status === RULED_OUT) out = true;
      else best = status;
    }
  }
  return best === UNDECIDED && out ? RULED_OUT : best;
}

// Judges every cause by the answers. `state` are the bits, `known` says whether anything is known at all.
function assess(answers) {
  const values = withImplied(answers), facts = new Facts(values), state = new Uint8Array(DATA.bits);
  DATA.columns.forEach((column) => look(column, facts, state));
  const found = Object.assign({ values: values, state: state }, judge(state));
  found.known = Object.keys(values).some((id) => values[id] !== UNKNOWN);
  found.seen = row(state, DATA.found) === MET && row(state, DATA.refused) !== MET;
  found.held = held(state);
  return found;
}

// The causes by their rank, as their index.
function ranked(found) {
  return found.ranks.map((rank, at) => [rank, at]).sort((a, b) => a[0] - b[0]).map(([, at]) => at);
}
