"""Fold a text character by character: width, case, traditional forms. Places stay what they are in the input."""

from __future__ import annotations

import unicodedata
from typing import Final

_TRADITIONAL: Final = (
    "貸贷錢钱開开關关沒没無无號号請请問问嗎吗還还過过裡里裏里邊边個个麼么為为什什說说點点進进頁页務务務务錄录"
    "實实證证認认綁绑銀银綫线線线網网絡络機机電电腦脑蘋苹華华為为鴻鸿統统級级顯显來来時时間间後后從从見见"
    "現现發发當当會会應应該该讓让給给對对錯错額额審审評评條条種种業业產产學学職职薪薪歲岁親亲媽妈爸爸爺爷"
    "奶奶兒儿買买賣卖費费繳缴帳账賬账戶户註注銷销凍冻結结盜盗騙骗轉转帶带碼码圖图標标樣样長长門门兩两幾几"
    "萬万塊块負负債债貼贴離离聯联繫系係系願愿聽听誰谁這这與与單单場场體体驗验處处車车馬马雲云訊讯軟软體体"
    "簡简繁繁國国灣湾澳澳籍籍護护別别歷历動动斷断連连續续讀读寫写變变裝装選选項项夠够總总約约紅红綠绿黃黄"
    "員员費费險险遲迟準准備备試试顧顾滿满達达規规則则許许報报導导據据確确資资訊讯貨货"
)
_MAP: Final[dict[int, str]] = {ord(_TRADITIONAL[i]): _TRADITIONAL[i + 1] for i in range(0, len(_TRADITIONAL), 2)}
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


def fold(text: str) -> str:
    """Return the text folded: of the same length, so that every place in it is one of the input."""
    return text.translate(_FOLDING)
