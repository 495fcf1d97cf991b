"""Build step: compile the knowledge base, so that an installed tool starts without parsing TOML."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileKnowledge(BuildHookInterface[Any]):
    """Writes the compiled copies of the knowledge base and its phrases; one with a fault stops the build."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  hatchling's signature
        """Compile before the files are collected."""
        sys.path.insert(0, self.root)
        from diagnostics.knowledge import compiled, lexicon, load
        from diagnostics.knowledge.compiled import HERE

        compiled.write_copy(HERE, load())
        lexicon.write_copy(HERE)
        for name in (compiled.COPY, lexicon.COPY):
            build_data["artifacts"].append(str(Path("diagnostics") / "knowledge" / name))
