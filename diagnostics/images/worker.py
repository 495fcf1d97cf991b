"""The child process: takes a picture on stdin, writes the lines of text in it to stdout as JSON, keeps nothing.

Nothing is downloaded: the models are those in the wheel, named by their files, and connections are refused altogether.
"""

from __future__ import annotations

import contextlib
import io
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnostics.images import Row

FORMATS: Final = ("PNG", "JPEG", "WEBP")
LEAST_SIDE: Final = 100
MOST_SIDE: Final = 12_000
MOST_PIXELS: Final = 30_000_000
"""A phone's whole screen has three to six million; a long one, put together by scrolling, some twenty."""
TALL: Final = 2.6
"""Height by width from which a picture is read in pieces: made small as a whole, nobody could read it."""
PIECE: Final = 2.2
OVERLAP: Final = 0.2
MEMORY: Final = 3 << 30
PROCESSOR_SECONDS: Final = 120
MODELS: Final = {
    "Det.model_path": "PP-OCRv6_det_small.onnx",
    "Rec.model_path": "PP-OCRv6_rec_small.onnx",
    "Cls.model_path": "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
}
SEEN: Final = 1280
"""Longest side of the picture in which text is looked for; the text itself is read in the picture's own size."""
THREADS: Final = 2
MOST_LINES: Final = 600
MOST_TEXT: Final = 200


class PictureError(Exception):
    """The picture is not read; the message is the code of the reason."""


def main() -> None:
    """Read stdin to its end, answer, and end."""
    out = sys.stdout.buffer
    sys.stdout = sys.stderr  # what a library prints is no answer
    _bound()
    try:
        answer: dict[str, Any] = {"lines": lines(sys.stdin.buffer.read())}
    except PictureError as refused:
        answer = {"error": str(refused)}
    out.write(msgspec.json.encode(answer))
    out.flush()


def _bound() -> None:
    """Bound memory and processor time where the system can, and let nothing connect or be written."""

    def refuse(event: str, _args: object) -> None:
        if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
            raise PermissionError(event)

    sys.addaudithook(refuse)
    if sys.platform != "win32":  # there the size of the picture and the deadline are the bounds
        import resource

        for what, most in (
            (resource.RLIMIT_DATA, MEMORY), (resource.RLIMIT_CPU, PROCESSOR_SECONDS), (resource.RLIMIT_FSIZE, 0),
            (resource.RLIMIT_CORE, 0),
        ):  # fmt: skip
            with contextlib.suppress(ValueError, OSError):  # lower already
                resource.setrlimit(what, (most, resource.getrlimit(what)[1]))


def lines(data: bytes) -> list[Row]:
    """Return each line of text with how sure it is and its four corners. Raises PictureError."""
    picture = _picture(data)
    engine = _engine()
    found: list[Row] = []
    for top, piece in _pieces(picture):
        result = engine(piece)
        if result.txts is None:
            continue
        for text, score, box in zip(result.txts, result.scores, result.boxes, strict=True):
            corners = [(float(x), float(y) + top) for x, y in box]
            if text.strip() and not _twice(found, text, corners):
                found.append((text[:MOST_TEXT], float(score), corners))
    return found[:MOST_LINES]


def _picture(data: bytes) -> Any:
    """Decode a picture within bounds, as an array of colours. Raises PictureError."""
    pil: Any = import_module("PIL.Image")
    numpy, ops = import_module("numpy"), import_module("PIL.ImageOps")
    pil.MAX_IMAGE_PIXELS = None  # bounded below, and told apart from a file that is no picture
    try:
        picture = pil.open(io.BytesIO(data), formats=FORMATS)
    except pil.UnidentifiedImageError:
        raise PictureError("no_picture") from None
    except (OSError, ValueError, SyntaxError):
        raise PictureError("damaged") from None
    width, height = picture.size  # known from its head: nothing is decoded yet
    if min(width, height) < LEAST_SIDE or max(width, height) > MOST_SIDE or width * height > MOST_PIXELS:
        raise PictureError("size")
    if getattr(picture, "is_animated", False):
        raise PictureError("animated")
    try:
        turned = ops.exif_transpose(picture)
        if turned.mode in ("RGBA", "LA", "PA") or "transparency" in turned.info:
            turned = turned.convert("RGBA")
            turned = pil.alpha_composite(pil.new("RGBA", turned.size, "white"), turned)
        return numpy.asarray(turned.convert("RGB"))[:, :, ::-1]
    except (OSError, ValueError, SyntaxError, TypeError, IndexError, KeyError, OverflowError, ZeroDivisionError,
            MemoryError):  # fmt: skip
        raise PictureError("damaged") from None


def _engine() -> Any:
    rapidocr = import_module("rapidocr")
    folder = Path(str(rapidocr.__file__)).parent / "models"
    for file in MODELS.values():
        if not (folder / file).is_file():  # another version of the extra than is allowed: nothing is downloaded
            raise PictureError("broken")
    return rapidocr.RapidOCR(
        params={name: str(folder / file) for name, file in MODELS.items()}
        | {
            "Global.use_cls": False,
            "Global.log_level": "critical",
            "Det.limit_type": "max",
            "Det.limit_side_len": SEEN,
            "EngineConfig.onnxruntime.intra_op_num_threads": THREADS,
        }
    )


def _pieces(picture: Any) -> Iterator[tuple[int, Any]]:
    """Yield a picture whole, or a tall one in pieces that overlap, each with where its top is."""
    height, width = picture.shape[:2]
    if height <= TALL * width:
        yield 0, picture
        return
    step = int(width * (PIECE - OVERLAP))
    for top in range(0, height, step):
        yield top, picture[top : top + int(width * PIECE)]
        if top + width * PIECE >= height:
            return


def _twice(found: list[Row], text: str, corners: list[tuple[float, float]]) -> bool:
    """Whether the piece before had this line already."""
    middle = sum(y for _x, y in corners) / 4
    high = max(y for _x, y in corners) - min(y for _x, y in corners)
    return any(one == text and abs(sum(y for _x, y in box) / 4 - middle) < high for one, _score, box in found[-200:])


if __name__ == "__main__":
    main()
