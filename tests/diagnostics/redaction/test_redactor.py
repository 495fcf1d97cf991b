"""What a redactor promises: one placeholder a value, a true ledger, nothing twice, time linear in the length."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.redaction import KINDS, Redactor, mask_numbers, mask_within
from diagnostics.redaction.numbers import check_character, is_card, is_resident, luhn

ID = "11010519491231002X"  # the example of GB 11643 itself


@pytest.mark.parametrize(
    "written",
    ["13800138000", "138 0013 8000", "138-0013-8000", "１３８００１３８０００", "+86 13800138000", "0086-138-0013-8000",
     "8613800138000", "1380013\n8000", "13800\u200b138000", "13800\ufffd138000", "1 3 8 0 0 1 3 8 0 0 0",
     "138.0013.8000", "一三八〇〇一三八〇〇〇", "幺三八零零幺三八零零零", "١٣٨٠٠١٣٨٠٠٠", "𝟏𝟑𝟖𝟎𝟎𝟏𝟑𝟖𝟎𝟎𝟎"],
)  # fmt: skip
def test_one_number_has_one_placeholder_however_it_is_written(written):
    redactor = Redactor()
    assert redactor.redact(f"先打13800138000，不通再打{written}。") == "先打<手机号-1>，不通再打<手机号-1>。"
    assert [(entry.placeholder, entry.times) for entry in redactor.ledger] == [("<手机号-1>", 2)]


@pytest.mark.parametrize(
    "written",
    [
        ID,
        ID.lower(),
        "110105 19491231 002X",
        "110105-19491231-002x",
        "110105\n19491231002X",
        "１１０１０５１９４９１２３１００２Ｘ",
    ],
)
def test_resident_numbers(written):
    assert Redactor().redact(f"证：{written}") == "证：<身份证号-1>"


def test_a_wrong_check_digit_is_masked_only_where_words_say_what_it_is():
    wrong = ID[:17] + "1"
    assert Redactor().redact(f"编号 {wrong}") == f"编号 {wrong}"
    assert Redactor().redact(f"身份证 {wrong}") == "身份证 <身份证号-1>"


def test_different_values_have_different_placeholders_over_several_texts():
    redactor = Redactor()
    assert redactor.redact("13800138000 13900139000", "note") == "<手机号-1> <手机号-2>"
    assert redactor.redact("13900139000", "label") == "<手机号-2>"
    assert redactor.ledger[1].places == ("note", "label")
    assert "13900139000" not in repr(redactor.ledger)


def test_masking_twice_changes_nothing_and_numbers_go_on():
    masked = Redactor().redact("13800138000")
    again = Redactor()
    assert again.redact(masked) == masked
    masked = mask_numbers("验证码 123456 4567")
    assert mask_numbers(masked) == masked  # what is masked announces nothing behind it
    assert again.redact("13900139000") == "<手机号-2>"


def test_an_earlier_sitting_is_remembered_by_whoever_keeps_it():
    kept: dict[tuple[str, str], int] = {}
    first = Redactor(learn=lambda kind, value, number: kept.__setitem__((kind, value), number))
    assert first.redact("13800138000 和 13900139000") == "<手机号-1> 和 <手机号-2>"
    later = Redactor(taken={"手机号": 2}, recall=lambda kind, value: kept.get((kind, value)))
    assert later.redact("13700137000 13900139000") == "<手机号-3> <手机号-2>"


def test_values_that_the_caller_knows_are_masked_wherever_they_stand():
    redactor = Redactor(known={"用户名": ["zhangwei"], "姓名": ["诸葛亮"]})
    assert redactor.redact("host zhangwei-pc, 诸葛亮来过") == "host <用户名-1>-pc, <姓名-1>来过"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("openid o6_bmjrPTlm6_2sgVt7hMZOPfL2M 收到", "openid <OpenID-1> 收到"),
        ("护照号 E12345678", "护照号 <证件号-1>"),
        ("postgresql://desk:s3cret@db.example/cases", "postgresql://<密钥-1>@db.example/cases"),
        ("密码是 hunter22!", "密码是 <密钥-1>"),
        ('密码"abc123"，然后', '密码"<密钥-1>"，然后'),
        ("(pwd=abc123), my password is abc123.", "(pwd=<密钥-1>), my password is <密钥-1>."),
        ("密码：abc123，version 2", "密码：<密钥-1>，version 2"),
        ("password: incorrect", "password: incorrect"),
        ("the error code is 482915, the code is 482 915", "the error code is 482915, the code is <验证码-1>"),
        ("密碼是 qwe9900", "密碼是 <密钥-1>"),
        ("验证码 123456 4567", "验证码 <验证码-1> 4567"),
        ("座机：0755-86013388VX号 lulu_88", "座机：<电话号码-1>VX号 <微信号-1>"),
        ("密码 abc123456 不对", "密码 <密钥-1> 不对"),
        ("密码 3 次都错", "密码 3 次都错"),
        ("0755 8601 3388、0755-8601-3388、(0755)86013388", "<电话号码-1>、<电话号码-1>、<电话号码-1>"),
        ("卡是6012 0628 2052 0528 6", "卡是<银行卡号-1>"),
        ("座机：075586013388", "座机：<电话号码-1>"),
        ("姓名：欧阳娜娜", "姓名：<姓名-1>"),
        ("My name is Zhang San.", "My name is <姓名-1>."),
        ("inet 10.0.0.5/24", "inet <IP地址-1>/24"),
        ("本机 127.0.0.1 正常", "本机 127.0.0.1 正常"),
        ("fe80::1a2b:3c4d:5e6f:7a8b%eth0", "<IP地址-1>%eth0"),
        ("24-01-15-10-23-45", "24-01-15-10-23-45"),
        ("卡号 6222 0000 0000 1234", "卡号 <银行卡号-1>"),
        ("tel:13800138000x2", "tel:<手机号-1>x2"),
        ("0.13800138000", "0.13800138000"),
        ("11010519491231002Xab", "<身份证号-1>ab"),
        ("1.13800138000", "1.<手机号-1>"),
        ("13800138000Call", "<手机号-1>Call"),
        ("卡 6222021318609139098", "卡 <银行卡号-1>"),
        ("20246225887104974650", "2024<银行卡号-1>"),
        ("订单号 6222021318609139097", "订单号 6222021318609139097"),
        ("密码 123456", "密码 <密钥-1>"),
        ("验证码：【123456】", "验证码：【<验证码-1>】"),
        ("微信 abc123456", "微信 <微信号-1>"),
        ("138，0013，8000", "<手机号-1>"),
        ("+852 9123 4567", "<电话号码-1>"),
        ("一3八00一38000", "<手机号-1>"),
        ("CVV 123", "CVV <验证码-1>"),
        ("座机 8234 5678", "座机 <电话号码-1>"),
        ("123456（登录验证码）", "<验证码-1>（登录验证码）"),
        ("深圳市福田区福华路 8 号 3 栋 201 室的网", "<地址-1>的网"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-DEF_123", "<密钥-1>"),
    ],
)
def test_cases_of_their_own(text, masked):
    assert Redactor().redact(text) == masked


def test_nested_values_keep_their_shape():
    raw = {"note": ["打 13800138000", {"n": 13800138000}], "ok": True, "none": None}
    assert mask_within(raw) == {"note": ["打 <手机号>", {"n": 13800138000}], "ok": True, "none": None}


def test_checksums_agree_with_the_standards():
    assert check_character(ID[:17]) == "X"
    assert is_resident(ID)
    assert not is_resident("11010519491331002X")  # a thirteenth month
    assert luhn("4111111111111111")
    assert is_card("4111111111111111")
    assert not is_card("4111111111111112")
    assert not is_card("1111111111111117")  # Luhn holds, no issuer


@settings(max_examples=300)
@given(
    st.text(
        alphabet=st.sampled_from(
            "0123456789xX -\n.·:@/一三八零幺张路号市QQ验证码姓名我叫是１２\u200b\ufffda_bo+()<>手机号İ"
        )
    )
)
def test_any_text_is_masked_once_and_for_all(text):
    masked = Redactor().redact(text)
    assert Redactor().redact(masked) == masked


@settings(max_examples=200)
@given(st.text(), st.text())
def test_what_stands_around_a_number_stays(before, after):
    masked = Redactor().redact(f"{before}，13800138000，{after}")
    assert "13800138000" not in masked
    assert any(f"<{kind}-" in masked for kind in KINDS)


PLAIN = "用户说微信 8.0.49 里没有微粒贷入口，时间 2024-01-15 10:23:45，错误码 40001。"
HOSTILE = ["1", "1 ", "11 ", "张", "路1号", "a@", "a@a.", "1.1.", "a:", "地址省市", "sid=", "oA1", "1\n", "eyJ",
           "/home/", "１", "1\u200b", "验证码", "一", "姓名:", "cookie:", "http://", "X ", "-", "aa:",
           "<手机号-", "QQ1", "密码分别", "139****", "黄丽华 ", "姓名？\n"]  # fmt: skip


def _seconds(text):
    start = time.process_time()
    Redactor().redact(text)
    return time.process_time() - start


def test_a_megabyte_takes_at_most_a_second():
    assert any(_seconds((PLAIN * 30_000)[:1_000_000]) <= 1.0 for _ in range(3))


@pytest.mark.parametrize("unit", HOSTILE)
def test_the_time_grows_with_the_length_and_no_faster(unit):
    short, long = (unit * 10_000)[:10_000], (unit * 100_000)[:100_000]
    assert any(_seconds(long) <= max(0.4, 25 * _seconds(short)) for _ in range(2))
