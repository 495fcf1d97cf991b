"""The verdict texts: complete, in both languages, and never promising anything."""

import re

from diagnostics.network.verdicts import signs, verdicts


def test_every_verdict_has_both_languages_and_advice() -> None:
    for verdict in verdicts().values():
        for text in (verdict.text, verdict.advice, verdict.short):
            assert re.search(r"[\u4e00-\u9fff]", text.zh), verdict.id
            assert not re.search(r"[\u4e00-\u9fff]", text.en), verdict.id
            assert text.zh.endswith("。"), verdict.id
            assert text.en.endswith("."), verdict.id
        assert verdict.source, verdict.id
        assert len(verdict.short.zh) <= 30, verdict.id
        assert len(verdict.short.en.split()) <= 15, verdict.id


def test_the_words_are_a_laymans() -> None:
    """No codes and no terms that a neighbour would have to ask about."""
    for verdict in verdicts().values():
        told = [verdict.text.zh, verdict.advice.zh, verdict.short.zh, verdict.text.en, verdict.advice.en]
        for text in told:
            assert not re.search(
                r"域名解析|域名|握手|超时|NXDOMAIN|SERVFAIL|REFUSED|TLS|TCP|SNI|handshake|resolv", text
            ), text


def test_no_text_promises_the_entry_or_asks_for_secrets() -> None:
    told = " ".join(text for one in verdicts().values() for text in (one.text.zh, one.advice.zh))
    assert not re.search(r"一定能|保证|就会出现|身份证|验证码|银行卡号", told)


def test_where_and_effect_agree() -> None:
    for verdict in verdicts().values():
        if verdict.id.startswith(("proxy.", "config.", "clock.")):
            assert verdict.effect == "none", verdict.id
        if verdict.effect == "intercepted":
            assert verdict.where == "middlebox", verdict.id
        assert (verdict.effect == "ok") <= (verdict.status in ("pass", "warn")), verdict.id
    assert set().union(*signs().codes.values()) <= set(verdicts())
