"""What a start loads: the headless commands know neither Textual, Rich nor requests."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

LOOK = """
import sys, json
from tui.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit as ended:
    print(json.dumps([ended.code, sorted({name.partition('.')[0] for name in sys.modules})]), file=sys.stderr)
"""
HEAVY = {"textual", "rich", "requests", "urllib3", "dns", "jinja2", "sqlalchemy", "asyncio", "importlib_metadata"}


@pytest.mark.parametrize(
    "words",
    [("check", "--offline", "--json", "--set", "person.age=35", "--wechat-version", "8.0.49"),
     ("list", "causes"), ("explain", "teen_mode"), ("schema", "report"), ("parse-version", "8.0.49"),
     ("batch", "/dev/null")],
)  # fmt: skip
def test_headless_loads_nothing_heavy(words: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOOK, *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    code, loaded = json.loads(done.stderr.splitlines()[-1])
    assert code == 0
    assert not HEAVY & set(loaded), HEAVY & set(loaded)


def test_the_core_imports_no_front() -> None:
    look = "import sys, diagnostics.api, diagnostics.session, diagnostics.batch; print('tui' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "False\n"
