// What a simulated person does on the screen in front, and what stands at the end of the walk.

// Answer what is asked as the person would, or go on; tap a second time beneath where wanted. Tells what is shown then.
function step(answers, goesOn, twice) {
  shownAt = -REST; // the screen has stood for a while
  const main = document.getElementById("main"), formed = main.querySelector("form");
  const press = (button) => {
    button.scrollIntoView({ block: "center" });
    const place = button.getBoundingClientRect(), depth = trail.length;
    button.click();
    const beneath = document.elementFromPoint(place.left + place.width / 2, place.top + place.height / 2);
    if (twice && beneath) beneath.click();
    return trail.length - depth;
  };
  const told = () => ({ view: now.view, depth: trail.length, title: main.querySelector("h1").textContent,
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth });
  if (formed) {
    const asked = asking();
    const set = (input, on) => { if (input.checked !== on) input.click(); };
    if (asked.lines.length) {
      formed.querySelectorAll(".line").forEach((line, at) => {
        const [id, tick] = asked.lines[at], [on, unsure] = line.querySelectorAll("input");
        set(on, answers[id] === tick);
        set(unsure, answers[id] === "unknown");
      });
    } else {
      const question = asked.question, value = answers[question.id], inputs = [...formed.querySelectorAll("input")];
      if (question.type === "choice") set(inputs.find((one) => one.value === value), true);
      else if (question.type === "choices") {
        inputs.forEach((one) => set(one, value === "unknown" ? one.value === "unknown" : value.indexOf(one.value) >= 0));
      } else {
        inputs[0].value = value === "unknown" ? "" : String(value);
        inputs[0].dispatchEvent(new Event("input", { bubbles: true }));
        set(inputs[1], value === "unknown");
      }
    }
    return Object.assign({ moved: press(formed.querySelector("button.main")) }, told());
  }
  const main_ = [...main.querySelectorAll("button.main")], other = [...main.querySelectorAll("button.choice")];
  if (now.view === "review" || (now.view === "ask" && !harmed())) {
    const left = String(interview(now.answers, now.goOn).remaining.length);
    const more = other.find((one) => one.textContent.indexOf(left) >= 0);
    if (goesOn && !now.goOn && more) return Object.assign({ moved: press(more) }, told());
  }
  return Object.assign({ moved: press(main_[0]) }, told());
}

// Return the answers and the advice.
function end() {
  const main = document.getElementById("main"), card = main.querySelector(".step");
  return { answers: now.answers, title: main.querySelector("h1").textContent,
    step: card ? card.querySelector("p").textContent : null,
    later: [...main.querySelectorAll("ol[start='2'] > li")].map((one) => one.textContent),
    stop: interview(now.answers, now.goOn).stop, code: main.querySelector("output").textContent };
}
