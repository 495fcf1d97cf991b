"""Take a chat or a ticket apart: who says what."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

Role: TypeAlias = Literal["person", "agent", "other"]

_TIME: Final = (
    r"[(\[\"]?(?:\d{2,4}[-/.年]\d{1,2}[-/.月]\d{1,2}日? ?)?(?:星期.|周.|昨天|今天|上午|下午|晚上|早上|凌晨| )*"
    r"\d{1,2}:\d{2}(?::\d{2})?(?: ?[ap]m)?[)\]\"]?"
)
_NAME: Final = r"[^\s:,。!?;\"()<>/\d][^:,。!?;\"\n<>/]{0,15}?"
_SPOKEN: Final = re.compile(rf"[ \">-]*(?:{_TIME} *[-|]? *)?(?P<name>{_NAME}) *(?:{_TIME})? *:(?!//) *(?=\S|$)")
_BRACKETED: Final = re.compile(rf' *"(?P<name>{_NAME})" *:? *(?=\S)')
_HEADER: Final = re.compile(
    rf"[ >-]*(?:(?P<name>{_NAME}) {{0,3}}{_TIME}|{_TIME} {{0,3}}(?P<after>{_NAME})|(?P<alone>{_NAME}) *:) *$"
)


class Turn(msgspec.Struct, frozen=True):
    """What one speaker says in one go: a span of the text."""

    role: Role
    start: int
    end: int
    certain: bool = True


class _Said(msgspec.Struct):
    name: str
    start: int
    end: int


class Speakers:
    """Tells from labels who is the person and who only answers."""

    def __init__(self, marks: Mapping[str, tuple[str, ...]]) -> None:
        self._agents = marks.get("speaker_agent", ())
        self._persons = marks.get("speaker_person", ())
        self._not_names = frozenset(marks.get("speaker_none", ()))
        known = sorted({*self._agents, *self._persons}, key=len, reverse=True)
        names = "|".join(map(re.escape, (name for name in known if len(name) > 1)))
        self._inline = re.compile(rf"(?:(?<=[ 。!?;,])|^)(?:{names or '(?!)'})\d{{0,6}} *:")
        self._polite = re.compile("|".join(map(re.escape, marks.get("polite", ()))) or r"(?!)")

    def turns(self, text: str) -> list[Turn]:
        """Return the turns of a folded text; one turn of the person where it is no chat."""
        said = self._said(text)
        if said is None:
            return [Turn("person", 0, len(text))]
        roles, certain = self._roles(text, said)
        return [Turn(roles[one.name], one.start, one.end, certain) for one in said if one.end > one.start]

    def _said(self, text: str) -> list[_Said] | None:
        """Return who says what by the labels; None where there are none."""
        found: list[_Said] = []
        labels: list[str] = []
        at = 0
        for line in text.split("\n"):
            end = at + len(line)
            header = _HEADER.match(line) if len(line) < 60 else None
            spoken = _SPOKEN.match(line) if header is None and ":" in line[:60] else None
            if spoken is None and header is None:
                spoken = _BRACKETED.match(line)
            name = self._name(spoken, header)
            if name:
                labels.append(name)
                if found:
                    found[-1].end = at
                found.append(_Said(name, at + (spoken.end() if spoken else len(line)), end))
            elif found:
                found[-1].end = end
            elif line.strip():
                found.append(_Said("", at, end))
            if found and ":" in line:
                self._split_inline(text, found, labels, end)
            at = end + 1
        known = any(self._role(name) for name in labels)
        if not labels or not (known or len(set(labels)) < len(labels)):
            return None
        return found

    def _split_inline(self, text: str, found: list[_Said], labels: list[str], end: int) -> None:
        """Part a line that holds several turns: 客服:您好 用户:没有."""
        for match in list(self._inline.finditer(text, found[-1].start, end)):
            found[-1].end = match.start()
            name = match[0].rstrip(" :")
            labels.append(name)
            found.append(_Said(name, match.end(), end))

    def _name(self, spoken: re.Match[str] | None, header: re.Match[str] | None) -> str:
        match = header or spoken
        if match is None:
            return ""
        name = next((one for one in match.groups() if one), "").strip()
        return "" if not name or name in self._not_names else name

    def _role(self, name: str) -> Role | None:
        lower = name.lower()
        if any(lower == word or (len(word) > 1 and word in lower) for word in self._agents):
            return "agent"
        if any(lower == word or (len(word) > 1 and word in lower) for word in self._persons):
            return "person"
        return None

    def _roles(self, text: str, said: list[_Said]) -> tuple[dict[str, Role], bool]:
        """Tell every label's role, by name and else by manner: who says 您 and 请问 is the agent."""
        names = list(dict.fromkeys(one.name for one in said))
        roles: dict[str, Role] = {"": "person"}
        for name in names:
            if role := self._role(name):
                roles[name] = role
        open_ = [name for name in names if name not in roles]
        has_person = any(roles.get(name) == "person" for name in names if name)
        has_agent = "agent" in roles.values()
        polite = {
            name: sum(len(self._polite.findall(text, one.start, one.end)) for one in said if one.name == name)
            for name in open_
        }
        certain = True
        if has_person:
            for name in open_:
                roles[name] = "agent" if polite[name] > 1 else "other"
        elif has_agent:
            for name in open_:
                roles[name] = "person" if name == open_[0] else "other"
        elif open_:
            most = max(open_, key=lambda name: polite[name])
            agent = most if polite[most] and len(open_) > 1 else None
            person = next(name for name in open_ if name != agent)
            for name in open_:
                roles[name] = "agent" if name == agent else "person" if name == person else "other"
            certain = agent is not None or len(open_) == 2
        return roles, certain
