"""Who says what in a chat or a ticket, and what keeps a clause from being a statement about the person."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import msgspec

from diagnostics.reading.normalise import PATTERN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from diagnostics.reading.normalise import Marks

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
        if text.count("\n") < 2:
            return text
        lines = [_UNMARKED.match(line) for line in text.split("\n") if line.strip()]
        names = Counter(found["name"] for found in lines if found)
        roles = [self._role(name) for name in names]
        few = 1 < len(names) <= 3 and all(count > 1 or self._role(name) for name, count in names.items())
        if lines.count(None) > 1 or not few or "agent" not in roles or len(lines) < 3:
            return self._joined(text)
        return _UNMARKED.sub(lambda found: text[found.start() : found.start("sep")] + ":", text)

    def _joined(self, text: str) -> str:
        """Return the text with a colon for the line's end behind names that stand on lines of their own."""
        lines = Counter(line.strip() for line in text.split("\n"))
        names = [line for line, count in lines.items() if 0 < len(line) < 9 and (count > 1 or self._role(line))]
        if not 1 < len(names) <= 3 or "agent" not in map(self._role, names) or sum(lines[name] for name in names) < 3:
            return text
        return re.sub(rf"^( *(?:{'|'.join(map(re.escape, names))}) *)\n", r"\1:", text, flags=re.MULTILINE)

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
                self._split_inline(text, found, labels, end, inline)
            at = end + 1
        known = any(map(self._role, set(labels)))
        form = len(labels) > 2 and len(set(labels)) == len(labels) and "agent" not in map(self._role, labels)
        if not labels or form or not (known or len(set(labels)) < len(labels)):
            return None
        return found

    @staticmethod
    def _split_inline(text: str, found: list[_Said], labels: list[str], end: int, inline: re.Pattern[str]) -> None:
        """Part a line that holds several turns: 客服:您好 用户:没有."""
        for match in list(inline.finditer(text, found[-1].start, end)):
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
        return "" if not name or field or name in self._not_names else name

    def _role(self, name: str) -> Role | None:
        lower = name.lower()
        if any(lower == word or (len(word) > 1 and word in lower) for word in self._agents):
            return "agent"
        if any(lower == word or (len(word) > 1 and word in lower) for word in self._persons):
            return "person"
        return None

    @staticmethod
    def _of_himself(text: str, said: list[_Said], name: str) -> int:
        """Return how much more somebody says of himself than to the other."""
        return sum(
            len(_I.findall(text, one.start, one.end)) - len(_YOU.findall(text, one.start, one.end))
            for one in said
            if one.name == name
        )

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
        open_ = [name for name in names if name not in roles]
        has_person = any(roles.get(name) == "person" for name in names if name)
        has_agent = "agent" in roles.values()
        polite = {
            name: sum(len(self._polite.findall(text, one.start, one.end)) for one in said if one.name == name)
            for name in open_
        }
        certain = True
        if has_agent and not open_ and not has_person and self._is_note(text, said):
            roles.update(dict.fromkeys(names, "person"))  # 客服记录: 用户以前有, and nobody answers
        elif has_person:
            for name in open_:
                roles[name] = "agent" if polite[name] > 1 else "other"
        elif has_agent:
            for name in open_:
                roles[name] = "person" if name == open_[0] else "other"
        elif open_:
            most = max(open_, key=lambda name: polite[name])
            agent = most if polite[most] and len(open_) > 1 else None
            person = max((name for name in open_ if name != agent), key=lambda name: self._of_himself(text, said, name))
            for name in open_:
                roles[name] = "agent" if name == agent else "person" if name == person else "other"
            certain = agent is not None or len(open_) == 2
        return roles, certain


_ASKER: Final = ("问", "q")
_ANSWERER: Final = ("答", "a")
_PAIRS: Final = re.compile(r"(?:^|[\s。!?;])(?:问|q) ?:(?s:.{1,300}?)(?:^|[\s。!?;])(?:答|a) ?:", re.MULTILINE)
_PAIR: Final = re.compile(r"(?:(?<=[ 。!?;,])|^)(?:问|答|q|a) ?:")
_I: Final = re.compile(r"[我俺]|\b(?:i|i'm|my|me)\b")
_YOU: Final = re.compile(r"[你您]|\byou(?:r)?\b")
_NEGATED: Final = re.compile(
    r"(?:没有?|木有|否认|(?<![是会能可要行知])不(?:是|会|能|用|想|要|敢)?|未|从未|别|不要|(?<![除是莫])非|无"
    r"|(?:没有?|从没|未|从来没)(?:在|用|从|拿|跟|给|去|把|将|向|对|让|被|自己|主动|亲自|再)[^,。!?;\n没不了 ]{0,8}"
    r"|(?:never|not|n't|\b(?:ca|do|does|did|is|are|was|wo|has|have|had|could|would)nt|no|neither|nor|zero|without)"
    r"(?: (?:an?|the|my|really|actually|currently|yet|quite|exactly|any))? )\s?$"
)
_A_NOT_A: Final = re.compile(r"([^\x00-\u33ff还从时])[没不]\1")
"""A verb said both ways asks: 绑没绑卡; 时不时 is no verb."""
_INVERTED: Final = re.compile(
    r"[ \"-]*(?:(?:and|so|or|but|then|well|hi|hello|also|please|ok)[ ,]+)?"
    r"(?!(?:did|had|have|was|were) an? |(?:had|have) (?:my|the|that|this|these) )"
    r"(?:am|is|are|was|were|do|does|did|can|could|will|would|should|may|might|must|has|have|had|isn't|aren't|doesn't|don't"
    r"|didn't|can't|couldn't|won't|wouldn't|shouldn't|hasn't|haven't|wasn't) (?:i|it|he|she|they|we|you|my|his|her"
    r"|the|that|this|these|there|a|an|weilidai|wechat|weixin|someone|somebody|anyone|anybody|people|having|not|being) "
    r"(?!why|reason|any reason|a reason|tell me why|explain|how come)"
)
"""An English clause that begins as questions do: would I get it back, is my card bound."""
_AUXILIARY: Final = re.compile(
    r"[ \"-]*(?:(?:and|so|or|but|then|well|also) )?(?:is|are|was|were|do|does|did|can|could|will|would|should|may|might"
    r"|must|isn't|aren't|doesn't|don't|didn't|can't|won't|wouldn't|shouldn't)"
    r" (?!not |(?:that|this|it) (?:why|because)\b)"
)
"""The beginning of an English question, whatever it is about."""
_OWN_PLACE: Final = re.compile(
    r"(?<=[^说讲])我(?:的|这|微信|手机|服务|钱包|自己)|\bmy (?:services|wechat|wallet|phone|own)\b"
)
_TAG: Final = re.compile(r"(?:^|[, ])(?:这样|您看)?(?:好|行|可以|成)(?:吗|不|么|嘛|不好|不行)[呀啊]?[ ,。!?]*$")
"""A sentence that ends so proposes something: 逾期几天, 好吗."""
_CLOSED: Final = re.compile(r"[呀啊呢吗么吧哦][ ,。!?]*$|\?")


def guards(marks: Marks, at: int, to: int, helped: bool, allow: tuple[str, ...] = ()) -> set[str]:
    """Return the guards that stand against a match but those allowed, and `doubt` where it may only be asked back."""
    found: set[str] = set()
    text = marks.text
    sentence, sentence_end = marks.sentence(at)
    clause, _ = marks.clause(at)
    last_clause, last_end = marks.clause(max(at, to - 1))
    if _NEGATED.search(text[max(clause, at - 20) : at]):
        found.add("negation")
    if marks.has(sentence, to, "condition") or marks.has(last_clause, last_end, "condition_after"):
        found.add("condition")
    found |= _unreal(marks, clause, at, to, last_end)
    if (terms := marks.between(sentence, at, "terms")) and not marks.has(terms[-1][1], to, "self"):
        found.add("condition")
    if "question" not in allow and (asked := _asked_about(marks, sentence, at, to)):
        found.add(asked)
    if _is_reported(marks, sentence, at, to, helped):
        found.add("report")
    if marks.has(clause, to, "wish"):
        found.add("wish")
    if marks.has(clause, last_end, "rule") and not marks.has(clause, to, "self"):
        found.add("rule")
    found |= _time(marks, clause, to, last_end)
    if "recipient" in allow:
        who = _who(marks, sentence, at, clause, helped)
        found |= {"doubt"} if who - set(allow) and marks.has(clause, at, "self") else who  # 我扫他二维码付了200
    else:
        found |= _who(marks, sentence, to, last_clause, helped)
    if not helped and "recipient" not in allow and _FOR_ANOTHER.match(text, to, last_end):
        found.add("other")
    if _topic_is_other(marks, at, to):
        found.add("product")
    if len(marks.between(sentence, sentence_end, "ad")) > 1 and "我" not in text[sentence:sentence_end]:
        found.add("advertisement")
    return found - set(allow)


def _unreal(marks: Marks, clause: int, at: int, to: int, end: int) -> set[str]:
    """Tell what makes the clause no plain statement: hedged or weighed, feared or believed, almost done."""
    found = {kind for kind in ("almost", "supposed") if marks.has(clause, at, kind)}
    if marks.has(clause, end, "weighing") or marks.has(clause, to, "hedge"):
        found.add("doubt")
    return found


_TELLS: Final = re.compile(
    r" (?:says?|said|thinks?|thought|claims?|believes?|reckons?|insists?|told me)\b|非?(?:说|讲|觉得|认为)我(?!家)"
)


def _is_reported(marks: Marks, sentence: int, at: int, to: int, helped: bool) -> bool:
    """Whether somebody else says it: named before in the sentence, and the person does not go on with his own."""
    people = [] if helped else marks.between(sentence, at, "other", "kin", "pronoun")
    if any(_TELLS.match(marks.text, end) and not marks.has(marks.clause(end)[1], to, "self") for _, end, _ in people):
        return True  # my landlord says my account is frozen
    reports = marks.between(sentence, at, "report")
    if not reports:
        return False
    start, after, _ = reports[-1]
    by_page = marks.text[start] in "他她它" and (
        marks.has(marks.clause(at)[0], start, "tap") or (helped and not marks.names("other"))
    )
    _, end = marks.clause(after - 1)
    return not (by_page or marks.has(end, to, "self") or _OWN_PLACE.search(marks.text, after + 1, to))


def _is_inverted(marks: Marks, clause: int, at: int, end: int) -> bool:
    """Whether the clause begins as an English question does: do iPhones have it."""
    if _INVERTED.match(marks.text, clause, at + 12) and not marks.has(clause, at, "why"):
        return True
    return marks.text[end - 1 : end] == "?" and _AUXILIARY.match(marks.text, clause) is not None


def _asked_about(marks: Marks, sentence: int, at: int, to: int) -> str:
    """Tell whether a match is what is asked (`question`), stands near it (`doubt`), or neither."""
    clause, _ = marks.clause(at)
    last, end = marks.clause(max(at, to - 1))
    if _is_inverted(marks, clause, at, end):
        return "question"
    if marks.has(clause, to, "question", "question_in", "how") or _A_NOT_A.search(marks.text, max(clause, at - 3), to):
        return "question"
    if asked := marks.between(sentence, clause, "question"):
        _, stop = marks.clause(asked[-1][0])
        if not _CLOSED.search(marks.text[max(0, stop - 3) : stop]):
            return "doubt"  # 是不是逾期了, 征信花了: the question may go on
    asking = marks.between(clause, at, "asking")
    own = marks.has(asking[-1][1] if asking else clause, to, "self")
    _, sentence_end = marks.sentence(at)
    if not own and marks.has(to, sentence_end, "consequence"):
        return "question"
    if (tag := _TAG.search(marks.text, max(end - 1, sentence_end - 12), sentence_end)) and tag.start() <= end:
        return "doubt"
    if asking and not own and marks.has(to, sentence_end, "question", "question_in"):
        return "question"  # 想问注销了再开通, 会不会刷出来
    if marks.has(to, end, "because"):
        return ""  # 服务里没有会不会就因为这个
    if marks.has(to, end, "question", "question_in"):
        stated = re.search(r"[了过着]", marks.text[at : to + 1]) is not None
        return "" if own else "doubt" if stated else "question"  # 银行卡没绑着是不是不行, 但 用平板会不会影响
    asks = _ends_asking(marks.text, last, end)
    if not asks or marks.has(sentence if asks == "?" else last, end, "why"):
        return ""
    if modal := marks.between(to, end, "modal"):  # 我是学生能开吗: the fact stands before what is asked
        return "" if own or "了" in marks.text[to : modal[0][0]] else "doubt"
    return "doubt" if asks == "?" else "question"


def _ends_asking(text: str, start: int, end: int) -> str:
    """Return how a clause asks at its end: `吗`, `?` alone, or not at all."""
    tail = text[max(start, end - 8) : end]
    mark = "?" in tail or text[end : end + 1] == "?"
    tail = tail.rstrip(' ,。!?;\n"')
    if re.search(r"(?:吗|嘛|(?<![什怎那这多要])么|[能可行会要以开]不|(?<=[系能过开到])没)[呀啊哦呢的]?$", tail):
        return "吗"
    if re.search(r"(?<![\d百千万十几岁块元多右样子天月年])吧[呀啊]?$", tail):  # 六七千吧 is a guess
        return "吗"
    return "?" if mark else ""


def _time(marks: Marks, clause: int, to: int, end: int) -> set[str]:
    """Tell whether the words are of another time: named before the end of the match, or long ago anywhere."""
    if _THEN.match(marks.text, to):
        return {"past"}
    past = marks.between(clause, to, "past")
    if past:
        after = past[-1][1]
        if marks.text.startswith(("一直", "还是", "都还"), after):
            after += 2  # 之前一直绑不上
        if not marks.has(after, to, "present"):
            return {"past"}
    long_past = marks.has(clause, end, "long_past") or _YEAR.search(marks.text, clause, end)
    return {"past"} if long_past and not marks.has(clause, end, "present") else set()


_THEN: Final = re.compile(r"的?(?:那会儿?|那时候?|那阵子?|那年|那几年|时候|期间)(?!有|就|现在)")
"""Words behind a match that put it into another time: 我念大学那会儿."""
_YEAR: Final = re.compile(r"(?<!\d)(?:19\d\d|20[01]\d|202[0-4])(?: ?年|(?=[ ,.!?;\n]|$))")
"""A year that is over, without a day: so it was then."""


def _who(marks: Marks, sentence: int, to: int, clause: int, helped: bool) -> set[str]:
    """Tell whether the last person named before the end of the match is somebody else.

    Somebody named in an earlier clause who only tells (儿子说…), whose papers are meant (我妈的身份证), or to whom the
    person does something (我问了老公) is not whom the next clause is about. `clause`: where the match's own begins.
    """
    people = [  # not the one to whom something is given: 她的微粒贷给我借过
        one
        for one in marks.between(sentence, to, "self", "kin", "other", "pronoun")
        if one[2] != "self" or marks.text[one[0] - 1 : one[0]] not in ("给", "替", "跟", "对")
    ]
    if not marks.has(clause, to, "self", "kin", "other", "pronoun"):
        people = [
            one
            for one in people
            if one[2] == "self"
            or not (_NOT_SUBJECT.match(marks.text, one[1]) or _OBJECT.search(marks.text[max(0, one[0] - 5) : one[0]]))
        ]
    if people:
        kind = people[-1][2]
        if kind == "self" or (kind != "other" and helped) or (kind == "pronoun" and _is_ticket(marks, people)):
            return set()
        subject = marks.between(marks.clause(people[-1][0])[0], people[-1][0], "self")
        return {"doubt"} if subject and people[-1][0] < clause else {"other"}
    before = marks.between(max(marks.floor, sentence - 80), sentence, "self", "kin", "other", "pronoun")
    if before and before[-1][2] == "other":
        return {"doubt"}
    return set()


def _is_ticket(marks: Marks, people: list[tuple[int, int, str]]) -> bool:
    """Whether the one meant by a pronoun is the customer of whom a ticket tells: customer says he has none."""
    named = [one for one in people if one[2] != "pronoun"]
    return bool(named) and _CUSTOMER.search(marks.text[named[-1][0] : named[-1][1]]) is not None


_CUSTOMER: Final = re.compile(r"用户|客户|顾客|来电人|\b(?:customer|client|user)$")
_FOR_ANOTHER: Final = re.compile(
    r" ?(?:[a-z]+ ){0,2}?(?:for|to|of) (?:him|her|them|others|(?:my|a|our|his|her) (?:little |older |younger |elder )?"
    r"(?:brother|sister|son|daughter|wife|husband|mother|father|mum|mom|dad|friend|colleague|cousin|uncle|aunt|boss)s?)\b"
)
"""Words behind a match that name whom it concerns: no limit for my brother."""
_NOT_SUBJECT: Final = re.compile(
    r"[们也都就老]?(?:说|讲|让|叫|告诉|建议|推荐|教|催|问)|的?(?:身份证|名字|身份|银行卡|名下)"
)
_OBJECT: Final = re.compile(
    r"[是用拿和]$|跟着?$|[给向对到找问]了?$|(?:告诉|加|信|骗|按|照|听|被)[了着]?$"
    r"|\b(?:to|with|by|told|gave|sent|paid|asked|called|for) $"
)
"""Words before somebody who is not the subject: 我把验证码给了他, 又转了一万."""
_THEIRS: Final = re.compile(
    r"[他她](?:自己)?的?(?:手机)?(?:微信|钱包|服务)(?!.{0,4}登)|[他她](?:那儿|那边|那里)|[他她]这个?(?:年纪|年龄|岁数)"
    r"|给[他她](?:开|看|问|弄|办|申请|查|找)|\b(?:his|her) (?:services|wechat|weixin|wallet|phone)"
    r"|\b(?:he|she) (?:can'?t|cannot|doesn'?t|does not|has no|uses|wants)\b"
)
_AGED: Final = re.compile(rf"[今年都快已经是虚岁, ]{{0,4}}(?:{PATTERN})(?:周?岁|了)")
_CONTRAST: Final = re.compile(
    r"(?<![给帮替])我(?:这边|这里|这个|自己(?!去|来|帮|给)|用的|的(?!身份证|意思|问题))"
    r"|(?<![给帮替])我(?:就|也|却|咋|怎么|为什么|为啥|还是|倒)?(?:没有(?!办法|时间|看|收到|注意|告诉|[给跟让])|木有|没(?=[,。!?;\s]|$))"
    r"|(?<![给帮替问叫让拿用])我(?:微信|手机|钱包|服务)(?!.{0,4}登)"
    r"|(?<![给帮替问叫让拿用])我(?:已经?|都|也|早就?)?(?:实名|绑卡|绑了|认证)"
    r"|\bmine\b|\bmy (?:own|wechat|weixin|services|wallet|phone)\b"
)
"""Words with which somebody who names a relative's account goes on to his own: 我老婆有, 我没有."""
_OWN_PART: Final = re.compile(
    r"(?:让|叫|劝|喊|要|逼|求|催)我(?:也|去|跟着|一起|开|借|办|申请|用|下载)|我(?:也|都)(?:想|要|没|有|能|开)"
)
"""Words with which somebody who tells of a relative comes in himself: 让我也开一个."""
OWN_TOO: Final = re.compile(r"我(?:这|自己|用的|的)(?!身份证)|\bmine\b")
_AND: Final = re.compile(r"\s?(?:和|跟|与|及|、|加上?|还有|and)\s?")


_QUOTED: Final = re.compile(r'"[^"\n]{0,300}"')
_FIRST_PERSON: Final = re.compile(r"[我俺咱]|本人|来电人|来电诉求|工单|客户(?:称|反映|表示|说)|\b(?:i|my|me)\b")


def is_article(text: str, marks: Marks) -> bool:
    """Whether a text is a guide, a notice or the news: it speaks of people in general and nobody of himself."""
    words = {text[start:end] for start, end, _ in marks.between(0, len(text), "article")}
    return len(words) > 1 and _FIRST_PERSON.search(_QUOTED.sub("", text)) is None


def is_helper(text: str, marks: Marks) -> bool:
    """Whether somebody writes for a relative: 帮我妈问, 他微信里没有."""
    for start, end, _ in marks.between(0, len(text), "helping"):
        if text[max(0, start - 2) : start].endswith(("不是", "不", "没", "not ")):
            continue  # 不是替她问
        if text[start] in "拿用" and OWN_TOO.search(text):
            continue  # 我拿她手机看过, 我自己的号没有
        if text[end - 1] in "他她人辈问妈爸" or marks.between(start, end + 2, "kin", "pronoun"):
            return True
    if _CONTRAST.search(text) or _OWN_PART.search(text):
        return False
    kin = marks.between(0, len(text), "kin") if marks.names("own_product", "page", "tap", "why", "question") else []
    for start, end, _ in kin:
        if text[start - 1 : start] == "给" and re.match(r"看|问|查|弄|开|办", text[end : end + 1]):
            return True
        if re.match(r"的?(?:手机上?|手机里)?(?:微信|钱包|服务)(?!.{0,4}登)", text[end : end + 8]):
            return True
        if re.match(r"(?:也)?(?:想|要)(?:开|用|借|申请|办)", text[end : end + 4]):
            return True
    if kin and not OWN_TOO.search(text) and _AGED.match(text, kin[0][1]):  # 我爸65了, 服务里没有
        return True
    return bool(kin and text[kin[0][1] : kin[0][1] + 1] != "说" and _THEIRS.search(text))


def _topic_is_other(marks: Marks, at: int, to: int) -> bool:
    """Whether the last product named before the end of the match is another one."""
    named = marks.between(max(0, at - 60), to, "product", "own_product")
    if not named or named[-1][2] != "product":
        return False
    own = [end for _, end, kind in named if kind == "own_product"]  # 微粒贷和网商贷都还不起 is said of both
    return not own or _AND.fullmatch(marks.text, own[-1], named[-1][0]) is None
