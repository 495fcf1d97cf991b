// The course of the questionnaire. Answers stay on this phone until they are copied as a code or deleted.

const STORE = "weilidai-questionnaire";
const REST = 400; // milliseconds in which a tap on a new screen counts for nothing: it was meant for the one before
const BEGINNING = { view: "welcome", answers: {}, queue: [], goOn: false, done: false, warned: false, edit: null };
let now = BEGINNING; // the screen that is shown, with all that it depends on
let trail = []; // the screens before it
let offers = {}; // every answer ever given here or read from the browser: chosen when its question comes again
let keeps = true; // whether this browser keeps anything
let walks = true; // whether it lets the page count its screens for the back key
let shownAt = 0;

function save() {
  try {
    const kept = { layout: DATA.layout, now: now, trail: trail, offers: offers };
    if (trail.length || Object.keys(offers).length) localStorage.setItem(STORE, JSON.stringify(kept));
    else localStorage.removeItem(STORE);
  } catch (error) {
    keeps = false; // the page works all the same, until it is closed
  }
}

function kept() {
  try {
    const found = JSON.parse(localStorage.getItem(STORE));
    const ours = found && found.layout === DATA.layout && Array.isArray(found.trail) && VIEWS[found.now.view];
    return ours && Object.keys(found.now.answers).every((id) => QUESTIONS.has(id)) ? found : null;
  } catch (error) {
    return null; // nothing kept, or nothing that can be read
  }
}

function count(act, depth) {
  try {
    history[act]({ depth: depth }, "");
  } catch (error) {
    walks = false; // some viewers of files allow no history
  }
}

// Goes on to another screen; the one that is left can be come back to.
function go(change) {
  trail.push(now);
  now = Object.assign({}, now, change);
  count("pushState", trail.length);
  save();
  draw();
}

function give(answers) {
  const asked = now.edit === null ? asking() : null;
  Object.assign(offers, answers);
  go({ answers: Object.assign({}, now.answers, answers), queue: asked ? asked.queue : now.queue, edit: null });
}

function back() {
  if (walks) history.back();
  else step(trail.length - 1);
}

// Shows the screen at this place of the trail; forward only where the answers are known that led there.
function step(depth) {
  while (trail.length > Math.max(0, depth)) now = trail.pop();
  if (trail.length < depth) count("replaceState", trail.length);
  save();
  draw();
}

function erase() {
  const depth = trail.length;
  trail = [];
  offers = {};
  now = BEGINNING;
  save();
  draw();
  if (walks && depth) history.go(-depth);
}

function resume(found) {
  now = found.now;
  trail = found.trail;
  offers = found.offers;
  if (!history.state || history.state.depth !== trail.length) {
    count("replaceState", 0);
    for (let depth = 1; depth <= trail.length && walks; depth++) count("pushState", depth);
  }
  draw();
}

// What is asked now: the lines of a checklist, or one question with the rest of its page behind it; null at the end.
function asking() {
  const asked = interview(now.answers, now.goOn);
  const queue = now.queue.filter((id) => asked.remaining.indexOf(id) >= 0);
  if (now.edit !== null) return { lines: [], question: QUESTIONS.get(now.edit), queue: now.queue, useful: 0 };
  if (!queue.length && !asked.next) return null;
  const ids = queue.length ? queue : asked.next.ids;
  const page = DATA.pages.find((one) => one.questions.indexOf(ids[0]) >= 0);
  const lines = queue.length || ids.length < 2 ? [] : (page.lines || []).filter(([id]) => ids.indexOf(id) >= 0);
  return { page: page, useful: Math.max(asked.useful, ids.length), queue: lines.length ? [] : ids.slice(1), lines: lines,
    question: QUESTIONS.get(ids[0]) };
}

function harmed() {
  const told = withImplied(now.answers);
  return DATA.in_danger.some((id) => Array.isArray(told[id]) && told[id].length) || told["account.stolen"] === "yes" ||
    told["scam.offered_paid_opening"] === "yes" || told["complaint.what"] === "harm";
}

function show(title, ...children) {
  const main = document.getElementById("main"), heading = make("h1", { tabindex: "-1" }, title);
  while (main.firstChild) main.removeChild(main.firstChild);
  const warning = harmed() && now.warned && now.view !== "result" ?
    [make("div", { class: "alert", role: "note" }, said("", DATA.scam_line))] : [];
  const steps = trail.length && now.view !== "welcome" ? [button(now.view === "ask" ? T.back : T.leave, "small", back)] : [];
  const told = children.filter((child) => child.className === "progress");
  const bar = told.length ? [make("progress", { value: told[0].dataset.done, max: told[0].dataset.all, "aria-hidden": "true" })] : [];
  const top = steps.length || told.length ? [make("div", { class: "top" }, ...steps, ...told), ...bar] : [];
  top.concat(warning, heading, children.filter((child) => told.indexOf(child) < 0)).forEach((child) => main.append(child));
  window.scrollTo(0, 0);
  heading.focus();
  shownAt = performance.now();
  requestAnimationFrame(() => { shownAt = performance.now(); }); // a slow phone shows it only now
}

function draw() {
  const view = now.view !== "ask" ? now.view : harmed() && !now.warned ? "warn" :
    now.edit === null && (now.done || !asking()) ? "review" : "ask";
  VIEWS[view]();
}

const VIEWS = {
  welcome: () => {
    const found = kept(), begun = found && found.trail.length, begin = () => go({ view: "ask" });
    const read = folded(T.read_title, make("p", { class: "soft" }, T.read_about), button(T.read, "choice", readVersions),
      make("div", { role: "status", id: "read" }));
    const start = begun ? button(T.resume, "main", () => resume(found)) : button(T.start, "main", begin);
    const lost = keeps ? [] : [make("p", { class: "fault" }, T.keeps_nothing)];
    show(T.welcome, make("p", null, T.about), make("p", null, T.private), ...lost, start,
      ...(found ? erasing(T.restart) : []), read);
  },

  // once, a whole screen; afterwards one line on every screen
  warn: () => {
    const lines = DATA.scam.match(/[^。.]+[。.]?/g);
    show(T.warn, make("div", { class: "alert", role: "alert" }, ...lines.map((line) => said("", line.trim()))),
      button(T.understood, "main", () => go({ warned: true })));
  },

  ask: () => {
    const asked = asking(), question = asked.question, done = Object.keys(now.answers).length;
    const progress = make("p", { class: "progress", "data-done": done, "data-all": done + asked.useful }, now.edit !== null ?
      T.changing : done ? fill(T.left, { done: done, count: asked.useful }) : "");
    const enough = done ? [button(T.enough, "plain", () => go({ done: true, edit: null }))] : [];
    const offered = Object.assign({}, offers, now.answers);
    if (asked.lines.length) {
      const hints = asked.lines.map(([id, , , text]) => `${text}${T.colon}${QUESTIONS.get(id).how}`);
      show(asked.page.title, progress, form(asked, offered, give), folded(T.how, list("ul", hints)), ...enough);
    } else {
      show(question.ask, progress, make("p", { class: "soft" }, question.how), form(asked, offered, give),
        folded(T.why, said("", question.why)), ...enough);
    }
  },

  review: () => {
    const ids = Object.keys(now.answers), asked = interview(now.answers, now.goOn);
    const rows = ids.map((id) => {
      const question = QUESTIONS.get(id), value = sayValue(question, now.answers[id]);
      const change = button(T.change, "small", () => go({ view: "ask", edit: id }));
      change.setAttribute("aria-label", `${T.change}${T.colon}${question.title}`);
      return make("li", null, make("span", null, make("span", { class: "soft" }, question.title), value), question.ask ? change : "");
    });
    const more = asked.remaining.length ? [button(fill(T.go_on, { count: asked.remaining.length }), "choice",
      () => go({ view: "ask", done: false, goOn: true }))] : [];
    show(T.review, make("p", { class: "soft" }, T.review_about), make("ul", { class: "rows" }, ...rows),
      button(T.right, "main", () => go({ view: "result" })), ...more);
  },

  result: () => {
    const said_ = advise(now.answers, new Date().toISOString().slice(0, 10)), asked = interview(now.answers, now.goOn);
    const parts = harmed() ? [make("div", { class: "alert", role: "note" }, said("", DATA.scam_line))] : [];
    said_.others.forEach((text) => parts.push(said("", text)));
    const [first, ...later] = said_.steps.slice(0, 3);
    if (first) {
      const again = (first.action.rechecks || []).find((id) => id in now.answers && QUESTIONS.get(id).ask);
      parts.push(make("div", { class: "step" }, make("h2", null, T.first), said("", first.text),
        said("soft", fill(T.verify, { text: first.action.verify })),
        again ? button(T.done_it, "choice", () => go({ view: "ask", edit: again })) : ""));
    } else {
      parts.push(make("p", null, T.nothing_yet));
    }
    if (later.length) parts.push(make("h2", null, T.then), list("ol", later.map((one) => one.text), 2));
    if (said_.seen) {
      parts.push(folded(T.found, list("ol", DATA.steps)), folded(T.cautions, list("ul", DATA.cautions)));
    }
    parts.push(...codeParts());
    if (asked.remaining.length) {
      const why = now.done ? "" : DATA.stops[asked.stop] || "";
      parts.push(make("h2", null, T.more), make("p", { class: "soft" }, why), button(fill(T.go_on,
        { count: asked.remaining.length }), "choice", () => go({ view: "ask", done: false, goOn: true })));
    }
    parts.push(button(T.answers, "choice", () => go({ view: "review" })));
    DATA.limits.forEach((text) => parts.push(make("p", { class: "soft" }, text)));
    show(said_.text, ...parts, ...erasing(T.erase));
  },
};

function codeParts() {
  const code = encode(now.answers), told = make("p", { class: "soft", role: "status" });
  const output = make("output", { class: "code", "aria-label": T.code }, code);
  const share = navigator.share ? [button(T.share, "choice", () => {
    navigator.share({ text: code }).then(() => 0, (error) => {
      told.textContent = error && error.name === "AbortError" ? "" : T.not_shared;
    });
  })] : [];
  return [make("h2", null, T.done), make("p", { class: "soft" }, T.send), output,
    button(T.copy, "main", () => copy(code, output, told)), ...share, told];
}

// A button that deletes all, after a question.
function erasing(name) {
  const sure = make("div", { class: "alert", role: "alert", hidden: true }, make("p", null, T.erase_sure),
    button(T.erase_yes, "choice", erase), button(T.erase_no, "choice", () => { sure.hidden = true; }));
  return [button(name, "plain", () => { sure.hidden = false; shownAt = performance.now(); }), sure];
}

function readVersions() {
  const found = readAgent(navigator.userAgent), ids = Object.keys(found);
  Object.assign(offers, found);
  const told = document.getElementById("read");
  told.textContent = "";
  told.append(ids.length ? list("ul", ids.map((id) =>
    `${QUESTIONS.get(id).title}${T.colon}${sayValue(QUESTIONS.get(id), found[id])}`)) : make("p", null, T.read_nothing));
  if (ids.length) told.append(make("p", { class: "soft" }, T.read_after));
}

function copy(code, output, told) {
  const selected = () => {
    const range = document.createRange();
    range.selectNodeContents(output);
    window.getSelection().removeAllRanges();
    window.getSelection().addRange(range);
    told.textContent = document.execCommand("copy") ? T.copied : T.not_copied;
  };
  if (navigator.clipboard && navigator.clipboard.writeText && window.isSecureContext) {
    navigator.clipboard.writeText(code).then(() => { told.textContent = T.copied; }, selected);
  } else {
    selected();
  }
}

function begin() {
  const early = (event) => {
    if (performance.now() - shownAt >= REST) return;
    event.preventDefault();
    event.stopPropagation();
  };
  ["click", "submit"].forEach((kind) => document.addEventListener(kind, early, true));
  document.addEventListener("keydown", () => document.documentElement.classList.remove("tapped"), true);
  document.addEventListener("touchstart", () => document.documentElement.classList.add("tapped"), true);
  window.addEventListener("popstate", (event) => step(event.state ? event.state.depth : 0));
  const found = kept(), depth = history.state ? history.state.depth : 0;
  try {
    localStorage.setItem(`${STORE}-`, "");
    localStorage.removeItem(`${STORE}-`);
  } catch (error) {
    keeps = false;
  }
  if (found) offers = found.offers;
  if (found && depth) resume(found); // a reload: the same screen again
  else draw();
  window.onerror = null;
}

begin();
