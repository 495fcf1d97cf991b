"""Why is 微粒贷 missing from my WeChat? Observations in, an honest ranked tree of reasons out."""

__version__ = "0.1.0"
