"""Packages with checks, made the way an installer leaves them: a module and its `.dist-info`, on `PYTHONPATH`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def install(folder: Path, module: str, source: str, points: dict[str, str]) -> dict[str, str]:
    """Put a module with its entry points into `folder`; returns the environment in which it is installed."""
    folder.mkdir(exist_ok=True)
    (folder / f"{module}.py").write_text(source, encoding="utf-8")
    info = folder / f"{module}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n", encoding="utf-8")
    lines = "".join(f"{name} = {value}\n" for name, value in points.items())
    (info / "entry_points.txt").write_text(f"[weilidai_doctor.checks]\n{lines}", encoding="utf-8")
    return {"PYTHONPATH": str(folder)}
