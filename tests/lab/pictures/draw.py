"""Draw the pages and spoil them as people's pictures are: small, JPEG, tilted, photographed."""

import io
import random
import tomllib
from collections.abc import Callable
from functools import cache, partial
from itertools import count
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

FONT: Final = next(
    path
    for path in Path("/usr/share/fonts").rglob("NotoSansCJK-Regular.ttc")  # Debian's fonts-noto-cjk
)
WIDTH: Final = 1080
INK, GREY = "#1a1a1a", "#808080"
LISTED: Final[dict[str, dict[str, Any]]] = tomllib.loads(Path(__file__).with_name("pages.toml").read_text("utf-8"))


@cache
def _font(size: int) -> Any:
    return ImageFont.truetype(str(FONT), size, index=2)


class _Page:
    """A white page of a phone, with its status line."""

    def __init__(self, height: int = 1800, ground: str = "#ededed") -> None:
        self.image = Image.new("RGB", (WIDTH, height), ground)
        self.pen = ImageDraw.Draw(self.image)
        self.at(48, 24, "10:24", 36)
        self.at(930, 24, "5G 86", 32)

    def at(self, x: int, y: int, text: str, size: int = 46, ink: str = INK) -> None:
        self.pen.text((x, y), text, font=_font(size), fill=ink)

    def middle(self, y: int, text: str, size: int = 46, ink: str = INK) -> None:
        wide = self.pen.textlength(text, font=_font(size))
        self.at(int((WIDTH - wide) / 2), y, text, size, ink)

    def right(self, y: int, text: str, size: int = 46, ink: str = GREY) -> None:
        self.at(int(WIDTH - 60 - self.pen.textlength(text, font=_font(size))), y, text, size, ink)

    def rows(self, y: int, rows: list[list[str]]) -> None:
        for top, (label, *value) in zip(count(y, 140), rows):
            self.pen.rectangle((0, top, WIDTH, top + 136), fill="white")
            self.at(48, top + 40, label)
            if value:
                self.right(top + 42, *value, 42)

    def box(self, corners: tuple[int, ...], radius: int, fill: str) -> None:
        self.pen.rounded_rectangle(corners, radius, fill=fill)


def listed(name: str, version: str = "8.0.50") -> Image.Image:
    """Draw a page of `pages.toml`."""
    page = _Page()
    for how, *given in LISTED[name]["drawn"]:
        getattr(page, how)(*(one.replace("{version}", version) if isinstance(one, str) else one for one in given))
    return page.image


def services(entry: bool, *, cut: str = "") -> Image.Image:
    """The 服务 page; `cut`: `above` leaves out the section's heading, `below` ends within the section."""
    page = _Page(2200)
    page.middle(100, "服务", 50)
    page.pen.rounded_rectangle((40, 220, 1040, 520), 20, fill="#07c160")
    page.at(180, 400, "收付款", 44, "white")
    page.at(700, 390, "钱包", 44, "white")
    page.at(690, 450, "¥1,234.56", 34, "white")
    y = 580
    finance = ["信用卡还款", "理财通", "保险服务", *(["微粒贷借钱"] if entry else [])]
    life = ["手机充值", "生活缴费", "Q币充值", "城市服务", "腾讯公益", "医疗健康"]
    sections = {"金融理财": finance, "生活服务": life,
                "交通出行": ["出行服务", "火车票机票", "滴滴出行", "酒店民宿"],
                "购物消费": ["京东购物", "美团外卖"]}  # fmt: skip
    for heading, tiles in sections.items():
        if heading != "金融理财" or cut != "above":
            page.at(60, y, heading, 40, GREY)
        y += 80
        for number, tile in enumerate(tiles):
            x, down = 60 + number % 4 * 260, y + number // 4 * 150
            page.pen.ellipse((x + 50, down, x + 110, down + 60), fill="#10aeff")
            page.at(x, down + 78, tile, 36)
        y += 150 * ((len(tiles) + 3) // 4) + 30
        if heading == "金融理财" and cut == "below":
            return page.image.crop((0, 0, WIDTH, y - 20))
    return page.image.crop((0, 0, WIDTH, max(y, 1400)))


def message(*lines: str) -> Image.Image:
    page = _Page(1600, "white")
    page.middle(100, "微粒贷借钱", 50)
    page.pen.ellipse((440, 380, 640, 580), outline="#10aeff", width=12)
    for number, line in enumerate(lines):
        page.middle(680 + 74 * number, line, 48 if number == 0 else 40, INK if number == 0 else GREY)
    page.pen.rounded_rectangle((340, 1080, 740, 1180), 14, fill="#07c160")
    page.middle(1102, "我知道了", 42, "white")
    page.middle(1480, "本服务由微众银行提供", 32, GREY)
    return page.image


wechat_about: Final = partial(listed, "wechat_about")
_DRAWN: Final[dict[str, Callable[[], Image.Image]]] = {
    name: partial(message, *told["message"]) if "message" in told else partial(listed, name)
    for name, told in LISTED.items()
}
PAGES: Final[dict[str, tuple[Callable[[], Image.Image], dict[str, str]]]] = {
    **{name: (drawn, LISTED[name]["says"]) for name, drawn in _DRAWN.items()},
    "entry": (lambda: services(True), {"entry.services_menu": "shown"}),
    "no_entry": (lambda: services(False), {"entry.services_menu": "not_shown"}),
}
"""Eight pages and what each one says."""

CUT: Final = {"cut_above": lambda: services(False, cut="above"), "cut_below": lambda: services(False, cut="below")}
"""The 服务 page where its finance section is not whole: nothing can be said."""


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _small(image: Image.Image) -> bytes:
    return _png(image.resize((468, round(image.height * 468 / image.width)), Image.Resampling.LANCZOS))


def _tilted(image: Image.Image) -> bytes:
    return _png(image.rotate(3, Image.Resampling.BICUBIC, expand=True, fillcolor="#303030"))


def _photographed(image: Image.Image) -> bytes:
    """A photo of a screen: askew, a table around it, soft, a gradient of light, noise, strong compression."""
    dice = random.Random(7)
    wide, high = image.size
    photo = Image.new("RGB", (wide + 240, high + 240), "#5b4a3a")
    photo.paste(image, (120, 120))
    photo = photo.rotate(-2, Image.Resampling.BICUBIC, fillcolor="#5b4a3a")
    corners = (0, 30, 40, photo.height, photo.width, photo.height - 50, photo.width - 30, 0)
    photo = photo.transform(photo.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC)
    light = Image.linear_gradient("L").resize(photo.size).point(lambda value: 150 + value * 80 // 255)
    photo = Image.composite(photo, Image.new("RGB", photo.size, "#101010"), light)
    photo = photo.filter(ImageFilter.GaussianBlur(1.2))
    noise = Image.frombytes(
        "L", (photo.width // 2, photo.height // 2), dice.randbytes(photo.width // 2 * (photo.height // 2))
    )
    photo = Image.blend(photo, Image.merge("RGB", [noise.resize(photo.size)] * 3), 0.06)
    return _jpeg(ImageEnhance.Contrast(photo).enhance(0.9), 55)


WAYS: Final[dict[str, Callable[[Image.Image], bytes]]] = {
    "clean": _png,
    "small": _small,
    "jpeg": lambda image: _jpeg(image, 50),
    "tilted": _tilted,
    "photographed": _photographed,
}


def picture(page: str, way: str) -> bytes:
    """Return one picture as the bytes of its file."""
    draw = CUT[page] if page in CUT else PAGES[page][0]
    return WAYS[way](draw())
