"""Fold a text character by character, read the numbers in it, and mark the words that decide whose statement it is.

Places in the folded text are places in the input.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Final, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_TRADITIONAL: Final = (
    "貸贷錢钱開开關关沒没無无號号請请問问嗎吗還还過过裡里裏里邊边個个麼么為为什什說说點点進进頁页務务務务錄录"
    "實实證证認认綁绑銀银綫线線线網网絡络機机電电腦脑蘋苹華华為为鴻鸿統统級级顯显來来時时間间後后從从見见"
    "現现發发當当會会應应該该讓让給给對对錯错額额審审評评條条種种業业產产學学職职薪薪歲岁親亲媽妈爸爸爺爷"
    "奶奶兒儿買买賣卖費费繳缴帳账賬账戶户註注銷销凍冻結结盜盗騙骗轉转帶带碼码圖图標标樣样長长門门兩两幾几"
    "萬万塊块負负債债貼贴離离聯联繫系係是願愿聽听誰谁這这與与單单場场體体驗验處处車车馬马雲云訊讯軟软體体"
    "簡简繁繁國国灣湾澳澳籍籍護护別别歷历動动斷断連连續续讀读寫写變变裝装選选項项夠够總总約约紅红綠绿黃黄"
    "宮宫區区揀拣臺台幫帮週周師师壞坏檔档訂订訴诉誤误敗败鍵键鈕钮尋寻閉闭啟启啓启復复複复領领匯汇豐丰終终辦办廈厦後后卻却繼继陸陆內内權权識识層层頭头舊旧換换齡龄郵邮儲储欄栏"
    "雙双屬属鎖锁測测詢询訪访詐诈質质購购遠远釋释閱阅隨随雜杂難难靈灵預预風风館馆"
    "曰日员员費费險险遲迟準准備备試试顧顾滿满達达規规則则許许報报導导據据確确資资訊讯貨货"
    "掣键唔不睇看揾找搵找嗰那咗了佢他喺在畀给俾给嘅的啲些嚟来㗎啊揿按撳按"
)
_MAP: Final[dict[int, str]] = {ord(_TRADITIONAL[i]): _TRADITIONAL[i + 1] for i in range(0, len(_TRADITIONAL), 2)}
_SAID: Final = {
    "木有": "没有", "点解": "为何", "點解": "为何", "点样": "怎样", "點樣": "怎样",
    "而家": "现在", "唔该": "请问", "唔該": "请问",
    "嗰度": "那里", "呢度": "这里", "边度": "哪里", "邊度": "哪里", "有冇": "有无",
    "關係": "关系", "关係": "关系", "系咪": "是否", "係咪": "是否", "几多": "多少", "幾多": "多少",
    "咁多": "好多", "咁耐": "好久", "咁久": "好久", "咁样": "这样", "咁樣": "这样",
    "日日": "天天", "净系": "只是", "淨係": "只是",
    "仲未": "还未", "仲冇": "还无", "仲唔": "还不", "仲有": "还有", "仲系": "还是", "仲係": "还是", "仲要": "还要",
    "边个": "哪个", "邊個": "哪个", "乜嘢": "什么", "呢边": "这边", "呢邊": "这边",
    "冇晒影": "没影了", "冇晒": "没了", "冇咗": "没了",
    "呢样嘢": "这东西", "呢樣嘢": "这东西", "嗰样嘢": "那东西", "嗰樣嘢": "那东西", "呢个": "这个", "呢個": "这个",
    "冇嘢": "没有", "入面": "里面", "得返": "只剩", "铺头": "店铺", "舖頭": "店铺",
}  # fmt: skip
"""Words of the net and of Cantonese, in as many characters."""
_SAYING: Final = re.compile("|".join(_SAID))
_MISHEARD: Final = (
    (re.compile(r"(?:[微薇][粒利力立厘里例礼理丽历]|[为未维威唯][粒立])(?:[贷货]|[带袋待代戴](?![来动领着有给去走回表理办替价码遇]))"
                r"|[为未维威唯][利力厘里例礼]贷"), "微粒贷"),
    (re.compile(r"[威维薇]信(?=的?(?:里|服[务物误勿]|福务|钱包|支付|版))|(?<=我的)威信|(?<=打开)威信"), "微信"),
    (re.compile(r"(?<!衣)(?:服[物误勿](?![品流资件料])|福务)"), "服务"),
)  # fmt: skip
"""Words as a phone writes down what it hears."""
_SIGNS: Final[dict[int, str]] = {
    **dict.fromkeys(map(ord, "\t\u00a0\u3000\u2002\u2003\u2009\u202f"), " "),
    **dict.fromkeys(map(ord, "‘’“”「」『』《》〈〉【】[]{}\"'`"), '"'),
    **dict.fromkeys(map(ord, "…~～"), "。"),
    ord("’"): "'",
    ord("'"): "'",
    ord("、"): "、",
    ord("﹐"): ",",
}


def _folded(character: str) -> str:
    code = ord(character)
    if 0x2600 <= code < 0x27C0 or code >= 0x1F000:
        return ","  # a picture parts what stands before it from what follows
    known = _SIGNS.get(code) or _MAP.get(code)
    if known:
        return known
    plain = unicodedata.normalize("NFKC", character)
    plain = plain.lower() if len(plain) == 1 else character
    return plain if len(plain) == 1 else character


class _Folding(dict[int, str]):
    """A table for `str.translate` that works out each character once."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _folded(chr(code))
        return folded


_FOLDING: Final = _Folding()
_QUOTED: Final = re.compile(r"(?<![a-z\d'])'(?=[^\s'])([^'\n]{1,80})(?<=\S)'(?![a-z\d'])")
"""Words in single quotes, as English has them: 'Services'."""
_FIELDS: Final = re.compile(r"(?m)^[^|\n]*[\u3400-\u9fff][^|\n]*(?:\|[^|\n]*[^|\s][^|\n]*){2,}\|?$")
"""A line of a ticket with three fields or more that bars part; `| question | answer |` is a row of a table."""
_FACE: Final = re.compile(r"(?<=\S)\[[\u4e00-\u9fff]{1,3}\](?![\s:：])")
"""A face code of WeChat within a line: [捂脸]."""


def blank(text: str, start: int, end: int) -> str:
    """Return the text with circles for what stands there: words that state nothing of the person."""
    return text[:start] + re.sub(r"[^\n]", "○", text[start:end]) + text[end:]


def fold(text: str) -> str:
    """Return the text folded, of the same length: every place in it is one of the input; 木有 is 没有."""
    text = _SAYING.sub(lambda said: _SAID[said[0]], text)
    for heard, meant in _MISHEARD:
        text = heard.sub(meant, text)
    folded = _FACE.sub(lambda face: "," * len(face[0]), text).translate(_FOLDING)
    folded = _QUOTED.sub(r'"\1"', folded) if "'" in folded else folded
    return _FIELDS.sub(lambda line: line[0].replace("|", ";"), folded) if "|" in folded else folded


PATTERN: Final = (
    r"(?<![\d.])(?>\d{1,3}(?:,\d{3})+|\d{1,9})(?>(?:\.\d{1,2})?)(?>(?:\s?[万千百wk]\d?(?![a-z\d]))?)(?!\d)"
    r"|(?<![零〇一二两三四五六七八九十百千万])(?>[二三四五六七八九]十有[一二三四五六七八九]|[零〇一二两三四五六七八九十百千万]{1,9})"
    r"|(?<![a-z])(?:(?:twen|thir|for|fif|six|seven|eigh|nine)ty"
    r"(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?"
    r"|(?:thir|four|fif|six|seven|eigh|nine)teen|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?![a-z])"
)
_ONES: Final = ["two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TENS: Final = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_NAMED: Final = {
    **{name: value for value, name in enumerate([*_ONES, "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen",
                                                 "sixteen", "seventeen", "eighteen", "nineteen"], 2)},
    **{ten + one: value * 10 + digit for value, ten in enumerate(_TENS, 2)
       for digit, one in enumerate(["", "-one", *(f"-{name}" for name in _ONES)])},
}  # fmt: skip
_DIGITS: Final = {**{digit: value for value, digit in enumerate("零一二三四五六七八九")}, "〇": 0, "两": 2}
_UNITS: Final = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "k": 1_000, "w": 10_000}
_ABOUT: Final = re.compile(
    r"\s?(?:块钱|元|块|岁|笔|家|个)?\s?(?:多|来|几|出头|左右|上下|不到|以上|以下|以内|大概|[-至到~]\s?[\d一二两三四五六七八九十])"
)
_ABOUT_BEFORE: Final = re.compile(
    r"(?:大概|大约|差不多|约|快|将近|接近|最多|最少|至少|不到|超过|几|(?<!证)上|近|[\d百千万]\s?[-至到])\s?(?:有|是)?\s?$"
)


def number(text: str) -> float | None:
    """Return the number that a text names, or None."""
    if (named := _NAMED.get(text.strip().replace(" ", "-"))) is not None:
        return float(named)
    text = text.replace(" ", "").replace(",", "").replace("十有", "十")
    plain = re.fullmatch(r"(\d+(?:\.\d+)?)([百千万wk]?)(\d?)", text)
    if plain:
        unit = _UNITS.get(plain[2], 1)
        if plain[3] and unit == 1:
            return None
        return float(plain[1]) * unit + (int(plain[3]) * unit / 10 if plain[3] else 0)
    total, section, last = 0.0, 0.0, 1
    digit: int | None = None
    for sign in text:
        if sign in _DIGITS:
            if digit:
                return _spelled(text)
            digit = _DIGITS[sign]
        elif sign not in _UNITS:
            return None
        elif sign == "万":
            total, section, digit, last = (total + section + (digit or 0)) * 10_000, 0.0, None, 10_000
        else:
            last = _UNITS[sign]
            section, digit = section + (1 if digit is None else digit) * last, None
    if digit is not None and last > 10 and len(text) > 1 and text[-2] in _UNITS:
        digit = digit * last // 10  # 四千二, 一万二
    return total + section + (digit or 0)


def _spelled(text: str) -> float | None:
    """Return a number read digit by digit: 三五 is 35."""
    if any(sign not in _DIGITS for sign in text) or text in "一二三四五六七八九" or text == "两三":
        return None  # 七八个: about so many
    return float("".join(str(_DIGITS[sign]) for sign in text))


def about(text: str, start: int, end: int) -> bool:
    """Whether the number at this place is only a rough one: 三千多, 五千左右, 快四十."""
    return bool(_ABOUT.match(text, end)) or bool(_ABOUT_BEFORE.search(text[max(0, start - 8) : start]))


_SENTENCE_END: Final = re.compile(r"[。!?;\n]|\.(?=\s|$)")
_HAN: Final = r"\u3400-\u9fff"
_CLAUSE_END: Final = rf"[。!?;\n]|,(?!\d{{3}})|\.(?=\s|$)|(?<=[{_HAN}]) +(?=[{_HAN}\"])"
_LOOK_BACK: Final = 200
"""Characters behind a place that can still bear on it."""


class Turn(msgspec.Struct, frozen=True):
    """What one speaker says in one go: a span of the text. `certain`: it is known whose words they are."""

    role: Literal["person", "agent", "other"]
    start: int
    end: int
    certain: bool = True


def one_of(words: Iterable[str]) -> str:
    """Return the expression of one of these words, a Latin one whole; of several that fit, the longest."""
    by_first: dict[str, list[str]] = {}
    for word in sorted(set(words), key=len, reverse=True):
        by_first.setdefault(word[0], []).append(word)
    branches = []
    for first, listed in by_first.items():  # by their first characters, which the engine can skip to
        before = f"(?<![a-z]{first})" if first.isascii() and first.isalpha() else ""
        tails = (re.escape(word[1:]) + ("(?![a-z])" if word[-1].isascii() and word[-1].isalpha() else "")
                 for word in listed)  # fmt: skip
        branches.append(f"{re.escape(first)}{before}(?:{'|'.join(tails)})")
    return "|".join(branches) or "(?!)"


class Marker:
    """Marks the words of the lexicon in a text, in one pass."""

    def __init__(self, marks: Mapping[str, tuple[str, ...]], joints: tuple[str, ...] = ()) -> None:
        self._kinds: dict[str, list[str]] = {}
        for kind, words in marks.items():
            for word in words:
                self._kinds.setdefault(word, []).append(kind)
        self._pattern = re.compile(one_of(self._kinds))
        self._clause_end = re.compile(
            _CLAUSE_END + (rf"|(?<!是)(?={'|'.join(map(re.escape, joints))})" if joints else "")
        )

    def mark(self, text: str, turns: Iterable[Turn]) -> Marks:
        """Return the marked words in these turns of a folded text; the labels of speakers are no words."""
        found: dict[str, list[tuple[int, int, str]]] = {}
        for turn in turns:
            for match in self._pattern.finditer(text, turn.start, turn.end):
                for kind in self._kinds[match[0]]:
                    found.setdefault(kind, []).append((match.start(), match.end(), kind))
        return Marks(text, found, [match.end() for match in self._clause_end.finditer(text)])


class Marks:
    """The marked words of one text and its clauses; every question about a place takes bounded time."""

    def __init__(self, text: str, found: dict[str, list[tuple[int, int, str]]], clauses: list[int]) -> None:
        self.text = text
        self._found: dict[str, list[tuple[int, int, str]]] = {}
        self._starts: dict[str, list[int]] = {}
        for kind, ones in found.items():
            self._set(kind, ones)
        self._sentences = [match.end() for match in _SENTENCE_END.finditer(text)]
        self._clauses = clauses

    def sentence(self, at: int, floor: int = 0) -> tuple[int, int]:
        """Return the sentence around a place, at most `_LOOK_BACK` characters to both sides and from `floor` on."""
        return self._around(self._sentences, at, floor)

    def clause(self, at: int, floor: int = 0) -> tuple[int, int]:
        """Return the clause around a place."""
        return self._around(self._clauses, at, floor)

    def clauses(self, start: int, end: int) -> list[int]:
        """Return where the clauses between two places end."""
        return self._clauses[bisect_right(self._clauses, start) : bisect_left(self._clauses, end)]

    def _around(self, ends: list[int], at: int, floor: int) -> tuple[int, int]:
        index = bisect_right(ends, at)
        start = ends[index - 1] if index else 0
        end = ends[index] if index < len(ends) else len(self.text)
        return max(start, at - _LOOK_BACK, floor), min(end, at + _LOOK_BACK)

    def rename(self, words: re.Pattern[str], kind: str, new: str) -> None:
        """Mark the words of one kind that match as another kind."""
        known = self._found.get(kind, ())
        moved = [(start, end, new) for start, end, _ in known if words.search(self.text, start, end)]
        if moved:
            self._set(kind, [one for one in self._found[kind] if (*one[:2], new) not in moved])
            self._set(new, sorted(self._found.get(new, []) + moved))

    def _set(self, kind: str, found: list[tuple[int, int, str]]) -> None:
        self._found[kind] = found
        self._starts[kind] = [start for start, _, _ in found]

    def names(self, *kinds: str) -> bool:
        """Whether a word of one of these kinds stands anywhere."""
        return any(self._found.get(kind) for kind in kinds)

    def between(self, start: int, end: int, *kinds: str) -> list[tuple[int, int, str]]:
        """Return the marked words of these kinds that begin in this span, in their order."""
        found: list[tuple[int, int, str]] = []
        for kind in kinds:
            if starts := self._starts.get(kind):
                found += self._found[kind][bisect_left(starts, start) : bisect_left(starts, end)]
        return sorted(found) if len(kinds) > 1 else found

    def has(self, start: int, end: int, *kinds: str) -> bool:
        """Whether a marked word of these kinds begins in this span."""
        for kind in kinds:
            if starts := self._starts.get(kind):
                at = bisect_left(starts, start)
                if at < len(starts) and starts[at] < end:
                    return True
        return False


class Spot:
    """A match in a turn: from `at` to `to`, with the sentence and the clause in which it stands.

    `last` and `last_end` are the clause in which it ends. `helped`: a relative for whom one writes is the person.
    """

    def __init__(self, marks: Marks, turn: Turn, at: int, to: int, helped: bool = False) -> None:
        self.marks, self.text, self.turn, self.at, self.to, self.helped = marks, marks.text, turn, at, to, helped
        self.has, self.between = marks.has, marks.between
        self.sentence, self.sentence_end = marks.sentence(at, turn.start)
        self.clause, self.clause_end = marks.clause(at, turn.start)
        self.last, self.last_end = marks.clause(max(at, to - 1), turn.start)

    @property
    def words(self) -> str:
        """The words of the match."""
        return self.text[self.at : self.to]
