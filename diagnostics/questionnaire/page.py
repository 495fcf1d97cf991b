"""Write the questionnaire: one file that any phone browser opens, and that can send nothing anywhere."""

from __future__ import annotations

import base64
import hashlib
import html
from functools import cache
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from diagnostics.questionnaire.page_data import compiled

if TYPE_CHECKING:
    from diagnostics.knowledge.model import Knowledge

_HERE: Final = Path(__file__).parent / "static"
_SCRIPTS: Final = ("engine.js", "versions.js", "codec.js", "screens.js", "page.js")
_IN_SCRIPT: Final = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def build_page(knowledge: Knowledge, lang: Literal["zh", "en"] = "zh") -> str:
    """Return the whole page in one language: questions, rules, script and style in one file.

    Its content-security policy allows exactly its own script and style, and no connection, form or frame.
    """
    style, script = _file("page.css"), "\n".join(_file(name) for name in _SCRIPTS)
    # in a script element nothing but JSON's own signs may stand; texts are set by the script as text, never as markup
    data = msgspec.json.encode(compiled(knowledge, lang)).decode().translate(_IN_SCRIPT)
    return Template(_file("page.html")).substitute(
        lang="zh-CN" if lang == "zh" else "en",
        title=html.escape(knowledge.say("questionnaire.page.title", lang)),
        noscript=html.escape(knowledge.say("questionnaire.page.noscript", lang)),
        style_hash=_hash(style),
        script_hash=_hash(script),
        style=style,
        data=data,
        script=script,
    )


@cache
def _file(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
