"""The documentation says what is: generated pages, outputs, code examples, links, commands and ids."""

import re
import sys
from pathlib import Path

import pytest

from diagnostics.checks.registry import check_ids
from diagnostics.knowledge import load
from diagnostics.settings import LEVELS, Settings
from docs import build
from docs import extras as extras_cost
from docs.making import console, extras, graph, licences
from docs.making.home import ROOT

ANEW = "the documentation is out of date: run `python -m docs.build` and read the difference"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
PYTHON = re.compile(r"(?ms)^```python\n(.*?)^```$")
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)")


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Help is as wide as the terminal, and settings of whoever runs the tests stay out."""
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path))


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("name", build.WHOLE)
def test_a_generated_page_is_what_the_command_makes(name: str) -> None:
    assert (ROOT / "docs" / name).read_text("utf-8") == build.WHOLE[name](), ANEW


@pytest.mark.parametrize("page", console.pages(), ids=named)
def test_an_output_is_what_its_command_writes(page: Path) -> None:
    assert page.read_text("utf-8") == console.filled(page), ANEW


@pytest.mark.parametrize("name", ["architecture.md", "architecture.en.md"])
def test_the_picture_is_that_of_the_code(name: str) -> None:
    page = ROOT / "docs" / name
    text = page.read_text("utf-8")
    assert build.MADE.search(text)
    assert text == build.made(page, text), ANEW
    assert {graph.part_of(module) for module, _ in graph.modules()} - {None} == {*graph.PARTS}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_extra_stands_in_the_table_with_what_it_costs(lang: str) -> None:
    found = extras_cost.kept().costs
    assert {cost.extra for cost in found} == {"", *extras_cost.extras()}, "run `python -m docs.extras`"
    assert [cost for cost in found if not cost.milliseconds or (cost.extra and not cost.megabytes)] == []
    page = (ROOT / "docs" / ("install.md" if lang == "zh" else "install.en.md")).read_text("utf-8")
    assert f"<!-- made: extras -->\n\n{extras.table(lang)}\n\n<!-- end -->" in page, ANEW


@pytest.mark.parametrize("name", ["api.md", "api.en.md"])
def test_the_examples_of_the_programming_interface_run(name: str) -> None:
    text = (ROOT / "docs" / name).read_text("utf-8")
    names: dict[str, object] = {}
    blocks = PYTHON.findall(text)
    for block in blocks:
        exec(compile(block, name, "exec"), names)  # noqa: S102  our own page
    assert len(blocks) >= 7
    for path in re.findall(r"(?m)^\| `(diagnostics[\w.]*)", text):
        module, _, attribute = path.rpartition(".")
        __import__(module)
        assert hasattr(sys.modules[module], attribute), path


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_a_link_leads_somewhere(page: Path) -> None:
    for path, anchor in LINK.findall(page.read_text("utf-8")):
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name}: {path}"
        if anchor:
            assert anchor in anchors(target), f"{page.name}: {path}#{anchor}"


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as the places that show Markdown make them."""
    heads = re.findall(r"(?m)^#+ (.*)$", page.read_text("utf-8"))
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("english", [page for page in PAGES if page.name.endswith(".en.md")], ids=named)
def test_both_languages_have_the_same_parts(english: Path) -> None:
    chinese = english.with_name(english.name.replace(".en.md", ".md"))
    shape = [
        [
            re.sub(r"[^#|`$].*", "", line)
            for line in page.read_text("utf-8").splitlines()
            if re.match(r"#+ |```|\$ ", line)
        ]
        for page in (chinese, english)
    ]
    assert shape[0] == shape[1]
    assert f"({english.name})" in chinese.read_text("utf-8")
    assert f"({chinese.name})" in english.read_text("utf-8")
    assert not re.search(r"[一-鿿]{12,}", _prose(english)), "left in Chinese"


def _prose(page: Path) -> str:
    """The page without its code, tables and links, which may name Chinese things."""
    return re.sub(r"(?ms)^```.*?^```$|^\|.*?$|`[^`]*`|\[[^\]]*\]", "", page.read_text("utf-8"))


def test_every_page_has_both_languages() -> None:
    single = {"CHANGELOG.md", "SECURITY.md"}
    bare = {page.name for page in PAGES if not page.name.endswith(".en.md")} - single
    assert {f"{name.removesuffix('.md')}.en.md" for name in bare} == {page.name for page in PAGES} - bare - single


@pytest.mark.parametrize("name", ["ids.md", "ids.en.md"])
def test_every_id_stands_on_the_page_of_ids(name: str) -> None:
    knowledge = load()
    text = (ROOT / "docs" / name).read_text("utf-8")
    values = [choice.id for question in knowledge.questions.values() for choice in question.value]
    for id_ in (*knowledge.causes, *knowledge.questions, *values, *check_ids(), *knowledge.sources, *LEVELS):
        assert f"`{id_}`" in text, id_


@pytest.mark.parametrize("name", ["handbook.md", "handbook.en.md"])
def test_every_setting_stands_in_the_handbook(name: str) -> None:
    text = (ROOT / "docs" / name).read_text("utf-8")
    for key in Settings.__struct_fields__:
        assert re.search(rf"(?m)^\| .*`{key}[.`]", text), key


def test_the_readme_holds_the_two_commands() -> None:
    for page in (ROOT / "README.md", ROOT / "README.en.md"):
        lines = re.findall(r"(?m)^\$ (python3 .*)$", page.read_text("utf-8"))
        assert lines == [
            "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/weilidai-doctor",
            "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/python -m pytest",
        ]


def test_every_licence_is_one_that_was_read() -> None:
    found = licences.licences()
    assert {"click", "msgspec", "textual", "SQLAlchemy"} <= {one.name for one in found}
    assert [one for one in found if not any(word in one.licence for word in licences.FREE)] == []
    for page in ("install.md", "install.en.md"):
        text = (ROOT / "docs" / page).read_text("utf-8")
        needed = [re.split(r"[\[<>=~ ]", line)[0].lower() for line in licences.own() if "extra" not in line]
        assert [name for name in needed if f"| {name} |" not in text.lower()] == []


@pytest.mark.parametrize("name", ["install.md", "install.en.md"])
def test_the_metadata_name_the_pythons_that_were_tried(name: str) -> None:
    tried = re.findall(r"(?m)^\| (3\.\d+)\.\d+ \|", (ROOT / "docs" / name).read_text("utf-8"))
    stated = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', (ROOT / "pyproject.toml").read_text("utf-8"))
    assert tried == stated != []


def test_the_version_stands_in_one_place() -> None:
    from diagnostics import __version__

    holders = [path for package in ("diagnostics", "tui") for path in (ROOT / package).rglob("*.py")]
    assert [path for path in holders if f'"{__version__}"' in path.read_text("utf-8")] == [
        ROOT / "diagnostics" / "__init__.py"
    ]
    assert 'dynamic = ["version"]' in (ROOT / "pyproject.toml").read_text("utf-8")
    assert re.search(rf"(?m)^## {re.escape(__version__)}\b", (ROOT / "CHANGELOG.md").read_text("utf-8"))
