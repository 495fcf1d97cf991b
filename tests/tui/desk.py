"""Runs the app as a support desk does: on a store of its own, in a folder."""

from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from diagnostics.cases.case_sync import CaseFile
from diagnostics.cases.model import StoreLocation
from diagnostics.cases.store import CaseStore, open_store
from diagnostics.evidence import Observation, Value
from diagnostics.knowledge import load
from diagnostics.session import Session
from tests.tui.stage import launched, press
from tui.app.app import DoctorApp

KNOWLEDGE = load()


def store_in(folder: Path) -> CaseStore:
    """Open the desk's store."""
    return open_store(KNOWLEDGE, StoreLocation(file=folder / "cases.db"), operator="desk 2")


def seen(**answers: Value) -> list[Observation]:
    """Return what a supporter entered: `person__age=35`."""
    at = "2026-11-23T08:00:00Z"
    return [
        Observation(id=id_.replace("__", "."), value=value, source="operator", observed_at=at)
        for id_, value in answers.items()
    ]


def file_in(folder: Path, lang: Any = "zh") -> CaseFile:
    """Return the file of a run at this desk."""
    place = StoreLocation(file=folder / "cases.db")
    return CaseFile(KNOWLEDGE, place, operator="desk 1", lang=lang, folder=folder / "journal")


def desk_app(folder: Path, *, lang: Any = "zh", file: CaseFile | None = None, **launch: Any) -> DoctorApp:
    """Return the app of a supporter, with nothing but the version check."""
    kept = file or file_in(folder, lang)
    session = Session(KNOWLEDGE, lang=lang, draft=kept, own="operator")
    return DoctorApp(session, launched(on_behalf=True, **launch), preferences_file=folder / "screen.json")


async def serve(pilot: Pilot[int], label: str = "T-9", *keys: str) -> list[str]:
    """Go through the desk's gate: a label, no consent asked; then choose what happened, and press these keys."""
    await press(pilot, "tab", "2")
    await press(pilot, *label, "enter")
    return await press(pilot, "2", *keys)
