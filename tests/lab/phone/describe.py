"""Turn a phone described in a data file into what its commands print (`printed.jinja`).

The forms follow captured outputs of real phones: `dumpsys package` and `dumpsys connectivity` of Android 5, 7 to 9 and
10 to 15, `pm list users` of several makers, `df` of toolbox and toybox.
"""

import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from jinja2 import Environment

from tests.lab.phone.fake_phone import FakePhone, Reply

HERE = Path(__file__).parent / "devices"
DUMPS = Path(__file__).parent / "dumps"
"""Outputs in the forms of published bug reports, makers and versions as named; people and networks are made up."""
WECHAT = "com.tencent.mm"
_LAYOUT = Environment(trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)  # noqa: S701  no HTML
_PRINTED = _LAYOUT.from_string(Path(__file__).with_name("printed.jinja").read_text("utf-8"))
STATES = {"drop": "dropped", "hang": "hung", "offline": "offline", "silent": "hung", "unauthorized": "unauthorized",
          "unplug": "dropped"}  # fmt: skip
"""Modes of a phone that cannot be read (`state_drop`, ...), and the verdict on each."""


def names() -> list[str]:
    """Return the names of all described phones."""
    return sorted([*(path.stem for path in HERE.glob("*.toml")), *(f"state_{mode}" for mode in STATES)])


def dumps() -> list[str]:
    """Return the names of all phones whose outputs are given word for word."""
    return sorted(path.stem for path in DUMPS.glob("*.toml"))


def data(name: str, folder: Path = HERE) -> dict[str, Any]:
    """Return a phone's description, as its file has it; those of the states differ in their mode alone."""
    mode = name.removeprefix("state_")
    if mode in STATES:
        return {
            "mode": mode,
            "delay": 3.0 if mode == "unplug" else 0.0,
            "phone": {"maker": "Lab", "model": "Lab Phone", "android": "13", "sdk": 33},
            "wechat": {"version": "8.0.49", "code": 2600},
            "expect": {"verdict": STATES[mode], "status": "unknown", "observations": {}, "readings": {}},
        }
    return tomllib.loads((folder / f"{name}.toml").read_text("utf-8"))


def phone(name: str, folder: Path = HERE) -> FakePhone:
    """Return the described phone, not yet started."""
    told = data(name, folder)
    made = FakePhone(replies(told), mode=told.get("mode", "device"), shell_v2=told["phone"].get("shell_v2", True))
    if "model" in told["phone"]:
        made.banner = f"ro.product.name=p;ro.product.model={told['phone']['model']};ro.product.device=d"
    return made


def silence(name: str) -> float:
    """Return after how many seconds without a word to give a phone up: soon where it says nothing, else late.

    One that has something to say may be kept from it by a busy machine.
    """
    return 1.0 if data(name).get("mode") in ("hang", "silent") else 8.0


def replies(told: dict[str, Any]) -> dict[str, Reply]:
    """Return what each command prints: the template filled in, then what the file gives word for word."""
    phone_, net, app = told["phone"], told.get("network", {}), told.get("wechat")
    values = {"settings": {}, "uid": (app or {}).get("uid", 10108), **told, "net": net}
    _, *printed = re.split(r"^=== (.*)\n", _PRINTED.render(values), flags=re.MULTILINE)
    ending = "\r\n" if phone_.get("crlf") else "\n"
    found = {
        command: Reply(text.replace("\n", ending).encode())
        for command, text in zip(printed[::2], printed[1::2], strict=True)
    }
    installed = app is not None and any(user.get("installed", True) for user in app.get("users", [{}]))
    found[f"pm path {WECHAT}"] = Reply(b"package:/data/app/base.apk\n") if installed else Reply(rc=1)
    found["date +%s"] = Reply(clock=phone_.get("clock", 0))
    found = {command: replace(reply, delay=told.get("delay", 0.0)) for command, reply in found.items()}
    return found | {command: _literal(raw) for command, raw in told.get("replies", {}).items()}


def _literal(raw: dict[str, Any]) -> Reply:
    texts = {"out": raw.get("out", "").encode(), "err": raw.get("err", "").encode()}
    if "out_hex" in raw:
        texts["out"] = bytes.fromhex(raw["out_hex"])
    return Reply(**texts, **{name: raw[name] for name in ("rc", "delay", "repeat", "clock") if name in raw})
