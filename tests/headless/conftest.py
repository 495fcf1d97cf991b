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
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    return place
