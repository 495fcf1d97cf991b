"""Somebody the person knows or serves, with whose age a text begins: a customer, a neighbour, an aunt."""

from __future__ import annotations

import re
from typing import Final

from diagnostics.reading import normalise

_INTRODUCED: Final = re.compile(
    rf"[ \"]*(?:(?:替|帮|代|给)?(?:我|俺|咱|你|您)?们?(?:这|那|店|厅|网点|柜台|家|村|单位|小区|公司)?(?:里|的|儿|边)?"
    rf"(?:今天|刚才?|刚刚)?(?:(?:[\u3400-\u9fff]{{2,4}})?(?:来了|来)|有|碰[到见上]|遇[到见上]|接待了?|接到)?(?:[一两]?[个位名])?(?:隔壁|对门|楼[上下]|老|邻居|同村|街坊)?(?:的)?)"
    rf"(?P<who>[\u3400-\u9fff]{{0,2}}(?:邻居|街坊|大爷|大妈|大叔|大婶|大娘|大哥|大姐|阿姨|老人家?|老头儿?|老太太?|顾客|客人|同事|朋友|老乡"
    rf"|师傅|徒弟|学员|病人|业主|婶子?|伯|叔|姨|舅妈?|姑妈?|奶奶|爷爷|嫂子?|租客|房客))"
    rf"(?:的?(?:家|姓[^,。!?;\n]{{1,2}}|男的?|女的?))?(?:[问看查]|来?[问看查咨询]+"
    rf"|叫我[^,。\n]{{1,6}}|让我[^,。\n]{{1,6}})?[, ]{{0,2}}"
    rf"(?:[他她]|女|男|今年|都|已经?|快|是|有|也)*[, ]{{0,2}}(?P<age>{normalise.PATTERN}) ?(?:周?岁|了|[, ])(?!多)"
    r"|[ \"]*(?:helping |asking for |on behalf of |it's |there's |we have |(?:at|in) [a-z ]{3,20}[,:] )*"
    r"(?:my|our|a|an|the|this|one of my|an? (?:old|elderly)|my (?:old|elderly)) (?:[a-z]+ )?"
    r"(?P<of>neighbou?r|friend|colleague|coworker|customer|client|uncle|aunt|auntie|cousin|landlord|landlady"
    r"|patient|lady|gentleman|pensioner|boss|teacher|nephew|niece"
    r"|mum|mom|mother|father|dad|grandmother|grandma|grandfather|grandpa|granddad|gran|wife|husband|brother"
    r"|sister|son|daughter"
    r"|mother-in-law|father-in-law)"
    r"(?: (?:mrs?|ms|mr|miss|old|auntie|uncle)\.? [a-z]+| [a-z]+)?(?: (?:at|from|in|on) [a-z ]{3,24})?"
    r"(?:'s| is| \(|,|:| -)+ ?(?:(?:who|he|she)(?:'s| is)? )?(?:aged |age )?(?:(?P<years>\d\d)(?![\d%])"
    r"|born (?:in )?19\d\d)"
)
"""The beginning of a text about somebody the person knows or serves, with his age."""
_LACKS: Final = re.compile(
    r"(?:服务|钱包|入口|图标|微粒贷|借钱|weilidai|wld|services|icon|tile)[^。!?\n]{0,14}(?:没|[找看瞅翻寻]不|不见|不给|开不|无|冇)"
    r"|(?:没|[找看瞅翻寻]不|不见|不给|开不|无|冇)[^,。!?\n]{0,8}(?:服务|入口|图标|微粒贷|借钱)|想(?:开|要|用|办)|为啥|为什么"
    r"|(?:\b(?:no|not|nothing|missing|can't|cannot|none)\b|n't)[^.!?\n]{0,40}(?:services|weilidai|wld|微粒贷"
    r"|icon|tile|entry|loan)"
    r"|(?:services|weilidai|wld|微粒贷|icon|tile|entry|loan)[^.!?\n]{0,40}(?:\b(?:no|not|nothing|missing|can't"
    r"|none)\b|n't)"
)
_HAS: Final = re.compile(
    r"[都就也却倒]有(?:微|了|啊|呢|$|[,。!?])|\b(?:he|she|they) (?:has|have|got) (?:it|one|weilidai|wld)\b|\bmine\b"
    r"|\bi (?:don't|do not|can't|have|haven't|only|am|never|get|see|got|still)\b|\bi'm\b|我(?:也|就|却|都|才|还|没|的"
    r"|这|自己|服务|微信|手机|咋|怎么|为)"
)


def introduced(text: str) -> re.Match[str] | None:
    """Return where a text begins with somebody (`who` or `of`) and his `age` (or `years`), for whom it is written."""
    found = _INTRODUCED.match(text)
    if found is None or not _LACKS.search(text, found.end()) or _HAS.search(text, found.end()):
        return None
    return found
