"""The interview line by line, for screen readers, dumb terminals and pipes; prompts go to stderr."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final, TextIO

from diagnostics.answers import AnswerError, parse_typed
from diagnostics.clean import clean_line
from diagnostics.evidence import UNKNOWN

if TYPE_CHECKING:
    from diagnostics.knowledge.model import Page, Question
    from diagnostics.session import Session

MAX_LINE: Final = 8_000
"""Characters read of one line of input; a longer line is cut and refused by what it says."""

BACK: Final = frozenset({"b", "back", "返回"})
WHY: Final = frozenset({"?", "？", "why", "为什么"})
DONT_KNOW: Final = frozenset({"d", "unknown", "不知道", "不清楚"})
SKIP: Final = frozenset({"s", "skip", "跳过"})
QUIT: Final = frozenset({"q", "quit", "exit", "退出"})
GO_ON: Final = frozenset({"y", "yes", "是", "继续"})


class Ended(Exception):  # noqa: N818  no error: the person or the input ended the questions
    """The questions are over: the person quit, or there is no more input."""


class Interviewer:
    """Asks the questions of a session one after another until nothing is left, the person quits or the input ends."""

    def __init__(
        self, session: Session, stdin: TextIO, stderr: TextIO | None, *, on_behalf: bool = False, shared: bool = False
    ) -> None:
        """`on_behalf`: somebody else is asked about; `shared`: the answers go into a store beyond this computer."""
        self._session = session
        self._in = stdin
        self._out = stderr
        self._on_behalf = on_behalf
        self._shared = shared
        self._later: set[str] = set()
        self._heading = ""
        self._fault: str | None = None

    def run(self) -> None:
        """Ask until the end; answers are saved as they are given."""
        kept = self._text("ask.shared" if self._shared else "ask.here")
        self._say("ask.welcome", kept=kept)
        self._say("ask.keys")
        try:
            while True:
                ids = self._open()
                if ids:
                    self._page(ids)
                elif self._stopped():
                    self._offer_more()
                elif self._later and self._session.interview.page:
                    if self._confirm("ask.skipped_ones"):
                        self._later.clear()
                else:
                    break
        except Ended:
            if self._session.fault is None:
                self._say("ask.saved" if self._session.interview.answered else "ask.nothing_saved")
        if self._session.fault is not None:
            self._say("ask.not_saved", fault=self._session.fault)

    def _stopped(self) -> bool:
        """Whether the questions ended by themselves, and nobody asked to go on yet."""
        return self._session.interview.stop_reason not in (None, "nothing_left") and not self._session.go_on

    def _open(self) -> list[str]:
        """Return the ids to ask now: the interview's next page, or another where that one was skipped as a whole."""
        asked = self._session.interview
        pages = [asked.page, *(page.questions for page in self._session.knowledge.pages)] if asked.page else []
        for ids in pages:
            left = [id_ for id_ in ids if id_ in asked.remaining and id_ not in self._later]
            if left:
                return left
        return []

    def _offer_more(self) -> None:
        self._say(f"ask.stop.{self._session.interview.stop_reason}")
        if not self._session.interview.remaining:
            raise Ended
        if self._confirm("ask.go_on"):
            self._session.ask_on()

    def _confirm(self, key: str) -> bool:
        """Whether to go on; False where the person went one step back instead. Raises Ended for anything else."""
        self._say(key)
        word = self._read().lower()
        if word in BACK:
            self._back()
        elif word not in GO_ON:
            raise Ended
        return word in GO_ON

    def _back(self) -> None:
        undone = self._session.undo()
        self._later.difference_update(undone)
        self._say("ask.back" if undone else "ask.nothing_to_undo")

    def _page(self, ids: list[str]) -> None:
        """Ask one page: a checklist as one prompt, other questions one by one."""
        page = self._session.knowledge.page_of(ids[0])
        if page.id != self._heading:
            left = self._session.interview.pages_left
            self._say("ask.page", heading=page.title(self._session.lang), left=left)
            self._heading = page.id
        if page.line and len(ids) > 1:
            self._checklist(page, ids)
            return
        for id_ in ids:
            if id_ in self._session.interview.remaining and not self._one(self._session.knowledge.questions[id_]):
                return

    def _checklist(self, page: Page, ids: list[str]) -> None:
        lines = [line for line in page.line if line.question in ids]
        for number, line in enumerate(lines, 1):
            self._print(f"  {number}. {line.get(self._session.lang)}")
        self._say("ask.checklist")
        typed = self._command(self._read(), ids)
        if typed is None:
            return
        if typed == UNKNOWN:
            self._give({line.question: UNKNOWN for line in lines})
            return
        numbers = typed.replace("，", " ").replace(",", " ").replace("、", " ").split()
        picked = {int(word) for word in numbers if word.isdecimal() and 0 < int(word) <= len(lines)}
        if len(picked) != len(set(numbers) - {"0"}):
            self._say("ask.not_a_number", count=len(lines))
            return
        self._give(
            {line.question: line.tick if number in picked else line.clear for number, line in enumerate(lines, 1)}
        )

    def _one(self, question: Question) -> bool:
        """Ask one question; False where the page is left or asked again instead of going on."""
        text = question.text(self._session.lang)
        self._print(text.about if self._on_behalf else text.ask)
        if self._on_behalf:
            self._say("ask.say", text=text.say)
        for number, choice in enumerate(question.value, 1):
            self._print(f"  {number}. {choice.get(self._session.lang)}")
        if question.type == "choices":
            self._say("ask.choices")
        elif not question.value:
            self._say("ask.type", unit=text.unit or text.title)
        typed = self._command(self._read(), [question.id])
        if typed is None:
            return question.id in self._later
        try:
            self._give({question.id: self._value(question, typed)})
        except (AnswerError, ValueError, OverflowError) as error:
            self._refuse(question, clean_line(typed, 40), error)
            return False
        return True

    def _refuse(self, question: Question, typed: str, error: Exception) -> None:
        """Say what is wrong with what was typed: a choice that is none needs no reason."""
        if question.value:
            self._say("ask.not_understood", typed=typed)
            return
        why = self._text("ask.digits")
        if isinstance(error, AnswerError) and error.key != "no_number":
            why = error.message(self._session.lang)
        self._say("ask.not_usable", typed=typed, why=why)

    def _value(self, question: Question, typed: str) -> object:
        """Read what was typed as an answer: the number of a choice, its id or its text, or a value."""
        if typed == UNKNOWN or not question.value:
            return parse_typed(question, typed)
        words = typed.replace("，", ",").replace("、", ",").replace(" ", ",").split(",")
        if question.type == "choices":
            return [self._pick(question, word) for word in words if word and word != "0"]
        return self._pick(question, typed)

    def _pick(self, question: Question, word: str) -> str:
        if word.isdecimal() and 0 < int(word) <= len(question.value):
            return question.value[int(word) - 1].id
        return next((one.id for one in question.value if word in (one.id, one.zh, one.en)), word)

    def _command(self, typed: str, ids: list[str]) -> str | None:
        """Do what a command word asks for and return None; `unknown` for "don't know"; else what was typed."""
        word = typed.strip().lower()
        if word in QUIT:
            raise Ended
        if word in BACK:
            self._back()
        elif word in WHY:
            for id_ in ids:
                text = self._session.knowledge.questions[id_].text(self._session.lang)
                self._say("ask.why", title=text.title, why=text.why, how=text.how)
        elif word in SKIP:
            self._later.update(ids)
        elif word in DONT_KNOW:
            return UNKNOWN
        elif word:
            return typed
        elif len(ids) > 1:
            return "0"
        return None

    def _give(self, answers: dict[str, object]) -> None:
        for move in self._session.answer(answers)[:6]:
            title = self._session.knowledge.causes[move.cause].text(self._session.lang).title
            before, after = (self._word(status) for status in (move.before, move.after))
            self._say("ask.moved", title=title, before=before, after=after)
        if self._session.fault not in (None, self._fault):  # said once when it begins, and again at the end
            self._say("ask.not_saved", fault=self._session.fault)
        self._fault = self._session.fault

    def _word(self, status: str) -> str:
        return self._text(f"status.{status}")

    def _read(self) -> str:
        self._write("> ")
        line = self._in.readline(MAX_LINE)
        if not line:
            raise Ended
        return clean_line(line, MAX_LINE)

    def _text(self, key: str, **values: object) -> str:
        return self._session.knowledge.say(key, self._session.lang, **values)

    def _say(self, key: str, **values: object) -> None:
        self._print(self._text(key, **values))

    def _print(self, text: str) -> None:
        self._write(f"{text}\n")

    def _write(self, text: str) -> None:
        """Write a prompt; where nobody can hear it, the answers are read all the same."""
        with contextlib.suppress(OSError):
            if self._out is not None:
                self._out.write(text)
                self._out.flush()
