"""A plug-in that misbehaves is reported as such, and the report of all others is whole and valid."""

import json
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from diagnostics.checks.registry import check_ids
from diagnostics.knowledge import load
from diagnostics.report.catalog import json_schema
from tests.headless.doctor import refused, run
from tests.rows import each

HOSTILE = """
import subprocess
import sys
import threading
import time
from diagnostics.checks.base import CheckResult, StepResult
from diagnostics.evidence import Observation


class Plug:
    network = False

    def __init__(self, id_, act):
        self.id = id_
        self.act = act

    def run(self, context):
        return self.act(context)


def printer(context):
    print("on stdout")
    sys.stdout.write("and again\\n")
    thread = threading.Thread(target=print, args=("from a thread",))
    thread.start()
    thread.join()
    subprocess.run(["echo", "from a child"])
    return CheckResult(id="bad.prints", status="pass", detail="printed")


def hang(context):
    while True:
        print("still here")
        time.sleep(0.01)


def raises(context):
    raise ValueError("\\x1b[2Jbroken")


def leaves(context):
    sys.exit(7)


def interrupts(context):
    raise KeyboardInterrupt


def typed(context):
    return CheckResult(id="bad.typed", status="splendid", duration_ms="long", steps=7)


def wild(context):
    return CheckResult(
        id="wechat.version", status="warn", verdict="\\x1b]0;owned\\x07", failure="\\x1b[2J",
        detail="\\u202e" + "x" * 100_000, duration_ms=float("nan"),
        data={"deep": {}, "big": 10**400, "nan": float("inf"), "object": object(), 3: b"\\x1b"},
        steps=(StepResult(name="\\x1b[1m", duration_ms=float("inf")),),
        observations=(Observation(id="account.teen_mode", value="off", source="phone", detail="\\x1b[2J"),),
    )


def lies(context):
    told = (Observation(id="no.such", value="x"), Observation(id="person.age", value=999),
            Observation(id="account.teen_mode", value="on"))
    return CheckResult(id="bad.lies", status="pass", observations=told)


def plug(id_, act):
    return lambda knowledge: Plug(id_, act)


prints, hangs, broken = plug("bad.prints", printer), plug("bad.hangs", hang), plug("bad.raises", raises)
exits, stops, types = plug("bad.exits", leaves), plug("bad.stops", interrupts), plug("bad.typed", typed)
wilds, liar, none = plug("bad.wild", wild), plug("bad.lies", lies), plug("bad.none", lambda context: None)


def unmade(knowledge):
    raise RuntimeError("cannot be made")
"""
POINTS = {
    "bad.prints": "prints", "bad.hangs": "hangs", "bad.raises": "broken", "bad.exits": "exits", "bad.stops": "stops",
    "bad.typed": "types", "bad.wild": "wilds", "bad.lies": "liar", "bad.none": "none", "bad.unmade": "unmade",
    "bad.absent": "nowhere", "wechat.version": "prints",
}  # fmt: skip


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The report of a run with every misbehaving plug-in at once, by the command line."""
    home = tmp_path_factory.mktemp("plugs")
    points = {name: f"hostile:{value}" for name, value in POINTS.items()} | {"bad.module": "nowhere.at:all"}
    env = install(home / "site", "hostile", HOSTILE, points)
    env |= {"HOME": str(home), "LANG": "en_US.UTF-8"}
    only = [f"--only={name}" for name in (*POINTS, "bad.module")]
    began = time.monotonic()
    done = run("check", "--json", "--timeout", "3", *only, env=env)
    report: dict[str, Any] = json.loads(done.out)
    assert done.code == 0, done.err
    assert time.monotonic() - began < 45
    assert "Traceback" not in done.err, done.err
    assert all(text in done.err for text in ("on stdout", "and again", "from a thread", "from a child", "still here"))
    jsonschema.Draft202012Validator(json_schema("report", load())).validate(report)
    assert not any(ord(char) < 32 for text in _texts(report) for char in text if char not in "\n\t")
    return report


def _texts(data: Any) -> list[str]:
    if isinstance(data, dict):
        return [text for key, value in data.items() for text in (key, *_texts(value))]
    if isinstance(data, list):
        return [text for value in data for text in _texts(value)]
    return [data] if isinstance(data, str) else []


@each("plugins.toml#told", "check, status, says")
def test_it_is_named_with_what_it_did(reported: dict[str, Any], check: str, status: str, says: str) -> None:
    found = next(one for one in reported["checks"] if one["id"] == check)
    assert found["status"] == status, found
    assert says in found["detail"]


def test_what_it_says_is_cleaned_and_bounded(reported: dict[str, Any]) -> None:
    wild = next(check for check in reported["checks"] if check["id"] == "bad.wild")
    assert wild["status"] == "warn"
    assert len(wild["detail"]) < 5_000
    assert wild["data"] == {"deep": {}, "big": "int", "nan": 0.0, "object": "object", "3": "bytes"}
    assert wild["duration_ms"] == 0
    seen = {(one["value"], one["source"]) for one in reported["observations"]}
    assert all(one["observed_at"].endswith("Z") for one in reported["observations"])
    assert seen <= {("on", "computer"), ("off", "computer")}, "a plug-in speaks for this computer, never for the phone"


def test_it_cannot_take_the_place_of_a_check_of_the_tool(reported: dict[str, Any]) -> None:
    own = next(check for check in reported["checks"] if check["id"] == "wechat.version")
    assert own["detail"] != "printed"
    assert [check["id"] for check in reported["checks"]][: len(check_ids())] == list(check_ids())


def test_offline_runs_none(tmp_path: Path) -> None:
    env = install(tmp_path / "site", "hostile", HOSTILE, {"bad.prints": "hostile:prints"}) | {"HOME": str(tmp_path)}
    done = run("check", "--json", "--offline", env=env)
    assert "on stdout" not in done.err
    assert "bad.prints" not in {check["id"] for check in json.loads(done.out)["checks"]}
    assert run("check", "--json", "--offline", "--skip", "bad.prints", env=env).code == 0
    refused(
        run("check", "--offline", "--only", "bad.prints", "--lang", "en", env=env),
        "bad.prints",
        "--offline does not run",
    )


WATCH = """
import atexit
import sys
from diagnostics.checks.base import CheckResult


class Watch:
    id = "desk.watch"
    network = False

    def run(self, context):
        stdout = sys.stdout
        atexit.register(lambda: sys.stderr.write("the same" if sys.stdout is stdout else "another"))
        return CheckResult(id=self.id, status="pass", detail="watched")


make = lambda knowledge: Watch()
"""


def test_the_stream_that_a_plug_in_prints_to_stays_the_same(tmp_path: Path) -> None:
    """One that is replaced while a thread prints can crash Python (up to 3.13), and the report is lost."""
    env = install(tmp_path / "site", "watching", WATCH, {"desk.watch": "watching:make"}) | {"HOME": str(tmp_path)}
    done = run("check", "--json", "--only", "desk.watch", env=env)
    assert (done.code, done.err) == (0, "the same")
    assert json.loads(done.out)["checks"][-1]["detail"] == "watched"


def install(folder: Path, module: str, source: str, points: dict[str, str]) -> dict[str, str]:
    """Put a module with its entry points into `folder`; returns the environment in which it is installed."""
    folder.mkdir(exist_ok=True)
    (folder / f"{module}.py").write_text(source, encoding="utf-8")
    info = folder / f"{module}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n", encoding="utf-8")
    lines = "".join(f"{name} = {value}\n" for name, value in points.items())
    (info / "entry_points.txt").write_text(f"[weilidai_doctor.checks]\n{lines}", encoding="utf-8")
    return {"PYTHONPATH": str(folder)}
