"""The guided questions line by line, for a terminal or pipe; the session keeps the position."""

from __future__ import annotations

import contextlib
from typing import IO, TYPE_CHECKING, Final, TextIO

from diagnostics.answers import AnswerError, parse_entry
from diagnostics.autosave import DraftFile
from diagnostics.evidence import UNKNOWN
from diagnostics.formats.width import cells, wrap
from diagnostics.i18n import Message, name_masks
from diagnostics.reading.rows import marked, words_in
from diagnostics.redaction import mask_numbers
from diagnostics.report.build import SCAM_SIGNS
from diagnostics.report.evidence_text import say_value
from diagnostics.sanitize import clean_line
from diagnostics.unsent import STORY
from tui.cli.output import columns_of, lines_in_utf8

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from diagnostics.evidence import Value
    from diagnostics.i18n import Texts
    from diagnostics.knowledge.model import Line, Question
    from diagnostics.reading import Finding, Reading
    from diagnostics.session import Part, Session

MAX_LINE: Final = 8_000
"""Most characters read of one line of input."""

BACK: Final = frozenset({"b", "back", "返回"})
WHY: Final = frozenset({"?", "？", "why", "为什么", "怎么看", "怎么查", "在哪看", "在哪里看", "哪里看", "how", "how?"})
DONT_KNOW: Final = frozenset({"d", "unknown", "不知道", "不清楚"})
SKIP: Final = frozenset({"s", "skip", "跳过", "跳过吧", "不想说", "不方便说"})
QUIT: Final = frozenset({"q", "quit", "exit", "退出"})
GO_ON: Final = frozenset({"y", "yes", "是", "对", "继续", "好", "好的", "同意", "agree"})
NONE: Final = frozenset({"n", "no", "none", "没有", "都没有", "都不对", "无"})
NO: Final = frozenset({"n", "no", "否", "不", "不是", "不对"})
TAIL: Final = " ,，。!！.、了的啊呢"
"""What stands between the words of a prompt and what else is said."""
ELSEWHERE: Final = "elsewhere"
"""The situation that is told as soon as it is known."""
QUOTE: Final = 60
"""Most characters shown of a quote."""


class Ended(Exception):  # noqa: N818  no error: the person or the input ended the questions
    """The interview ended: the person quit, or the input ended."""


class Console:
    """Reads lines and writes prompts; a line can be put back for the next question."""

    def __init__(self, texts: Texts, source: IO[bytes], out: TextIO | None) -> None:
        self.texts = texts
        self._source = source
        self._out = out
        self._held = ""

    def read(self, prompt: str = "> ") -> str:
        """Return the line that was put back, else the next one. Raises Ended at the end of input."""
        self._write(prompt)
        line, self._held = self._held, ""
        line = line or lines_in_utf8(self._source.readline(MAX_LINE)).decode("utf-8", "replace").removeprefix("\ufeff")
        if not line:
            raise Ended
        return clean_line(line, MAX_LINE)

    def pick(self, wanted: Collection[str]) -> str | None:
        """Return the typed word if it is one of these; another line is put back for the next question."""
        with contextlib.suppress(Ended):
            line = self.read("")
            word = line.lower()
            if word in wanted:
                return word
            if word not in NO:
                self._held = line
        return None

    def hold(self, line: str) -> None:
        """Keep a line for the next question."""
        self._held = line

    def say(self, key: str, **values: object) -> None:
        """Write a text by its key."""
        self.show(self.texts(key, **values))

    def show(self, text: str) -> None:
        """Write lines, wrapped with their indentation on a terminal."""
        columns = columns_of(self._out) if self._out is not None and self._out.isatty() else 0
        for line in name_masks(text, self.texts.lang).split("\n"):
            begin = line[: len(line) - len(line.lstrip())]
            long = len(begin) < columns < cells(line)
            broken = wrap(line, columns - len(begin)) if long else [line[len(begin) :]]
            self._write("".join(f"{begin}{one}\n" for one in broken))

    def _write(self, text: str) -> None:
        """Write a prompt; errors are ignored, and answers are still read."""
        with contextlib.suppress(OSError):
            if self._out is not None:
                self._out.write(text)
                self._out.flush()


class Interviewer:
    """Asks the questions of a session until none is left, the person quits or the input ends.

    `on_behalf`: the questions are about somebody else; `shared`: the answers go into a store on another computer.
    """

    def __init__(self, session: Session, console: Console, *, on_behalf: bool = False, shared: bool = False) -> None:
        self._session = session
        self._knowledge = session.knowledge
        self._console = console
        self._say, self._show = console.say, console.show
        self._on_behalf = on_behalf
        self._shared = shared
        self._heading = ""
        self._looked = False
        self._fault: str | None = None
        self._warned: str | None = None
        self._led = ""

    def greet(self) -> None:
        """Say what this is, where the answers go and what can be typed."""
        keeps = self._session.draft.keeps
        kept = self._console.texts("ask.shared" if self._shared else "ask.here" if keeps else "ask.nowhere")
        self._say("ask.welcome", kept=kept)
        self._say("ask.keys")

    def run(
        self, story: Reading | None = None, *, unsent: str = "", look_up: Callable[[], object] = lambda: None
    ) -> None:
        """Ask until the end; each answer is saved at once.

        `story`: what the person wrote, to be confirmed. `unsent`: an unconfirmed story of an earlier run. `look_up` is
        called before each question, to take in what ran meanwhile.
        """
        session = self._session
        try:
            if story is not None:
                from diagnostics.questionnaire.replies import added_to

                self._confirm_story(added_to(session, story))
                self._session.begin_again()
            if unsent:
                self._say("ask.unsent", text=clean_line(unsent, MAX_LINE))
                self._read_as_story(unsent)
                session.keep_typed(STORY, "")
            while self._session.part is not None or self._offer_more():
                look_up()
                if self._session.part is not None:
                    self._ask(self._session.part)
        except Ended:
            if session.fault is None:
                stored = "saved" if isinstance(session.draft, DraftFile) else "saved_case"
                kept = stored if session.draft.keeps else "not_kept"
                self._say(f"ask.{kept}" if session.interview.answered else "ask.nothing_saved", case=session.draft.run)
        if session.fault is not None:
            self._say("ask.not_saved", fault=session.fault)

    def _confirm_story(self, story: Reading) -> None:
        """Show the readings and mistaken beliefs of a story; confirmed readings become answers."""
        from diagnostics.reading.record import finding_line

        self._tell_beliefs(story)
        if not story.about_weilidai:
            self._say("reading.nothing")
        known = self._told_anew(story)
        while known:
            self._warn({one.id: one.value for one in known})
            self._say("reading.sure")
            lines = (finding_line(self._session.texts, one, QUOTE).strip() for one in known)
            self._show_numbered(f"[{'x' if one.sure else ' '}] {line}" for one, line in zip(known, lines, strict=True))
            self._say("ask.story")
            ticked = {number for number, one in enumerate(known, 1) if one.sure}
            taken = self._ask_which_are_right(ticked, len(known))
            if not isinstance(taken, str):
                self._take([one for number, one in enumerate(known, 1) if number in taken])
                return
            known = self._told_besides(taken, known)

    def _tell_beliefs(self, story: Reading) -> None:
        self._session.note_beliefs(story)
        for quoted in story.beliefs:
            belief = self._knowledge.beliefs.get(quoted.id)
            if belief is not None:
                answer = belief.get(self._session.lang)
                if belief.first:
                    self._show(answer)
                else:
                    self._say("reading.belief", quote=clean_line(quoted.quote, QUOTE), answer=answer)

    def _told_anew(self, story: Reading) -> list[Finding]:
        """Return the readings of a story that the person has not answered; what adds to a list among them."""
        own = self._session.own_answers()
        return [
            one for one in story.readings if one.id in self._knowledge.questions
            and (one.sure or one.id not in own or (isinstance(one.value, list) and one.value != own[one.id]))
        ]  # fmt: skip

    def _told_besides(self, typed: str, known: list[Finding]) -> list[Finding]:
        """Return the readings with those of a sentence typed where they were to be confirmed."""
        from diagnostics.questionnaire.replies import read_in_session
        from diagnostics.reading.additions import added

        more = added(self._knowledge, read_in_session(self._session, typed), {one.id: one.value for one in known})
        new = self._told_anew(more)
        self._tell_beliefs(more)
        if not new and not more.beliefs:
            self._say("ask.not_understood", typed=clean_line(mask_numbers(typed), 40))
        ids = {one.id for one in new}
        return [*(one for one in known if one.id not in ids), *new]

    def _ask_which_are_right(self, ticked: set[int], count: int) -> set[int] | str:
        """Return the numbers of readings that are to count, or what else was typed. Raises Ended at the end of input.

        A yes in words may mean what is not ticked as well, so that is asked: Enter or y leaves it out, another yes not.
        """
        from diagnostics.reading.reply import says_none

        everything, asked = set(range(1, count + 1)), False
        while True:
            line = self._console.read()
            typed = line.lower()
            if typed == "y" or (typed and self._agrees(typed) and (asked or ticked == everything)):
                return everything if asked and typed != "y" else ticked
            if typed and self._agrees(typed):
                asked = True
                self._say("ask.story_rest")
                continue
            if typed and says_none(self._knowledge, typed):
                return ticked if asked else set()
            left = marked(typed, count, ticked)
            return line if left is None else left

    def _warn(self, told: Mapping[str, object]) -> None:
        """Show the urgent step if money or an account is at risk; each step once."""
        found = self._session.urgent(told)
        if found is not None and found[1].id != self._warned:
            self._warned = found[1].id
            self._say("ask.urgent", text=found[0], step=found[1].text)

    def _answer_at_once(self) -> None:
        """Say what a chosen card means for the person and what to do first; where the questions end, that follows."""
        report = self._session.report()
        self._led = report.situations[0].id
        self._show(report.summary)
        if report.plan and report.questions.stop_reason is None:
            first = report.plan[0]
            self._warned = first.id
            self._say("ask.first", text=first.text if first.urgency == "now" else first.short)

    def _take(self, findings: list[Finding]) -> None:
        """Record confirmed readings as answers, each with its quote."""
        own = self._session.own_answers()
        findings = [one for one in findings if not isinstance(one.value, list) or own.get(one.id) != one.value]
        words = {finding.id: clean_line(finding.quote, QUOTE) for finding in findings}
        try:
            self._session.answer({finding.id: finding.value for finding in findings}, words)
        except AnswerError as error:
            self._show(error.message(self._session.lang))
        self._answer_elsewhere()

    def _answer_elsewhere(self) -> None:
        """Say once, as soon as it is known, that the entry is somewhere else: what is still asked comes after that."""
        now = self._session.assessment
        if self._led != ELSEWHERE == now.advice.leading(now.bits_met).id:
            self._answer_at_once()

    def _show_numbered(self, lines: Iterable[str]) -> None:
        for number, line in enumerate(lines, 1):
            self._show(f"  {number}. {line}")

    def _offer_more(self) -> bool:
        """Whether to go on after the questions ended. Raises Ended if the person does not want to."""
        session = self._session
        reason = session.interview.stop_reason
        if session.go_on or reason in (None, "nothing_left"):
            if not (session.skipped and session.interview.page):
                return False
            if self._confirm("ask.skipped_ones"):
                session.begin_again()
            return True
        if reason == "look_first" and self._looked:  # asked a second time
            session.ask_on()
            return True
        self._say(f"ask.stop.{reason}")
        plan = session.report().plan
        if plan:
            self._say("ask.first", text=plan[0].text)
        if reason == "look_first":
            if self._confirm("ask.looked"):
                self._looked = True
                session.call_up(*session.not_looked())
        elif not session.interview.remaining:
            raise Ended
        elif self._confirm("ask.go_on"):
            session.ask_on()
        return True

    def _agrees(self, typed: str) -> bool:
        """Whether what was typed is a plain yes."""
        from diagnostics.reading.reply import says_yes

        return typed.lower() in GO_ON or says_yes(self._knowledge, typed)

    def _confirm(self, key: str) -> bool:
        """Whether to go on; False where the person went one step back or told something. Raises Ended on Enter or no.

        The words of the prompt count as its yes; what stands behind them, or answers what was to be looked at, answers
        the question that comes next. What cannot be read is asked again.
        """
        from diagnostics.reading.reply import says_none

        self._say(key)
        offered = self._console.texts(f"{key}_words").split("|")
        while True:
            typed = self._console.read()
            said = next((word for word in offered if typed.lower().startswith(word)), "")
            if typed.lower() in BACK:
                self._back()
                return False
            if said or (typed and self._agrees(typed)):
                self._console.hold(typed[len(said) :].strip(TAIL) if said else "")
                return True
            if len(typed) < 2 or typed.lower() in NO | QUIT or says_none(self._knowledge, typed):
                raise Ended
            if key == "ask.looked" and self._tells_what_was_seen(typed):
                self._console.hold(typed)
                return True
            if self._read_as_story(typed):
                return False
            self._say("ask.not_understood", typed=clean_line(mask_numbers(typed), 40))

    def _tells_what_was_seen(self, typed: str) -> bool:
        """Whether words answer one of the questions that were not looked at."""
        from diagnostics.reading.reply import read_reply

        values = (read_reply(self._knowledge, id_, typed).value for id_ in self._session.not_looked())
        return any(value not in (None, UNKNOWN) for value in values)

    def _back(self) -> None:
        step = self._session.undo()
        if step is None or not step.ids:
            self._say("ask.nothing_to_undo" if step is None else "ask.back")
            return
        titles = tuple(self._knowledge.questions[id_].text(self._session.lang).title for id_ in step.ids)
        self._show(self._session.texts.render(Message("ask.took_back", {"titles": titles})))

    def _ask(self, part: Part) -> None:
        """Ask a checklist as one prompt, or one question; the caller repeats it if there was no answer."""
        page = self._knowledge.page_of(part.ids[0])
        if page.id != self._heading:
            self._say("ask.page", heading=page.title(self._session.lang))
            self._heading = page.id
        if part.checklist:
            self._checklist(self._session.lines())
        else:
            self._question(self._session.question(part.ids[0]))

    def _checklist(self, lines: list[Line]) -> None:
        self._show_numbered(line.get(self._session.lang) for line in lines)
        if self._on_behalf:
            self._say("ask.say_list")
        self._say("ask.checklist")
        typed = self._typed([line.question for line in lines])
        if typed is None:
            return
        from diagnostics.reading.reply import chosen_lines

        chosen = chosen_lines(self._knowledge, lines, typed)
        if chosen is not None:
            self._give({**chosen})
            return
        from diagnostics.questionnaire.replies import read_typed

        if not self._confirm_typed(typed, read_typed(self._session, typed)):
            self._say("ask.not_a_number", count=len(lines))

    def _question(self, question: Question) -> None:
        text = question.text(self._session.lang)
        conflict = self._session.conflict(question.id)
        if conflict:
            self._show(conflict)
        self._show(text.about if self._on_behalf else text.ask)
        if self._on_behalf:
            self._say("ask.say", text=text.say)
        self._show_numbered(choice.get(self._session.lang) for choice in question.value)
        if question.type == "choices":
            self._say("ask.choices")
        elif not question.value:
            self._say("ask.type", unit=text.unit or text.title)
        meant: object = None  # the value that the next line may confirm
        said = ""  # the words in which it was read
        while (typed := self._typed([question.id])) is not None:
            agreed = meant is not None and self._agrees(typed)
            if meant is not None and (agreed or typed.lower() in NO):
                if agreed:
                    self._give_read(question, meant, said)
                return
            try:
                value = answer_in(question, typed)
                if value == meant or not question.doubts(value):
                    self._give({question.id: value})
                    return
                self._say("ask.read_as_one", value=say_value(self._session.texts, question.id, value))
                meant, said = value, ""
            except (AnswerError, ValueError, OverflowError) as error:
                done, meant = self._read_in_words(question, typed, error)
                said = typed
                if done:
                    return

    def _read_in_words(self, question: Question, typed: str, error: Exception) -> tuple[bool, object]:
        """Read what is no answer by its form (第二个, 没有).

        Returns whether that is done, or else what is asked back: the next line confirms it, or says which it is.
        """
        from diagnostics.questionnaire.replies import read_in_session
        from diagnostics.reading.reply import read_reply

        reply = read_reply(self._knowledge, question.id, typed, [choice.id for choice in question.value])
        if question.id in self._knowledge.steering:
            choice = question.choice(reply.value) if reply.sure else None
            known = choice.sets if choice is not None else None
            story = read_in_session(self._session, typed)
            if (known is None or story.readings) and self._confirm_typed(typed, story, known):
                return True, None  # a tale says more than which card it belongs to
        if reply.among:
            self._ask_which(question, reply.among)
            return False, None
        if reply.value is None:
            if not self._read_as_story(typed, question):
                self._refuse(question, clean_line(typed, 40), error)
            return True, None
        value = self._with_what_was_said(question, typed, reply.value)
        said = say_value(self._session.texts, question.id, value)
        self._say("ask.read_as" if reply.sure else "ask.read_as_one", value=said)
        if not reply.sure:
            return False, value
        self._give_read(question, value, typed)
        return True, None

    def _with_what_was_said(self, question: Question, typed: str, value: Value) -> Value:
        """Return an answer in words to a list with what it held already, where they do not deny all of it."""
        from diagnostics.reading.additions import together
        from diagnostics.reading.reply import says_none

        had = self._session.own_answers().get(question.id)
        if not (isinstance(value, list) and isinstance(had, list)) or says_none(self._knowledge, typed):
            return value
        return list(together(self._knowledge, question.id, typed, value, had))

    def _ask_which(self, question: Question, among: tuple[Value, ...]) -> None:
        """Ask which of several answers is meant, each with its number."""
        if len(among) == len(question.value):  # all that stands above
            self._say("ask.which_ones")
            return
        self._say("ask.which")
        numbers = {choice.id: f"{number}. " for number, choice in enumerate(question.value, 1)}
        for value in among:
            self._show(f"  {numbers.get(str(value), '')}{say_value(self._session.texts, question.id, value)}")

    def _read_as_story(self, typed: str, at: Question | None = None, *, answered: bool = False) -> bool:
        """Whether what was typed says something of the case; it is confirmed like a story.

        `at`: the question that it was typed at; it is read for others, and for this one unless it is `answered`.
        """
        from diagnostics.questionnaire.replies import read_in_session
        from diagnostics.reading.reply import besides

        story = read_in_session(self._session, typed)
        return self._confirm_typed(
            typed, story if at is None else besides(self._knowledge, at.id, story, answered=answered)
        )

    def _confirm_typed(self, typed: str, story: Reading, known: Mapping[str, object] | None = None) -> bool:
        """Confirm what was read in a line; False if that is nothing but what is `known` anyway."""
        new = [one for one in story.readings if known is None or known.get(one.id) != one.value]
        if not (new or story.beliefs):
            return False
        self._session.keep_typed(STORY, typed)
        self._session.draft.unsent.save()  # nobody waits here for a screen
        self._confirm_story(story)
        self._session.keep_typed(STORY, "")
        self._session.advance()
        return True

    def _give_read(self, question: Question, value: object, said: str) -> None:
        """Answer with what was read in words, and read what else they say; a value that is none is asked for again."""
        with contextlib.suppress(AnswerError):
            self._give({question.id: value})
        if said:
            self._read_as_story(said, question, answered=True)

    def _refuse(self, question: Question, typed: str, error: Exception) -> None:
        """Say that the input cannot be used, and why if it is no choice."""
        typed = mask_numbers(typed)
        if question.value:
            self._say("ask.not_understood", typed=typed)
            return
        why = self._console.texts("ask.digits")
        if isinstance(error, AnswerError) and error.key != "no_number":
            why = error.message(self._session.lang)
        self._say("ask.not_usable", typed=typed, why=why)

    def _typed(self, ids: list[str]) -> str | None:
        """Return the input, `unknown` for "don't know"; None after executing a command."""
        typed = self._console.read()
        word = typed.lower()
        if word in QUIT:
            raise Ended
        if word in BACK:
            self._back()
        elif word.rstrip(TAIL) in WHY:
            for id_ in ids:
                text = self._knowledge.questions[id_].text(self._session.lang)
                self._say("ask.why", title=text.title, why=text.why, how=text.how)
        elif word in SKIP:
            self._session.skip()
        elif word in DONT_KNOW:
            return UNKNOWN
        elif word:
            return typed
        elif len(ids) > 1:
            return "0"
        return None

    def _give(self, answers: dict[str, object]) -> None:
        self._session.finish(answers)
        if not {*self._knowledge.steering}.isdisjoint(answers) and UNKNOWN not in answers.values():
            self._answer_at_once()
        else:
            self._answer_elsewhere()
        if not {*SCAM_SIGNS}.isdisjoint(answers):
            self._warn({})
        if self._session.fault not in (None, self._fault):  # when it begins; `run` repeats it at the end
            self._say("ask.not_saved", fault=self._session.fault)
        self._fault = self._session.fault


def answer_in(question: Question, typed: str) -> Value:
    """Read what was typed as an answer: the number of a choice, its id or its text, or a value."""
    if typed == UNKNOWN or not question.value:
        return parse_entry(question, typed)[0]
    if question.type != "choices":
        return _choice_in(question, typed)
    return [] if typed.lower() in NONE else [_choice_in(question, word) for word in words_in(typed) if word != "0"]


def _choice_in(question: Question, word: str) -> str:
    if word.isdecimal() and 0 < int(word) <= len(question.value):
        return question.value[int(word) - 1].id
    return next((choice.id for choice in question.value if word in (choice.id, choice.zh, choice.en)), word)
