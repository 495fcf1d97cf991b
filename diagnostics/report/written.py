"""Causes as they were last written: taken again where nothing of what they rest on has changed.

One answer moves few causes, and what would move a cause is the dearest part of a report.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import msgspec

from diagnostics.reasoning import looks_at_others, reads
from diagnostics.report.parts import write_cause

if TYPE_CHECKING:
    from diagnostics.evidence import Observation
    from diagnostics.knowledge.model import Cause, Knowledge
    from diagnostics.reasoning import Assessment, Verdict
    from diagnostics.report.model import CauseReport

_Key: TypeAlias = "tuple[str, tuple[Observation, ...]]"


class Written:
    """Writes the causes of one case after another; for one knowledge base."""

    def __init__(self) -> None:
        self._reads: dict[str, frozenset[str]] = {}
        self._kept: dict[str, tuple[_Key, CauseReport]] = {}

    def write(
        self, knowledge: Knowledge, assessment: Assessment, verdict: Verdict, rank: int, lang: str
    ) -> CauseReport:
        """Write a cause, or return what was written of it before with its present rank."""
        cause = verdict.cause
        if looks_at_others(cause):
            return write_cause(knowledge, assessment, verdict, rank, lang)
        ids = self._ids(cause)
        key = lang, tuple(one for one in assessment.facts.evidence.all if one.id in ids)
        held = self._kept.get(cause.id)
        if held is not None and held[0] == key:
            return msgspec.structs.replace(held[1], rank=rank)
        made = write_cause(knowledge, assessment, verdict, rank, lang)
        self._kept[cause.id] = key, made
        return made

    def _ids(self, cause: Cause) -> frozenset[str]:
        found = self._reads.get(cause.id)
        if found is None:
            found = self._reads[cause.id] = frozenset(reads(cause))
        return found
