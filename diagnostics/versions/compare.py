"""Compare dotted numbers of any length."""


def at_least(version: str, minimum: str) -> bool:
    """Whether `version` is `minimum` or newer; missing parts count as 0. Raises ValueError on other texts."""
    from packaging.version import InvalidVersion, Version  # costs more than the rest of the package

    try:
        return Version(version) >= Version(minimum)
    except InvalidVersion as error:
        raise ValueError(str(error)) from error
