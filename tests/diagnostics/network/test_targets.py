"""What a target is, and which texts are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.network.targets import ESSENTIAL, built_in, parse_target


@pytest.mark.parametrize(
    ("text", "scheme", "host", "port", "path"),
    [
        ("https://mp.weixin.qq.com/", "https", "mp.weixin.qq.com", 443, "/"),
        ("HTTP://Example.COM:8080/a?b=c#d", "http", "example.com", 8080, "/a?b=c"),
        ("weixin.qq.com", "https", "weixin.qq.com", 443, "/"),
        ("weixin.qq.com:8443/x", "https", "weixin.qq.com", 8443, "/x"),
        ("tcp://long.weixin.qq.com:8080", "tcp", "long.weixin.qq.com", 8080, "/"),
        ("tls://mail.lab.test", "tls", "mail.lab.test", 443, "/"),
        ("http://[2001:db8::1]:81/", "http", "2001:db8::1", 81, "/"),
        ("https://127.0.0.1", "https", "127.0.0.1", 443, "/"),
        ("https://微信.example/", "https", "xn--vuqz89a.example", 443, "/"),
    ],
)
def test_a_url_names_a_target(text: str, scheme: str, host: str, port: int, path: str) -> None:
    target = parse_target(text)
    assert (target.scheme, target.host, target.port, target.path) == (scheme, host, port, path)
    assert parse_target(target.url) == target or target.path != "/"


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "https://", "https:///path", "ftp://example.com/", "tcp://example.com", "http://example.com:0/",
        "http://example.com:99999/", "http://example.com:http/", "http://a b/", "http://user:pw@example.com/",
        "http://" + "a" * 64 + ".example/", "http://a..b/", "http://[::1/", "http://exa\nmple.com/", "http://x\x1b[2J/",
        "javascript:alert(1)", "http://<script>/", "http://" + "a." * 200 + "test/",
    ],
)  # fmt: skip
def test_what_is_no_target_is_told_in_one_line(text: str) -> None:
    with pytest.raises(ValueError, match="target") as caught:
        parse_target(text)
    assert "\n" not in str(caught.value)
    assert str(caught.value).isprintable()


@given(st.text(max_size=80))
def test_no_text_raises_anything_else(text: str) -> None:
    told = ""
    try:
        target = parse_target(text)
    except ValueError as wrong:
        told = str(wrong)
    else:
        assert target.host
        assert 1 <= target.port <= 65535
    assert told.isprintable()


def test_the_built_in_targets_serve_every_purpose() -> None:
    targets = built_in()
    purposes = [target.purpose for target in targets]
    assert set(purposes) == {*ESSENTIAL, "webank", "control"}
    assert all(purposes.count(purpose) >= 2 for purpose in set(purposes))
    assert all(target.public for target in targets)
    assert len({target.url for target in targets}) == len(targets)


def test_known_answers_hold_for_any_host() -> None:
    assert parse_target("http://any.lab.test/generate_204").expect.status == (204,)
    assert parse_target("http://any.lab.test/").expect.status == ()
