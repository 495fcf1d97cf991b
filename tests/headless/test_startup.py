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


STEPS = (
    ("import diagnostics.redaction", "diagnostics.redaction.patterns"),
    ("import diagnostics.api, diagnostics.session, diagnostics.batch", "tui"),
    ("from diagnostics.versions import parse_wechat_version as read; read('微信 8.0.49'); read('hello')", "packaging"),
    ("import diagnostics.images", "numpy PIL rapidocr cv2"),
    ("import diagnostics.checks.network_check", "requests dns ssl urllib3"),
    ("from diagnostics import diagnose; from diagnostics.knowledge import load; from diagnostics.formats import render;"
     "[render(name, diagnose({'person.age': 17}), load()) for name in ('text', 'json', 'markdown')]",
     "jinja2 rich textual requests"),
    ("from diagnostics.cases.model import location_of; from diagnostics.cases.case_sync import CaseFile;"
     "kept = CaseFile(load(), location_of()); assert not kept.exists() and kept.read(load()) == ()",
     "sqlalchemy psycopg sqlite3"),
    ("import tui.app.screens.cases", "sqlalchemy"),  # the store's thread loads it
)  # fmt: skip
"""What is done, one after the other, and what is not loaded afterwards."""


def test_each_part_loads_nothing_that_it_does_not_need() -> None:
    code = "import sys\n" + "".join(
        f"{step}\nassert not {{*{names.split()}}} & {{*sys.modules}}, {step!r}\n" for step, names in STEPS
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
