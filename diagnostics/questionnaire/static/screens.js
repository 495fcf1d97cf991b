// What the screens are made of: elements with texts in them, never markup.

const T = DATA.text;

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

function make(name, properties, ...children) {
  const element = document.createElement(name);
  for (const key of Object.keys(properties || {})) {
    if (key === "onclick" || key === "oninput" || key === "onkeydown" || key === "onchange") {
      element[key] = properties[key];
    } else {
      element.setAttribute(key, properties[key]);
    }
  }
  children.forEach((child) => element.append(child));
  return element;
}

function button(text, kind, act) {
  return make("button", { type: "button", class: kind, onclick: act }, text);
}

function list(name, texts) {
  return make(name, null, ...texts.map((text) => make("li", null, text)));
}

function help(question) {
  return [
    make("details", null, make("summary", null, T.how), make("p", null, question.how)),
    make("details", null, make("summary", null, T.why), make("p", null, question.why)),
  ];
}

// Says a value as a person says it.
function sayValue(question, value) {
  if (value === UNKNOWN) return T.unknown;
  const name = (id) => (question.values.find((one) => one.id === id) || { text: id }).text;
  if (Array.isArray(value)) return value.map(name).join(T.comma) || T.none_of_these;
  if (question.values.length) return name(value);
  return question.unit ? `${value} ${question.unit}` : String(value);
}

const NUMBER = new RegExp(DATA.number.pattern, "i");

// Reads a whole number as people write it, with the program's own pattern; null where it is none or not clear.
function readNumber(typed) {
  const found = NUMBER.exec(typed.normalize("NFKC").trim());
  if (!found) return null;
  const decimals = found[2] || "", times = found[3] ? DATA.number.times[found[3].toLowerCase()] : 1;
  const value = Number(found[1].replace(/,/g, "") + decimals) * times / Math.pow(10, decimals.length);
  return Number.isInteger(value) && value <= 999999999 ? value : null;
}

// Reads what was typed as an answer; null where it is none.
function readTyped(question, typed) {
  if (question.type === "text") return tidy(question.id, typed);
  const value = readNumber(typed);
  if (value === null) return null;
  const most = question.maximum === null ? 999999999 : question.maximum;
  return value >= (question.minimum || 0) && value <= most ? value : null;
}

// One screen per question: choices answer at a tap, numbers and versions are typed.
function choiceScreen(question, told, give) {
  return question.values.map((choice) => {
    const mine = told === choice.id;
    return button(mine ? fill(T.told_choice, { text: choice.text }) : choice.text, mine ? "told" : "choice",
      () => give({ [question.id]: choice.id }));
  });
}

function severalScreen(question, give) {
  const boxes = question.values.map((choice) => make("input", { type: "checkbox", value: choice.id }));
  const next = button(T.none_next, "main", () => give({ [question.id]: boxes.filter((box) => box.checked).map((box) => box.value) }));
  boxes.forEach((box) => { box.onchange = () => { next.textContent = boxes.some((one) => one.checked) ? T.next : T.none_next; }; });
  const lines = question.values.map((choice, at) => make("div", { class: "line" }, make("label", null, boxes[at], choice.text)));
  return lines.concat(next);
}

function typedScreen(question, told, give) {
  const text = question.type === "text";
  const field = make("input", { type: "text", inputmode: text ? "text" : "numeric", autocomplete: "off", maxlength: "40",
    autocapitalize: "off", spellcheck: "false", "aria-label": question.ask });
  if (told !== undefined) field.value = told;
  const fault = make("p", { class: "soft", role: "alert" });
  const send = () => {
    const value = readTyped(question, field.value);
    if (value === null) {
      fault.textContent = text ? T.bad_version : fill(T.bad_number, { low: question.minimum || 0,
        high: question.maximum === null ? 999999999 : question.maximum });
      field.focus();
    } else {
      give({ [question.id]: value });
    }
  };
  field.onkeydown = (event) => { if (event.key === "Enter") send(); };
  const shown = told === undefined ? [] : [make("p", { class: "soft" }, T.told_field)];
  const unit = question.unit ? [make("p", { class: "soft" }, fill(T.unit, { unit: question.unit }))] : [];
  return [field].concat(unit, shown, fault, button(T.next, "main", send));
}

// A page of lines: what applies is ticked, what is left alone does not apply.
function listScreen(lines, give) {
  const rows = lines.map((line) => ({ line: line, tick: make("input", { type: "checkbox" }),
    unsure: make("input", { type: "checkbox", "aria-label": `${T.unknown}${T.colon}${line.text}` }) }));
  const next = button(T.none_next, "main", () => {
    const answers = {};
    rows.forEach((row) => {
      answers[row.line.question] = row.unsure.checked ? UNKNOWN : row.tick.checked ? row.line.tick : row.line.clear;
    });
    give(answers);
  });
  const change = (row, other) => () => {
    if (row.tick.checked && row.unsure.checked) row[other].checked = false;
    next.textContent = rows.some((one) => one.tick.checked || one.unsure.checked) ? T.next : T.none_next;
  };
  rows.forEach((row) => {
    row.tick.onchange = change(row, "unsure");
    row.unsure.onchange = change(row, "tick");
  });
  const shown = rows.map((row) => make("div", { class: "line" }, make("label", null, row.tick, row.line.text),
    make("label", { class: "unsure" }, row.unsure, make("span", { "aria-hidden": "true" }, T.unknown))));
  const hints = lines.map((line) => make("li", null, `${line.text}${T.colon}${QUESTIONS.get(line.question).how}`));
  const how = make("details", null, make("summary", null, T.how), make("ul", null, ...hints));
  return [make("p", { class: "soft" }, T.tick)].concat(shown, next, how);
}
