// Situations and actions of the program: what the person is in, what to do about it, and what an answer would change.

const ALWAYS_VALID = ""; // a day on which nothing dated is over: what is asked does not depend on the calendar

// The situations that hold, as their index, the leading one first.
function held(state) {
  const found = [];
  DATA.situations.forEach((one, at) => {
    if (one.rows.some((bits) => row(state, bits) === MET) && !(one.alone && found.length)) found.push(at);
  });
  return found;
}

function valid(until, day) {
  return !until || day <= until;
}

function fitting(texts, state, day) {
  const found = (texts || NONE).find(([, rows, until]) => anyRow(state, rows) === MET && valid(until, day));
  return found ? found[0] : null;
}

// The sentence that answers a person in this situation: the first strong cause speaks where the situation lets it.
function sentence(found, at, day) {
  const one = DATA.situations[at], first = ranked(found)[0];
  const said = one.cause_speaks && found.statuses[first] < POSSIBLE ?
    fitting(DATA.causes[first].says, found.state, day) : null;
  return said || fitting(one.texts, found.state, day) || one.title;
}

// Adds what an owner offers this person, each with its place: urgency, the owner's claim, its value, its turn.
function offer(placed, offers, state, status, claim, day) {
  let least = 0;
  for (const [number, rows, chance] of offers || NONE) {
    const action = DATA.actions[number], fits = anyRow(state, rows);
    const words = !valid(action.until, day) || fits === UNMET ? null : fits === MET ? action.text : action.general;
    if (!words) continue;
    const value = -((chance === undefined ? DATA.weights.status[status] : chance) / action.cost);
    least = value > least || !least ? value : least;
    placed.push({ place: [action.urgency, claim, claim ? least : 0, placed.length], action: action, text: words });
  }
}

function before(a, b) {
  const at = a.place.findIndex((value, index) => value !== b.place[index]);
  return a.place[at] - b.place[at];
}

// Every action that fits, in the order to try it; one may stand there more than once.
function plan(found, day) {
  const placed = [];
  if (!found.known) return placed;
  const leading = DATA.situations[found.held[0]];
  (leading.conclusive ? found.held.slice(0, 1) : found.held).forEach((at, number) =>
    offer(placed, DATA.situations[at].offers, found.state, POSSIBLE, number ? 2 : 1, day));
  if (!found.seen && leading.about_entry) {
    const ending = found.held.map((at) => DATA.situations[at]).find((one) => one.conclusive);
    const closed = (ending && ending.closed_by || NONE).filter((at) => found.statuses[at] < POSSIBLE);
    const standing = (at) => closed.length ? closed.includes(at) : found.statuses[at] < UNDECIDED;
    ranked(found).filter(standing).forEach((at) =>
      offer(placed, DATA.causes[at].offers, found.state, found.statuses[at], found.statuses[at] < POSSIBLE ? 0 : 1, day));
  }
  return placed.sort(before);
}

// What the program says of these answers: the leading situation, what else holds, and each step once.
function advise(answers, day) {
  const found = assess(answers), steps = [], others = [];
  const said = sentence(found, found.held[0], day);
  plan(found, day).forEach((one) => {
    if (!steps.some((step) => step.action === one.action)) steps.push(one);
  });
  found.held.slice(1).map((at) => sentence(found, at, day)).forEach((text) => {
    if (text !== said && others.indexOf(text) < 0) others.push(text);
  });
  return { situation: DATA.situations[found.held[0]].id, text: said, others: others, steps: steps, seen: found.seen };
}

// Tries other answers in a case: what a person would be told first.
class Trials {
  constructor(found) {
    this.found = found;
    this.now = this.advised(found);
    const watched = new Set(), watch = (rows) => (rows || NONE).forEach((bits) => bits.forEach((bit) => watched.add(bit)));
    DATA.situations.forEach((one) => watch(one.rows));
    const offers = found.held.map((at) => DATA.situations[at].offers).concat(
      DATA.causes.filter((cause, at) => found.statuses[at] < UNDECIDED).map((cause) => cause.offers));
    offers.forEach((some) => (some || NONE).forEach(([, rows]) => watch(rows)));
    this.watched = [...watched];
  }

  // The answers that people give, with their shares; where it is told what those say who answered so before, theirs.
  answers(id) {
    const told = DATA.after.find(([before, answer, shares]) => this.found.values[before] === answer && id in shares);
    return (told ? told[2][id] : QUESTIONS.get(id).spread) || NONE;
  }

  // How likely the answer changes the first step or the situation, the cause that speaks alone, the second step alone,
  // the first cause of somebody who misses the entry.
  chance(id) {
    const sum = [0, 0, 0, 0], about = DATA.situations[this.now.leading].about_entry;
    for (const [value, share] of this.answers(id)) {
      const then = this.after([id], [value]);
      if (then === this.now) continue;
      if (then.leading !== this.now.leading || then.first !== this.now.first) sum[0] += share;
      else if (then.speaks !== this.now.speaks) sum[1] += share;
      else if (then.second !== this.now.second) sum[2] += share;
      if (then.cause !== this.now.cause && about) sum[3] += share;
    }
    return sum;
  }

  // The same of answers together, of which one alone decides nothing: an income and the repayments.
  together(ids) {
    let changed = 0;
    const go = (values, share) => {
      const spread = values.length < ids.length ? this.answers(ids[values.length]) : NONE;
      if (values.length === ids.length) {
        const then = this.after(ids, values);
        if (["leading", "first", "speaks"].some((part) => then[part] !== this.now[part])) changed += share;
      }
      spread.forEach(([value, part]) => go(values.concat([value]), share * part));
    };
    go([], 1);
    return changed;
  }

  after(ids, answers) {
    const now = this.found, state = now.state.slice(), values = Object.assign({}, now.values);
    ids.forEach((id, at) => { values[id] = answers[at]; });
    const facts = new Facts(values), closed = new Set();
    ids.forEach((id) => (TOUCHED[id] || NONE).forEach((column) => {
      look(column, facts, state);
      if (column.id === id && !DATA.facts[id]) column.all.forEach((bit) => closed.add(bit));
    }));
    const judged = judge(state);
    for (let bit = 0; bit < state.length; bit++) {
      if (state[bit] !== MET) state[bit] = now.state[bit] !== UNMET && !closed.has(bit) ? MAYBE : UNMET;
    }
    const same = (bit) => (state[bit] === MET) === (now.state[bit] === MET);
    if (now.known && this.watched.every(same) && judged.statuses.every((status, at) =>
      status === now.statuses[at] || (status >= UNDECIDED && now.statuses[at] >= UNDECIDED))) return this.now;
    return this.advised(Object.assign(judged, { state: state, values: values, known: true, held: held(state),
      seen: row(state, DATA.found) === MET && row(state, DATA.refused) !== MET }));
  }

  advised(found) {
    const steps = plan(found, ALWAYS_VALID), first = steps.length ? steps[0].action : null;
    const second = steps.find((one) => one.action !== first);
    const cause = ranked(found)[0], stands = found.statuses[cause] < UNDECIDED;
    const speaks = found.statuses[cause] < POSSIBLE && DATA.situations[found.held[0]].cause_speaks;
    return { leading: found.held[0], first: first, second: second ? second.action : null,
      cause: stands ? cause : null, speaks: speaks ? cause : null };
  }
}
