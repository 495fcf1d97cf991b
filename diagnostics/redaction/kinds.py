"""What is masked, by the name that stands in the placeholder, and the span that a recogniser reports."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple, get_args

Kind = Literal[
    "身份证号", "银行卡号", "手机号", "电话号码", "IMEI", "证件号", "邮箱", "微信号", "OpenID", "QQ号", "验证码",
    "姓名", "地址", "IP地址", "MAC地址", "WiFi名称", "序列号", "密钥", "用户名",
]  # fmt: skip
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


class Span(NamedTuple):
    """A place in the folded text: from `start` to before `end`, of this kind; `value` is the same for the same thing.

    Two ways of writing one number (spaced, with +86, in full-width digits) have one `value`.
    """

    start: int
    end: int
    kind: Kind
    value: str
