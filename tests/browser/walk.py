"""A simulated person, who answers whatever is asked, walks through the page by taps.

On the way the person taps twice, goes back, reloads and turns the phone.
"""

import random
import time
from typing import Any, Final

from benchmarks.people import HEALTHY
from diagnostics.knowledge.model import Knowledge
from tests.browser.chromium import Chromium
from tests.diagnostics.questionnaire.test_same_rules import drawn

WECHAT = ("8.0.56", "8.0.0", "7.0.22", "8.0", "6.7.2", "4.1.7.59", "8.0.49.2600", "7.0.1380")
SYSTEM = ("14", "6.0.1", "5.1", "17.5", "11.4", "12.0", "26.0", "4.2.0")


class Person:
    """Somebody with an answer to every question; `goes_on` after the questions ended by themselves."""

    def __init__(self, knowledge: Knowledge, seed: int) -> None:
        chance = random.Random(seed)
        # some people have little the matter with them, or nobody would see the later questions
        self.answers: dict[str, Any] = {id_: drawn(one, chance) for id_, one in knowledge.questions.items()}
        for id_, value in self.answers.items():
            if isinstance(value, float):  # the page takes no cents, and no billions
                self.answers[id_] = min(int(value), 999_999_999)
        if chance.random() < 0.7:
            self.answers |= {id_: value for id_, value in HEALTHY.items() if chance.random() < 0.95}
        self.answers |= {"wechat.version": chance.choice(WECHAT), "os.version": chance.choice(SYSTEM)}
        for page in knowledge.pages:  # a checklist takes "don't know" for all its lines or for none
            unsure = chance.random() < 0.1
            for line in page.line:
                if unsure or self.answers[line.question] == "unknown":
                    self.answers[line.question] = "unknown" if unsure else line.clear
        self.goes_on = chance.random() < 0.5


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
