"""Drawn pictures, read as people send them: what each says, and never that something is not there wrongly."""

import io
import os
import signal
import struct
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PIL import Image

from diagnostics import images
from diagnostics.images import ImageError, ImageReading, Row, read_image, readings, worker
from diagnostics.knowledge import load
from tests.lab.pictures.draw import CUT, PAGES, picture, wechat_about
from tests.rows import rows

SENT = {"wechat_settings": "jpeg", "entry": "small", "no_entry": "small", "not_approved": "photographed",
        "not_open_yet": "tilted", "android": "small", "iphone": "small"}  # fmt: skip
"""A page and the way it is sent: each page once, each way that loses something; the child reads `wechat_about`."""
LONG = 300.0
"""Seconds for one picture where the machine does a lot else."""


@pytest.fixture(scope="module")
def see() -> Callable[[bytes], list[ImageReading]]:
    """Read in this process, the models loaded once; that the child reads the same is a test of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "THREADS", 1)  # the other core runs other tests
        engine = worker._engine()

    def read(data: bytes) -> list[ImageReading]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(worker, "_engine", lambda: engine)
            return readings(worker.lines(data))

    return read


@pytest.mark.parametrize(("page", "way"), SENT.items())
def test_a_page_is_read(page: str, way: str, see: Callable[[bytes], list[ImageReading]]) -> None:
    """`python -m benchmarks.pictures` reads each page in each way, all forty."""
    found = see(picture(page, way))
    assert {one.id: one.value for one in found} == PAGES[page][1]
    for one in found:
        assert one.id in load().questions
        assert (one.sure, one.start, one.end) == (False, None, None)
        assert one.quote
        assert not any(word in one.quote for word in ("1,234", "小王", "F2LDN1"))


@pytest.mark.parametrize("page", CUT)
def test_a_page_that_is_cut_never_says_that_something_is_missing(page, see) -> None:
    assert see(picture(page, "small")) == []


def test_the_child_reads_the_same_and_says_it_as_the_contract_has_it(tmp_path: Path) -> None:
    file = tmp_path / "关于\x1b[2J.png"
    file.write_bytes(picture("wechat_about", "small"))
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    found = read_image(file, seconds=LONG)
    said = {"id": "wechat.version", "value": "8.0.50", "quote": "Version 8.0.50"}
    assert msgspec.to_builtins(found) == [said | {"start": None, "end": None, "sure": False}]
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


def _png(width: int, height: int, *, chunks: bytes = b"", rows: bytes = b"") -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n" + head + chunks + chunk(b"IDAT", rows or zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


def _saved(kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (400, 600), "white").save(out, kind, **options)
    return out.getvalue()


def _moving(kind: str) -> bytes:
    frames = [Image.new("RGB", (400, 600), colour) for colour in ("red", "blue", "green")]
    out = io.BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=100)
    return out.getvalue()


BAD = {
    "empty": (lambda: b"", "no_picture"),
    "text": (lambda: b"hello " * 100, "no_picture"),
    "1x1": (lambda: _png(1, 1), "size"),
    "20000x20000": (lambda: _png(20_000, 20_000), "size"),
    "line": (lambda: _png(12_000, 2), "size"),
    "no_rows": (lambda: _png(1080, 1920), "damaged"),
    "bomb": (lambda: _png(5000, 5999, rows=zlib.compress(b"\0" * 40_000_000)[:-8]), "damaged"),
    "animated_png": (lambda: _moving("PNG"), "animated"),
    "animated_webp": (lambda: _moving("WEBP"), "animated"),
    "gif": (lambda: _saved("GIF"), "no_picture"),
    "tiff": (lambda: _saved("TIFF"), "no_picture"),
    "bmp": (lambda: _saved("BMP"), "no_picture"),
    "pdf": (lambda: b"%PDF-1.7\n" + b"x" * 200, "no_picture"),
    "svg": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", "no_picture"),
    "half_jpeg": (lambda: _saved("JPEG")[:700], "damaged"),
    "half_png": (lambda: picture("android", "small")[:9000], "damaged"),
    "text_bomb": (
        lambda: _png(400, 600, chunks=struct.pack(">I", 8) + b"zTXt" + b"a\0\0xxxxx" + bytes(4)), "no_picture"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(BAD))
def test_what_is_no_screenshot_is_refused_in_a_line(name: str) -> None:
    made, reason = BAD[name]
    with pytest.raises(worker.PictureError) as refused:
        worker.lines(made())
    assert str(refused.value) == reason


def test_any_bytes_behind_the_head_of_a_picture_are_refused_or_read() -> None:
    good = _saved("PNG") + _saved("JPEG")
    for number in range(0, len(good), 97):
        for data in (good[:number], good[:number] + b"\xff" * 40 + good[number + 40 :]):
            try:
                worker._picture(data)
            except worker.PictureError:
                continue


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "x.png"
    path.write_bytes(_saved("PNG"))
    return path


def refusal(file: Path, **options: Any) -> ImageError:
    with pytest.raises(ImageError) as refused:
        read_image(file, **options)
    return refused.value


def test_files_that_are_none(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("missing.png", ".", "pipe", "a\0b", "x" * 5000):
        assert refusal(tmp_path / name).key == "image.no_file"
    big = tmp_path / "big.png"
    with big.open("wb") as file:
        file.truncate(images.MOST_BYTES + 1)
    assert refusal(big).key == "image.size"


def test_a_child_that_takes_too_long_is_ended(file: Path) -> None:
    file.write_bytes(picture("android", "small"))
    began = time.monotonic()
    assert refusal(file, seconds=0.05).key == "image.late"
    cancelled = threading.Event()
    cancelled.set()
    assert refusal(file, cancelled=cancelled).key == "image.cancelled"
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("code", ["import os; os.abort()", "print('{')", "print('[1]')", "pass"])
def test_a_child_that_dies_or_talks_nonsense_takes_nothing_with_it(code, file, monkeypatch) -> None:
    real = subprocess.Popen

    def popen(words: list[str], **options: object) -> subprocess.Popen[bytes]:
        return real([words[0], "-c", code], **options)  # type: ignore[call-overload,no-any-return]

    monkeypatch.setattr(images.subprocess, "Popen", popen)
    assert refusal(file, seconds=LONG).key == "image.broken"


def test_the_child_connects_nowhere_and_writes_nothing(tmp_path: Path) -> None:
    code = (
        "import socket, sys; from diagnostics.images import worker; worker._bound()\n"
        "for what in (lambda: socket.create_connection(('127.0.0.1', 9)), lambda: socket.getaddrinfo('x.test', 1)):\n"
        "    try: what(); sys.exit(1)\n"
        "    except PermissionError: pass\n"
        "try:\n"
        f"    with open({str(tmp_path / 'kept')!r}, 'wb') as file: file.write(b'x')\n"
        "    sys.exit(2)\n"
        "except OSError: pass\n"
    )
    ignored = partial(signal.signal, signal.SIGXFSZ, signal.SIG_IGN)
    done = subprocess.run([sys.executable, "-c", code], check=False, preexec_fn=ignored)
    assert done.returncode == 0


# the fields alone, without the extra's part


def _line(text: str, x: float, y: float, high: float = 40.0, score: float = 0.99) -> Row:
    wide = high * 0.6 * len(text)
    return text, score, [(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)]


def _page(*rows: tuple[str, float, float]) -> dict[str, str]:
    return {one.id: one.value for one in readings([_line(*row) for row in rows])}


@pytest.mark.parametrize("page", rows("pictures.jsonl"), ids=lambda page: str(page["said"]))
def test_lines_are_read_by_their_places(page: dict[str, Any]) -> None:
    assert _page(*page["lines"]) == page["said"]


SERVICES = [("服务", 500, 50), ("收付款", 100, 200), ("钱包", 700, 200), ("金融理财", 40, 400), ("信用卡还款", 40, 500),
            ("理财通", 300, 500), ("保险服务", 560, 500), ("生活服务", 40, 700), ("手机充值", 40, 800)]  # fmt: skip


def test_something_missing_is_asked_about_only_where_all_of_its_section_is_read_well() -> None:
    assert _page(*SERVICES) == {"entry.services_menu": "not_shown"}
    for gone in ("金融理财", "生活服务"):
        assert _page(*(row for row in SERVICES if row[0] != gone)) == {}
    for like in ("微粒", "徽粒贷借钱", "粒贷", "借钱"):
        assert "not_shown" not in _page(*SERVICES, (like, 820, 500)).values()
    assert readings([*(_line(*row) for row in SERVICES), _line("卄米", 820, 500, score=0.5)]) == []


def test_any_lines_at_all_are_read_without_an_exception() -> None:
    odd = ["", " ", "Version", "微信", "Android版本", "微粒贷", "\x1b[2J", "8" * 300, "金融理财", "\ud800", "iOS版本"]
    boxes: list[list[tuple[float, float]]] = [[], [(0, 0)], [(5, 5)] * 4, [(0, 0), (1e308, 1e308), (-1e308, 5), (1, 1)]]
    for box in boxes:
        assert isinstance(readings([(text, 0.9, box) for text in odd]), list)


def test_numbers_of_people_are_masked_in_the_words_seen() -> None:
    page = [_line("微粒贷", 400, 50), _line("身份信息有误 11010119900307803X 13800138000", 100, 300)]
    assert not any(number in one.quote for one in readings(page) for number in ("11010119900307803X", "13800138000"))


def test_a_tall_picture_is_read_in_pieces(see: Callable[[bytes], list[ImageReading]]) -> None:
    tall = Image.new("RGB", (468, 1900), "white")
    tall.paste(wechat_about("8.0.44").resize((468, 780)), (0, 1050))
    out = io.BytesIO()
    tall.save(out, "PNG")
    assert [(one.id, one.value) for one in see(out.getvalue())] == [("wechat.version", "8.0.44")]
