"""Who says what in a chat or a ticket, and what keeps a clause from being a statement about the person."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import msgspec

from diagnostics.reading.normalise import Turn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Role: TypeAlias = Literal["person", "agent", "other"]

_TIME: Final = (
    r"[(\[\"]?(?:\d{2,4}[-/.年]\d{1,2}[-/.月]\d{1,2}日? ?)?(?:星期.|周.|昨天|今天|上午|下午|晚上|早上|凌晨| )*"
    r"\d{1,2}:\d{2}(?::\d{2})?(?: ?[ap]m)?[)\]\"]?"
)
_NAME: Final = r"[^\s:,。!?;\"()<>/\d][^:,。!?;\"\n<>/]{0,15}?"
_SPOKEN: Final = re.compile(rf"[ \">-]*(?:{_TIME} *[-|]? *)?(?P<name>{_NAME}) *(?:{_TIME})? *:(?!//) *(?=\S|$)")
_BRACKETED: Final = re.compile(rf' *"(?P<name>{_NAME})" *:? *(?=\S)')
_UNMARKED: Final = re.compile(r"^ *(?P<name>[^\s:>|,。!?\d]{1,8}\d{0,6}) ?(?P<sep>[>| ])(?=\s?\S)", re.MULTILINE)
_HEADER: Final = re.compile(
    rf"[ >-]*(?:(?P<name>{_NAME}) {{0,3}}{_TIME}|{_TIME} {{0,3}}(?P<after>{_NAME})|(?P<alone>{_NAME}) *:) *$"
)


class _Said(msgspec.Struct):
    name: str
    start: int
    end: int


class Speakers:
    """Tells from labels who is the person and who only answers; `is_label`: of a line of a form, not of a turn."""

    def __init__(self, marks: Mapping[str, tuple[str, ...]], is_label: Callable[[str], bool]) -> None:
        self._is_label = is_label
        self._agents = marks.get("speaker_agent", ())
        self._persons = marks.get("speaker_person", ())
        self._not_names = frozenset(marks.get("speaker_none", ()))
        known = sorted({*self._agents, *self._persons}, key=len, reverse=True)
        names = "|".join(map(re.escape, (name for name in known if len(name) > 1)))
        self._inline = re.compile(rf"(?:(?<=[ 。!?;,\"])|^)(?:{names or '(?!)'})\d{{0,6}} *:")
        self._polite = re.compile("|".join(map(re.escape, marks.get("polite", ()))) or r"(?!)")

    def turns(self, text: str) -> list[Turn]:
        """Return the turns of a folded text; one turn of the person where it is no chat."""
        said = self._said(text)
        if said is None and (labelled := self._labelled(text)) != text:
            said = self._said(labelled)
        if said is None:
            return [Turn("person", 0, len(text))]
        roles, certain = self._roles(text, said)
        return [Turn(roles[one.name], one.start, one.end, certain) for one in said if one.end > one.start]

    def _labelled(self, text: str) -> str:
        """Return the text with colons where a chat parts its names otherwise: `bot > hello`, `客服 您好`, by lines.

        A blank does so only where every line begins with one of few names, and one of them is an agent's.
        """
        lines = [_UNMARKED.match(line) for line in text.split("\n") if line.strip()]
        names = Counter(found["name"] for found in lines if found)
        roles = [self._role(name) for name in names]
        few = 1 < len(names) <= 3 and all(count > 1 or self._role(name) for name, count in names.items())
        if lines.count(None) > 1 or not few or "agent" not in roles or len(lines) < 3:
            return text
        return _UNMARKED.sub(lambda found: text[found.start() : found.start("sep")] + ":", text)

    def _said(self, text: str) -> list[_Said] | None:
        """Return who says what by the labels; None where there are none."""
        found: list[_Said] = []
        labels: list[str] = []
        at = 0
        pairs = _PAIRS.search(text) is not None
        inline = _PAIR if pairs else self._inline
        for line in text.split("\n"):
            end = at + len(line)
            header = _HEADER.match(line) if len(line) < 60 else None
            spoken = _SPOKEN.match(line) if header is None and ":" in line[:60] else None
            if spoken is None and header is None:
                spoken = _BRACKETED.match(line)
            name = self._name(spoken, header, pairs=pairs)
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
                self._split_inline(text, found, labels, max(at, found[-1].start), end, inline)
            at = end + 1
        known = any(map(self._role, set(labels)))
        form = len(labels) > 2 and len(set(labels)) == len(labels) and "agent" not in map(self._role, labels)
        if not labels or form or not (known or len(set(labels)) < len(labels)):
            return None
        return found

    def _split_inline(
        self, text: str, found: list[_Said], labels: list[str], start: int, end: int, inline: re.Pattern[str]
    ) -> None:
        """Part a line that holds several turns: 客服:您好 用户:没有; not behind `closed by user:`."""
        for match in list(inline.finditer(text, start, end)):
            if self._is_label(_SEPARATOR.split(text[max(0, match.end() - 40) : match.end() - 1])[-1]):
                continue
            found[-1].end = match.start()
            name = match[0].rstrip(" :")
            labels.append(name)
            found.append(_Said(name, match.end(), end))

    def _name(self, spoken: re.Match[str] | None, header: re.Match[str] | None, *, pairs: bool) -> str:
        match = header or spoken
        if match is None:
            return ""
        name = next((one for one in match.groups() if one), "").strip()
        if pairs and name in _ASKER + _ANSWERER:
            return name
        field = any(name.endswith(word) for word in self._not_names if len(word) > 1)  # 客户年龄: a line of a form
        return "" if not name or field or name in self._not_names or self._is_label(name) else name

    def _role(self, name: str) -> Role | None:
        lower = name.lower()
        if any(_names(word, lower) for word in self._agents):
            return "agent"
        return "person" if any(_names(word, lower) for word in self._persons) else None

    @staticmethod
    def _of_himself(text: str, said: list[_Said], name: str) -> int:
        """Return how much more somebody says of himself than he says to the other or asks."""
        return sum(
            len(_I.findall(text, one.start, one.end)) - len(_ASKS.findall(text, one.start, one.end))
            for one in said
            if one.name == name
        )

    def _of_two_persons(self, text: str, said: list[_Said], names: list[str]) -> dict[str, Role]:
        """Tell who the agent or a caller is where `me` and somebody else both seem to be the person."""
        me = [name for name in names if name in _ME]
        others = [name for name in names if name not in _ME]
        if not me or not others:
            return {}
        person = max(others + me, key=lambda name: self._of_himself(text, said, name))
        return {name: "person" if name == person else "agent" if name in _ME else "other" for name in names}

    def _is_note(self, text: str, said: list[_Said]) -> bool:
        """Whether agents write of somebody and address nobody."""
        spoken = [text[one.start : one.end] for one in said]
        return not any(_YOU.search(words) or self._polite.search(words) for words in spoken)

    def _roles(self, text: str, said: list[_Said]) -> tuple[dict[str, Role], bool]:
        """Tell every label's role, by name and else by manner: who says 您 and 请问 is the agent."""
        names = list(dict.fromkeys(one.name for one in said))
        roles: dict[str, Role] = {"": "person"}
        for name in names:
            if role := self._role(name):
                roles[name] = role
        asking = [text[one.start : one.end] for one in said if one.name in _ASKER]
        if asking and any(one.name in _ANSWERER for one in said):  # an interview; one pair alone is an advice column
            interview = len(asking) > 1 or _YOU.search(asking[0]) is not None
            roles |= dict.fromkeys(_ASKER, "agent" if interview else "person")
            roles |= dict.fromkeys(_ANSWERER, "person" if interview else "agent")
        roles |= self._of_two_persons(text, said, [name for name in names if roles.get(name) == "person" and name])
        open_ = [name for name in names if name not in roles]
        has_person = any(roles.get(name) == "person" for name in names if name)
        has_agent = "agent" in roles.values()
        certain = True
        if has_agent and not open_ and not has_person and self._is_note(text, said):
            roles.update(dict.fromkeys(names, "person"))  # 客服记录: 用户以前有, and nobody answers
        elif has_person:
            roles |= dict.fromkeys(open_, "other")
        elif has_agent:
            for name in open_:
                roles[name] = "person" if name == open_[0] else "other"
        elif open_:
            person = max(open_, key=lambda name: self._of_himself(text, said, name))
            for name in open_:
                roles[name] = "person" if name == person else "other"
            certain = len(open_) == 2
        return roles, certain


def _names(word: str, name: str) -> bool:
    """Whether a name is or holds a word for a role, a Latin one whole: a reporter is no rep."""
    at = name.find(word) if len(word) > 1 else -1
    return name == word or (at >= 0 and not (word.isascii() and name[at + len(word) :][:1].isalpha()))


_SEPARATOR: Final = re.compile(r"[.。;|,\n] ?")
_ME: Final = ("我", "me")
_ASKER: Final = ("问", "q")
_ANSWERER: Final = ("答", "a")
_PAIRS: Final = re.compile(r"(?:^|[\s。!?;])(?:问|q) ?:(?s:.{1,300}?)(?:^|[\s。!?;])(?:答|a) ?:", re.MULTILINE)
_PAIR: Final = re.compile(r"(?:(?<=[ 。!?;,])|^)(?:问|答|q|a) ?:")
_I: Final = re.compile(r"(?<![发给跟向])[我俺]|\b(?:i|i'm|my|me)\b")
_YOU: Final = re.compile(r"[你您]|\byou(?:r)?\b")
_ASKS: Final = re.compile(rf"{_YOU.pattern}|(?:[吗呢]|还是[^\n?]{{1,8}}|\?)[ \n\"]*$", re.MULTILINE)
