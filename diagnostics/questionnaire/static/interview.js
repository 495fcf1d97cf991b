// What to ask next and when to stop: the program's way.

// The rows that are open and would change their cause's status if they came to be met, the strongest cause first.
function live(found) {
  const rows = [];
  for (const at of ranked(found)) {
    const now = found.statuses[at];
    for (const [status, bits] of DATA.causes[at].rows) {
      const matters = status < UNDECIDED ? status < now || now >= UNDECIDED : status === RULED_OUT && now === UNDECIDED;
      if (matters && row(found.state, bits) === MAYBE) rows.push({ at: at, status: status, bits: bits });
    }
  }
  return rows;
}

// The share of people whose answer would meet a bit, by the weights; of derived facts an even chance.
const SHARES = {};
function share(bit) {
  if (!(bit in SHARES)) {
    const column = COLUMN_OF[bit], question = QUESTIONS.get(column.id);
    const met = ([value]) => meets(column, value).indexOf(bit) >= 0;
    SHARES[bit] = question && question.spread ?
      Math.max(0.001, question.spread.filter(met).reduce((sum, one) => sum + one[1], 0)) : 0.5;
  }
  return SHARES[bit];
}

function asksOf(bit) {
  return COLUMN_OF[bit].asks || [COLUMN_OF[bit].id];
}

// How much each question that can still change something is expected to.
function worths(found, answers) {
  const worth = new Map(), status = DATA.weights.status, state = found.state;
  for (const one of live(found)) {
    const cause = DATA.causes[one.at], open = one.bits.filter((bit) => state[bit] === MAYBE), asked = new Set();
    const change = Math.abs(status[one.status] - status[found.statuses[one.at]]) * cause.chance +
      (one.status === 0 && cause.stops ? DATA.weights.ending : 0);
    const gain = open.reduce((product, bit) => product * share(bit), change);
    open.forEach((bit) => asksOf(bit).forEach((id) => asked.add(id)));
    asked.forEach((id) => worth.set(id, (worth.get(id) || 0) + gain));
  }
  const behind = row(state, DATA.found) === MAYBE ? DATA.look.concat(DATA.always) : DATA.always.slice();
  const ask = (rows) => rows.forEach((bits) => {
    if (row(state, bits) === UNMET || bits.some((bit) => ABOUT.has(bit))) return;
    bits.filter((bit) => state[bit] === MAYBE).forEach((bit) => behind.push(...asksOf(bit)));
  });
  DATA.situations.filter(({ rows }) => !rows.some((bits) => row(state, bits) === MET)).forEach(({ rows }) => ask(rows));
  (DATA.situations[found.held[0]].offers || NONE).forEach(([, rows]) => ask(rows || NONE));
  const steers = (id) => DATA.steering.some(([steering]) => steering === id);
  behind.filter((id) => !worth.has(id) && !steers(id)).forEach((id) => worth.set(id, 0));
  for (const [steering, sets] of DATA.steering) {
    if (!sets.concat(DATA.steered).some((id) => id in found.values)) worth.set(steering, 0);
  }
  return worth;
}

let last = { key: null, asked: null };

// What to ask next: the page whose answers are expected to change most of what is told, for what they cost.
function interview(answers, goOn) {
  const key = JSON.stringify([answers, goOn]);
  if (last.key !== key) last = { key: key, asked: ask(answers, goOn) };
  return last.asked;
}

function ask(answers, goOn) {
  const found = assess(answers), worth = worths(found, answers), trials = new Trials(found), chances = {};
  const only = (id) => QUESTIONS.get(id).only_if, near = nearer(found);
  const asks = (id) => worth.has(id) && !(id in found.values) && !(near && QUESTIONS.get(id).sensitive) &&
    !(id in DATA.follows && row(found.state, DATA.follows[id]) === MET) && anyRow(found.state, only(id)) !== UNMET;
  const turns = DATA.pages.map((page) => ({ page: page, ids: page.questions.filter(asks) })).filter((one) => one.ids.length);
  const remaining = [].concat(...turns.map((one) => one.ids));
  const steers = (id) => DATA.steering.some(([steering]) => steering === id);
  turns.forEach((one) => {
    one.sensible = one.ids.filter((id) => anyRow(found.state, only(id)) === MET);
    one.ids.forEach((id) => {
      chances[id] = one.sensible.indexOf(id) < 0 ? [0, 0, 0, 0] : steers(id) ? [1, 0, 0, 0] : trials.chance(id);
    });
  });
  const telling = tellingOf(trials, chances, turns), tells = (id) => telling.has(id);
  const stop = reasonToStop(found, answers, remaining, !telling.size);
  let best = null, most = [-Infinity, 0];
  if (turns.length && (goOn || !stop)) {
    const some = turns.filter((one) => one.sensible.some(tells)), sense = turns.filter((one) => one.sensible.length);
    (some.length ? some : sense.length ? sense : turns).forEach((one) => {
      const value = [turn(one, found), valueOf(worth, chances, one.ids)];
      if (value[0] > most[0] || (value[0] === most[0] && value[1] > most[1])) [best, most] = [one, value];
    });
  }
  const next = best && { page: best.page, ids: askedNow(best.page, best.sensible.length ? best.sensible : best.ids, chances, tells) };
  const useful = remaining.filter((id) => chances[id][0] >= DATA.enough).length;
  return { next: next, remaining: remaining, stop: stop, useful: useful, found: found };
}

// Whether something nearer than the bank's assessment is to be put right first, or closes the person out.
function nearer(found) {
  const leading = DATA.situations[found.held[0]];
  const stands = (cause, at) => cause.nearer && found.statuses[at] < POSSIBLE;
  return leading.about_cause && (leading.conclusive || DATA.causes.some(stands));
}

function reasonToStop(found, answers, remaining, enough) {
  const danger = DATA.steering.some(([id]) => DATA.danger.indexOf(answers[id]) >= 0);
  if (danger && DATA.in_danger.some((id) => remaining.indexOf(id) >= 0)) return null;
  if (remaining.indexOf(DATA.harm) >= 0 && anyRow(found.state, QUESTIONS.get(DATA.harm).only_if) === MET) return null;
  if (found.seen) return "entry_found";
  if (DATA.look_first.indexOf(DATA.situations[found.held[0]].id) >= 0) return "look_first";
  if (found.stopped) return "requirement_confirmed";
  const first = ranked(found)[0], rank = found.ranks[first];
  const rival = (one) => one.status === 0 && DATA.causes[one.at].ranks[0] < rank;
  if (found.statuses[first] === 0 && !live(found).some(rival)) return "settled";
  return !remaining.length ? "nothing_left" : enough ? "enough" : null;
}

// The questions worth asking: the others are spared, the least chance for its cost before the others, the last page
// before all, as many as together hardly matter. A checklist is asked as a whole or not at all.
function tellingOf(trials, chances, turns) {
  const lots = [], told = (id) => chances[id][0] + chances[id][1], asked = new Set();
  const cost = (ids) => ids.reduce((sum, id) => sum + QUESTIONS.get(id).cost, 0);
  for (const { page, sensible } of turns) {
    const ids = page.lines ? sensible.filter((id) => told(id) > 0) : sensible;
    const alone = 1 - ids.reduce((product, id) => product * (1 - told(id)), 1);
    const whole = page.together && ids.length > 1 && alone < DATA.enough ? trials.together(ids) : 0;
    const some = whole > alone || page.lines ? [[Math.max(whole, alone), ids]] : ids.map((id) => [told(id), [id]]);
    some.forEach(([chance, own]) => { if (chance > 0) lots.push([page.last ? 0 : 1, chance / cost(own), chance, own]); });
  }
  let same = 1;
  for (const [, , chance, ids] of lots.sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    if (1 - same * (1 - chance) < DATA.spared) same *= 1 - chance;
    else ids.forEach((id) => asked.add(id));
  }
  return asked;
}

// What is asked of a page: what may change the first step, of a checklist what may change anything.
function askedNow(page, ids, chances, tells) {
  const any = ids.filter((id) => chances[id].reduce((sum, one) => sum + one, 0) > 0);
  const own = page.lines ? any : ids.filter(tells);
  return own.length ? own : any.length ? any : ids;
}

function valueOf(worth, chances, ids) {
  const sum = (of) => ids.reduce((total, id) => total + of(id), 0);
  const gains = sum((id) => chances[id].reduce((total, chance, at) => total + DATA.gains[at] * chance, 0));
  return (gains + DATA.cause_share * sum((id) => worth.get(id))) / sum((id) => QUESTIONS.get(id).cost);
}

// Which pages come before which, whatever their worth: the same turns as the program's.
function turn(one, found) {
  const state = found.state;
  const has = (ids) => one.ids.some((id) => ids.indexOf(id) >= 0);
  const only = (id) => QUESTIONS.get(id).only_if;
  const endangered = DATA.always.filter((id) => only(id) && anyRow(state, only(id)) === MET);
  if (has(endangered)) return 4;
  if (has(DATA.steering.map(([id]) => id))) return 3;
  if (has(DATA.always.slice(0, 1))) return endangered.length ? 2 : 1;
  if (one.page.look) return DATA.not_entry.indexOf(DATA.situations[found.held[0]].id) < 0 ? 1 : 0;
  return one.page.last ? -2 : one.ids.some((id) => QUESTIONS.get(id).sensitive) ? -1 : 0;
}
