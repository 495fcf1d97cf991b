"""A home of its own for every test, and the tool to call."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the person's own settings, drafts and language out of the test, and the test out of theirs."""
    place = tmp_path / "home"
    place.mkdir()
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(place))
    for name in (
        "LC_ALL",
        "LC_MESSAGES",
        "NO_COLOR",
        "SOURCE_DATE_EPOCH",
        "WEILIDAI_DOCTOR_CONFIG",
        "PYTHONIOENCODING",
        "PYTHONUNBUFFERED",  # it would hide what a full or closed stream does at the very end
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    return place
