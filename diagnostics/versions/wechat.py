"""Read a WeChat version from whatever a person, a log or a machine gives."""

import re

from diagnostics.clean import clean, clean_line

from .agents import read_agent, split_agents
from .messages import error_text
from .model import Candidate, Platform, VersionReading
from .others import explain
from .prepare import prepared
from .prose import candidates
from .words import platforms_in


def parse_wechat_version(text: str, lang: str = "zh") -> VersionReading:
    """Return the WeChat version that `text` names, or why it names none, in the language `lang` (zh or en).

    Never raises on any text; takes time linear in its length. Of several versions the one that is
    explicitly WeChat's counts; two such, or two without a name, are `ambiguous`.
    """
    plain = prepared(text)
    found = _find(plain) if plain.strip() else Candidate("empty", reason="empty")
    return VersionReading(
        input=clean(text),
        version=found.version,
        build=found.build,
        platform=found.platform,
        form=found.form,
        error=error_text(found.reason, lang, clean_line(found.detail, 80)) if found.reason else None,
        reason=found.reason,
    )


def _find(text: str) -> Candidate:
    agents, rest = split_agents(text)
    named = platforms_in(rest) if rest.strip() else set()
    hint: Platform | None = named.pop() if len(named) == 1 else None
    found = [reading for agent in agents if (reading := read_agent(agent))]
    if rest.strip():
        found += candidates(rest, hint)
    versions = [one for one in found if one.version]
    explicit = [one for one in versions if one.explicit]
    if explicit and not (len(explicit) < len(versions) and re.search(r"升级|更新到|upgrade|update[ds]? to|->|→", rest)):
        versions = explicit
    if versions:
        return _one_of(versions, rest)
    reasons = [one for one in found if one.reason]
    strong = [one for one in reasons if one.explicit] or [one for one in reasons if one.reason != "implausible"]
    if strong:
        return strong[0]
    other = explain(rest)
    if other.reason == "no_version" and reasons:
        return reasons[0]
    return other


def _one_of(versions: list[Candidate], rest: str) -> Candidate:
    """Join the readings of one version, or say which versions compete."""
    best = max(versions, key=lambda one: (one.version or "").count("."))
    names = list(dict.fromkeys(one.version or "" for one in versions))
    if any(not f"{best.version}.".startswith(f"{name}.") for name in names):
        return Candidate("ambiguous", reason="ambiguous", detail=", ".join(names[:6]))
    platforms = {one.platform for one in versions if one.platform}
    build = next((one.build for one in versions if one.build), None)
    if build is None and (code := re.search(r"versionCode\s?=\s?(\d{3,6})\b", rest)):
        build = code[1]
    return Candidate(best.form, best.version, build, platforms.pop() if len(platforms) == 1 else None)
