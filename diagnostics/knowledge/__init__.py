"""The knowledge base: facts, texts and rules as data, each with its source; loaded and validated once."""

from diagnostics.knowledge.compiled import load
from diagnostics.knowledge.model import Knowledge, KnowledgeError

__all__ = ["Knowledge", "KnowledgeError", "load"]
