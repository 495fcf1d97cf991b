"""A version in a sentence belongs to somebody: only what nothing competes with is taken for sure."""

import pytest

from diagnostics import diagnose
from diagnostics.versions import doubt, parse_wechat_version


@pytest.mark.parametrize(
    ("text", "version", "sure"),
    [
        ("微信8.0.60，服务里没有", "8.0.60", True),
        ("我三年前的微信7.0.20就有入口，现在8.0.60没有", "8.0.60", False),
        ("朋友微信8.0.61有，我的8.0.50没有", "8.0.50", False),
        ("微信原来8.0.30", "8.0.30", False),
        ("从8.0.30更新到8.0.60", "8.0.60", True),
        ("不是8.0.33，是8.0.61", "8.0.61", True),
        ("my friend has 8.0.61, mine is 8.0.50", "8.0.50", False),
        ("他的微信是8.0.61", None, True),
        ("不是微信8.0.61", None, True),
    ],
)
def test_a_version_is_sure_only_where_no_other_competes(text: str, version: str | None, sure: bool) -> None:
    reading = parse_wechat_version(text)
    assert (reading.version, reading.sure) == (version, sure)


@pytest.mark.parametrize(
    "text", ["我三年前的微信7.0.20就有入口，现在8.0.60没有", "朋友微信7.0.20有，我的7.0.15没有", "微信以前是7.0.20"]
)
def test_a_version_that_others_compete_with_settles_nothing_and_is_asked_back(text: str) -> None:
    status = {cause.id: cause.status for cause in diagnose({"wechat.version": text}).causes}
    assert status["wechat_outdated"] not in ("confirmed", "ruled_out")
    asked = doubt(parse_wechat_version(text))
    assert asked is not None
    assert "对吗" in asked
