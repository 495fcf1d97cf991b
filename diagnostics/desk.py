"""The desk's own values over what the knowledge base assumes: minimums, limits, weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from diagnostics.clean import clean_line
from diagnostics.settings import MAX_TEXT, SettingsError

if TYPE_CHECKING:
    from diagnostics.knowledge.model import Knowledge
    from diagnostics.settings import Settings
    from diagnostics.told import ToldError


def apply(settings: Settings, knowledge: Knowledge) -> Knowledge:
    """Return the knowledge with the desk's own minimums and limits; what they touch has the confidence `operator`.

    Raises SettingsError with the key of a platform or a limit that does not exist.
    """
    from diagnostics.answers import nearest

    minimums = {(row.what, row.platform): row for row in knowledge.minimums}
    for what in ("wechat", "os"):
        for platform, version in getattr(settings.minimum, what).items():
            minimums[what, platform] = _minimum(knowledge, what, platform, version)
    unknown = [name for name in settings.limits if name not in knowledge.limits]
    if unknown:
        name = clean_line(unknown[0], 80)
        raise SettingsError(
            "settings.unknown_limit", setting=unknown[0], name=name, known=", ".join(knowledge.limits),
            near=nearest(name, knowledge.limits),
        )  # fmt: skip
    changed = {f"${name}" for name in settings.limits}
    causes = {
        id_: msgspec.structs.replace(cause, confidence="operator") if _names(cause, changed) else cause
        for id_, cause in knowledge.causes.items()
    }
    if settings.weights is not None:
        knowledge = _weighted(knowledge, settings.weights)
    return msgspec.structs.replace(
        knowledge,
        minimums=tuple(minimums.values()),
        limits=knowledge.limits | settings.limits,
        causes=causes,
    )


def _weighted(knowledge: Knowledge, path: str) -> Knowledge:
    """Read a weights file, as `calibrate` writes it, over the stated assumptions."""
    import tomllib
    from pathlib import Path

    from diagnostics.calibrate import with_weights
    from diagnostics.whole import read_bounded

    text = ""
    try:
        text = read_bounded(Path(path), MAX_TEXT).decode("utf-8-sig")
        return with_weights(knowledge, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        from diagnostics.foreign import toml_line

        at = f"{path}:{toml_line(error, text)}"
        raise SettingsError("settings.weights", setting="weights", file=at, reason=_reason(error)) from None
    except (OSError, ValueError, msgspec.ValidationError) as error:
        raise SettingsError("settings.weights", setting="weights", file=path, reason=_reason(error)) from None


def _reason(error: OSError | ValueError | msgspec.ValidationError) -> ToldError:
    import tomllib

    from diagnostics import foreign

    if isinstance(error, tomllib.TOMLDecodeError):
        return foreign.toml_fault(error)
    if isinstance(error, msgspec.ValidationError):
        return foreign.shape_fault(error)
    return foreign.system_fault(error)


def _minimum(knowledge: Knowledge, what: Any, platform: str, version: str) -> Any:
    from diagnostics.answers import nearest
    from diagnostics.knowledge.model import Minimum

    valid = [choice.id for choice in knowledge.questions["client.platform"].value]
    if platform not in valid:
        raise SettingsError(
            "settings.platform", setting=platform, what=what, name=clean_line(platform, 80), known=", ".join(valid),
            near=nearest(platform, valid),
        )  # fmt: skip
    note = knowledge.locale["minimum.operator"]
    return Minimum(
        what=what, platform=platform, version=version, confidence="operator", source="settings", zh=note.zh, en=note.en
    )


def _names(cause: Any, limits: set[str]) -> bool:
    return any(
        bound in limits
        for rule in cause.rule
        for condition in rule.when.values()
        for bound in (condition.below, condition.above, condition.at_least, condition.at_most)
        if isinstance(bound, str)
    )
