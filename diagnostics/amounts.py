"""Numbers as people write them, one reader for every door: `8,000`, `８０００`, `8000元`, `8千`, `1.2万`.

What can be read in more than one way (`8,00`, `1,2万`, `1万2`) is refused. The phone's page reads with the same
pattern.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

PATTERN: Final = (
    r"^[¥￥]?\s*([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.([0-9]+))?\s*([百千万kw])?\s*"
    r"(?:元|块|块钱|人民币|岁|周岁|笔|yuan|rmb|cny)?$"
)
"""Whole part, decimals, and the sign of a thousand or ten thousand; in terms that JavaScript has as well."""
TIMES: Final = {"百": 100, "千": 1_000, "k": 1_000, "万": 10_000, "w": 10_000}
_WRITTEN: Final = re.compile(PATTERN, re.IGNORECASE)
_DOUBTFUL: Final = re.compile(r"[0-9]\s*[,，千万百kw元块]", re.IGNORECASE)


class UnclearError(ValueError):
    """A text has digits and may be meant as a number, but as which is not clear."""


def read_number(text: str) -> int | float:
    """Return the number that a text writes. Raises UnclearError where it may be several, ValueError where none."""
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _WRITTEN.match(plain)
    if found is not None:
        whole, decimals, times = found[1].replace(",", ""), found[2] or "", TIMES.get((found[3] or "").lower(), 1)
        if not decimals:
            return int(whole) * times if len(whole) <= 40 else float(whole)
        if times == 1:
            return _number(float(f"{whole}.{decimals}"))
        share, rest = divmod(int(whole + decimals) * times, 10 ** len(decimals))
        return share if not rest else float(f"{whole}.{decimals}") * times
    if _DOUBTFUL.search(plain):
        raise UnclearError(text)
    if "_" in plain:  # Python's own way to group digits
        raise ValueError(text)
    return _number(float(plain))


def _number(number: float) -> int | float:
    return int(number) if number.is_integer() else number
