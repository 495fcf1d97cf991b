"""A walk through every screen: shared by the golden texts of the tests and the documentation's pictures.

What stands in front is called up by its id, so that the walk stays the same when the interview asks in another order.
"""

from collections.abc import Callable
from typing import Final

from tests.tui.stage import open_page
from tui.app.app import DoctorApp

Scene = tuple[str, "Callable[[DoctorApp], None] | None", tuple[str, ...]]


def _answer(app: DoctorApp, **answers: object) -> None:
    app.session.give({name.replace("__", "."): value for name, value in answers.items()})
    app.refresh_all()


def _call_up(id_: str) -> Callable[[DoctorApp], None]:
    def call(app: DoctorApp) -> None:
        app.session.call_up(id_)
        app.changed.publish("place")

    return call


def _checklist(app: DoctorApp) -> None:
    open_page(app.session, "account")
    app.changed.publish("place")


def _some(app: DoctorApp) -> None:
    _answer(app, complaint__what="was_there", entry__services_menu="not_shown", entry__official_account="not_found")


def _told(app: DoctorApp) -> None:
    app.screen.put(STORY[app.texts.lang])  # type: ignore[attr-defined]


STORY: Final = {
    "zh": "以前有，上个月换号以后没了，服务里只有分付。有人说 299 能强开",
    "en": "以前有，服务里没有。A man asked 299 yuan to open it: 有人说付钱能开通",
}
WALK: Final[tuple[Scene, ...]] = (
    ("say", None, ()),
    ("said", _told, ()),
    ("confirm", None, ("enter",)),
    ("main", None, ("enter",)),
    ("number", _call_up("person.age"), ("1", "7", "0")),
    ("choice", _call_up("credit.overdue"), ("down",)),
    ("version", _call_up("wechat.version"), ()),
    ("checklist", _checklist, ("3", "down", "d")),
    ("moved", _some, ()),
    ("reasons", None, ("t", "down")),
    ("done", None, ("escape", "f")),
    ("answers", None, ("escape", "a")),
    ("checks", None, ("escape", "c")),
    ("debts", None, ("escape", "m", *"8000", "enter", *"4400", "enter")),
    ("help", None, ("escape", "f1")),
    ("settings", None, ("escape", "f2")),
    ("commands", None, ("escape", "ctrl+p")),
    ("plan", None, ("escape", "p")),
    ("export", None, ("w",)),
)
"""Name of a scene, what is done to the app before, and the keys that lead to it from the scene before."""
