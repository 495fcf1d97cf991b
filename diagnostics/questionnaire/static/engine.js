"use strict";
// The rule table of the program: facts by their operators, the bits that their values meet, and rows of bits.

const DATA = JSON.parse(document.getElementById("data").textContent);
const QUESTIONS = new Map(DATA.questions.map((question) => [question.id, question]));
const OPEN = 0, NEVER = 1, KNOWN = 2; // how far a fact is known
const UNMET = 0, MAYBE = 1, MET = 2; // what a bit or a row says
const UNKNOWN = "unknown", UNDECIDED = DATA.statuses.indexOf("unknown"), RULED_OUT = DATA.statuses.indexOf("ruled_out");

function known(value) {
  return { state: KNOWN, value: value };
}

function not(state) {
  return { state: state, value: null };
}

function withImplied(answers) {
  const whole = Object.assign({}, answers);
  for (const [steering] of DATA.steering) {
    const choice = QUESTIONS.get(steering).values.find((one) => one.id === answers[steering]);
    for (const [id, value] of choice ? choice.sets : []) {
      if (!(id in answers)) whole[id] = value;
    }
  }
  return whole;
}

class Facts {
  constructor(answers) {
    this.answers = answers;
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
    if (!(id in this.answers)) return not(OPEN);
    return this.answers[id] === UNKNOWN ? not(NEVER) : known(this.answers[id]);
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
    return column.lists.filter(([, empty, has, lacks]) => (empty === null || empty === !value.length) &&
      (has === null || named(has)) && (lacks === null || !named(lacks))).map(([bit]) => bit);
  }
  if (typeof value === "string") return value in column.values ? column.values[value] : column.other;
  const ratio = typeof value === "number" ? { part: value, of: 1 } : value;
  let at = 0;
  for (const [number, divisor] of column.bounds || []) {
    const side = ratio.part * divisor - number * ratio.of;
    if (side < 0) break;
    at += side > 0 ? 2 : 1;
    if (side === 0) break;
  }
  return column.steps[at];
}

// What all bits of a row say together.
function row(state, bits) {
  return bits.reduce((worst, bit) => Math.min(worst, state[bit]), MET);
}

// What the best of several rows says; where there is none, nothing is asked for.
function anyRow(state, rows) {
  return rows.length ? Math.max(...rows.map((bits) => row(state, bits))) : MET;
}

function assess(answers) {
  const facts = new Facts(withImplied(answers)), state = {};
  for (const [id, column] of DATA.columns) {
    [...column.open[0], ...column.open[1]].concat(...Object.values(column.values), column.other,
      column.lists.map(([bit]) => bit), ...column.steps).forEach((bit) => { state[bit] = UNMET; });
    const fact = facts.get(id);
    if (fact.state === OPEN) column.open[1].forEach((bit) => { state[bit] = MAYBE; });
    const met = fact.state === KNOWN ? meets(column, fact.value) : fact.state === OPEN ? column.open[0] : column.never;
    met.forEach((bit) => { state[bit] = MET; });
  }
  const first = DATA.causes.filter((cause) => !cause.later).map((cause) => judge(cause, state));
  const stopped = first.some((one) => one.cause.stops && one.at === 0);
  const clear = first.every((one) => one.at >= one.cause.clears);
  [stopped, clear].forEach((holds, at) => {
    const column = DATA.others[at];
    if (!column) return;
    Object.values(column.values).forEach((bits) => bits.forEach((bit) => { state[bit] = UNMET; }));
    meets(column, holds ? "yes" : "no").forEach((bit) => { state[bit] = MET; });
  });
  const verdicts = first.concat(DATA.causes.filter((cause) => cause.later).map((cause) => judge(cause, state)));
  verdicts.sort((a, b) => a.rank - b.rank);
  const found = row(state, DATA.found) === MET && row(state, DATA.refused) !== MET;
  const ends = found ? "entry_found" : stopped ? "requirement_confirmed" : null;
  return { verdicts: verdicts, facts: facts, state: state, ends: ends };
}

function judge(cause, state) {
  const met = cause.rows.filter((one) => row(state, one.bits) === MET).map((one) => one.status);
  const speaks = met.filter((status) => status < UNDECIDED);
  const at = speaks.length ? Math.min(...speaks) : met.indexOf(RULED_OUT) >= 0 ? RULED_OUT : UNDECIDED;
  return { cause: cause, at: at, status: DATA.statuses[at], rank: cause.ranks[at] };
}

// The rows that are open and would change their cause's status if they came to be met, the strongest cause first.
function live(assessment) {
  const found = [];
  for (const verdict of assessment.verdicts) {
    for (const one of verdict.cause.rows) {
      const matters = one.status < UNDECIDED ? one.status < verdict.at || verdict.at >= UNDECIDED :
        one.status === RULED_OUT && verdict.at === UNDECIDED;
      if (matters && row(assessment.state, one.bits) === MAYBE) found.push([verdict, one]);
    }
  }
  return found;
}

// How much each question that can still change something is expected to.
function worths(assessment, rows) {
  const worth = new Map(), answers = assessment.facts.answers;
  for (const [verdict, one] of rows) {
    const open = one.steps.filter(([bit]) => assessment.state[bit] === MAYBE);
    const gain = open.reduce((product, [, share]) => product * share, one.change[verdict.at]);
    const asked = new Set();
    open.forEach(([, , questions]) => questions.forEach((question) => asked.add(question)));
    asked.forEach((question) => worth.set(question, (worth.get(question) || 0) + gain));
  }
  const looking = row(assessment.state, DATA.found) === MAYBE ? DATA.look : [];
  const behind = [];
  for (const rows_ of DATA.situations) {
    if (rows_.some(([bits]) => row(assessment.state, bits) === MET)) continue;
    for (const [bits, asks] of rows_) {
      if (row(assessment.state, bits) === UNMET) continue;
      asks.filter(([bit]) => assessment.state[bit] === MAYBE).forEach(([, questions]) => behind.push(...questions));
    }
  }
  looking.concat(DATA.always, behind).forEach((id) => worth.has(id) || worth.set(id, 0));
  for (const [steering, sets] of DATA.steering) {
    if (!sets.concat(DATA.first_look).some((id) => id in answers)) worth.set(steering, 0);
  }
  return worth;
}

// What to ask next: the page whose answers are expected to change most for what they cost.
function interview(answers, goOn) {
  const assessment = assess(answers), rows = live(assessment), worth = worths(assessment, rows);
  const asks = (id) => worth.has(id) && !(id in assessment.facts.answers) &&
    !(id in DATA.follows && row(assessment.state, DATA.follows[id]) === MET) &&
    anyRow(assessment.state, QUESTIONS.get(id).only_if) !== UNMET;
  const remaining = [];
  let best = null, most = [-Infinity, 0], left = 0;
  for (const page of DATA.pages) {
    const ids = page.questions.filter(asks);
    if (!ids.length) continue;
    remaining.push(...ids);
    left += 1;
    const cost = ids.reduce((sum, id) => sum + QUESTIONS.get(id).cost, 0);
    const value = [turn(page, ids, assessment.state), ids.reduce((sum, id) => sum + worth.get(id), 0) / cost];
    if (value[0] > most[0] || (value[0] === most[0] && value[1] > most[1])) [best, most] = [{ page: page, ids: ids }, value];
  }
  const first = assessment.verdicts[0];
  const settled = first.at === 0 && !rows.some(([verdict, one]) => one.status === 0 && verdict.cause.ranks[0] < first.rank);
  const danger = DATA.steering.some(([id]) => DATA.danger.indexOf(answers[id]) >= 0) &&
    DATA.in_danger.some((id) => remaining.indexOf(id) >= 0);
  const stop = danger ? null : assessment.ends || (settled ? "settled" : !remaining.length ? "nothing_left" : null);
  return { next: goOn || !stop ? best : null, remaining: remaining, left: left, stop: stop,
    verdicts: assessment.verdicts };
}

// Which pages come before which, whatever their worth: the same turns as the program's.
function turn(page, ids, state) {
  if (ids.some((id) => DATA.steering.some(([steering]) => steering === id))) return 4;
  const only = (id) => QUESTIONS.get(id).only_if;
  const endangered = DATA.always.filter((id) => only(id).length && anyRow(state, only(id)) === MET);
  if (ids.some((id) => endangered.indexOf(id) >= 0)) return 3;
  if (ids.indexOf(DATA.always[0]) >= 0) return endangered.length ? 2 : 1;
  return ids.some((id) => DATA.look.indexOf(id) >= 0) ? 1 : page.last ? -1 : 0;
}
