"""Read a WeChat version from whatever a person, a log or a machine gives."""

import re

import msgspec

from diagnostics.i18n import error_text
from diagnostics.redaction import mask_numbers
from diagnostics.sanitize import clean, clean_line
from diagnostics.versions.codes import codes_in
from diagnostics.versions.free_text import explain, numbers_in, platforms_in, undotted
from diagnostics.versions.normalise import prepared
from diagnostics.versions.tables import Candidate, Platform, VersionReading
from diagnostics.versions.user_agents import read_agents


def parse_wechat_version(text: str, lang: str = "zh") -> VersionReading:
    """Return the WeChat version that `text` names, or why it names none, in the language `lang` (zh or en).

    Never raises on any text; takes time linear in its length. Of several versions the one that is
    explicitly WeChat's counts; two such, or two without a name, are `ambiguous`.
    """
    plain = prepared(text)
    found = _find(plain) if plain.strip() else Candidate("empty", reason="empty")
    sure = found.owner == "own"
    reason, detail = (found.reason, found.detail) if sure else ("doubt", found.version or "")
    return VersionReading(
        input=mask_numbers(clean(text)),
        version=found.version,
        build=found.build,
        platform=found.platform,
        form=found.form,
        error=error_text(f"version.{reason}", lang, detail=mask_numbers(clean_line(detail, 80))) if reason else None,
        reason=reason,
        sure=sure,
    )


def doubt(reading: VersionReading, lang: str = "zh") -> str | None:
    """Return the question whether a version was read rightly, where it may only be asked back."""
    return None if reading.sure else error_text("version.doubt", lang, detail=reading.version or "")


def _find(text: str) -> Candidate:
    found, rest = read_agents(text)
    if rest.strip():
        found += _in_prose(rest)
    versions = [one for one in found if one.version]
    others = [one for one in versions if one.owner != "own"]
    if others:
        versions = [one for one in versions if one.owner == "own"]
        if not versions:
            return _not_own(others)
    versions = [one for one in versions if not one.weak] or versions
    versions = [one for one in versions if one.explicit] or versions
    if versions:
        one = _one_of(versions, rest)
        competing = any(other.owner in ("past", "other") and other.version != one.version for other in others)
        return msgspec.structs.replace(one, owner="past") if competing and one.version else one
    reasons = [one for one in found if one.reason]
    certain = [one for one in reasons if one.explicit] or [one for one in reasons if one.reason != "implausible"]
    if certain:
        return certain[0]
    other = explain(rest)
    return reasons[0] if reasons and other.reason == "no_version" else other


def _not_own(others: list[Candidate]) -> Candidate:
    """Return an earlier version, which may only be asked back, or why none of these is the person's."""
    earlier = [one for one in others if one.owner == "past"]
    if len({one.version for one in earlier}) == 1 and len(earlier) == len(others):
        return earlier[0]
    return Candidate("bound", reason="not_own", detail=", ".join(dict.fromkeys(one.version or "" for one in others)))


def _in_prose(text: str) -> list[Candidate]:
    """Return what a text outside user agents may name."""
    if re.search(r"(?i)platform\W{1,5}devtools", text):
        return [Candidate("developer_tools", explicit=True, reason="developer_tools")]
    text = text.split("Hidden system packages:")[0]  # there stands the older copy that was replaced
    named = platforms_in(text)
    hint: Platform | None = named.pop() if len(named) == 1 else None
    found, used = numbers_in(text, hint)
    found += codes_in(text, used, hint)
    dotted = any(one.version for one in found)
    found += [one for one in undotted(text, hint) if one.explicit or not dotted]
    return found


def _one_of(versions: list[Candidate], rest: str) -> Candidate:
    """Join the readings of one version, or say which versions compete."""
    best = max(versions, key=lambda one: ((one.version or "").count("."), one.form == "package_record"))
    names = list(dict.fromkeys(one.version or "" for one in versions))
    if any(not f"{best.version}.".startswith(f"{name}.") for name in names):
        return Candidate("ambiguous", reason="ambiguous", detail=", ".join(names[:6]))
    platforms = {one.platform for one in versions if one.platform}
    builds = [one.build for one in versions if one.build]
    build = max(builds, key=len) if builds else None  # the build of a package outranks the code's byte
    if build is None and (code := re.search(r"(?i)versionCode\W{1,4}(\d{3,6})\b", rest)):
        build = code[1]
    return Candidate(best.form, best.version, build, platforms.pop() if len(platforms) == 1 else None)
