"""Whether a text is somebody's own message, or one that is made: invented, published, sold with, or set as a task.

The genres never end, so what they share is looked for: a head that names what follows, an order to write or to change
words, code, quotes that somebody tells of, a source, and words of the public where nobody says I. The words are marks
of the lexicon: `work`, `article`; `head` is a list of what the heads of messages and tickets name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from diagnostics.reading.normalise import blank, fold

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnostics.reading.normalise import Marks, Spot

_TALE: Final = re.compile(
    r"[^。\n]{0,10}第[一二三四五六七八九十\d]+[章回场幕集题]"
    r"|[ \"]*(?:据[^,。\n]{2,14}(?:通报|报道|消息|介绍)[ \":,]|[^\n]{0,12}甲 ?:[^\n]{1,60}[\s。!?]乙 ?:)"
    r"|[^\n]{0,12}(?:教(?:你|大家|各位)?[^。\n]{0,4}[一两三几\d]招|第一招)"
    r"|(?:from now on|act as|pretend (?:to be|you)|override:|user record:|\"?system\"? ?[:\"])"
    r"|假装你是|你现在是一?个?[^。,]{0,8}(?:ai|机器人|模型)"
)
"""The beginning of a chapter, of the news, of advice to all, or of orders to a program."""
_ORDERED: Final = re.compile(
    r"(?:^|[,。:\n\"])[^。:,\n]{0,8}?[把将](?:下面|以下|上面|这|那|该)?[^。:\n]{0,12}(?:句|段|话|文字?|条|评|诗|篇|稿)"
    r"[^。:\n]{0,10}?(?:翻|译|改成|改写|改为|润|缩|扩|续|写成|变成|念|读)"
    r"|翻译[^。:\n]{0,8}(?:句|段)(?!.{0,6}(?:提示|页面|弹))|(?:翻译?[成为]|译[成为]|翻译(?:一下|下)?[成为])"
    r"[^。:\n]{0,4}(?:英|中文|日|韩|粤|文言|法|德|俄|方言|白话)"
    r"|^[^。:,\n我]{0,8}(?:帮我)?(?:润色|改写|仿写|续写|扩写|缩写|校对|默写|听写|朗读|批改|标注|改编)"
    r"[^。,\n]{0,14}[:\"]|用[^。:,\n]{1,8}[话语腔体文](?:说|讲|写|念|复述)[^。:,\n]{0,6}:"
    r"|(?:造句|病句|[加标]上?标点|断句|缩句)[^。:\n]{0,6}:"
    r"|(?:总结|概括|归纳|提炼|分析|点评|标注)(?:一下|下)?(?:下面|以下|这|上述|该)(?![^:\n]{0,8}我)[^。:\n]{0,8}[:\n\"]"
    r"|(?:编|写|生成|虚构|捏造|模拟|设计)(?:一?[个段条份篇则首]|几[个段条]|\d+ ?[个段条份])[^。\n]{0,12}"
    r"(?:案例|对话|抱怨|例子|样本|数据|提问|问题|小红书|检讨|悔过书|感言|文案|朋友圈|故事|小说|作文|段子|稿"
    r"|宣传|标题|台词|剧本|歌词|诗|剧情|脚本|函数|代码|小作文)"
    r"|(?:编|生成|虚构|捏造|模拟)(?:一?[个段条份]|几[个段条])[^。\n]{0,12}投诉"
    r"|(?:起|想|取|拟)(?:一?个|几个)(?:标题|题目|名字|口号|开头|结尾)|试译|情感分析|判断(?:真伪|对错|正误|时态)"
    r"|写(?:一?[个段条份])?投诉(?![^\n]{0,3}[:,][^:\n]{0,4}我)|写(?:一?[个段篇])?(?:python|java|sql|js|正则|单元测试)"
    r"|(?:人设|主角|角色设定|输入样例|示例输入) ?[:是为]|以第一人称|不少于\d+字|标签[:是]|输入:.{1,80}(?:输出|标签)"
    r"|\b(?:summari[sz]e|translate|proofread|paraphrase|rewrite|reword|polish|classify|label|annotate) "
    r"(?:this|the following|these|it|in|into|for)\b(?!(?: \w+)? (?:on|from|of) my\b)"
    r"|\bwrite (?:me )?(?:an?|some|two|three) (?:[\w-]+ ){0,3}(?:story|poem|song|essay|persona|dialogue|script|scene"
    r"|post|article|review|function|regex|test|haiku|limerick|rap|monologue|skit|joke|speech|tweet|caption|headline"
    r"|play|novel|testimonial)\b"
    r"|\bfor (?:an?|the) (?:[\w-]+ ){0,2}(?:class|course|blog|blog post|novel|story|screenplay|assignment|workshop)\b"
    r"|\bfor my (?:coursework|homework|thesis|novel|blog|assignment|screenplay)\b|\bas an? (?:user|customer) who\b"
    r"|\b(?:a|the|this|user) persona\b|\bacceptance criteria\b"
)
"""Words of somebody who wants a text written, changed or explained, or a program: what follows is its matter."""
_MADE_UP: Final = re.compile(
    r"(?:写|编|拍|码)(?:一?[个部篇段])?(?:小说|剧本|故事|短剧|段子)(?:取材|素材|要用|用|需要|里|中|时)"
    r"|(?:我|本人)写的[^,。]{0,4}[章集回]|小说(?:里|中|情节|取材|素材|设定|开头|结尾|大纲)|(?<![房物店车业])[男女]主(?:角|人公)?(?![人播持任页管])|主人公|主角|剧本(?:第|里|中)"
    r"|(?:请|来|你)?(?:角色)?扮演(?:一[个位名]|客户|用户)"
    r"|\bmy (?:hero|heroine|protagonist|(?:main )?character)\b"
    r"|\b(?:short story|(?:my|the) novel|screenplay|roleplay|role-play)\b"
    r"|(?:忽略|无视|忘记|忘掉)(?:掉?以上|掉?之前|前面|上述|上面|此前)?的?(?:所有|全部|一切)?的?"
    r"(?:指令|指示|提示词|设定|系统提示|规则|规定|要求)"
    r"|\b(?:ignore|disregard|forget) (?:all |any )?(?:of )?(?:the |your )?(?:previous|prior|above|earlier)"
    r" (?:instructions|prompts|rules)"
    r"|\b(?:you are now|debug mode|system prompt|developer mode)\b|\bset \w+\.\w+ ?=|\bprint \w+_\w+"
    r"|(?:输出|返回|output) ?json|(?:把|将)用户的?[^,。\n]{0,6}(?:[设改记写标]记?[为成])"
    r"|阅读(?:下面|下列|以下|上述)[^,。\n]{0,6}(?:材料|文段|短文|案例)"
    r"|[—–-]{1,3} ?○{4,}|\((?:以上)?(?:摘自|改编|节选|选自|出自|引自|转自)[^)\n]{0,30}\)|纯属虚构|均为演绎|本院认为"
)
"""Words of fiction, of a source, and of somebody who gives a program orders: nobody's own facts."""
_CODE: Final = re.compile(
    r"\"\w[\w.]*\" ?: ?[\"\d{\[tfn-]|\bassert\b|\b(?:def|function) \w*\(|\bprint\(|\b(?:const|let) \w+ ?=|\bcurl -"
    r"|insert into \w+ ?[(v]|select [^\n]{1,40} from \w+ (?:where|limit|order)\b|^[a-z]+\([\w-]+\)!?:"
    r"|^[a-z_]+(?:,[a-z_]+){2,}\n",
    re.IGNORECASE,
)
"""Code, a record of a program, or the message of a change of one."""
_RECORD: Final = re.compile(r"\"(?:from|role|sender|speaker)\" ?:")
"""The record of a chat."""
_STAGE: Final = re.compile(
    r"(?:^|[\s。!?\")])(?:旁白|画外音|逗哏|捧哏|[男女]声|[男女]主)(?:\([^()\n]{1,8}\))?:|[^\s:]{1,6}\([^()\n]{1,8}饰\)"
)
"""Parts of a play."""
_OPENING: Final = 400
"""Characters of a text in which it shows that it is made up."""
_TERMS: Final = re.compile(
    r"[^。!?\n]{0,20}(?:条件|要求|门槛|资格|(?:需|须|应|要)(?:要|同时)?(?:满足|符合|具备)"
    r"|requirements?|conditions|criteria|eligibility)[^。!?:\n]{0,14}:[^\n]{0,3}\s?"
    r"(?:[1①⑴]|[^。\n]{0,12}\d{2} ?(?:周?岁)? ?[-~至到—] ?\d{2}|[^。\n]{0,8}(?:年满|满18|周岁|以上|aged))"
    r"|[^,。:\n]{0,8}(?:条件|门槛|(?:申请|开通|准入|资料)要求|eligibility|requirements|criteria)[^,。:\n]{0,16}:"
    r"|[^。!?:]{0,24}(?:原因|理由|因素|情形|情况|reasons?|causes?)[^。!?:\n]{0,8}[:!?]\s?(?:[1一①⑴]|第一|first)"
)
"""The beginning of a list of terms or reasons."""
_COPIED: Final = re.compile(r"摘自|转自|转载|摘抄|摘录|来源 ?:|copied from|quoted from|source ?:")
_CLIENT: Final = re.compile(r"客户|用户|顾客|\b(?:customer|client)\b")
_QUOTED: Final = re.compile(r'"[^"\n]{0,300}"')
_FIRST_PERSON: Final = re.compile(
    r"[我俺咱](?![们国市县省院局校区])|本人|来电(?:人|者|诉求|反映|称|咨询|表示|询问)|诉求|工单|客户(?:称|反映|表示|说)|\b(?:i|my|me)\b"
)
_HEAD: Final = 40
"""Characters of a text in which its kind is named."""
_BEFORE: Final = re.compile(r"[^,。!?:;\n我俺咱讲说举]*")
_TAIL: Final = re.compile(
    r"(?:第?[一二三四五六七八九十\d]+[章回集期讲则首条份个版次页号]?|节选|片段|选段|选登|原文|正文|开头|结尾|连载|大赛|投稿"
    r"|征集|接龙|结果|题目|标题|名称|初稿|三选一|v ?\d[\d.]*|demo|work in progress|一则|\([^()\n]{0,14}\)|○+|[ ,·|_/-]"
    r"|本子|[甲男女])*(?:[:\n\"|]|\.(?= ))"
)
"""What may stand between the word for a kind of text and the sign behind which that text begins."""


def _is_headed(text: str, marks: Marks) -> bool:
    """Whether a text begins with the name of what it is: 面试题: …, Case study 4: … ."""
    return any(
        _BEFORE.fullmatch(text, 0, start) is not None and _TAIL.match(text, end) is not None
        for start, end, _ in marks.between(0, _HEAD, "work")
    )


def is_nobodys(text: str, shown: str, marks: Marks, chat: bool) -> bool:
    """Whether a text is a guide, a notice, the news, a tale, a task or code: nobody speaks of himself in it."""
    if _is_headed(text, marks) or _STAGE.search(text):
        return True
    if chat:
        return False
    if _TALE.match(text) or (_CODE.search(shown, 0, _OPENING) and not _RECORD.search(shown)):
        return True
    opening = text[:_OPENING]
    if _MADE_UP.search(opening) or _ORDERED.search(opening):
        return True
    words = {text[start:end] for start, end, _ in marks.between(0, len(text), "article")}
    listed = (_TERMS.match(text) and not _CLIENT.search(text)) or _COPIED.search(text)
    return bool(listed or len(words) > 1) and _FIRST_PERSON.search(_QUOTED.sub("", text)) is None


_LABEL: Final = re.compile(
    r"[ \"]*(?:【(?P<title>[^】\n]{2,20})】)?"
    r"(?:(?P<words>[^,。!?;:，！？；：【】\n]{2,30}?) ?[:：](?!\d\d|//|用户|客户|顾客|来电))?"
)
"""What stands at the head of a text: a title in brackets, and words before a colon."""
_LINES: Final = re.compile(r"\n[^,。!?;:，！？；：\n]{1,14}[:：]")
"""A second line with a label: a form, or a chat of people whose names say nothing."""
_VERSE: Final = re.compile(r"(?<=[\u3400-\u9fff]{4}) / (?=[\u3400-\u9fff]{4})|♪")
"""Lines of verse in one; what a form parts so is shorter."""


def is_doubtful(text: str, shown: str, is_own: Callable[[str], bool]) -> bool:
    """Whether a text may be a made one: it has a head as no message has it, or is verse; `is_own`: of a message."""
    found = _LABEL.match(shown)
    heads = [head for head in found.groups() if head] if found is not None else []
    if heads and _LINES.search(shown) is None and not all(is_own(fold(head)) for head in heads):
        return True
    return _VERSE.search(shown) is not None and _CLIENT.search(text) is None


_SPEECH: Final = re.compile(
    r"“[^“”\n]{4,300}”|「[^「」\n]{4,300}」|『[^『』\n]{4,300}』|(?<![\w:,{])\"[^\"\n]{4,300}\"(?!\w)"
)
_TELLS_OWN: Final = re.compile(rf"{_FIRST_PERSON.pattern}|用户|客户|[爸妈]|\b(?:we|our|us)\b")
_SHOWS: Final = re.compile(
    r"页面|提示|显示|弹|写着|点|打开|进去|客服|回复|短信|收到|报错|原话|这[句行]|[这那]个?话|跳出|公众号|申请|(?:页|它|他|上面|就|只)[会就只都]?[说讲回]"
    r"|\b(?:screen|page|says?|said|shows?|showing|message|pop-?up|opens?|tap(?:ped)?|error|reads?|get|got)\b"
)
"""Words by which what stands in quotes is what a page or the desk said."""
OF_A_PAGE: Final = ("entry.page_message", "entry.official_account", "account.closed_service", "account.restricted")
"""Questions that words of a page answer."""
_WORD: Final = re.compile(r"[a-z\u3400-\u9fff]{2}")


class Speech:
    """What stands in quotes of which somebody else tells: nobody's statement."""

    def __init__(self, text: str, shown: str) -> None:
        self.spans = [found.span() for found in _SPEECH.finditer(shown)]
        ends = [0, *(end for _, end in self.spans)]
        starts = [*(start for start, _ in self.spans), len(text)]
        outside = " ".join(text[end:start] for end, start in zip(ends, starts, strict=True))
        if not _WORD.search(outside) or _TELLS_OWN.search(outside):
            self.spans = []
        self.shows = bool(self.spans) and _SHOWS.search(outside) is not None

    def holds(self, question: str, start: int, end: int) -> bool:
        """Whether a reading of these words stands in such quotes; what a page says does so by right."""
        if question == "safety.contact":
            return False  # a letter or a caller that reached the person
        if self.shows and question.startswith(OF_A_PAGE):
            return False
        return any(first <= start and end <= last for first, last in self.spans)


_ADDRESSED: Final = re.compile(
    r"(?:^|[,。!?;:\n\"] ?|因为|由于|说明|如果)(?:你|您)(?![们好看说帮给查问讲])[^,。!?;:\n我俺咱]{0,8}$"
)


def is_said_to_somebody(spot: Spot) -> bool:
    """Whether the words are about whom they speak to, as only others' words are: 你征信花了."""
    return _ADDRESSED.search(spot.text[max(0, spot.clause - 1) : spot.at + 1]) is not None


_HIDDEN: Final = re.compile(r"<[^\s<>]{1,12}>")
_TITLE: Final = re.compile(r"《[^《》\n]{1,60}》")
_PASSAGE: Final = re.compile(
    r"(?:文章|原文|贴吧|论坛|小红书|抖音|知乎|微博|豆瓣|转发|截图|别人的话|有个人|一个人的|群里|有人发|有人问"
    r"|网友|合同|条款|协议|规则|规定|要求|条件|网站|网上|百度|官网|帖子|攻略|article|website|blog)"
    r"[^“\"\n]{0,25}(?P<words>[“\"][^”\"\n]{16,400}[”\"])"
)
"""A passage that is quoted from somewhere, as the title of something, states nothing about the person."""
_COMMENT: Final = re.compile(
    r"(?<!客户)(?<!用户)(?<!我的)(?<!我)(?:评论|弹幕|热评|跟帖|朋友圈|动态|段子|吐槽)[^“\"\n,。!?！？，]{0,5}[:：,，]?"
    r"(?P<words>[“\"][^”\"\n]{2,400}[”\"])"
)
"""Nor does what somebody else wrote below something, however short: 刚看到一条评论: “…”."""


def own_words(shown: str) -> str:
    """Return the text with circles where a number is masked or something else is quoted."""
    for pattern in (_HIDDEN, _TITLE):
        shown = pattern.sub(lambda found: "○" * len(found[0]), shown)
    for quoted in (_PASSAGE, _COMMENT):
        for found in quoted.finditer(shown):
            shown = blank(shown, *found.span("words"))
    return shown
