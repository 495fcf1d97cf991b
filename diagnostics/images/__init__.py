"""Read a picture of a phone's screen: versions, the entry, the message of its page. Needs the extra `[screenshot]`.

The picture is read in memory, in a child process that is bounded in time and size, whatever it does; only the fields
are kept. What is read is a question to the person, never an answer by itself, and that something is not on a picture
proves nothing.
"""

from __future__ import annotations

import math
import os
import re
import statistics
import subprocess
import sys
import threading
import time
import unicodedata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.i18n import UserError
from diagnostics.redaction import mask_numbers
from diagnostics.sanitize import clean_line
from diagnostics.versions import parse_system_version, parse_wechat_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


QUOTE: Final = 80
"""Most characters of the words seen."""
CERTAIN: Final = 0.8
"""How sure every line of a section has to be before something missing in it is asked about."""


class ImageReading(msgspec.Struct, frozen=True):
    """One answer that a picture shows; never sure, so it counts once the person has confirmed it.

    `quote` are the words seen. A picture has no places in a text: `start` and `end` stay empty.
    """

    id: str
    value: str
    quote: str
    start: None = None
    end: None = None
    sure: bool = False


Row = tuple[str, float, list[tuple[float, float]]]
"""One line of text as it was seen: how sure it is, and the corners of its box, clockwise from the top left."""


class Line(msgspec.Struct, frozen=True):
    """One line of text: as it is, without blanks and in one form (`plain`), how sure it is, and where it stands."""

    text: str
    plain: str
    score: float
    left: float
    middle: float
    height: float


def _levelled(rows: Iterable[Row]) -> list[Line]:
    """Return the lines of a tilted page as if it had been straight, from the top down."""
    boxes: list[tuple[str, str, float, float, float, float, float]] = []
    slopes: list[float] = []
    for text, score, box in rows:
        shown = clean_line(text, 200)
        plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", shown)).lower()
        if not plain:
            continue
        xs, ys = [x for x, _y in box] or [0.0], [y for _x, y in box] or [0.0]
        wide, high = max(xs) - min(xs), max(1.0, max(ys) - min(ys))
        boxes.append((shown, plain, score, (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2, wide, high))
        if wide > 2 * high:
            along = box[1][0] - box[0][0]
            slopes.append((box[1][1] - box[0][1]) / along if along > 0 else 0.0)
    angle = math.atan(statistics.median(slopes)) if slopes else 0.0
    sine, cosine = math.sin(-angle), math.cos(-angle)
    lines = [
        Line(shown, plain, score, left=x * cosine - y * sine - wide / 2 * cosine, middle=x * sine + y * cosine,
             height=max(2.0, high - wide * abs(sine)))
        for shown, plain, score, x, y, wide, high in boxes
    ]  # fmt: skip
    return sorted(lines, key=lambda line: line.middle)


def readings(rows: Iterable[Row]) -> list[ImageReading]:
    """Return what the lines of one picture say. Never raises on any lines."""
    page = _levelled(rows)
    return [one for read in (_services, _message, _wechat_version, _system_version) if (one := read(page))]


def _reading(id_: str, value: str, *seen: Line) -> ImageReading:
    words = " ".join(line.text for line in dict.fromkeys(seen))
    return ImageReading(id_, value, clean_line(mask_numbers(words), QUOTE))


# versions

_NUMBER: Final = r"\d{1,2}(?:\.\d{1,4}){0,4}"
_WECHAT: Final = re.compile(r"微信|wechat|weixin|tencent")
_WECHAT_VERSION: Final = re.compile(
    r"(?:关于微信|微信|wechat|weixin)?(?:wechat|weixin)?(?:version|版本号?|ver\.?|v)?[:.]?v?"
    r"([0-9oil]{1,2}(?:[.,][0-9oil]{1,3}){2,3})(?:\(.{0,20}\))?"
)
_WECHAT_LABEL: Final = re.compile(r"(?:关于|about)?(?:微信|wechat|weixin)?(?:版本号?|version)?")
_NEWER: Final = re.compile(r"新版|更新|升级|最新|update|latest")
_SYSTEMS: Final = {
    "HarmonyOS": rf"(?:harmonyos|鸿蒙)(?:next)?(?:系统)?(?:版本号?|version)?[:]?({_NUMBER})?.{{0,30}}",
    "Android": rf"(?:android|安卓)(?:系统)?(?:版本号?|version)?[:]?({_NUMBER}(?![\d-]))?.{{0,30}}",
    "iOS": rf"(?:ipados|ios|系统|软件|system|software)(?:版本号?|version)[:]?({_NUMBER})?.{{0,12}}",
}
"""The label of a system's version, perhaps with its number."""
_APPLE: Final = re.compile(r"iphone|ipad|关于本机|apple|\bios")


def _same_row(one: Line, other: Line) -> bool:
    return abs(one.middle - other.middle) < 0.6 * max(one.height, other.height)


def _value_of(label: Line, page: Sequence[Line]) -> Line | None:
    """Return what stands beside a label on its row, else right below it."""
    beside = [line for line in page if line is not label and line.left > label.left and _same_row(label, line)]
    if beside:
        return min(beside, key=lambda line: line.left)
    below = [
        line
        for line in page
        if 0 < line.middle - label.middle < 2.6 * label.height and abs(line.left - label.left) < 2 * label.height
    ]
    return min(below, key=lambda line: line.middle) if below else None


def _wechat_version(page: Sequence[Line]) -> ImageReading | None:
    """A version that the page itself calls WeChat's; of two different ones neither."""
    found: dict[str, tuple[Line, ...]] = {}
    for line in page if any(_WECHAT.search(line.plain) for line in page) else ():
        match = None if _NEWER.search(line.plain) else _WECHAT_VERSION.fullmatch(line.plain)
        if match is None:
            continue
        beside = [other for other in page if other is not line and _same_row(other, line)]
        labels = [other for other in beside if _WECHAT_LABEL.fullmatch(other.plain)]
        if match.start(1) == 0 and not labels:
            continue  # a number by itself may be anything
        figures = match[1].translate(str.maketrans("oil,", "011."))  # letters that look like figures
        version = parse_wechat_version(f"微信 {figures}").version
        if version is not None:
            found.setdefault(version, (*labels, line))
    if len(found) != 1:
        return None
    version, seen = found.popitem()
    return _reading("wechat.version", version, *seen)


def _system_version(page: Sequence[Line]) -> ImageReading | None:
    """The system's version on the page about the phone; a maker's own number is none."""
    for name, label_of in _SYSTEMS.items():
        if name == "iOS" and not any(_APPLE.search(line.plain) for line in page):
            continue
        for label in page:
            number, seen = _number(label, label_of, page)
            value = f"{name} {number}"
            if number and (name == "HarmonyOS" or parse_system_version(value).version is not None):
                return _reading("os.version", value, *seen)
    return None


def _number(label: Line, label_of: str, page: Sequence[Line]) -> tuple[str | None, tuple[Line, ...]]:
    """Return the number that belongs to a label, in its own line or in that beside or below it."""
    match = re.fullmatch(label_of, label.plain)
    if match and match[1]:
        return match[1], (label,)
    if not match or not re.fullmatch(r"[a-z]*[\u4e00-\u9fff]*|[a-z]*version:?", label.plain):
        return None, ()  # "Android security update" and the like
    value = _value_of(label, page)
    number = value and re.match(rf"(?:android|ios|ipados|harmonyos)?(?:next)?({_NUMBER})(?![\d-])", value.plain)
    return (number[1], (label, value)) if value and number else (None, ())


# the services page

_ENTRY: Final = re.compile(r"微[粒位]贷(?:借钱)?|微粒[贷货]借钱")
_SECTION: Final = "金融理财"
_NEXT: Final = ("生活服务", "交通出行", "购物消费")
_TILES: Final = ("信用卡还款", "理财通", "保险服务", "分付", "零钱通")
_ANCHORS: Final = (
    "收付款", "钱包", _SECTION, *_NEXT, *_TILES, "手机充值", "生活缴费", "q币充值", "城市服务", "腾讯公益", "医疗健康",
    "火车票机票", "滴滴出行", "酒店民宿", "京东购物",
)  # fmt: skip
_KNOWN: Final = 3
"""So many words of the services page have to be there before anything is read from it."""
_LIKE_ENTRY: Final = re.compile(r"微|粒|贷|借|wei")


def _on_services(page: Sequence[Line]) -> bool:
    there = {anchor for anchor in _ANCHORS if any(anchor in line.plain for line in page)}
    return len(there) >= _KNOWN


def _services(page: Sequence[Line]) -> ImageReading | None:
    """The entry in 服务 where it is seen; that it is not there only where its whole section is on the picture."""
    if not _on_services(page):
        return None
    for line in page:
        if _ENTRY.fullmatch(line.plain):
            return _reading("entry.services_menu", "shown", line)
    head = next((line for line in page if line.plain == _SECTION), None)
    end = next((line for line in page if head and line.middle > head.middle and line.plain in _NEXT), None)
    if head is None or end is None:
        return None
    between = [line for line in page if head.middle < line.middle < end.middle]
    tiles = sum(any(tile in line.plain for tile in _TILES) for line in between)
    doubtful = any(line.score < CERTAIN or _LIKE_ENTRY.search(line.plain) for line in between)
    if tiles < 2 or doubtful:
        return None
    return _reading("entry.services_menu", "not_shown", head, end)


# the message of the page

_MESSAGES: Final = {
    "not_approved": r"评估未通过|审[核批]未通过|未通过(?:综合)?(?:评估|审[核批])|未满足审[批核]要求"
                    r"|暂时?无法为您提供(?:该|此)?服务",
    "closed": r"您?已(?:经)?(?:关闭|注销)(?:了)?微粒贷|微粒贷(?:服务)?已(?:经)?(?:关闭|注销)",
    "invitation_expired": r"邀请(?:码)?已?(?:经)?(?:过期|失效)",
    "identity_error": r"身份信息(?:有误|错误|不一致|不符)|错误次数(?:过多|超限)|证件已被(?:使用|占用)",
    "account_abnormal": r"[账帐][户号](?:存在)?(?:异常|受限|风险)|[账帐][户号]状态异常",
    "system_busy": r"系统(?:繁忙|维护|升级)|(?:网络|服务)繁忙|正在维护|开小差",
    "no_limit": r"(?:无法|不能|暂不能)查看(?:您的)?额度|暂无(?:可用)?额度|额度(?:为|是|[:：])0(?:\.0+)?(?:元|$|[^\d.])",
    "not_open_yet": r"逐步开放|[暂尚]未(?:对您)?开放|暂不开放|敬请期待",
}  # fmt: skip


def _message(page: Sequence[Line]) -> ImageReading | None:
    """What the 微粒贷 page says where it refuses; of two messages that it cannot both mean, none."""
    whole = "".join(line.plain for line in page)
    if "微粒贷" not in whole or _on_services(page):
        return None
    found = {value: match for value, pattern in _MESSAGES.items() if (match := re.search(pattern, whole))}
    if "not_approved" in found:
        found.pop("no_limit", None)
    if len(found) != 1:
        return None
    value, match = found.popitem()
    seen, at = [], 0
    for line in page:
        if at < match.end() and match.start() < at + len(line.plain):
            seen.append(line)
        at += len(line.plain)
    return _reading("entry.page_message", value, *seen)


INSTALL: Final = "pip install 'weilidai-doctor[screenshot]'"
NEEDED: Final = ("rapidocr", "onnxruntime", "PIL")
"""What the extra brings."""
SECONDS: Final = 60.0
"""Seconds for one picture, with the start of the child; a usual one takes two on a quiet machine."""
MOST_BYTES: Final = 20 << 20
"""Bytes of a picture's file; a screenshot has one to four million."""
MOST_ANSWER: Final = 1 << 20
TURN: Final = 0.05
_FAULTS: Final = ("no_picture", "size", "animated", "damaged")
"""What the child may say is wrong with a picture; each has its text below `error.image.`."""


class ImageError(UserError):
    """A picture cannot be read: the message is one line and names the reason."""


class _Answer(msgspec.Struct):
    """What the child says: the lines seen, or what is wrong."""

    lines: list[Row] = []
    error: str | None = None


def available() -> bool:
    """Whether the extra is installed; nothing of it is imported here."""
    return all(find_spec(name) is not None for name in NEEDED)


def read_image(
    path: str | os.PathLike[str], *, seconds: float = SECONDS, cancelled: threading.Event | None = None
) -> list[ImageReading]:
    """Return what the picture in this file shows, in the order of the questions; nothing is stored or sent.

    Returns an empty list for a picture of anything else. Raises ImageError (without the extra, for a file that is no
    picture, too large, damaged or animated, where it takes longer than `seconds`, or once `cancelled` is set).
    """
    name = clean_line(mask_numbers(Path(path).name), 100)
    if not available():
        raise ImageError("image.no_extra", name, install=INSTALL)
    answer = _ask(Path(path), name, seconds, cancelled or threading.Event())
    if answer.error is not None:
        raise ImageError(f"image.{answer.error}" if answer.error in _FAULTS else "image.broken", name)
    return readings(answer.lines)


def _ask(path: Path, name: str, seconds: float, cancelled: threading.Event) -> _Answer:
    """Let a child read the picture; it is ended when it takes too long."""
    try:
        file = path.open("rb") if path.is_file() else None
    except (OSError, ValueError):
        file = None
    if file is None:
        raise ImageError("image.no_file", name)
    with file:
        if os.fstat(file.fileno()).st_size > MOST_BYTES:
            raise ImageError("image.size", name)
        package = str(Path(__file__).parents[2])
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "diagnostics.images.worker"],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))},
        )
    told: list[bytes] = []

    def read() -> None:
        told.append(child.stdout.read(MOST_ANSWER))  # type: ignore[union-attr]  # there is one: PIPE

    reader = threading.Thread(target=read, name="picture", daemon=True)
    reader.start()
    end = time.monotonic() + seconds
    with child:
        try:
            while reader.is_alive():
                if cancelled.wait(TURN):
                    raise ImageError("image.cancelled", name)
                if time.monotonic() > end:
                    raise ImageError("image.late", name, seconds=f"{seconds:.0f}")
        finally:
            child.kill()
            reader.join()
    try:
        return msgspec.json.decode(told[0], type=_Answer)
    except (msgspec.MsgspecError, IndexError, UnicodeDecodeError):
        raise ImageError("image.broken", name) from None
