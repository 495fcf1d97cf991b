"""The published record of a reading (contract, section 7): what was read, the situations, and what to ask next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from diagnostics.answers import AnswerError, parse_answer
from diagnostics.api import prepare
from diagnostics.report.build import PARTS, parts

if TYPE_CHECKING:
    from diagnostics.evidence import Value
    from diagnostics.knowledge.model import Knowledge
    from diagnostics.reading.model import Reading

MOST_ASKED: Final = 6
"""Questions named as worth asking next."""


def sure_answers(knowledge: Knowledge, reading: Reading) -> dict[str, Value]:
    """Return the sure readings as checked answers; a value that this knowledge does not know is left out."""
    checked = {one.id: _checked(knowledge, one.id, one.value) for one in reading.readings if one.sure}
    return {id_: value for id_, value in checked.items() if value is not None}


def _checked(knowledge: Knowledge, id_: str, value: Value) -> Value | None:
    """Return an answer as it is taken, None where a knowledge folder of the desk has other questions or values."""
    try:
        return parse_answer(knowledge, id_, value)
    except AnswerError:
        return None


def record(knowledge: Knowledge, reading: Reading) -> dict[str, Any]:
    """Return the JSON object of one text."""
    case = prepare(sure_answers(knowledge, reading), knowledge=knowledge)
    written = parts(case, [name for name in ("questions", "situations") if name in PARTS])
    doubtful = [one.id for one in reading.readings if not one.sure and one.id in knowledge.questions]
    questions = written["questions"]
    ask = dict.fromkeys([*doubtful, *questions.page, *questions.remaining])
    return {
        "input": reading.input,
        "readings": reading.readings,
        "beliefs": reading.beliefs,
        "situations": [one.id for one in written.get("situations", ())],
        "ask": list(ask)[:MOST_ASKED],
    }
