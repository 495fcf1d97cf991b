"""Figures typed at one question: a number, a sum of several named parts, how many loans are named, a year of birth."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from diagnostics.evidence import now
from diagnostics.reading import Reply, normalise
from diagnostics.reading.answers import plain_number
from diagnostics.reading.corrections import CORRECTS

if TYPE_CHECKING:
    from diagnostics.reading import Value

_AGE: Final = "person.age"
_LOANS: Final = "debt.open_loans"
_INCOME: Final = re.compile(
    r"工资|薪|收入|奖金|提成|津贴|补贴|兼职|副业|退休金|养老金|租金|income|salary|wage|bonus|pension|earn"
)
_DEBT: Final = re.compile(
    r"[房车]贷|花呗|借呗|白条|金条|信用卡(?:分期)?|网商?贷|微粒贷|消费贷|经营贷|助学贷款?|装修贷|分期|网上借款|月供|亲戚|朋友"
    r"|mortgage|car loan|student loan|online loan|credit card|card|loan"
)
_REPAID: Final = re.compile(r"还款|[还月]供|要还|[房车]贷|repay|instal|mortgage")
_NO_LOAN: Final = re.compile(rf"{_INCOME.pattern}|房租|生活费|(?<![a-z])rent")
_PARTS: Final = {
    "debt.monthly_income": (_INCOME, _REPAID),
    "debt.monthly_repayment": (_DEBT, _NO_LOAN),
    _LOANS: (_DEBT, _INCOME),
}
"""By question the words for its parts, and words before a number that answers another question."""
_OTHERS: Final = re.compile(
    r"老[婆公]|爱人|媳妇|对象|[爸妈]|儿子|女儿|家里人|[他她]|父母|husband|wife|(?<![a-z])(?:his|hers?|partner)(?![a-z])"
)
_BEFORE: Final = re.compile(r"以前|之前|原来|原先|从前|used to|before")
_WITHIN: Final = re.compile(r"其中|包括|包含|含|里面|里头|including|of which")
_TOTAL: Final = re.compile(r"一共|总共|合计|共计|加起来|加一起|总的|in total|altogether|together")
_NOT_A_SUM: Final = re.compile(r"\s?(?:号|日|点|期|年|月|天|岁|%|折|厘|th|st|nd|rd)")
_OF_LOANS: Final = re.compile(r"\s?(?:[多来几])?(?:笔|个|家|张|份|项|台|套|种|loans?|cards?|mortgages?)")
_ASKED: Final = re.compile(r"\?|算不算|算吗|要不要算|吗")
_RANGE: Final = re.compile(r"\s*(?:元|块|笔|个)?\s*(?:-|至|到|或者?|还是|or|to)\s*")
_ADDED: Final = re.compile(r"\s*(?:元|块钱?|yuan)?\s*[+加]\s*")
_NOTHING: Final = r"[我也都早就现在目前 ]{0,6}(?:没有?|无|一[笔个分]?[都也]?没有?)[任何了过的]*"
_PAID: Final = r"(?:[早都]|已经|全部?)+还?(?:完|清|结清|光)了?[啊的了。! ]*"
_NONE: Final = {
    "debt.monthly_income": re.compile(
        rf"{_NOTHING}(?:收入|工作|上班)?[了的。! ]*|(?:none|no(?: income| job)?|nothing|zero)[.! ]*"
    ),
    "debt.monthly_repayment": re.compile(
        rf"{_NOTHING}(?:欠|还|贷款?|借)*[了的,。! ]*(?:{_PAID})?|不(?:用|需要)还[了的啊。! ]*|{_PAID}"
        r"|(?:none|no(?: loans?| debts?)?|nothing|zero|(?:all )?paid off)[.! ]*"
    ),
}
_NONE[_LOANS] = _NONE["debt.monthly_repayment"]
_ONE: Final = re.compile(r"(?:i have |just |only )*(?:one|1|a single)(?: loan| one)?[.! ]*")
_ONE_MORE: Final = re.compile(r"(?<![a-z])(?:one|an?)(?![a-z])")
_A_DAY: Final = re.compile(r"[每一]?[天日周](?:薪|挣|赚|能|大概|大约| )*$|星期|per (?:day|week)|(?:day|week)ly")
_A_YEAR: Final = re.compile(r"年薪|年收入|一年|每年|年入|year")
_WORD: Final = re.compile(r"[\u3400-\u9fffa-z]")
_TWO_DIGITS: Final = re.compile(r"[一二两三四五六七八]([二三四五六七八九])(?=[笔个家张])")
"""两三笔: about so many."""
_BORN: Final = re.compile(
    r"(?<!\d)(?:(?P<year>(?:19|20)\d\d|[零〇一二三四五六七八九]{4})\s?年?"
    r"|(?P<short>[04-9]\d|[零〇四五六七八九][零〇一二三四五六七八九])\s?年)"
    r"(?:的|生|出生|人|(?<=年)(?=[,。! ]|$)"
    r"|\s?(?P<month>1[0-2]|0?[1-9]|[一二三四五六七八九十]{1,2})月(?:份|(?P<day>[0-3]?\d)[号日])?)"
    r"|(?:born|birth|birthday)\D{0,12}(?P<english>(?:19|20)\d\d)|^(?P<alone>(?:19|20)\d\d)$"
)
_DECADE: Final = re.compile(r"\d\d后|\d0s")
_NOT_YET: Final = re.compile(
    r"(?:快|马上|就要|将|还差|差|离|距|还有|再过|不到|未|没|不|almost|nearly|not yet|under)[^,。!?;]{0,8}$"
)
"""Words before an age that is not reached yet: 快满18."""
_REACHED: Final = re.compile(rf"满 ?(?={normalise.PATTERN})")
_BY_CALENDAR: Final = re.compile(rf"周岁\D{{0,2}}?({normalise.PATTERN})|({normalise.PATTERN}) ?周岁")
_NOMINAL: Final = re.compile(
    rf"虚(?:岁|的)?(?:是|有|都|快|了| )*({normalise.PATTERN}) ?岁?"
    rf"|({normalise.PATTERN}) ?岁? ?[,(]?(?:是|算)?虚(?:岁|的)?\)?"
)
"""An age that counts from one, and on at each new year: a year or two less by the calendar."""
_NAMES: Final = "零一二三四五六七八九〇"
_SIGNS: Final = "鼠牛虎兔龙蛇马羊猴鸡狗猪"
_ENGLISH: Final = "rat|ox|tiger|rabbit|dragon|snake|horse|goat|monkey|rooster|dog|pig"
_SIGN: Final = re.compile(rf"属(?P<zh>[{_SIGNS}])|year of the (?P<en>{_ENGLISH})")
_AGES: Final = range(16, 80)
"""Ages that a sign of the zodiac may stand for."""


class _Part(NamedTuple):
    value: float
    label: str
    end: int
    rough: bool


def figure(question: str, folded: str, shown: str) -> Reply:
    """Return the number that words give; a sum where each part has its number, asked back where it is not certain."""
    if question == _AGE and (by_birth := _by_birth(folded, shown)):
        return by_birth
    if question in _PARTS:
        if _NONE[question].fullmatch(folded.strip(" ,。!吧呢啊")):
            return Reply(0, shown, sure=True)
        return _sum(question, folded, shown)
    if question == _AGE and (exact := _BY_CALENDAR.search(folded)):
        folded = exact[1] or exact[2]
    if question == _AGE and (nominal := _NOMINAL.search(folded)):
        folded = folded.replace(nominal[0], " ")
        if not re.search(normalise.PATTERN, folded) and (said := normalise.number(nominal[1] or nominal[2])):
            return Reply(None, shown, among=(int(said) - 2, int(said) - 1))
    reached = _REACHED.search(folded)
    found = re.compile(normalise.PATTERN).search(folded, reached.end() if reached else 0)
    value = plain_number(question, found, folded) if found else None
    if found is None or not isinstance(value, int):
        return Reply(value, shown)
    if _NOT_YET.search(folded[: found.start()]):
        return Reply(value - 1, shown)
    doubt = normalise.about(folded, *found.span()) or _OTHERS.search(folded)
    return Reply(value, found[0].strip(), sure=not doubt)


def _sum(question: str, folded: str, shown: str) -> Reply:
    named, elsewhere = _PARTS[question]
    kinds = len(named.findall(folded))
    if question == _LOANS and _ONE.fullmatch(folded):
        return Reply(1, shown, sure=True)
    parts, text = _parts_of(question, folded)
    if any(_A_DAY.search(part.label) for part in parts):
        return Reply(None, shown)
    doubt = bool(_ASKED.search(text)) or any(part.rough for part in parts)
    if whole := next((part for part in parts if _TOTAL.search(part.label)), None):
        return Reply(_number(whole.value), shown, sure=not whole.rough)
    kept = [part for part in parts if not elsewhere.search(part.label) and not _BEFORE.search(part.label)]
    own = [part for part in kept if not (_OTHERS.search(part.label) or _WITHIN.search(part.label))]
    doubt |= len(own) < len(kept) or (question == _LOANS and _ONE_MORE.search(folded) is not None)
    if not own:
        about = _TWO_DIGITS.search(folded) if question == _LOANS else None
        if about is not None:
            return Reply(_number(normalise.number(about[1]) or 0), shown)
        return Reply(kinds if question == _LOANS and kinds and not parts else None, shown)
    if len(own) > 2 and own[0].value == sum(part.value for part in own[1:]):
        own = own[:1]  # 两笔, 一笔房贷一笔车贷
    elif len(own) > 1:
        alike = all(named.search(part.label) for part in own)
        last = folded[own[0].end : own[-1].end]
        if _RANGE.match(last):
            return Reply(_number(own[0].value), shown)
        doubt |= not (alike or _ADDED.match(last))
    each = kinds if question == _LOANS and len(own) == 1 and kinds > 1 and own[0].label.endswith("各") else 1
    yearly = question != _LOANS and any(_A_YEAR.search(part.label) for part in own)
    doubt |= (
        yearly
        or kinds > max(len(own), own[0].value if question == _LOANS and len(own) == 1 else 1)
        or (len(own) > 1 and "张" in folded and question == _LOANS)
    )
    total = sum(part.value for part in own) * each
    return Reply(_number(round(total / 12) if yearly else total), shown, sure=not doubt)


def _parts_of(question: str, folded: str) -> tuple[list[_Part], str]:
    """Return the numbers of a text, each with the words that name it, and the text from which they were taken."""
    if corrected := list(CORRECTS.finditer(folded)):
        folded = folded[corrected[-1].end() :] or folded
    found = [match for match in re.finditer(normalise.PATTERN, folded) if _counts(question, folded, match)]
    behind = (
        bool(found) and not _WORD.search(folded, 0, found[0].start()) and bool(_WORD.search(folded, found[-1].end()))
    )
    parts = []
    for at, match in enumerate(found):
        value = normalise.number(match[0].strip())
        before = folded[found[at - 1].end() if at else 0 : match.start()]
        after = folded[match.end() : found[at + 1].start() if at + 1 < len(found) else len(folded)]
        if value is not None:
            label = after if behind else before
            parts.append(_Part(value, label, match.end(), normalise.about(folded, *match.span())))
    return parts, folded


def _counts(question: str, folded: str, match: re.Match[str]) -> bool:
    """Whether a number counts what was asked for, and is no day, rate or part of a word."""
    words, end = match[0].strip(), match.end()
    if question == _LOANS:
        alone = not folded[end:].strip(" ,。!?了的吧啊呢哦")
        value = normalise.number(words)
        whole = value is not None and value <= 100 and value == int(value)
        return whole and (alone or _OF_LOANS.match(folded, end) is not None)
    if _NOT_A_SUM.match(folded, end) or folded[: match.start()].endswith(("-", "−", ".", "负")):
        return False
    return not (len(words) == 1 and not words.isdigit()) and words not in ("万一", "千万", "十分")


def _number(value: float) -> Value:
    return int(value) if value == int(value) else value


def age_by_birth(folded: str) -> tuple[int, bool] | None:
    """Return the age of who names his year of birth, and whether it is certain, as it is with the month."""
    year, month, day = (int(part) for part in now()[:10].split("-"))
    found = _BORN.search(folded)
    if found is None:
        return None
    words = found["year"] or found["short"] or found["english"] or found["alone"]
    born = int("".join(str(_NAMES.index(sign) % 10) if sign in _NAMES else sign for sign in words))
    if born < 100:
        born += 1900 if born > year % 100 else 2000
    said = normalise.number(found["month"]) if found["month"] else None
    of_day = int(found["day"]) if found["day"] else None
    age = year - born
    if said is None:
        return (age, False) if age >= 0 else None
    later = (said, of_day or 1) > (month, day)
    return age - later, said != month or of_day is not None


def _by_birth(folded: str, shown: str) -> Reply | None:
    """Return the age of who names the year of birth, certain only with the month; of a sign of the zodiac the ages."""
    if by_birth := age_by_birth(folded):
        return Reply(by_birth[0], shown, sure=by_birth[1])
    year = int(now()[:4])
    sign = _SIGN.search(folded)
    if sign is None or re.search(r"\d", folded):
        return Reply(None, shown) if _DECADE.search(folded) else None
    place = _SIGNS.index(sign["zh"]) if sign["zh"] else _ENGLISH.split("|").index(sign["en"])
    return Reply(None, shown, among=tuple(age for age in _AGES if (year - age - 4) % 12 == place))
