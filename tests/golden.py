"""Whole reports of named cases, kept as files: `python -m tests.golden` writes them anew, the test compares."""

import sys
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from diagnostics.api import diagnose
from diagnostics.evidence import Observation

FOLDER = Path(__file__).parent / "data" / "cases"
AT = "2026-11-23T12:00:00Z"
STATIC = ("meaning", "shows_after", "sources")
"""Parts of a cause that depend on no answer: held against the knowledge base by a test of their own."""


def cases() -> dict[str, dict[str, Any]]:
    """Read the cases: answers, readings of machines, and the language."""
    return tomllib.loads((FOLDER / "cases.toml").read_text(encoding="utf-8"))


def report_of(case: dict[str, Any]) -> dict[str, Any]:
    """Diagnose a case and return its report as JSON data, without what depends on no answer."""
    observed = [msgspec.convert(one, Observation) for one in case.get("observed", [])]
    report = diagnose(case.get("answers", {}), lang=case.get("lang", "zh"), observed=observed, generated_at=AT)
    data: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(report))
    for cause in data["causes"]:
        for part in STATIC:
            del cause[part]
        cause["actions"] = [action["id"] for action in cause["actions"]]  # the plan has those to be done in full
    for check in data["checks"]:
        check["duration_ms"] = 0
    del data["limits"], data["tool"], data["knowledge"]
    return data


def main() -> int:
    """Write every expected report anew; read the difference before committing it."""
    for old in FOLDER.glob("*.json"):
        old.unlink()
    for name, case in cases().items():
        text = msgspec.json.format(msgspec.json.encode(report_of(case)), indent=1)
        (FOLDER / f"{name}.json").write_bytes(text + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
