"""A simulated person, who answers whatever is asked, walks through the page by taps.

On the way the person taps twice, goes back, reloads and turns the phone.
"""

import random
import time
from pathlib import Path
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


SCRIPT: Final = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


def walk(browser: Chromium, person: Person, chance: random.Random) -> dict[str, Any]:
    """Let a person go from the first screen to the result; returns what stands there."""
    browser.run(
        "localStorage.clear(); trail = []; offers = {}; now = BEGINNING; history.replaceState(null, ''); draw()"
    )
    for _ in range(120):
        twice = chance.random() < 0.3
        told = browser.run(f"{SCRIPT} return step(...arguments);", person.answers, person.goes_on, twice)
        assert told["moved"] == 1, f"{told} (two taps: {twice})"
        assert told["wide"] <= 0, told
        if told["view"] == "result":
            return dict(browser.run(f"{SCRIPT} return end();"))
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
