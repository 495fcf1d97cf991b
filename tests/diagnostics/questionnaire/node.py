"""The page's own scripts under node, without a document."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec

from diagnostics.knowledge.model import Knowledge
from diagnostics.questionnaire.page import SCRIPTS, compiled, packed

STATIC = Path(__file__).parents[3] / "diagnostics" / "questionnaire" / "static"
MISSING = "no node here: apt-get install nodejs"


def by_page(knowledge: Knowledge, body: str, values: Any, folder: Path) -> Any:
    """Run the body of a function of `given` behind the page's scripts, all but its course, and return what it returns.

    Raises AssertionError where node is missing or the script throws.
    """
    node = shutil.which("node")
    assert node is not None, MISSING
    data = packed(msgspec.json.encode(compiled(knowledge, "zh")))
    head = f"const document = {{ getElementById: () => ({{ textContent: {json.dumps(data)} }}) }};"
    scripts = [(STATIC / name).read_text("utf-8") for name in SCRIPTS[:-1]]
    read = 'const given = JSON.parse(require("fs").readFileSync(0, "utf8"));'
    tail = f"process.stdout.write(JSON.stringify((() => {{ {body} }})()));"
    (folder / "page.js").write_text("\n".join([head, *scripts, read, tail]), encoding="utf-8")
    done = subprocess.run(
        [node, str(folder / "page.js")], input=json.dumps(values), capture_output=True, text=True, timeout=300,
        encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
