"""What is masked, the text it is looked for in, folded to one width, and patterns that words announce."""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections import defaultdict
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, get_args

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Kind = Literal[
    "身份证号", "银行卡号", "手机号", "电话号码", "IMEI", "证件号", "邮箱", "微信号", "OpenID", "QQ号", "验证码",
    "姓名", "地址", "IP地址", "MAC地址", "WiFi名称", "序列号", "密钥", "用户名",
]  # fmt: skip
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
WORDS: Final[dict[str, str]] = {
    name: words if isinstance(words, str) else "|".join(words)
    for name, words in msgspec.json.decode(Path(__file__).with_name("words.json").read_bytes()).items()
}
"""The lists that patterns are made of: signs side by side, or words with `|` between.

In `begin_like_a_name` are a surname and the second signs that make a word of it; doubtful surnames begin more words."""

UNITS: Final = (
    r"次|分|秒|毫秒|天|遍|条|个|位|年|月|日|小时|[韩日美港欧]?元|块|岁|点|款|种|张|人|版|多|左右|用户|字节|步|家|户|台|笔|期|股"
    r"|以[内上下]|到|至|%|(?:times?|sec|days?|of|yuan|rmb|dollars?|users?|people|bytes?|[kmg]?b|ms|[km]?hz)\b"
    r"|min|char|digits?\b|attempts?\b|tries\b"
)
"""What a number counts that stands before it."""


class Span(NamedTuple):
    """A place in the folded text: from `start` to before `end`, of this kind; `value` is the same for the same thing.

    Two ways of writing one number (spaced, with +86, in full-width digits) have one `value`.
    """

    start: int
    end: int
    kind: Kind
    value: str


_INVISIBLE: Final = (
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20dd-\u20e4\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffd\U000e0000-\U000e007f\U000e0100-\U000e01ef]+"
)
_CODED: Final = (
    r"%(?:0[Aa]|[2-7][0-9A-Fa-f]|E[0-9A-Fa-f](?:%[89ABab][0-9A-Fa-f]){2})"
    r"|&nbsp;|&#(?:\d{2,6}|x[0-9A-Fa-f]{2,5});|\\u[0-9A-Fa-f]{4}"
)
"""What is written as the code of its character: in an address, a page, a record."""
CLOCK: Final = r"(?:\d{2,4}[-/.]\d\d?[-/.]?\d{0,2}[ T])?\d\d?[:：]\d\d(?:[:：]\d\d)?"
_SPEAKER: Final = (
    rf"\n(?<=[\d \r]\n)(?:[^\n\d:：]{{0,12}}{CLOCK}[^\n\d]{{0,14}}\n?"
    r"|(?:用户|客户|顾客|买家|我|本人|对方|user|customer|client|me|[AB])[:：][ \t]?)(?=\d[\d ]{0,8}(?:[\r\n]|$))"
)
"""Who speaks, and when, before a line of a few digits behind another: one number sent in several messages."""
_GOES_ON: Final = "然后|接着|中间|最后|后面|再来"
_NUMERALS: Final = "〇零洞一二三四五六七八九幺壹贰叁肆伍陆柒捌玖弌弍弎貳參陸两兩拐勾"
_DIGIT: Final = f"[0-9{_NUMERALS}]"
_JOINED: Final = (
    rf"(?:{_GOES_ON})(?:(?<={_DIGIT}..)|(?<={_DIGIT}[ ,，、]..))(?:[是为:：]"
    rf"|[四4]位)?[是:：]? ?(?={_DIGIT}{{3,12}}(?!{_DIGIT}))"
)
"""How somebody goes on who tells a number in groups."""
_SPOKEN: Final = str.maketrans(_NUMERALS, "00012345678911234567891232362279")
_ENGLISH: Final = {"zero": "0", "oh": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
                   "seven": "7", "eight": "8", "nine": "9"}  # fmt: skip
IN_ENGLISH: Final = rf"(?:(?:double|triple)[ -])?(?:{'|'.join(_ENGLISH)})"
SPELLED_OUT: Final = re.compile(rf"(?:{'|'.join(_ENGLISH)})[\W_]{{1,3}}(?:and |then )?(?:{IN_ENGLISH}|\d)")
"""Two digits in words, in lower case: seldom there, and found much sooner than a whole number in words."""
_SPELLED: Final = re.compile(
    rf"(?<![A-Za-z]){IN_ENGLISH}(?:[\W_]{{1,3}}(?:and |then )?(?:{IN_ENGLISH}|\d(?!\d))){{2,}}(?![A-Za-z])"
    "|1百[3-9]十[0-9]",
    re.IGNORECASE,
)
_TOLD: Final = re.compile(rf"{_DIGIT}(?:[\W_]{{0,3}}{_DIGIT}){{2,}}")
_NUMERAL: Final = re.compile(f"[{_NUMERALS}]")
_PAUSE: Final = re.compile(f"(?<=[{_NUMERALS}])[,，、](?=[{_NUMERALS}])")
_YEAR: Final = re.compile("[一二][九零〇].{2}")
_AROUND: Final = 40
_APART: Final = 200
_LETTERS: Final = re.compile(
    r"[0-9OolIi](?<![0-9A-Za-z].)(?:(?<=[OolIi])|(?=[0-9 ._-]{0,47}[OolIi]))(?:[ ._-]{0,2}[0-9OolIi]){3,24}"
    r"(?=[xX]?(?![0-9A-Za-z]))"
)
_AS_DIGITS: Final = str.maketrans("OolIi", "00111")
_NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]+")


def _as_digits(found: re.Match[str]) -> str:
    """Read `138OO138OOO`; what has hardly a digit in it is a word."""
    return found[0].translate(_AS_DIGITS) if len(re.sub("[^0-9]", "", found[0])) >= 4 else found[0]


_SOUNDS: Final = (
    ("蜜秘宓泌迷密", "[玛马嘛吗蚂码](?!上)", "密码"),
    ("检念燕严研验", "[正症政征挣证][玛马嘛吗蚂码]", "验证码"),
    ("身深申生", "[份分粉][正症政征证](?!确)", "身份证"),
    ("手", "[鸡几积基](?=号)", "手机"),
    ("电店", "[华花化](?=号|是|:)", "电话"),
    ("银营", "[航行][卡咔](?=号)", "银行卡"),
)
"""Words that announce something, written as they sound: the first sign, the others, the word itself."""
_FIRST_SOUNDS, _, _HEARD = zip(*_SOUNDS, strict=True)
_AS_HEARD: Final = re.compile(
    f"[{''.join(_FIRST_SOUNDS)}](?:{'|'.join(f'((?<=[{first}]){rest})' for first, rest, _ in _SOUNDS)})"
)


class _Table(dict[int, int | str]):
    """A translation table that works out, when a character is first met, what ASCII character it stands for."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        digit = unicodedata.digit(char, None)
        plain = unicodedata.normalize("NFKC", char) if digit is None else str(digit)
        fits = len(plain) == 1 and plain.isascii() and plain.isprintable()
        self[code] = plain = plain if fits else char
        return plain


_TABLE: Final = _Table(
    str.maketrans(
        "　\u00a0\u2007\u202f‐‑‒–—―−－﹣"
        "，；！？"  # a sentence goes on behind them; their like in ASCII may be a part of a password
        "號碼驗證機電話帳賬戶銀郵護駕聯絡撥網動態後訊傳個為發給說記這來過還箱臺頁讀報寫係嘅張劉陳楊趙吳孫馬羅鄭許鄧馮"
        "蔣蘇呂盧鐘譚葉韓偉媽",  # of words that announce, and of names
        "    ---------，；！？号码验证机电话帐账户银邮护驾联络拨网动态后讯传个为发给说记这来过还箱台页读报写是的张刘陈"
        "杨赵吴孙马罗郑许邓冯蒋苏吕卢钟谭叶韩伟妈",
    )
)


class Rewritten:
    """A text with some stretches of it written otherwise: `original` turns a place in `text` into one of the first.

    `first` is where the text itself begins, in a longer one.
    """

    def __init__(
        self, written: str, pattern: str | re.Pattern[str], change: Callable[[str], str], first: int = 0
    ) -> None:
        parts: list[str] = []
        done = 0
        self._begins, self._ends = array("q"), array("q")  # of each sign up to the last stretch, in the first text
        for stretch in re.finditer(pattern, written) if pattern else ():
            new, (begin, end) = change(stretch[0]), stretch.span()
            parts += written[done:begin], new
            self._begins.extend((*range(first + done, first + begin), *[first + begin] * len(new)))
            self._ends.extend((*range(first + done + 1, first + begin + 1), *[first + end] * len(new)))
            done = end
        self.text = "".join(parts) + written[done:]
        self._shift = first + done - len(self._begins)

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return where in the first text this stretch stands, with the whole of what was rewritten in it."""
        left = self._begins[start] if start < len(self._begins) else start + self._shift
        return left, self._ends[end - 1] if end <= len(self._ends) else end + self._shift


def _written_out(coded: str) -> str:
    """Return the character that this is the code of, what joins two groups of digits, nothing for what is invisible."""
    if coded[0] == "%":
        char = bytes.fromhex(coded.replace("%", "")).decode("utf-8", "replace")
    elif coded == "&nbsp;":
        return " "
    elif coded[0] in "&\\":
        char = chr(int(coded[2:].strip("xX;"), 10 if coded[0] == "&" and coded[2] not in "xX" else 16))
    else:
        return "\n" if coded[0] in "\n<" else "-" if "\u4e00" <= coded[0] <= "\u9fff" else ""
    return char if (char.isprintable() or char == "\n") and char not in "<>" else coded


def _digits_of(spelled: str) -> str:
    """Return the digits that are spelled in English, `one three double eight`, or as a hundred and some."""
    digits, times = "".join(filter(str.isdigit, spelled)) if "百" in spelled else "", 1
    for word in re.findall(r"[a-z]+|\d", spelled.lower()):
        times = {"double": 2, "triple": 3}.get(word, times)
        if (digit := _ENGLISH.get(word, word)).isdigit():
            digits, times = digits + digit * times, 1
    return digits


class Folded(Rewritten):
    """A text in its plain form: `text` to search in; `original` turns a place in it into one of the text as written."""

    def __init__(self, written: str) -> None:
        kinds = (
            (re.search(_INVISIBLE, written), _INVISIBLE),
            (any(word in written for word in _GOES_ON.split("|")), _JOINED),
            ("%" in written or "&#" in written or "&nbsp;" in written or "\\u" in written, _CODED),
            ("\n" in written, _SPEAKER),
            ("<br" in written, "<br ?/?>"),
        )
        super().__init__(written, "|".join(pattern for there, pattern in kinds if there), _written_out)
        if not self.text.isascii():
            self.text = _NOT_ASCII.sub(lambda found: found[0].translate(_TABLE), self.text)
            self.text = _AS_HEARD.sub(lambda heard: _HEARD[(heard.lastindex or 1) - 1], self.text)

    def spoken(self) -> Iterator[Rewritten]:
        """Yield the stretches where numbers are told in numerals or in words, or with letters for digits: in digits."""
        start = end = -1
        told = _TOLD.finditer(self.text) if _NUMERAL.search(self.text) else ()
        spelled = _SPELLED.finditer(self.text) if SPELLED_OUT.search(self.text.lower()) else ()
        for found in chain(told, _LETTERS.finditer(self.text), spelled):
            if found.re is _TOLD and (not _NUMERAL.search(found[0]) or _YEAR.fullmatch(found[0])):
                continue
            if start >= 0 and not start <= found.start() <= end + _APART:
                yield self._in_digits(start, end)
                start = -1
            if start < 0:
                start = max(0, found.start() - _AROUND)
            end = min(len(self.text), found.end() + _AROUND)
        if start >= 0:
            yield self._in_digits(start, end)

    def _in_digits(self, start: int, end: int) -> Rewritten:
        told = _PAUSE.sub("-", self.text[start:end]).translate(_SPOKEN)
        text = _LETTERS.sub(_as_digits, told)
        return Rewritten(text, _SPELLED, _digits_of, start)


_WORDS: Final[defaultdict[str, set[str]]] = defaultdict(set)
"""The words of all labelled patterns, by their first letter: a text is looked through for them once."""


class Document:
    """A folded text, the same in lower case, character for character, and which of all labels' words are in it.

    `whole` is the text that this is a part of, with its numerals in digits.
    """

    def __init__(self, text: str, whole: Document | None = None) -> None:
        self.text, self.lowered = text, text.lower()
        if len(self.lowered) != len(text):  # a few letters have a longer lower case, and stay
            self.lowered = "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
        begins = _WORDS.keys() & set("0123456789" if whole else self.lowered)
        likely = chain(whole.words if whole else (), *(_WORDS[letter] for letter in begins))
        self.words: set[str] = {word for word in likely if word in self.lowered}

    def matches(self, row: LabelledPattern) -> Iterator[re.Match[str]]:
        """Yield the matches of a pattern at its words; none begins inside the one before."""
        if row.anywhere and not self.words.isdisjoint(row.words):
            yield from row.pattern.finditer(self.text)
            return
        for word in filter(self.words.__contains__, row.words):
            at = self.lowered.find(word)
            while at >= 0:
                done = at + 1
                match = row.pattern.match(self.text, at)
                if match is not None and not (row.not_after and row.not_after.search(self.before(at))):
                    done = match.end()
                    yield match
                at = self.lowered.find(word, done)

    def before(self, at: int, length: int = 20) -> str:
        """Return what stands before a place, on at most `length` characters."""
        return self.text[max(0, at - length) : at]


class LabelledPattern:
    """A pattern whose last group that matches is what to mask, compiled when one of its words is met: many never are.

    `words`, with `|` between: it begins with one of them, and `rest` follows; or they are how the pattern `whole`
    begins; or what is in a text where `anywhere` is looked for. `bounded`: no letter or digit may stand before the
    word. Behind `not_after` they announce something else.
    """

    def __init__(
        self, kind: Kind, words: str, rest: str = "", *, whole: str = "", anywhere: str = "", flags: int = re.I,
        bounded: bool = False, not_after: str = "",
    ) -> None:  # fmt: skip
        self.kind, self.words = kind, tuple(words.lower().split("|"))
        self.not_after = re.compile(f"(?:{not_after})$", re.IGNORECASE) if not_after else None
        choices = "|".join(map(re.escape, sorted(words.split("|"), key=len, reverse=True)))
        self._source = anywhere or whole or (r"(?<![A-Za-z0-9])" if bounded else "") + f"(?:{choices}){rest}"
        self._flags, self.anywhere = flags, bool(anywhere)
        for word in self.words:
            _WORDS[word[0]].add(word)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The compiled pattern."""
        return re.compile(self._source, self._flags)


def behind(words: str, between: str) -> re.Pattern[str]:
    """Return what finds at the end of a text that one of these words stands there, and hardly anything behind it."""
    return re.compile(rf"(?:{words}){between}$", re.IGNORECASE)
