"use strict";
// The rules of the questions: the same facts, rows, order, skips and end as the program's own, on the same data.

const DATA = JSON.parse(document.getElementById("data").textContent);
const QUESTIONS = new Map(DATA.questions.map((question) => [question.id, question]));
const STATUSES = ["confirmed", "likely", "possible", "unknown", "ruled_out"];
const FOR = new Set(STATUSES.slice(0, 3));
const OPEN = 0, NEVER = 1, KNOWN = 2; // how far a fact is known
const UNMET = 0, MAYBE = 1, MET = 2; // what a condition says of it
const UNKNOWN = "unknown";

function known(value) {
  return { state: KNOWN, value: value };
}

function withImplied(answers) {
  const whole = Object.assign({}, answers);
  for (const steering of DATA.steering) {
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
    if (!(id in this.held)) this.held[id] = DERIVED[id] ? DERIVED[id](this) : this.answer(id);
    return this.held[id];
  }

  answer(id) {
    if (!(id in this.answers)) return { state: OPEN, value: null };
    return this.answers[id] === UNKNOWN ? { state: NEVER, value: null } : known(this.answers[id]);
  }

  none(...ids) {
    return { state: ids.some((id) => this.answer(id).state === OPEN) ? OPEN : NEVER, value: null };
  }
}

const DERIVED = {
  // a version is a bare number here, and that names no system
  "platform.in_text": (facts) => facts.none("wechat.version", "os.version"),
  "wechat.number": (facts) => number(facts.answer("wechat.version"), readWechat),
  "os.number": (facts) => number(facts.answer("os.version"), readSystem),
  "wechat.against_minimum": (facts) =>
    against(facts.get("wechat.number"), facts.get("client.platform"), DATA.minimums.wechat, DATA.phones),
  "os.against_minimum": (facts) => {
    const platform = facts.get("client.platform");
    if (platform.state === KNOWN && !(platform.value in DATA.minimums.os)) return { state: NEVER, value: null };
    return against(facts.get("os.number"), platform, DATA.minimums.os, []);
  },
  "debt.ratio": (facts) => {
    const income = facts.answer("debt.monthly_income"), repayment = facts.answer("debt.monthly_repayment");
    if (income.state !== KNOWN || repayment.state !== KNOWN) {
      return { state: income.state === NEVER || repayment.state === NEVER ? NEVER : OPEN, value: null };
    }
    return income.value ? known([repayment.value * 100, income.value]) : { state: NEVER, value: null };
  },
  "entry.found": (facts) => {
    const seen = facts.answer("entry.services_menu").value === "shown" ||
      facts.answer("entry.official_account").value === "opens_application";
    return seen ? known("yes") : facts.none("entry.services_menu", "entry.official_account");
  },
  "entry.in_wechat": (facts) => {
    if (facts.get("entry.found").state === KNOWN) return known("shown");
    const menu = facts.answer("entry.services_menu");
    if (menu.value === "not_shown" || menu.value === "no_services_menu") return known("not_shown");
    return menu.state === KNOWN ? { state: NEVER, value: null } : menu;
  },
  // nothing is measured on a phone's page
  "network.computer": () => ({ state: NEVER, value: null }),
  "network.shared_path": () => ({ state: NEVER, value: null }),
};

function number(told, read) {
  if (told.state !== KNOWN) return told;
  const version = read(told.value);
  return version === null ? { state: NEVER, value: null } : known(version);
}

function against(number, platform, minimums, phones) {
  if (number.state !== KNOWN) return number;
  const names = platform.state === KNOWN ? [platform.value] : phones;
  const met = new Set(names.filter((name) => name in minimums).map((name) => atLeast(number.value, minimums[name])));
  if (met.size !== 1) return { state: met.size || platform.state !== KNOWN ? platform.state : NEVER, value: null };
  return known(met.has(true) ? "met" : "below");
}

function atLeast(version, minimum) {
  const ours = version.split(".").map(Number), theirs = minimum.split(".").map(Number);
  for (let at = 0; at < Math.max(ours.length, theirs.length); at++) {
    const difference = (ours[at] || 0) - (theirs[at] || 0);
    if (difference) return difference > 0;
  }
  return true;
}

// Conditions: every member that is given must hold; bounds are exact fractions [number, divisor].
function check(condition, fact) {
  if (fact.state !== KNOWN) {
    if (condition.absent || condition.not) return MET;
    return fact.state === OPEN && condition.absent === undefined ? MAYBE : UNMET;
  }
  return holds(condition, fact.value) ? MET : UNMET;
}

function holds(condition, value) {
  if (condition.any) return condition.any.indexOf(value) >= 0;
  if (condition.absent !== undefined) return !condition.absent;
  if (condition.not) return condition.not.indexOf(value) < 0;
  if (condition.empty !== undefined) return (value.length === 0) === condition.empty;
  const ratio = Array.isArray(value) && typeof value[0] === "number" ? value : [value, 1];
  if (typeof ratio[0] !== "number") return false;
  const side = (bound) => ratio[0] * bound[1] - bound[0] * ratio[1];
  return (!condition.below || side(condition.below) < 0) && (!condition.above || side(condition.above) > 0) &&
    (!condition.at_least || side(condition.at_least) >= 0) && (!condition.at_most || side(condition.at_most) <= 0);
}

function checkAll(when, facts) {
  let worst = MET;
  for (const [id, condition] of when) {
    worst = Math.min(worst, check(condition, facts.get(id)));
    if (worst === UNMET) return UNMET;
  }
  return worst;
}

function judge(cause, facts) {
  const met = new Set(cause.rules.filter((rule) => checkAll(rule.when, facts) === MET).map((rule) => rule.status));
  const status = STATUSES.find((one) => FOR.has(one) && met.has(one)) || (met.has("ruled_out") ? "ruled_out" : UNKNOWN);
  return { cause: cause, status: status };
}

function assess(answers) {
  const facts = new Facts(withImplied(answers));
  const first = DATA.causes.filter((cause) => !cause.later).map((cause) => judge(cause, facts));
  const stopping = first.some((one) => one.cause.kind === 0 && one.status === "confirmed");
  const clear = first.every((one) => one.cause.must_clear ? one.status === "ruled_out" : !FOR.has(one.status));
  facts.held["others.requirement_confirmed"] = known(stopping ? "yes" : "no");
  facts.held["others.all_clear"] = known(clear ? "yes" : "no");
  const verdicts = first.concat(DATA.causes.filter((cause) => cause.later).map((cause) => judge(cause, facts)));
  verdicts.sort(rank);
  const found = facts.get("entry.found").state === KNOWN;
  return { verdicts: verdicts, facts: facts, ends: found ? "entry_found" : stopping ? "requirement_confirmed" : null };
}

function rank(a, b) {
  return STATUSES.indexOf(a.status) - STATUSES.indexOf(b.status) || a.cause.kind - b.cause.kind ||
    a.cause.effort - b.cause.effort || (a.cause.id < b.cause.id ? -1 : a.cause.id > b.cause.id ? 1 : 0);
}

// Whether the first cause is confirmed and stays first whatever is still answered.
function settled(assessment) {
  const first = assessment.verdicts[0];
  return first.status === "confirmed" && !assessment.verdicts.some((verdict) => verdict.status !== "confirmed" &&
    rank({ cause: verdict.cause, status: "confirmed" }, first) < 0 &&
    live(verdict, assessment.facts).some((rule) => rule.status === "confirmed"));
}

// The rows of a cause that are still open and would change its status if they came to be met.
function live(verdict, facts) {
  return verdict.cause.rules.filter((rule) => matters(rule.status, verdict.status) && checkAll(rule.when, facts) === MAYBE);
}

// What to ask next: the page whose answers are expected to change most for what they cost.
function interview(answers, goOn) {
  const assessment = assess(answers);
  const worth = worths(assessment);
  const remaining = [];
  for (const page of DATA.pages) {
    for (const id of page.questions) {
      const away = checkAll(QUESTIONS.get(id).only_if, assessment.facts) === UNMET;
      const told = id in assessment.facts.answers || assessment.facts.get(id).state === KNOWN;
      if (!told && !away && worth.has(id)) remaining.push(id);
    }
  }
  let best = null, most = -Infinity, left = 0;
  for (const page of DATA.pages) {
    const ids = page.questions.filter((id) => remaining.indexOf(id) >= 0);
    if (!ids.length) continue;
    left += 1;
    const cost = ids.reduce((sum, id) => sum + QUESTIONS.get(id).cost, 0);
    const steers = ids.some((id) => DATA.steering.indexOf(id) >= 0);
    const value = steers ? Infinity : ids.reduce((sum, id) => sum + worth.get(id), 0) / cost;
    if (value > most) [best, most] = [{ page: page, ids: ids }, value];
  }
  const stop = assessment.ends || (!remaining.length ? "nothing_left" : settled(assessment) ? "settled" : null);
  return { next: goOn || !stop ? best : null, remaining: remaining, left: left, stop: stop,
    verdicts: assessment.verdicts };
}

function worths(assessment) {
  const worth = new Map(), facts = assessment.facts;
  for (const verdict of assessment.verdicts) {
    for (const rule of live(verdict, facts)) {
      const open = rule.when.filter(([id, condition]) => check(condition, facts.get(id)) === MAYBE);
      const met = open.reduce((product, [id, condition]) => product * share(id, condition), 1);
      const ends = rule.status === "confirmed" && verdict.cause.kind === 0 ? DATA.ending : 0;
      const change = Math.abs(DATA.weight[rule.status] - DATA.weight[verdict.status]) * verdict.cause.chance + ends;
      const asked = new Set();
      open.forEach(([id]) => (DATA.inputs[id] || [id]).forEach((question) => asked.add(question)));
      asked.forEach((question) => worth.set(question, (worth.get(question) || 0) + met * change));
    }
  }
  const always = facts.get("entry.found").state === OPEN ? DATA.inputs["entry.found"].concat(DATA.always) : DATA.always;
  always.forEach((id) => worth.has(id) || worth.set(id, 0));
  for (const steering of DATA.steering) {
    const sets = new Set();
    QUESTIONS.get(steering).values.forEach((choice) => choice.sets.forEach(([id]) => sets.add(id)));
    const told = Array.from(sets).some((id) => id in facts.answers) || "entry.services_menu" in facts.answers;
    if (!told) worth.set(steering, 0);
  }
  return worth;
}

function matters(rule, now) {
  if (!FOR.has(rule)) return rule === "ruled_out" && now === UNKNOWN;
  return !FOR.has(now) || STATUSES.indexOf(rule) < STATUSES.indexOf(now);
}

function share(id, condition) {
  const question = QUESTIONS.get(id);
  if (!question) return 0.5;
  const met = question.spread.reduce((sum, [value, part]) => sum + (holds(condition, value) ? part : 0), 0);
  return Math.max(met, 0.001);
}
