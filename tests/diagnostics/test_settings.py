"""The desk's own settings: what they override, and how a damaged file is named."""

from pathlib import Path

import pytest

from diagnostics import diagnose
from diagnostics.knowledge import load
from diagnostics.knowledge.model import Knowledge
from diagnostics.settings import (
    ENVIRONMENT,
    PREFIX,
    Settings,
    SettingsError,
    apply_settings,
    placed,
    read_settings,
)
from tests.rows import each

KNOWLEDGE = load()


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def written(tmp_path: Path, text: str) -> str:
    path = tmp_path / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def applied(tmp_path: Path, text: str) -> Knowledge:
    return apply_settings(read_settings(written(tmp_path, f"[settings]\n{text}")), KNOWLEDGE)


def found(knowledge: Knowledge, cause: str, answers: dict[str, object]) -> tuple[str, str]:
    report = diagnose(answers, knowledge=knowledge)
    return next((one.status, one.confidence) for one in report.causes if one.id == cause)


def test_a_minimum_of_the_desks_own_decides_and_says_operator(tmp_path: Path) -> None:
    knowledge = applied(tmp_path, 'minimum.wechat.android = "8.0.50"\nminimum.wechat.harmony = "8.0.10"\n')
    android = {"wechat.version": "8.0.49", "client.platform": "android"}
    assert found(KNOWLEDGE, "wechat_outdated", android) == ("ruled_out", "assumption")
    assert found(knowledge, "wechat_outdated", android) == ("confirmed", "operator")
    report = diagnose(android, knowledge=knowledge)  # a desk's own number is nobody's official word
    assert report.summary.endswith("它是不是原因，没有官方说法。")
    assert found(knowledge, "wechat_outdated", android | {"wechat.version": "8.0.50"}) == ("ruled_out", "operator")
    ios = {"wechat.version": "8.0.49", "client.platform": "ios"}
    assert found(knowledge, "wechat_outdated", ios) == ("ruled_out", "assumption")
    harmony = {"wechat.version": "8.0.9", "client.platform": "harmony"}
    assert found(knowledge, "wechat_outdated", harmony) == ("confirmed", "operator")


@each("settings.toml#limits", "text")
def test_limits_in_every_way_that_toml_writes_them(tmp_path: Path, text: str) -> None:
    knowledge = applied(tmp_path, text)
    for repayment, status in ((29.99, "unknown"), (30, "possible"), (39.99, "possible"), (40, "likely")):
        answers = {"debt.monthly_income": 100, "debt.monthly_repayment": repayment}
        assert found(knowledge, "debt_ratio", answers) == (status, "operator")
    assert found(knowledge, "debt_ratio", {"debt.open_loans": 2})[0] == "possible"
    assert found(knowledge, "income", {})[1] != "operator"


@each("settings.toml#damaged", "text, line, says")
def test_a_damaged_file_names_itself_and_the_line(tmp_path: Path, text: str, line: int, says: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        apply_settings(read_settings(path), KNOWLEDGE)
    told = str(placed(caught.value, path))
    assert told.startswith(f"{path}:{line}: ")
    assert says in told
    assert "\n" not in told


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for path, words in ((tmp_path / "gone.toml", "no such settings file"), (tmp_path, "cannot be read")):
        with pytest.raises(SettingsError, match=words):
            read_settings(str(path))
    latin = tmp_path / "latin.toml"
    latin.write_bytes("[settings]\nlang = 'zh' # é".encode("cp1252"))
    with pytest.raises(SettingsError, match="cannot be read"):
        read_settings(str(latin))


def test_a_file_without_end_or_bottom_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="nests too deep"):
        read_settings(written(tmp_path, "[settings]\ntargets = " + "[" * 5000))
    with pytest.raises(SettingsError, match="longer than"):
        read_settings("/dev/zero")


def test_the_environment_names_the_file_and_an_empty_name_is_none(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, written(tmp_path, "[settings]\nlang = 'en'"))
    assert read_settings().lang == "en"
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path / "gone"))
    with pytest.raises(SettingsError):
        read_settings()
    monkeypatch.setenv(ENVIRONMENT, "")
    assert read_settings() == Settings()


def test_the_environment_wins_over_the_file_and_is_named_where_it_is_wrong(tmp_path, monkeypatch) -> None:
    path = written(tmp_path, "[settings]\nlang = 'zh'\ntimeout = 3")
    monkeypatch.setenv(f"{PREFIX}LANG", "en")
    assert read_settings(path) == Settings(lang="en", timeout=3)
    for name, value in (("TIMEOUT", "soon"), ("TIMEOUT", "-1"), ("TIMEOUT", "nan"), ("FAIL_ON", "x"), ("LANG", "de")):
        with monkeypatch.context() as patch:
            patch.setenv(f"{PREFIX}{name}", value)
            with pytest.raises(SettingsError, match=f"^{PREFIX}{name}: "):
                read_settings(path)


def test_a_weights_file_that_cannot_be_read_is_named_with_file_or_without(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv(f"{PREFIX}WEIGHTS", str(tmp_path / "gone.toml"))
    with pytest.raises(SettingsError) as caught:
        apply_settings(read_settings(), KNOWLEDGE)
    assert str(placed(caught.value, None)).startswith(f"{PREFIX}WEIGHTS: weights: {tmp_path / 'gone.toml'}: ")
