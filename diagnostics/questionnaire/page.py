"""Write the questionnaire: one file that any phone browser opens, and that can send nothing anywhere."""

from __future__ import annotations

import base64
import hashlib
import html
import re
import zlib
from functools import cache
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from diagnostics.questionnaire.message import hint, listed
from diagnostics.questionnaire.page_data import compiled

if TYPE_CHECKING:
    from diagnostics.knowledge.model import Knowledge

ENOUGH: Final = 10
"""Questions of the plain list that are shown at once."""
_HERE: Final = Path(__file__).parent / "static"
SCRIPTS: Final = (
    "data.js", "engine.js", "advice.js", "interview.js", "versions.js", "codec.js", "screens.js", "page.js"
)  # fmt: skip
"""The scripts of the page in their order; the first need no document but the data."""


def build_page(knowledge: Knowledge, lang: Literal["zh", "en"] = "zh") -> str:
    """Return the whole page in one language: questions, rules, script and style in one file.

    Its content-security policy allows exactly its own script and style, and no connection, form or frame.
    """
    style, first, script = _file("page.css"), _file("first.js"), _bare("\n".join(_file(name) for name in SCRIPTS))
    data = packed(msgspec.json.encode(compiled(knowledge, lang)))
    return Template(_file("page.html")).substitute(
        lang="zh-CN" if lang == "zh" else "en",
        title=html.escape(knowledge.say("questionnaire.page.title", lang)),
        plain=_plain(knowledge, lang),
        style_hash=_hash(style),
        first_hash=_hash(first),
        script_hash=_hash(script),
        style=style,
        first=first,
        data=data,
        script=script,
    )


def _plain(knowledge: Knowledge, lang: str) -> str:
    """Write the questions as a numbered list, for who can run no script: to be answered in the chat."""

    def say(key: str, **values: object) -> str:
        return html.escape(knowledge.say(f"questionnaire.plain.{key}", lang, **values))

    sent = listed(knowledge)
    items = []
    for id_ in sent.questions:
        choices = "".join(f"<li>{html.escape(one.get(lang))}" for one in knowledge.questions[id_].value)
        ask = html.escape(knowledge.questions[id_].text(lang).ask + hint(knowledge, id_, lang))
        items.append(f"<li>{ask}{f'<ol>{choices}</ol>' if choices else ''}")
    privacy = html.escape(knowledge.guide.warning["privacy"].get(lang))
    first, more = "".join(items[:ENOUGH]), "".join(items[ENOUGH:])
    return (
        f"<h1>{say('title')}</h1><p>{say('about')}</p><p>{say('open')}</p>"
        f"<p><b>{say('tag', tag=f'#{sent.tag}')}</b></p>"
        f"<p>{privacy}</p><ol>{first}</ol>"
        f'<details><summary>{say("more")}</summary><ol start="{ENOUGH + 1}">{more}</ol></details>'
    )


def packed(data: bytes) -> str:
    """Pack data for the page: deflate without a header, in Base64."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    return base64.b64encode(deflate.compress(data) + deflate.flush()).decode()


@cache
def _bare(script: str) -> str:
    """Leave out what a phone need not load: comments on lines of their own, and indentation."""
    return re.sub(r"^[ ]+", "", re.sub(r"^[ ]*//.*\n", "", script, flags=re.MULTILINE), flags=re.MULTILINE)


@cache
def _file(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
