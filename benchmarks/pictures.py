"""How well pictures are read, and how long one takes: `python -m benchmarks.pictures`.

Every drawn page of the tests, sent in every way: clean, small, as JPEG, tilted, photographed.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.__main__ import shown
from benchmarks.figures import Row
from diagnostics.images import read_image
from tests.lab.pictures.draw import CUT, PAGES, WAYS, picture

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 300.0
"""Seconds for one picture."""


def rows(*, quick: bool = False) -> Iterator[Row]:
    """Yield every figure."""
    wanted, right, times, false = Counter[str](), Counter[str](), [], 0
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "picture"
        for page in (*PAGES, *CUT):
            said = PAGES[page][1] if page in PAGES else {}
            for way in list(WAYS)[: 1 if quick else None]:
                file.write_bytes(picture(page, way))
                start = time.perf_counter()
                found = {one.id: one.value for one in read_image(file, seconds=PATIENCE)}
                times.append(time.perf_counter() - start)
                wanted.update(list(said))
                right.update(id_ for id_, value in said.items() if found.get(id_) == value)
                false += found.get("entry.services_menu") in ("not_shown", "no_services_menu") and not said
    for id_, count in wanted.items():
        yield Row(name=f"{id_} read rightly, of {count}", zh=f"{id_} 读对的，共 {count}",
                  value=right[id_] / count * 100, unit="%", goal=95, at_least=True)  # fmt: skip
    yield Row(name="said wrongly that the entry is not there", zh="误说没有入口", value=false, goal=0)
    yield Row(name="a picture, median", zh="一张图片，中位", value=statistics.median(times), unit="s")


if __name__ == "__main__":
    sys.exit(shown("pictures", rows()))
