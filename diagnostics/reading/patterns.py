"""Patterns: compiled phrases of the lexicon, answers of a word or two, versions that a message names."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice, pairwise, permutations
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from diagnostics.reading import normalise
from diagnostics.versions import owner_of, parse_system_version, parse_wechat_version

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping


Owner = TypeVar("Owner")
_NEGATIONS: Final = "没不未无别冇"
_GAPS: Final = {"~": rf"[^,。!?;\n{_NEGATIONS}]", "~~": rf"[^。!?;\n{_NEGATIONS}]", "~+": r"[^。!?;\n]"}
_WORD_GAPS: Final = {"~": r" ?(?:(?:[^ ,。!?;\n]|,(?=\d))*[^ ,。!?;.\n] )", "~~": r",? ?(?:[^ 。!?;\n]*[^ 。!?;.\n] )",
                     "~+": r"[,.]? ?(?:[^ !?;\n]+ )"}  # fmt: skip
"""Gaps of a phrase without Chinese signs: of words."""
_START: Final = r"(?:^|(?<=[,。!?;:\n\" ]))"
_WORD_START: Final = r"(?:^|(?<=[,。!?;:\n\"])|(?<=[,。!?;:.] ))"
_PARTICLES: Final = "[了的啊呀呢吧啦哦哈嘛呐诶哎喎嘅啵哟噻]{0,3}"
_SIGN: Final = r" *(?:[,。!?;\n\"():]|$)|(?<=[\u3400-\u9fff]) |(?<=\d) (?=[\u3400-\u9fff])"
_LATIN: Final = re.compile(r"[a-z]+")
_WHOLE: Final = re.compile(r"(?<![a-z'\d])[a-z]+(?![a-z'\d])")
"""A word of which no sign may be left out."""
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
DENIAL: Final = re.compile(
    r"(?<![a-z])(?:not|never|no|none|nor|cannot|(?:ca|do|does|did|is|are|was|wo|has|have|could|would)nt"
    r"|but(?= (?:weilidai|wld)\b)|except|besides|neither|apart from|other than|save for)(?![a-z])|n't|n_t"
)
_FREQUENT: Final = frozenset({"微粒", "没有", "没", "有", "微信", "服务", "我", "了", "上", "里", "的", "能", "不"})
"""Keys that are in most texts, so that nothing is found by them where another item serves."""


_ANY_ORDER: Final = " & "
_BETWEEN: Final = " ~6 "
"""What may stand between parts of a phrase that come in any order."""


class PhraseError(ValueError):
    """A phrase that cannot be compiled; the text names it."""


class Compiled(msgspec.Struct, frozen=True):
    """One phrase ready to match. `needs`: of each set one key (see `keys_of`) is in every text that matches."""

    source: str
    needs: tuple[frozenset[str], ...]
    index: int
    denies: bool = False
    """Whether an English phrase has a word of negation of its own; any other such word within a match forbids it."""

    def pattern(self) -> re.Pattern[str]:
        """Return the compiled expression, made when it is first needed."""
        return _compiled(self.source)


@lru_cache(maxsize=4096)
def _compiled(source: str) -> re.Pattern[str]:
    return re.compile(source)


@lru_cache(maxsize=8)
def _end(begins: tuple[str, ...]) -> str:
    """Return the expression of the end of a clause: a sign, or a word with which the next one begins."""
    return f"(?={_PARTICLES}(?:{'|'.join([_SIGN, *map(re.escape, begins)])}))"


def _literal(word: str, end: str) -> str:
    """Return the expression of one word; `$` is the end of a clause, `{n}` a number."""
    if word == "$":
        return end
    first = re.escape(word[0])  # before the guard, so that the engine can skip to it
    before = f"{first}(?<![a-z0-9-]{first})" if word[0].isascii() and word[0].isalnum() else ""
    last = word[-1]
    after = r"(?![a-z])" if last.isascii() and last.isalpha() else r"(?!\d)" if last.isdigit() else ""
    plain = re.escape(word[1:] if before else word).replace("'", "'?")  # dont, cant
    return before + plain.replace(re.escape("{n}"), f"(?:{normalise.PATTERN})") + after


def _words(item: str, words: Mapping[str, tuple[str, ...]], say: str) -> list[str]:
    """Expand the alternatives of one item: names in braces, and characters that `?` makes optional."""
    found: list[str] = []
    for alternative in item.split("|"):
        forms = [alternative.replace("_", " ")]
        if forms[0].count("{") != len(re.findall(r"\{\w+\}(?!\?)", forms[0])):
            raise PhraseError(f"{say}: a name in braces is letters, without a mark behind it")
        if forms[0].startswith("?"):
            raise PhraseError(f"{say}: nothing stands before a mark")
        while any(re.search(r"\{(?!n\})|\?", form) for form in forms):
            grown: list[str] = []
            for form in forms:
                if name := re.search(r"\{(?!n\})(\w+)\}", form):
                    if name[1] not in words:
                        raise PhraseError(f"{say}: no words {{{name[1]}}}")
                    grown += [form[: name.start()] + one + form[name.end() :] for one in words[name[1]]]
                elif "?" in form:
                    at = form.index("?")
                    grown += [form[: at - 1] + form[at + 1 :], form[:at] + form[at + 1 :]]
                else:
                    grown.append(form)
            forms = grown
        found += forms
    return list(dict.fromkeys(found))


def compile_phrase(say: str, words: Mapping[str, tuple[str, ...]], index: int = 0) -> Compiled:
    """Compile one phrase of the small language of `diagnostics.knowledge.lexicon`. Raises PhraseError."""
    if _ANY_ORDER in say:
        orders = [compile_phrase(_BETWEEN.join(parts), words, index) for parts in permutations(say.split(_ANY_ORDER))]
        return msgspec.structs.replace(orders[0], source="|".join(f"(?:{one.source})" for one in orders))
    parts: list[str] = []
    needs: list[frozenset[str]] = []
    counted = denies = False
    latin = not _HAN.search(say)
    end = _end(words.get("joints", ()) + words.get("begins", ()))
    for item in say.split():
        gap = re.fullmatch(r"(~[~+]?)(\d{1,2})", item)
        if gap:
            parts.append(f"{(_WORD_GAPS if latin else _GAPS)[gap[1]]}{{0,{gap[2]}}}?")
        elif item in "^$":
            parts.append(end if item == "$" else _WORD_START if latin else _START)
        elif item[0] in "!<" and len(item) > 1:
            forms = [form for form in _words(item[1:], words, say) if form]
            if item[0] == "!":
                parts.append(rf"(?! ?(?:{'|'.join(_literal(form, end) for form in forms)}))" if forms else "")
            else:
                parts.append("".join(f"(?<!{re.escape(form)})" for form in forms))
        elif item in ("{n}", "{n}?"):
            name = "" if counted else "?P<n>"
            counted = True
            parts.append(f" ?({name or '?:'}{normalise.PATTERN}) ?" if item == "{n}" else f"(?:{normalise.PATTERN})?")
        else:
            optional = "|" not in item and item.endswith("?")
            forms = _words(item[:-1] if optional else item, words, say)
            optional |= "" in forms
            forms = sorted((form for form in forms if form), key=len, reverse=True)
            denies |= any(map(DENIAL.search, forms))
            if not forms:
                raise PhraseError(f"{say}: an empty item")
            joint = '[ "]{0,2}' if parts else ""
            whole = "?>" if item.startswith("{wld}") else "?:"  # 微粒贷额度 is not 微粒 with something behind it
            parts.append(
                f"(?:{joint}({whole}{'|'.join(_literal(form, end) for form in forms)})){'?' if optional else ''}"
            )
            if not optional and not any(form == "$" or "{n}" in form for form in forms):
                needs.append(frozenset(map(_key, forms)))
    if not needs:
        raise PhraseError(f"{say}: no word to find it by")
    needs.sort(key=lambda keys: len(keys & _FREQUENT) * 100 + len(keys) + 50 * any(len(key) == 1 for key in keys))
    return Compiled("".join(parts), tuple(needs), index, not latin or denies)


def keys_of(text: str) -> set[str]:
    """Return the keys by which phrases are found: every two neighbours and every character."""
    latin = _LATIN.findall(text)
    return {*map("".join, pairwise(text)), *text, *latin, *(word[:-1] for word in latin if word.endswith("nt"))}


def _key(form: str) -> str:
    """Return the key of a word: the longest of its Latin words whole, else its first two characters."""
    latin: list[str] = [word for word in _WHOLE.findall(form) if len(word) > 1]
    if latin and form.isascii():
        return max(latin, key=len)
    if (first := _LATIN.match(form)) and len(first[0]) > 1:
        return first[0]
    return form[: 1 if form[1:2] == "'" else 2]


class Index:
    """Phrases by the keys of their rarest item."""

    def __init__(self, phrases: Iterable[Compiled]) -> None:
        self._by_key: dict[str, list[tuple[tuple[frozenset[str], ...], Compiled]]] = {}
        for phrase in phrases:
            for key in phrase.needs[0]:
                self._by_key.setdefault(key, []).append((phrase.needs[1:], phrase))

    def candidates(self, text: str, without: Container[int] = ()) -> list[Compiled]:
        """Return, each once, the phrases of which every item may stand in `text`; linear in its length.

        `without` are the numbers of phrases that are not wanted.
        """
        keys = keys_of(text)
        lacks = keys.isdisjoint
        found: dict[int, Compiled] = {}
        for key in keys & self._by_key.keys():
            for needs, phrase in self._by_key[key]:
                for need in needs:
                    if lacks(need):
                        break
                else:
                    found[phrase.index] = phrase
        return [found[index] for index in sorted(found) if index not in without]


def compile_all(sayings: Iterable[tuple[Owner, Iterable[str]]], words: Mapping[str, tuple[str, ...]]
                ) -> tuple[Index, list[Owner]]:  # fmt: skip
    """Return the index of all phrases, and by its number whose each is."""
    compiled: list[Compiled] = []
    owners: list[Owner] = []
    for owner, says in sayings:
        for say in says:
            compiled.append(compile_phrase(say, words, len(owners)))
            owners.append(owner)
    return Index(compiled), owners


_LIKELY: Final = re.compile(
    r"[2-8]\s?[.。点、]{1,2}\s?\d|0x[0-9a-f]{8}|version=|[五六七八][零〇][一二三四五六七八九]|(?:微信|wechat|版本).{0,6}[5-8]\d{3}(?!\d)"
)
_SYSTEM: Final = re.compile(
    r"(?:苹果|iphone)\s?\d{1,2}(?:\s?(?:pro|plus|max|mini))*[\s,]{1,2}(?:系统|版本)?\s?(?P<model>[12]\d\.\d{1,2}(?:\.\d)?)"
    r"(?![\d.]*\d)"
    r"|(?:安卓|android|ios|苹果)(?:系统|手机|版本?)?\s?(?P<named>\d{1,2}(?:\.\d{1,2}){0,2})(?![\d.]*\d)"
)
_TRUSTED: Final = frozenset(
    {"labelled_number", "number", "version_with_code", "user_agent", "client_code", "package_record", "digits"}
)


def versions_said(shown: str, text: str, start: int, end: int) -> Iterator[tuple[str, str, int, int, bool]]:
    """Yield (question, version, start, end, sure) for one turn; `text` is `shown` folded."""
    likely = _LIKELY.search(text, start, end)
    if likely:
        reading = parse_wechat_version(shown[start:end])
        if reading.version is not None and reading.form in _TRUSTED:
            place = _place(text, reading.version, start, end) or likely.span()
            yield "wechat.version", reading.version, *place, reading.sure
    for system in islice(_SYSTEM.finditer(text, start, end), 5):
        found = parse_system_version(f"ios {system['model']}" if system["model"] else system[0])
        if found.version is None or found.platform not in ("android", "ios"):
            continue  # 苹果11 is a phone
        place = system.span(system.lastgroup or 0)
        if owner_of(text, *place) == "own":
            yield "os.version", found.version, *(place if system["model"] else system.span()), True
            return


def _place(text: str, version: str, start: int, end: int) -> tuple[int, int] | None:
    """Return where the numbers of a version stand."""
    joined = r"\s{0,2}[.。点、,_-]{0,2}\s{0,2}0{0,2}".join(map(re.escape, version.split(".")))
    found = re.compile(rf"(?<!\d){joined}(?!\d)").search(text, start, end)
    return found.span() if found else None
