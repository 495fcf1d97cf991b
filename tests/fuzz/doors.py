"""Every door that outside bytes come through: what goes in, and what must hold of what comes out.

Each function takes bytes, does what the tool does with them, and returns whether they were taken (True) or refused in
words (False). Anything else that is raised is a fault.
"""

import contextlib
import io
import json
import os
import sys
import tempfile
import unicodedata
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from diagnostics.answers import AnswerError, observations, parse_answers, parse_file, parse_setting
from diagnostics.autosave import DraftError, DraftFile
from diagnostics.batch import BatchWorker
from diagnostics.engine.assessment import assess
from diagnostics.engine.interview import interview
from diagnostics.evidence import Evidence
from diagnostics.knowledge import KnowledgeError, load
from diagnostics.knowledge.compiled import HERE
from diagnostics.knowledge.read import read_folders
from diagnostics.phone.android_parsers import (
    android_version,
    clock_difference,
    data_blocked,
    data_saver,
    device_kind,
    free_bytes,
    parse_connectivity,
    parse_package,
    parse_path,
    parse_users,
)
from diagnostics.questionnaire import CodeError, decode, encode
from diagnostics.sanitize import clean_line
from diagnostics.session import Session
from diagnostics.settings import SettingsError, apply_settings, placed, read_settings
from diagnostics.versions import parse_system_version, parse_wechat_version
from tests.lab.phone import describe
from tests.rows import rows
from tui.cli.interviewer import Console, Interviewer
from tui.cli.main import main

KNOWLEDGE: Final = load()
FULL: Final = {
    "person.age": 35, "credit.overdue": "none", "activity.services": ["spending", "wealth"],
    "debt.monthly_income": 8000.5, "wechat.version": "微信 8.0.49", "os.version": "Android 13",
    "account.teen_mode": "unknown", "complaint.what": "was_there",
}  # fmt: skip


def told(message: str) -> None:
    """Hold a message for a person: one line, nothing that drives a terminal, not endless."""
    assert message.strip()
    assert not {unicodedata.category(one) for one in message} & {"Cc", "Cs", "Zl", "Zp"}, message
    assert clean_line(message, 4_000) == message


def _named(message: str, place: str) -> bool:
    """Hold a message to naming the file first, and say that the input was refused."""
    assert message.startswith(place), message
    return False


@cache
def folder() -> Path:
    """Return a folder of this process for files to read; memory holds it where it can."""
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
    return Path(tempfile.mkdtemp(prefix="doors-", dir=place))


def answers_file(data: bytes) -> bool:
    """`--answers FILE`."""
    try:
        given = parse_file(KNOWLEDGE, data, "a.json")
    except AnswerError as error:
        told(error.text("zh"))
        told(error.text("en"))
        told(error.place)
        return False
    asked = interview(KNOWLEDGE, assess(KNOWLEDGE, Evidence(observations(given))))
    json.loads(msgspec.json.encode(asked))
    assert parse_answers(KNOWLEDGE, given) == given
    return True


READER = BatchWorker(KNOWLEDGE, "zh", ("outcome", "summary", "observations", "contradictions"))


def batch(data: bytes) -> bool:
    """One line of `batch`."""
    line = READER.line(1, data or b"0")
    if line is None:
        return False
    assert b"\n" not in line.data
    found = json.loads(line.data.decode())
    assert ("error" in found) == line.rejected
    if line.rejected:
        told(found["error"]["message"])
    return not line.rejected


def settings(data: bytes) -> bool:
    """The settings file."""
    path = folder() / "config.toml"
    path.write_bytes(data)
    try:
        apply_settings(read_settings(str(path)), KNOWLEDGE)
    except SettingsError as error:
        return _named(str(placed(error, str(path))), f"{path}:")
    return True


def draft(data: bytes) -> bool:
    """The saved answers of an unfinished diagnosis."""
    path = folder() / "draft.json"
    path.write_bytes(data)
    try:
        found = DraftFile(path).read(KNOWLEDGE)
    except DraftError as error:
        told(str(error))
        assert path.read_bytes() == data
        return False
    assess(KNOWLEDGE, Evidence(found))
    DraftFile(path).write(found)
    assert DraftFile(path).read(KNOWLEDGE) == found
    return True


def versions(data: bytes) -> bool:
    """A version text, of WeChat or of the system."""
    text = data.decode("utf-8", "surrogateescape")
    wechat, system = parse_wechat_version(text), parse_system_version(text)
    for reading in (wechat, system):
        json.loads(msgspec.json.encode(reading))
        sure = reading.error is not None and getattr(reading, "reason", None) != "doubt"  # a doubt has both
        assert (reading.version is None) == sure
    return wechat.version is not None


def setting(data: bytes) -> bool:
    """`--set ID=VALUE`."""
    try:
        id_, value = parse_setting(KNOWLEDGE, data.decode("utf-8", "surrogateescape"))
    except AnswerError as error:
        told(error.text("zh"))
        return False
    assert parse_answers(KNOWLEDGE, {id_: value}) == {id_: value}
    return True


def phone(data: bytes) -> bool:
    """What a phone's shell prints, to every question that it is asked."""
    text = data.decode("utf-8", "replace")
    found = [
        parse_package(text), parse_users(text), parse_path(text, 0), parse_connectivity(text),
        data_saver(text), data_blocked(text, "10123"), android_version(text, text),
        clock_difference(text, 0.0, 1.0), free_bytes(text), device_kind(text, text, text),
    ]  # fmt: skip
    msgspec.json.encode(found)
    return any(found)


def code(data: bytes) -> bool:
    """A code of answers from the questionnaire."""
    try:
        given = decode(data.decode("utf-8", "replace"), KNOWLEDGE)
    except CodeError as error:
        told(error.text("zh"))
        return False
    assert parse_answers(KNOWLEDGE, given) == given
    return True


def interviewed(data: bytes) -> bool:
    """What somebody types, or pipes, into `ask`."""
    said = io.StringIO()
    session = Session(KNOWLEDGE)
    Interviewer(session, Console(session.texts, io.BytesIO(data), said)).run()
    assert "\x1b" not in said.getvalue()
    return bool(session.own_answers())


def knowledge(data: bytes) -> bool:
    """A cause in a knowledge folder of one's own."""
    place = folder() / "knowledge"
    (place / "causes").mkdir(parents=True, exist_ok=True)
    (place / "causes" / "teen_mode.toml").write_bytes(data)
    try:
        read_folders((Path(HERE), place))
    except KnowledgeError as error:
        return _named(str(error), f"{folder()}/knowledge")
    return True


def command(data: bytes) -> bool:
    """The whole command line, with an answers file, words of one's own and a settings file."""
    path = folder() / "line.json"
    path.write_bytes(data)
    words = [word for word in data[:300].decode("utf-8", "surrogateescape").replace("\0", " ").split(" ") if word][:3]
    inputs = (["--answers", str(path)], [f"--wechat-version={' '.join(words)}"], words, ["--config", str(path)])
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(["check", "--offline", "--json", *inputs[len(data) % 4]])
        except SystemExit as ended:
            code_ = ended.code
    shown = out.buffer.getvalue()  # type: ignore[attr-defined]
    assert code_ in (0, 2), (code_, err.getvalue())
    assert "Traceback" not in err.getvalue()
    if code_ == 2:
        assert shown == b""
        *said, error = err.getvalue().splitlines()
        assert error.startswith("weilidai-doctor: ")
        assert len(said) <= ("GB18030" in "".join(said))  # how the file was read is said before
        return False
    assert shown.startswith((b"{", "用法".encode(), b"Usage", b"weilidai-doctor"))
    return True


@cache
def seeds(name: str) -> tuple[bytes, ...]:
    """Return whole inputs of this door, to be damaged."""
    whole = json.dumps({"schema": "weilidai-doctor/answers/1", "answers": FULL}, ensure_ascii=False).encode()
    small = b'{"answers": {"person.age": 17}}'
    if name in ("answers_file", "command"):
        return whole, small, b'[settings]\nlang = "en"\n', b"--set person.age=35 --lang=en --fail-on likely"
    if name == "batch":
        return whole, b'{"id": {"a": [1, null, "\xe5\xbc\xa0"]}, ' + whole[1:], b'{"id": "\\ud83d\\ude00", ' + small[1:]
    if name == "settings":
        return (
            b'[settings]\nlang = "zh"\ntimeout = 5.5\ntargets = ["https://weixin.qq.com/"]\nfail_on = "likely"\n'
            b'[settings.minimum.wechat]\nandroid = "8.0.50"\n[settings.limits]\ndebt.open_loans = 3\n',
            b'[settings]\nminimum = {os = {ios = "13"}}\nlimits = {"debt.likely_percent" = 60}\n',
        )
    if name == "draft":
        path = folder() / "seed.json"
        DraftFile(path).write(observations(parse_answers(KNOWLEDGE, FULL), "operator", "2026-11-23T12:00:00Z"))
        return path.read_bytes(), b'{"observations": []}'
    if name == "versions":
        texts = [row["text"] for table in rows("versions.toml").values() for row in table]
        return tuple(text.encode("utf-8", "replace") for text in texts)
    if name == "setting":
        return tuple(f"{id_}={value}".encode() for id_, value in FULL.items() if not isinstance(value, list))
    if name == "phone":
        return _phone_seeds()
    if name == "code":
        return encode(FULL, KNOWLEDGE).encode(), encode({"person.age": 17}, KNOWLEDGE).encode()
    if name == "interviewed":
        return b"1\n2\n?\nb\n3\nd\ns\n\n17\n8.0.49\nq\n", b"d\n" * 60, b"1\n" * 60, b"s\n" * 60 + b"y\n1\n"
    return ((Path(HERE) / "causes" / "teen_mode.toml").read_bytes(),)


def _phone_seeds() -> tuple[bytes, ...]:
    phones = [describe.data(name) for name in describe.names()]
    replies = [reply["out"].encode() for one in phones for reply in one.get("replies", {}).values() if "out" in reply]
    return (
        b"Packages:\n  Package [com.tencent.mm] (557bb4e):\n    versionCode=2600 minSdk=23 targetSdk=29\n"
        b"    versionName=8.0.49\n    User 0: ceDataInode=1 installed=true hidden=false stopped=false enabled=0\n",
        b"Users:\n\tUserInfo{0:\xe6\x9c\xba\xe4\xb8\xbb:c13} running\n\tUserInfo{999:clone:1030}\n",
        b"Active default network: 101\nNetworkAgentInfo{network{101} nc{[ Transports: WIFI Capabilities: INTERNET]}}\n",
        b"3 packets transmitted, 2 received, 33% packet loss, time 2003ms\nrtt min/avg/max/mdev = 1.2/3.4/5.6/0.7 ms\n",
        b"Filesystem 1K-blocks Used Available Use% Mounted on\n/dev/fuse 100 50 50 50% /data\n",
        b"Physical size: 1080x2400\nPhysical density: 440\n", *replies,
    )  # fmt: skip


DOORS: Final[dict[str, tuple[Callable[[bytes], bool], int]]] = {
    "answers_file": (answers_file, 250), "batch": (batch, 150), "settings": (settings, 150), "draft": (draft, 60),
    "versions": (versions, 220), "setting": (setting, 90), "phone": (phone, 40), "code": (code, 30),
    "command": (command, 20), "interviewed": (interviewed, 4), "knowledge": (knowledge, 2),
}  # fmt: skip
"""Every door by name, and how many of a thousand inputs (or so) go to it: the slow ones get fewer."""

if sys.flags.optimize:
    raise RuntimeError("the doors hold their promises by assertions: not under -O")
