"""A person walks through the page by taps, and on the way taps twice, goes back, reloads and turns the phone."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import random

    from tests.browser.chromium import Chromium
    from tests.browser.people import Person


STEP: Final = """
const [answers, goesOn, twice] = arguments;
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
"""
END: Final = """
const main = document.getElementById("main"), card = main.querySelector(".step");
return { answers: now.answers, order: Object.keys(now.answers), title: main.querySelector("h1").textContent,
  step: card ? card.querySelector("p").textContent : null,
  later: [...main.querySelectorAll("ol[start='2'] > li")].map((one) => one.textContent),
  stop: interview(now.answers, now.goOn).stop, code: main.querySelector("output").textContent };
"""


def walk(browser: Chromium, person: Person, chance: random.Random) -> dict[str, Any]:
    """Let a person go from the first screen to the result; returns what stands there."""
    browser.run(
        "localStorage.clear(); trail = []; offers = {}; now = BEGINNING; history.replaceState(null, ''); draw()"
    )
    for _ in range(120):
        twice = chance.random() < 0.3
        told = browser.run(STEP, person.answers, person.goes_on, twice)
        assert told["moved"] == 1, f"{told} (two taps: {twice})"
        assert told["wide"] <= 0, told
        if told["view"] == "result":
            return dict(browser.run(END))
        trouble = chance.random()
        if trouble < 0.08:
            back(browser)
        elif trouble < 0.14:
            before = browser.run("return [trail.length, document.querySelector('h1').textContent, now]")
            browser.reload()
            assert browser.run("return [trail.length, document.querySelector('h1').textContent, now]") == before
        elif trouble < 0.25:
            browser.size(*chance.choice([(640, 360), (360, 640), (320, 568), (844, 390)]))
    raise AssertionError("the walk does not end")


def back(browser: Chromium) -> None:
    """Press the phone's back key and wait for the screen before. Raises TimeoutError."""
    depth = browser.run("return trail.length")
    browser.run("history.back()")
    deadline = time.monotonic() + 10
    while browser.run("return trail.length") != depth - 1:
        if time.monotonic() > deadline:
            raise TimeoutError("the back key does nothing")
        time.sleep(0.01)
