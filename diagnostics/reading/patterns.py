"""Patterns: compiled phrases of the lexicon, answers of a word or two, versions that a message names."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice, pairwise
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
_PARTICLES: Final = "[了的啊呀呢吧啦哦哈嘛呐诶哎喎嘅啵哟噻咧咯喽哩嗫呗]{0,3}"
_SIGN: Final = r" *(?:[,。!?;\n\"():]|$)|\.(?=\s|$)|(?<=[\u3400-\u9fff]) |(?<=\d) (?=[\u3400-\u9fff])"
_LATIN: Final = re.compile(r"[a-z]+")
_BEHIND: Final = re.compile(r"(?<=[a-z])[a-z]+")
"""A Latin word without its first letter; two of its letters are no key."""
_WHOLE: Final = re.compile(r"(?<![a-z'\d])[a-z]+(?![a-z'\d])")
"""A word of which no sign may be left out."""
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
DENIAL: Final = re.compile(
    r"(?<![a-z])(?:not|never|no|none|nor|cannot|(?:ca|do|does|did|is|are|was|wo|has|have|could|would)nt"
    r"|but(?= (?:weilidai|wld)\b)|except|besides|neither|apart from|other than|save for"
    r"|nothing|missing|gone|vanished|disappeared|nowhere|without|zero|unable|instead of|rather than)(?![a-z])|n't|n_t"
)
_FREQUENT: Final = frozenset({"微粒", "没有", "没", "有", "微信", "服务", "我", "了", "上", "里", "的", "能", "不"})
"""Keys that are in most texts, so that nothing is found by them where another item serves."""


_ANY_ORDER: Final = re.compile(r" &(?:\+(\d{1,2}))? ")
_JOINT: Final = '[ "]{0,2}'
"""What may stand before each further item of a phrase."""
_NOT_YET: Final = "{notyet}"
"""A list that says no as a whole, though a few of its words have no sign of it: 忘了, 懒得."""
_APART: Final = r"(?:(?<![\u3400-\u9fff]) | (?![\u3400-\u9fff]))"
_BEHIND_NO: Final = {"~": rf"(?:[^ ,。!?;\n{_NEGATIONS}]|{_APART})", "joint": f'(?:"|{_APART}){{0,2}}'}
"""The same behind a word of negation: a blank between Chinese signs ends what is denied, 没用 重启也试了."""


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


def words_of(item: str, words: Mapping[str, tuple[str, ...]], say: str) -> list[str]:
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


def compile_phrase(
    say: str, words: Mapping[str, tuple[str, ...]], index: int = 0, known: dict[str, _Item] | None = None
) -> Compiled:
    """Compile one phrase of the small language of `diagnostics.knowledge.lexicon`. Raises PhraseError.

    `known`: items that were compiled before; most phrases share theirs.
    """
    known = {} if known is None else known
    latin = not _HAN.search(say)
    if order := _ANY_ORDER.search(say):
        parts = [compile_phrase(part, words, index, known) for part in _ANY_ORDER.split(say)[::2]]
        apart = (_WORD_GAPS if latin else _GAPS)["~+" if order[1] else "~"]
        between = f"{apart}{{0,{order[1] or 6}}}?{_JOINT}"
        needs = _rarest_first([need for part in parts for need in part.needs])
        source = _in_any_order([part.source for part in parts], between)
        return Compiled(source, needs, index, not latin or any(part.denies for part in parts))
    sources: list[str] = []
    keys: list[frozenset[str]] = []
    counted = denies = denied = False
    end = _end(words.get("joints", ()) + words.get("begins", ()))
    for item in say.split():
        gap = re.fullmatch(r"(~[~+]?)(\d{1,2})", item)
        if gap:
            gaps = _WORD_GAPS if latin else _BEHIND_NO if denied and gap[1] == "~" else _GAPS
            sources.append(f"{gaps[gap[1]]}{{0,{gap[2]}}}?")
        elif item in "^$":
            sources.append(end if item == "$" else _WORD_START if latin else _START)
        elif item[0] in "!<" and len(item) > 1:
            forms = [form for form in words_of(item[1:], words, say) if form]
            if item[0] == "!":
                sources.append(rf"(?! ?(?:{'|'.join(_literal(form, end) for form in forms)}))" if forms else "")
            else:
                sources.append("".join(f"(?<!{re.escape(form)})" for form in forms))
        elif item in ("{n}", "{n}?"):
            name = "" if counted else "?P<n>"
            counted = True
            sources.append(f" ?({name or '?:'}{normalise.PATTERN}) ?" if item == "{n}" else f"(?:{normalise.PATTERN})?")
        else:
            found = known.get(item) or known.setdefault(item, _item(item, words, say, end))
            denies |= found.denies
            joint = _BEHIND_NO["joint"] if denied and not latin else _JOINT
            sources.append(f"(?:{joint if sources else ''}{found.source}){found.times}")
            keys += [found.keys] if found.keys else []
            denied = found.negative
    if not keys:
        raise PhraseError(f"{say}: no word to find it by")
    return Compiled("".join(sources), _rarest_first(keys), index, not latin or denies)


class _Item(msgspec.Struct, frozen=True):
    """One item of a phrase: its expression, how often it stands, its keys.

    `denies`: one of its words denies in English; `negative`: each of its words says no in Chinese.
    """

    source: str
    times: str
    keys: frozenset[str]
    denies: bool
    negative: bool


def _item(item: str, words: Mapping[str, tuple[str, ...]], say: str, end: str) -> _Item:
    """Compile an item that is a list of words."""
    optional = "|" not in item and item.endswith("?")
    forms = words_of(item[:-1] if optional else item, words, say)
    optional |= "" in forms
    forms = sorted((form for form in forms if form), key=len, reverse=True)
    if not forms:
        raise PhraseError(f"{say}: an empty item")
    whole = "?>" if item.startswith("{wld}") else "?:"  # 微粒贷额度 is not 微粒 with something behind it
    open_ = optional or any(form == "$" or "{n}" in form for form in forms)
    return _Item(
        f"({whole}{'|'.join(_literal(form, end) for form in forms)})",
        "?" if optional else "",
        frozenset() if open_ else frozenset(map(_key, forms)),
        any(map(DENIAL.search, forms)),
        item == _NOT_YET or all(any(sign in form for sign in _NEGATIONS + "否") for form in forms),
    )


def _in_any_order(parts: list[str], between: str) -> str:
    """Return the expression of these parts in every order."""
    if len(parts) == 1:
        return parts[0]
    return "|".join(
        f"(?:{part}{between}(?:{_in_any_order(parts[:place] + parts[place + 1 :], between)}))"
        for place, part in enumerate(parts)
    )


def _rarest_first(needs: list[frozenset[str]]) -> tuple[frozenset[str], ...]:
    """Put first the keys by which a phrase is found among the fewest."""
    needs.sort(key=lambda keys: len(keys & _FREQUENT) * 100 + len(keys) + 50 * any(len(key) == 1 for key in keys))
    return tuple(needs)


def keys_of(text: str) -> set[str]:
    """Return the keys by which phrases are found: whole Latin words, every two other neighbours, every character."""
    latin = _LATIN.findall(text)
    return {
        *map("".join, pairwise(_BEHIND.sub("", text))),
        *text,
        *latin,
        *(word[:-1] for word in latin if word.endswith("nt")),
    }


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
    known: dict[str, _Item] = {}
    for owner, says in sayings:
        for say in says:
            compiled.append(compile_phrase(say, words, len(owners), known))
            owners.append(owner)
    return Index(compiled), owners


_LIKELY: Final = re.compile(
    r"[2-8]\s?[.。点、]{1,2}\s?\d|0x[0-9a-f]{8}|version=|[五六七八][零〇][一二三四五六七八九]|(?:微信|wechat|版本).{0,6}[5-8]\d{3}(?!\d)"
)
_SYSTEM: Final = re.compile(
    r"(?:苹果|iphone)\s?\d{1,2}(?:\s?(?:pro|plus|max|mini))*[\s,]{1,2}(?:系统|版本)?\s?(?P<model>[12]\d\.\d{1,2}(?:\.\d)?)"
    r"(?![\d.]*\d)"
    r"|(?:苹果|iphone|ipad)[^。!?;\n微]{0,10}?(?:系统|版本)(?:是|为|:|还?[停卡]在|只能到|最高|才到?|已?经?升[级到]*|更新到?)?\s?(?P<apple>[12]\d(?:\.\d{1,2}){0,2})(?![\d.]*\d)"
    r"|(?:安卓|android|ios|苹果)(?:系统|手机|版本?号?是?)?\s?(?P<named>\d{1,2}(?:\.\d{1,2}){0,2})(?![\d.]*\d)"
    r"|(?:鸿蒙|harmonyos)(?:系统|os|next)?\s?(?P<harmony>[5-9](?:\.\d{1,2}){1,2})(?![\d.]*\d)"
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
        apple = system["model"] or system["apple"]
        found = parse_system_version(f"ios {apple}" if apple else system[0])
        if found.version is None or found.platform not in ("android", "ios", "harmony"):
            continue  # 苹果11 is a phone
        place = system.span(system.lastgroup or 0)
        if owner_of(text, *place) == "own":
            yield "os.version", found.version, *(place if apple else system.span()), True
            return


def _place(text: str, version: str, start: int, end: int) -> tuple[int, int] | None:
    """Return where the numbers of a version stand."""
    joined = r"\s{0,2}[.。点、,_-]{0,2}\s{0,2}0{0,2}".join(map(re.escape, version.split(".")))
    found = re.compile(rf"(?<!\d){joined}(?!\d)").search(text, start, end)
    return found.span() if found else None
