"""Every figure that the documentation claims, each beside its reference in the same run."""
