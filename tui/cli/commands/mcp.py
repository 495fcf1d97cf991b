"""`mcp`: the tool for an assistant at a desk, over stdio as the Model Context Protocol has it. Keeps no state."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import click
import msgspec

from diagnostics.answers import parse_answers
from diagnostics.i18n import UserError
from diagnostics.reading.reader import read_text
from diagnostics.reading.record import record
from diagnostics.session import Session
from tui.cli.commands.catalog import explanations
from tui.cli.commands.check import command as check_command
from tui.cli.commands.check import diagnosed, rendered
from tui.cli.options import CONFIG, KNOWLEDGE, LANG, RunOptions, options, run_options
from tui.cli.output import Exit, RuntimeFailure, json_text

if TYPE_CHECKING:
    from collections.abc import Iterator


@click.command("mcp")
@options(LANG, KNOWLEDGE, CONFIG)
def command(**given: Any) -> int:
    """Answer an assistant over stdin and stdout until it leaves."""
    try:
        from mcp.server.mcpserver import MCPServer
    except ImportError:
        raise RuntimeFailure(UserError("cli.no_mcp", install="pip install 'weilidai-doctor[mcp]'")) from None
    words = [word for name, value in given.items() if value for word in (f"--{name}", value)]
    shared = run_options(check_command.make_context("check", ["--offline", *words]).params)
    tools, say = Tools(shared), shared.texts
    server = MCPServer("weilidai-doctor", instructions=say("mcp.about"), log_level="ERROR")
    for name in ("read", "next_questions", "check", "explain"):
        server.add_tool(getattr(tools, name), description=say(f"mcp.{name}"), structured_output=False)
    server.run()
    return Exit.DONE


class Tools:
    """What an assistant may ask. Every answer is JSON as the command of that name writes it."""

    def __init__(self, options: RunOptions) -> None:
        self._options = options
        self._knowledge = options.knowledge
        self._texts = options.texts

    def read(self, text: str) -> str:
        """Say what somebody's words say: `read --json` for one text; personal numbers are masked."""
        return json_text([record(self._knowledge, read_text(self._knowledge, text))])

    def next_questions(self, answers: dict[str, Any] | None = None) -> str:
        """Return the questions to ask now, with their texts and values; none where the tool has enough."""
        with _refusing(self._options.lang):
            session = Session(self._knowledge, lang=self._options.lang)
            session.answer(answers or {})
            asked = session.interview
            page = [explanations(self._texts, id_, None)[0] for id_ in asked.page]
        fields = ("id", "title", "ask", "about", "say", "why", "how", "type", "unit", "values", "minimum", "maximum")
        return json_text({
            "questions": [{name: one[name] for name in fields} for one in page],
            "remaining": asked.remaining,
            "stop_reason": asked.stop_reason,
        })  # fmt: skip

    def check(self, answers: dict[str, Any] | None = None, story: str | None = None) -> str:
        """Return the whole report: the bytes of `check --offline --json`. No network, nothing kept."""
        with _refusing(self._options.lang):
            told = None if story is None else read_text(self._knowledge, story)
            given = parse_answers(self._knowledge, answers or {})
            options = msgspec.structs.replace(self._options, answers=given, story=told)
            return rendered("json", diagnosed(options), options)

    def explain(self, id: str, answers: dict[str, Any] | None = None) -> str:  # noqa: A002  the protocol's own name
        """Return `explain --json`: one cause, question, check, situation, action or belief, for these answers."""
        with _refusing(self._options.lang):
            given = None if answers is None else parse_answers(self._knowledge, answers)
            found = explanations(self._texts, id, given)
        return json_text(found[0] if len(found) == 1 else found)


@contextlib.contextmanager
def _refusing(lang: str) -> Iterator[None]:
    """Turn what is wrong with an input into the protocol's own error, in the user's language and masked."""
    try:
        yield
    except (UserError, RuntimeFailure) as error:
        from mcp.server.mcpserver.exceptions import ToolError

        from diagnostics.redaction import mask_numbers

        raise ToolError(mask_numbers(error.text(lang))) from None
