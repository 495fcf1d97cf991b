"""Where a run is kept: a private person's answers in a draft, a support desk's run with a user as a case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui import exits

if TYPE_CHECKING:
    from diagnostics.cases.casefile import CaseFile
    from diagnostics.draft import DraftFile
    from tui.options import Shared


def draft_for(shared: Shared, store: str | None = None) -> DraftFile | CaseFile:
    """Return what a session's answers are written to; nothing is opened yet.

    It is a case where somebody answers for another, or a store is named: `store` (the option), the settings or the
    environment. Whoever is at home alone keeps only the draft, which holds least. Raises BadInput for a store that
    cannot be one.
    """
    named = store or shared.settings.store
    if not shared.on_behalf and not named:
        from diagnostics.draft import DraftFile

        return DraftFile()
    from diagnostics.cases.casefile import CaseFile
    from diagnostics.cases.model import StoreError
    from diagnostics.cases.places import place_of

    settings = shared.settings
    try:
        place = place_of(store, settings.store)
    except StoreError as error:
        raise exits.BadInput(error) from None
    return CaseFile(
        shared.knowledge,
        place,
        operator=settings.operator or "",
        lang=shared.lang,
        purge_days=settings.purge_days,
    )
