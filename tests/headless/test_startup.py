"""What a start loads: the headless commands know neither Textual, Rich nor requests."""

from __future__ import annotations

import json
import subprocess
import sys

WORDS = (
    ("check", "--offline", "--json", "--set", "person.age=35", "--wechat-version", "8.0.49"), ("list", "causes"),
    ("explain", "teen_mode"), ("schema", "report"), ("parse-version", "8.0.49"), ("batch", "/dev/null"),
)  # fmt: skip
LOOK = """
import sys, json
from tui.cli.main import main
for words in json.loads(sys.argv[1]):
    try:
        main(words)
    except SystemExit as ended:
        assert ended.code == 0, words
print(json.dumps([name.partition('.')[0] for name in sys.modules]), file=sys.stderr)
"""
HEAVY = {"textual", "rich", "requests", "urllib3", "dns", "jinja2", "sqlalchemy", "asyncio", "importlib_metadata"}


def test_headless_loads_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOOK, json.dumps(WORDS)], capture_output=True, text=True, timeout=60, check=True,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert HEAVY & set(json.loads(done.stderr.splitlines()[-1])) == set()


def test_the_core_imports_no_front() -> None:
    look = "import sys, diagnostics.api, diagnostics.session, diagnostics.batch; print('tui' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "False\n"
