// The course of the questionnaire. Answers stay on this phone until they are copied as a code or deleted.

const STORE = "weilidai-questionnaire";
const state = { answers: {}, steps: [], queue: [], goOn: false, told: {}, done: false };

function save() {
  const kept = { layout: DATA.layout, answers: state.answers, steps: state.steps, queue: state.queue, goOn: state.goOn };
  try {
    if (state.steps.length) localStorage.setItem(STORE, JSON.stringify(kept));
    else localStorage.removeItem(STORE);
  } catch (error) {
    return; // a browser that keeps nothing: the page works all the same, until it is closed
  }
}

function kept() {
  try {
    const found = JSON.parse(localStorage.getItem(STORE));
    return found && found.layout === DATA.layout && Object.keys(found.answers).every((id) => QUESTIONS.has(id)) ? found : null;
  } catch (error) {
    return null; // nothing kept, or nothing that can be read
  }
}

function give(answers) {
  const now = asking();
  state.steps.push({ ids: Object.keys(answers), queue: state.queue, goOn: state.goOn });
  state.queue = now ? now.queue : [];
  Object.assign(state.answers, answers);
  save();
  draw();
}

function back() {
  const step = state.steps.pop() || { ids: [], queue: [], goOn: false };
  step.ids.forEach((id) => delete state.answers[id]);
  Object.assign(state, { queue: step.queue, goOn: step.goOn, done: false });
  save();
  draw();
}

function restart() {
  Object.assign(state, { answers: {}, steps: [], queue: [], goOn: false, done: false });
  save();
  welcome();
}

function goOn() {
  state.goOn = true;
  state.done = false;
  save();
  draw();
}

// What is asked now: the lines of a checklist, or one question with the rest of its page behind it; null at the end.
function asking() {
  const now = interview(state.answers, state.goOn);
  const queue = state.queue.filter((id) => now.remaining.indexOf(id) >= 0);
  if (!queue.length && !now.next) return null;
  const ids = queue.length ? queue : now.next.ids;
  const page = DATA.pages.find((one) => one.questions.indexOf(ids[0]) >= 0);
  if (!queue.length && page.lines.length && ids.length > 1) {
    return { page: page, left: now.left, queue: [], lines: page.lines.filter((line) => ids.indexOf(line.question) >= 0) };
  }
  return { page: page, left: now.left, queue: ids.slice(1), lines: [], question: QUESTIONS.get(ids[0]) };
}

function show(title, ...children) {
  const main = document.getElementById("main"), heading = make("h2", { tabindex: "-1" }, title);
  const told = withImplied(state.answers);
  const scam = ["safety.contact", "safety.given"].some((id) => Array.isArray(told[id]) && told[id].length) ||
    told["account.stolen"] === "yes" || told["scam.offered_paid_opening"] === "yes" || told["complaint.what"] === "harm";
  main.replaceChildren();
  if (scam) main.append(make("div", { class: "alert", role: "note" }, make("p", null, DATA.scam)));
  [heading].concat(children).forEach((child) => main.append(child));
  window.scrollTo(0, 0);
  heading.focus();
}

function draw() {
  const now = state.done ? null : asking();
  if (!now) {
    finish();
    return;
  }
  const bottom = make("div", { class: "bottom" }, state.steps.length ? button(T.back, "plain", back) : "",
    state.steps.length ? button(T.enough, "plain", () => { state.done = true; draw(); }) : "");
  const progress = make("p", { class: "soft" }, fill(T.left, { page: now.page.title, count: now.left }));
  if (now.lines.length) {
    show(now.page.title, make("p", { class: "soft" }, fill(T.left_list, { count: now.left })), ...listScreen(now.lines, give), bottom);
    return;
  }
  const question = now.question, told = state.told[question.id];
  const answers = question.type === "choice" ? choiceScreen(question, told, give) :
    question.type === "choices" ? severalScreen(question, give) : typedScreen(question, told, give);
  show(question.ask, progress, ...answers, button(T.dont_know, "choice", () => give({ [question.id]: UNKNOWN })),
    ...help(question), bottom);
}

function finish() {
  const now = interview(state.answers, state.goOn), code = encode(state.answers);
  const output = make("output", { class: "code", "aria-label": T.code }, code);
  const said = make("p", { class: "soft", role: "status" });
  const standing = now.verdicts.filter((one) => one.status === "confirmed" || one.status === "likely");
  const parts = [make("p", null, T.send), output, button(T.copy, "main", () => copy(code, output, said)), said];
  if (now.stop === "entry_found") {
    parts.push(make("h3", null, T.found), list("ol", DATA.steps), make("h3", null, T.cautions), list("ul", DATA.cautions));
  } else if (standing.length) {
    parts.push(make("h3", null, T.so_far),
      list("ul", standing.map((one) => `${one.cause.title}${T.colon}${DATA.status[one.status]}`)));
  }
  if (state.done || (now.stop !== "nothing_left" && now.remaining.length)) {
    parts.push(make("p", { class: "soft" }, fill(T.more, { count: now.remaining.length })), button(T.go_on, "choice", goOn));
  }
  const rows = [];
  Object.keys(state.answers).forEach((id) => {
    const question = QUESTIONS.get(id);
    rows.push(make("dt", null, question.title), make("dd", null, sayValue(question, state.answers[id])));
  });
  parts.push(make("details", null, make("summary", null, T.answers), make("dl", null, ...rows)));
  DATA.limits.forEach((text) => parts.push(make("p", { class: "soft" }, text)));
  parts.push(make("div", { class: "bottom" }, button(T.back, "plain", back), button(T.restart, "plain", restart)));
  show(T.done, ...parts);
}

function copy(code, output, said) {
  const selected = () => {
    const range = document.createRange();
    range.selectNodeContents(output);
    window.getSelection().removeAllRanges();
    window.getSelection().addRange(range);
    said.textContent = document.execCommand("copy") ? T.copied : T.not_copied;
  };
  if (navigator.clipboard && window.isSecureContext) {
    navigator.clipboard.writeText(code).then(() => { said.textContent = T.copied; }, selected);
  } else {
    selected();
  }
}

function welcome() {
  const told = make("div", { role: "status" });
  const read = button(T.read, "choice", () => {
    state.told = readAgent(navigator.userAgent);
    const ids = Object.keys(state.told);
    const rows = ids.map((id) => `${QUESTIONS.get(id).title}${T.colon}${sayValue(QUESTIONS.get(id), state.told[id])}`);
    told.replaceChildren(ids.length ? list("ul", rows) : make("p", null, T.read_nothing), make("p", { class: "soft" }, T.read_after));
  });
  const found = kept();
  const resume = found ? [button(T.resume, "main", () => {
    Object.assign(state, { answers: found.answers, steps: found.steps, queue: found.queue, goOn: found.goOn });
    draw();
  }), button(T.restart, "choice", restart)] : [button(T.start, "main", draw)];
  show(T.welcome, make("p", null, T.about), make("p", null, T.private), make("h3", null, T.read_title),
    make("p", { class: "soft" }, T.read_about), read, told, ...resume);
}

welcome();
