"""The published record of a reading (contract, section 7): what was read, the situations, and what to ask next."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from diagnostics.answers import AnswerError, parse_answer
from diagnostics.engine.assessment import assess_answers
from diagnostics.evidence import Observation, now
from diagnostics.report.build import lazy_report
from diagnostics.report.diagnosis import Diagnosis
from diagnostics.report.evidence_text import say_value, title_of
from diagnostics.report.model import BeliefReport, Report
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from diagnostics.evidence import Value
    from diagnostics.i18n import Texts
    from diagnostics.images import ImageReading
    from diagnostics.knowledge.model import Knowledge
    from diagnostics.reading import Finding, Reading

QUOTE: Final = 120
"""Characters of a quote that a report holds."""
_OPEN: Final = ("unclear", "scam_contact")
"""Leading situations that a doubtful reading may replace: nothing is known, or whether something was given is not."""
MOST_ASKED: Final = 6
"""Questions named as worth asking next."""


def sure_answers(knowledge: Knowledge, reading: Reading) -> dict[str, Value]:
    """Return the sure readings as checked answers; a value that this knowledge does not know is left out."""
    return _answers(knowledge, [one for one in reading.readings if one.sure])


def _doubted(knowledge: Knowledge, reading: Reading) -> dict[str, Value]:
    """Return as answers the readings to be asked back of which a text gives one value."""
    times = Counter(one.id for one in reading.readings)
    return _answers(knowledge, [one for one in reading.readings if not one.sure and times[one.id] == 1])


def _answers(knowledge: Knowledge, readings: list[Finding]) -> dict[str, Value]:
    checked = {one.id: _checked(knowledge, one.id, one.value) for one in readings}
    return {id_: value for id_, value in checked.items() if value is not None}


def _checked(knowledge: Knowledge, id_: str, value: Value) -> Value | None:
    """Return an answer as it is taken, None where a knowledge folder of the desk has other questions or values."""
    try:
        return parse_answer(knowledge, id_, value)
    except AnswerError:
        return None


def story_observations(knowledge: Knowledge, reading: Reading, at: str) -> list[Observation]:
    """Return the sure readings as observations of the source `story`, each with the words that say it."""
    quotes = {one.id: one.quote for one in reading.readings if one.sure}
    return [
        Observation(id=id_, value=value, source="story", observed_at=at, detail=clean_line(f"「{quotes[id_]}」", QUOTE))
        for id_, value in sure_answers(knowledge, reading).items()
    ]


def belief_reports(knowledge: Knowledge, reading: Reading, lang: str) -> list[BeliefReport]:
    """Return the mistakes that were read, each with its answer, where this knowledge has one."""
    return [
        BeliefReport(id=one.id, quote=clean_line(one.quote, QUOTE), text=knowledge.beliefs[one.id].get(lang))
        for one in reading.beliefs
        if one.id in knowledge.beliefs
    ]


def finding_line(texts: Texts, found: Finding | ImageReading, most: int) -> str:
    """Write what was read, and at most so many characters of the words that say it."""
    value, quote = say_value(texts, found.id, found.value), clean_line(found.quote, most)
    return texts("reading.line", title=title_of(texts, found.id), value=value, quote=quote)


def doubts_of(knowledge: Knowledge, reading: Reading) -> list[str]:
    """Return the questions that a text may have answered, and not for sure."""
    return [one.id for one in reading.readings if not one.sure and one.id in knowledge.questions]


def _assessed(knowledge: Knowledge, answers: dict[str, Value]) -> Report:
    return lazy_report(Diagnosis(assess_answers(knowledge, answers, now()), None))


def record(knowledge: Knowledge, reading: Reading) -> dict[str, Any]:
    """Return the JSON object of one text.

    Where what is sure names no situation, the one that the doubtful readings would make stands there; `ask` begins with
    these, so that nobody is told it before the person has confirmed it.
    """
    sure = sure_answers(knowledge, reading)
    written = _assessed(knowledge, sure)
    questions, situations = written.questions, written.situations
    if situations[0].id in _OPEN and (doubted := _doubted(knowledge, reading)):
        situations = _assessed(knowledge, doubted | sure).situations
    ask = dict.fromkeys([*doubts_of(knowledge, reading), *questions.page, *questions.remaining])
    return {
        "input": reading.input,
        "readings": reading.readings,
        "beliefs": reading.beliefs,
        "situations": [one.id for one in situations],
        "ask": list(ask)[:MOST_ASKED],
    }
