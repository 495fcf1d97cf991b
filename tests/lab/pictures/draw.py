"""Draw the pages and spoil them as people's pictures are: small, JPEG, tilted, photographed."""

import io
import random
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

FONT: Final = next(
    path
    for path in Path("/usr/share/fonts").rglob("NotoSansCJK-Regular.ttc")  # Debian's fonts-noto-cjk
)
WIDTH: Final = 1080
INK, GREY, BLUE = "#1a1a1a", "#808080", "#576b95"


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

    def row(self, y: int, label: str, value: str = "", *, below: bool = False) -> int:
        high = 180 if below else 140
        self.pen.rectangle((0, y, WIDTH, y + high - 4), fill="white")
        self.at(48, y + 40 if not below else y + 24, label)
        if below:
            self.at(48, y + 96, value, 38, GREY)
        elif value:
            self.right(y + 42, value, 42)
        return y + high


def wechat_about(version: str) -> Image.Image:
    page = _Page()
    page.middle(100, "关于微信", 50)
    page.pen.rounded_rectangle((450, 260, 630, 440), 36, fill="#07c160")
    page.middle(470, "微信", 62)
    page.middle(560, f"Version {version}", 42, GREY)
    y = 720
    for label in ("功能介绍", "投诉", "版本更新"):
        y = page.row(y, label)
    page.middle(1560, "《软件许可及服务协议》 《隐私保护指引》", 34, BLUE)
    page.middle(1640, "客服电话：400 670 0700", 32, GREY)
    page.middle(1700, "腾讯公司 版权所有", 32, GREY)
    page.middle(1746, "Copyright © 2011-2026 Tencent. All Rights Reserved.", 28, GREY)
    return page.image


def settings_row(version: str) -> Image.Image:
    page = _Page()
    page.middle(100, "设置", 50)
    y = 220
    for label, value in (("账号与安全", ""), ("未成年人模式", "未开启"), ("消息通知", ""), ("聊天", ""), ("通用", ""),
                         ("个人信息与权限", ""), ("帮助与反馈", ""), ("关于微信", f"版本 {version}")):  # fmt: skip
        y = page.row(y, label, value)
    page.middle(y + 60, "切换账号", 46)
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


def about_phone(title: str, rows: tuple[tuple[str, str], ...], *, below: bool = False) -> Image.Image:
    page = _Page()
    page.middle(100, title, 50)
    y = 240
    for label, value in rows:
        y = page.row(y, label, value, below=below)
    return page.image


PAGES: Final[dict[str, tuple[Callable[[], Image.Image], dict[str, str]]]] = {
    "wechat_about": (lambda: wechat_about("8.0.50"), {"wechat.version": "8.0.50"}),
    "wechat_settings": (lambda: settings_row("8.0.38"), {"wechat.version": "8.0.38"}),
    "entry": (lambda: services(True), {"entry.services_menu": "shown"}),
    "no_entry": (lambda: services(False), {"entry.services_menu": "not_shown"}),
    "not_approved": (
        lambda: message("综合评估未通过", "根据综合评估，暂时无法为您提供服务", "建议您过段时间再来看看"),
        {"entry.page_message": "not_approved"},
    ),
    "not_open_yet": (lambda: message("微粒贷正在逐步开放中", "敬请期待"), {"entry.page_message": "not_open_yet"}),
    "android": (
        lambda: about_phone("关于手机", (("设备名称", "Xiaomi 13"), ("型号", "2211133C"), ("处理器", "第二代骁龙8"),
                            ("MIUI版本", "MIUI 14.0.23"), ("Android版本", "13"), ("Android安全更新", "2024-05-01"),
                            ("内核版本", "5.15.78"))),
        {"os.version": "Android 13"},
    ),
    "iphone": (
        lambda: about_phone("关于本机", (("名称", "小王的 iPhone"), ("iOS版本", "17.5.1"), ("型号名称", "iPhone 12"),
                            ("型号号码", "MGGM3CH/A"), ("序列号", "F2LDN1ABCDEF"), ("歌曲", "0"),
                            ("可用容量", "21.4 GB"))),
        {"os.version": "iOS 17.5.1"},
    ),
}  # fmt: skip
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
