// What the screens are made of: elements with texts in them, never markup.

const T = DATA.text;
const MOST = 999999999;

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

function make(name, properties, ...children) {
  const element = document.createElement(name);
  for (const key of Object.keys(properties || {})) {
    if (typeof properties[key] === "function" || typeof properties[key] === "boolean") element[key] = properties[key];
    else element.setAttribute(key, properties[key]);
  }
  children.forEach((child) => element.append(child));
  return element;
}

function button(text, kind, act) {
  return make("button", { type: "button", class: kind, onclick: act }, text);
}

// A sentence with the telephone numbers that it names to be called at a tap.
function sentenceWith(text) {
  return text.split(/(110|95384|95017|96110)(?!\d)/).map((part, at) =>
    (at % 2 ? make("a", { href: `tel:${part}` }, part) : part)).filter((part) => part !== "");
}

function said(kind, text) {
  return make("p", { class: kind }, ...sentenceWith(text));
}

function list(name, texts, start) {
  return make(name, start ? { start: start } : null, ...texts.map((text) => make("li", null, ...sentenceWith(text))));
}

function folded(title, ...children) {
  return make("details", null, make("summary", null, title), ...children);
}

function valueName(question, id) {
  const found = (question.values || []).find(([own]) => own === id);
  return found ? found[1] : String(id);
}

// Says a value as a person says it.
function sayValue(question, value) {
  if (value === UNKNOWN) return T.unknown;
  if (Array.isArray(value)) return value.map((id) => valueName(question, id)).join(T.comma) || T.none_of_these;
  if (question.values) return valueName(question, value);
  return question.unit ? `${value} ${question.unit}` : String(value);
}

const NUMBER = new RegExp(DATA.number.pattern, "i");

// Reads a whole number as people write it, with the program's own pattern; null where it is none or not clear.
function readNumber(typed) {
  const found = NUMBER.exec(typed.normalize("NFKC").trim());
  if (!found) return null;
  const decimals = found[2] || "", times = found[3] ? DATA.number.times[found[3].toLowerCase()] : 1;
  const value = Number(found[1].replace(/,/g, "") + decimals) * times / Math.pow(10, decimals.length);
  return Number.isInteger(value) && value <= MOST ? value : null;
}

// Reads what was typed as an answer; null where it is none.
function readTyped(question, typed) {
  if (question.type === "text") return tidy(question.id, typed);
  const value = readNumber(typed), most = question.maximum === undefined ? MOST : question.maximum;
  return value !== null && value >= (question.minimum || 0) && value <= most ? value : null;
}

// The form of one question or one checklist: its fields, and `read`, which gives the answers or names what is missing.
function form(now, offered, give) {
  const parts = now.lines.length ? checklist(now.lines, offered) : fields(now.question, offered[now.question.id]);
  const fault = make("p", { class: "fault", id: "fault", role: "alert" });
  const next = make("button", { type: "submit", class: "main" }, T.next);
  const send = (event) => {
    event.preventDefault();
    const answers = parts.read();
    fault.textContent = answers.fault || "";
    if (answers.fault) {
      parts.first.setAttribute("aria-describedby", "fault");
      parts.first.setAttribute("aria-invalid", "true");
      parts.first.focus();
    } else {
      give(answers);
    }
  };
  const mended = () => {
    fault.textContent = "";
    parts.first.removeAttribute("aria-invalid");
    parts.first.removeAttribute("aria-describedby");
  };
  ["change", "input"].forEach((kind) => parts.set.addEventListener(kind, mended));
  if (parts.naming) {
    const name = () => { next.textContent = parts.naming() ? T.next : T.none_next; };
    parts.set.addEventListener("change", name);
    name();
  }
  return make("form", { novalidate: "", autocomplete: "off", onsubmit: send }, parts.set, fault, next);
}

function answer(id, value) {
  const one = {};
  one[id] = value;
  return one;
}

function marked(set) {
  const paint = () => set.querySelectorAll(".line").forEach((line) => {
    line.classList.toggle("chosen", [...line.querySelectorAll("input")].some((one) => one.checked));
  });
  set.addEventListener("change", paint);
  paint();
  return set;
}

function fields(question, offered) {
  const legend = make("legend", { class: "unseen" }, question.ask);
  if (question.type === "choice") return choice(question, offered, legend);
  if (question.type === "choices") return several(question, offered, legend);
  return typed(question, offered, legend);
}

function choice(question, offered, legend) {
  const inputs = question.values.map(([id]) => id).concat(UNKNOWN).map((id) =>
    make("input", { type: "radio", name: question.id, value: id, required: true, checked: id === offered }));
  const lines = inputs.map((input) =>
    make("label", { class: "line" }, input, input.value === UNKNOWN ? T.dont_know : valueName(question, input.value)));
  const read = () => {
    const chosen = inputs.find((one) => one.checked);
    return chosen ? answer(question.id, chosen.value) : { fault: T.choose };
  };
  return { set: marked(make("fieldset", null, legend, ...lines)), first: inputs[0], read: read };
}

function several(question, offered, legend) {
  const box = (id, on) => make("input", { type: "checkbox", value: id, checked: on });
  const boxes = question.values.map(([id]) => box(id, Array.isArray(offered) && offered.indexOf(id) >= 0));
  const unsure = box(UNKNOWN, offered === UNKNOWN);
  const lines = boxes.concat(unsure).map((input) =>
    make("label", { class: "line" }, input, input === unsure ? T.dont_know : valueName(question, input.value)));
  unsure.addEventListener("change", () => { if (unsure.checked) boxes.forEach((one) => { one.checked = false; }); });
  boxes.forEach((one) => one.addEventListener("change", () => { if (one.checked) unsure.checked = false; }));
  const chosen = () => boxes.filter((one) => one.checked).map((one) => one.value);
  return { set: marked(make("fieldset", null, legend, ...lines)), first: boxes[0],
    naming: () => unsure.checked || chosen().length, read: () => answer(question.id, unsure.checked ? UNKNOWN : chosen()) };
}

function typed(question, offered, legend) {
  const text = question.type === "text", most = question.maximum === undefined ? MOST : question.maximum;
  const field = make("input", { type: "text", class: "field", inputmode: text ? "text" : "numeric", autocomplete: "off",
    maxlength: "40", autocapitalize: "off", spellcheck: "false", "aria-label": question.ask });
  const unsure = make("input", { type: "checkbox", checked: offered === UNKNOWN });
  if (offered !== undefined && offered !== UNKNOWN) field.value = offered;
  field.addEventListener("input", () => { if (field.value) unsure.checked = false; });
  const read = () => {
    if (unsure.checked) return answer(question.id, UNKNOWN);
    const value = readTyped(question, field.value);
    if (value !== null) return answer(question.id, value);
    return { fault: text ? T.bad_version : fill(T.bad_number, { low: question.minimum || 0, high: most }) };
  };
  const unit = question.unit ? [make("p", { class: "soft" }, fill(T.unit, { unit: question.unit }))] : [];
  const line = make("label", { class: "line" }, unsure, T.dont_know);
  return { set: marked(make("fieldset", null, legend, field, ...unit, line)), first: field, read: read };
}

// A page of lines: what applies is ticked, what is left alone does not apply.
function checklist(lines, offered) {
  const rows = lines.map(([id, tick, clear, text]) => {
    const on = make("input", { type: "checkbox", checked: offered[id] === tick });
    const unsure = make("input", { type: "checkbox", checked: offered[id] === UNKNOWN,
      "aria-label": `${T.unknown}${T.colon}${text}` });
    on.addEventListener("change", () => { if (on.checked) unsure.checked = false; });
    unsure.addEventListener("change", () => { if (unsure.checked) on.checked = false; });
    return { id: id, tick: tick, clear: clear, on: on, unsure: unsure, line: make("div", { class: "line" },
      make("label", null, on, text),
      make("label", { class: "unsure" }, unsure, make("span", { "aria-hidden": "true" }, T.unknown))) };
  });
  const read = () => {
    const answers = {}; // a question may have several lines: what is ticked counts before what is left alone
    rows.forEach((one) => { answers[one.id] = one.clear; });
    rows.filter((one) => one.unsure.checked).forEach((one) => { answers[one.id] = UNKNOWN; });
    rows.filter((one) => one.on.checked).forEach((one) => { answers[one.id] = one.tick; });
    return answers;
  };
  const set = make("fieldset", null, make("legend", { class: "soft" }, T.tick), ...rows.map((one) => one.line));
  return { set: marked(set), first: rows[0].on, read: read,
    naming: () => rows.some((one) => one.on.checked || one.unsure.checked) };
}
