"""`mcp` as an assistant uses it: the SDK's own client, with the server as its child process."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from mcp import Client  # here, where stderr is a file: the client keeps the one it finds when it is loaded
from mcp.client.stdio import StdioServerParameters

from tests.headless.doctor import inside

ANSWERS = {"person.age": 17, "entry.services_menu": "not_shown"}
TIME = {"SOURCE_DATE_EPOCH": "1800000000"}


async def asked(home: Path, *calls: tuple[str, dict[str, Any]]) -> list[tuple[bool, str]]:
    """Call these tools one after the other; whether each is an error, and its text."""
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "tui", "mcp", "--lang", "zh"], env={"HOME": str(home), **TIME}
    )
    found = []
    async with Client(server) as client:
        tools = (await client.list_tools()).tools
        assert [tool.name for tool in tools] == ["read", "next_questions", "check", "explain"]
        assert all(tool.description for tool in tools)
        for name, arguments in calls:
            result = await client.call_tool(name, arguments)
            found.append((bool(result.is_error), "".join(one.text for one in result.content)))
    return found


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("check", {"answers": {"person.agee": 1}}, "person.age"),
    ("check", {"answers": {"debt.monthly_income": 1e308}}, "debt.monthly_income"),
    ("explain", {"id": "teen"}, "teen_mode"),
]
"""Calls that cannot be taken, and what the error names."""


def timeless(text: str) -> str:
    """Leave out how long each check took, which no two runs share."""
    return "\n".join(line for line in text.splitlines() if '"duration_ms"' not in line)


def test_it_answers_what_the_commands_write_refuses_with_the_way_out_and_keeps_nothing(home: Path) -> None:
    words = "我十七岁，手机13800138000，微信服务里没有微粒贷"
    *refused, (_, read), (_, check), (_, explain), (_, asks), (wrong, _) = asyncio.run(asked(
        home, *((name, arguments) for name, arguments, _ in BAD), ("read", {"text": words}),
        ("check", {"answers": ANSWERS}), ("explain", {"id": "age_out_of_range", "answers": ANSWERS}),
        ("next_questions", {"answers": {}}), ("check", {"answers": ANSWERS, "story": "我昨天注销了微信支付"}),
    ))  # fmt: skip
    assert not wrong
    for (fault, text), (*_, said) in zip(refused, BAD, strict=True):
        assert fault
        assert said in text
        assert "Traceback" not in text
    assert list(home.iterdir()) == []
    given = tuple(word for id_, value in ANSWERS.items() for word in ("--set", f"{id_}={value}"))
    assert read == inside("read", "--json", words, "--lang", "zh").out
    assert "13800138000" not in read
    assert timeless(check) == timeless(inside("check", "--offline", "--json", "--lang", "zh", *given, env=TIME).out)
    assert explain == inside("explain", "age_out_of_range", "--json", "--lang", "zh", *given).out
    page = json.loads(asks)
    report = json.loads(inside("check", "--offline", "--json", env=TIME).out)
    assert [one["id"] for one in page["questions"]] == report["questions"]["page"]
    assert page["remaining"] == report["questions"]["remaining"]
    assert all(one["ask"] and one["values"] for one in page["questions"])
