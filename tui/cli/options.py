"""Options that `check`, `ask` and the app share, and how they become evidence."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from diagnostics.answers import MAX_BYTES, observations, parse_file, parse_setting
from diagnostics.checks.base import CheckOptions
from diagnostics.checks.registry import check_ids, plugin_ids
from diagnostics.evidence import Evidence, Value, now
from diagnostics.i18n import Texts, UserError, nearest
from diagnostics.knowledge import Knowledge, load
from diagnostics.settings import LEVELS, Settings, SettingsError, apply_settings, placed, read_settings
from tui.cli.output import UsageError, os_error, tell_once, to_utf8
from tui.language import Lang, choose

if TYPE_CHECKING:
    from diagnostics.autosave import DraftFile
    from diagnostics.cases.case_sync import CaseFile
    from diagnostics.reading import Reading  # noqa: TC004  nothing decodes the options
    from diagnostics.session import Session

MOST_STORY: Final = 16_000_000
"""Most bytes of a story."""
TIMEOUT: Final = 10.0
"""Default number of seconds for all checks together."""


class RunOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The evaluated shared options: knowledge with settings, answers, checks to run."""

    knowledge: Knowledge
    settings: Settings
    lang: Lang
    answers: dict[str, Value]
    checks: tuple[str, ...]
    options: CheckOptions
    """Options of the checks."""
    fail_on: str | None
    ascii: bool
    on_behalf: bool
    story: Reading | None = None
    """The readings of what the person wrote."""

    @property
    def texts(self) -> Texts:
        """The texts in the language of this run."""
        return Texts(self.knowledge, self.lang)

    def evidence(self) -> Evidence:
        """Return the answers as observations of now."""
        return Evidence(observations(self.answers, "operator" if self.on_behalf else "answer", now()))


def _refuse_nan(ctx: click.Context, param: click.Parameter, seconds: float | None) -> float | None:
    """Refuse `nan`, which passes click's range check."""
    if seconds is not None and seconds != seconds:
        raise click.BadParameter(f"'{seconds}' is not a number", ctx, param)
    return seconds


Command = Callable[..., Any]
JSON: Final = click.option("--json", "as_json", is_flag=True)
LANG: Final = click.option("--lang", type=click.Choice(["zh", "en"]))
KNOWLEDGE: Final = click.option("--knowledge", metavar="DIR")
CONFIG: Final = click.option("--config", metavar="FILE")
ANSWERS: Final = click.option("--answers", metavar="FILE")
SET: Final = click.option("--set", "set_", metavar="ID=VALUE", multiple=True)
# help texts stand in the locale files


def options(*each: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Return a decorator that adds these options in this order."""
    return lambda command: functools.reduce(lambda made, option: option(made), reversed(each), command)


shared_options: Final = options(
    ANSWERS,
    click.option("--answers-code", metavar="CODE"),
    click.option("--story", metavar="FILE"),
    SET,
    click.option("--wechat-version", metavar="TEXT"),
    click.option("--platform", metavar="NAME"),
    click.option("--on-behalf", is_flag=True),
    click.option("--offline", is_flag=True),
    click.option("--only", metavar="CHECK", multiple=True),
    click.option("--skip", metavar="CHECK", multiple=True),
    click.option("--target", metavar="URL", multiple=True),
    click.option("--timeout", type=click.FloatRange(0, 600, min_open=True), callback=_refuse_nan, metavar="SECONDS"),
    click.option("--device", metavar="SERIAL|android:N|ios|ios:N|none"),
    click.option("--pair", is_flag=True),
    click.option("--start-adb", is_flag=True),
    LANG,
    click.option("--ascii", is_flag=True),
    click.option("--fail-on", type=click.Choice(LEVELS), metavar="LEVEL"),
    KNOWLEDGE,
    CONFIG,
)
"""What `check`, `ask` and the app take; `run_options` reads it."""
APP: Final = options(
    shared_options,
    click.option("--store", metavar="FILE|URL"),
    click.option("--inline", is_flag=True),
)
"""What the app takes."""


def with_texts(command: Command) -> Command:
    """Add `--lang`, `--knowledge` and `--config` to a command, and pass it the resulting texts."""

    @options(LANG, KNOWLEDGE, CONFIG)
    @functools.wraps(command)
    def call(*, lang: str | None, knowledge: str | None, config: str | None, **given: Any) -> Any:
        loaded, settings = load_knowledge(config, knowledge)
        return command(Texts(loaded, choose(lang, settings.lang)), **given)

    return call


def load_knowledge(config: str | None, folder: str | None = None) -> tuple[Knowledge, Settings]:
    """Load the knowledge base, merged with the desk's files and settings. Raises UserError naming file and line."""
    try:
        settings = read_settings(config)
        knowledge = apply_settings(settings, load(folder or settings.knowledge))
    except SettingsError as error:
        raise placed(error, config) from None
    if os.path.expanduser("~") == "~":  # noqa: PTH111  pathlib raises where there is none
        tell_once("no_home")
    return knowledge, settings


def run_options(given: dict[str, Any]) -> RunOptions:
    """Evaluate the shared options. Raises UserError."""
    knowledge, settings = load_knowledge(given["config"], given["knowledge"])
    targets = given["target"] or settings.targets
    _check_targets(targets, given)
    if given["device"] is not None:
        from diagnostics.phone.readout import parse_device

        parse_device(given["device"])
    lang = choose(given["lang"], settings.lang)
    answers = _answers(knowledge, given)
    options = CheckOptions(
        targets=tuple(targets),
        timeout=given["timeout"] or settings.timeout or TIMEOUT,
        device=given["device"],
        limits={"second_resolver": settings.second_resolver or ""},
        **{name: given[name] for name in ("offline", "start_adb", "pair")},
    )
    return RunOptions(
        knowledge=knowledge,
        settings=settings,
        lang=lang,
        answers=answers,
        checks=_checks(given["only"], given["skip"], given["offline"]),
        options=options,
        fail_on=given["fail_on"] or settings.fail_on,
        ascii=given["ascii"],
        on_behalf=given["on_behalf"],
        story=_story(knowledge, given, answers, lang),
    )


def answers_file(knowledge: Knowledge, name: str | None, set_: tuple[str, ...] = ()) -> dict[str, Value]:
    """Return the answers of a file (`-` is stdin), if any, overridden by `--set` options. Raises UserError."""
    answers = parse_file(knowledge, *read_input(name)) if name is not None else {}
    return answers | dict(parse_setting(knowledge, text) for text in set_)


def _answers(knowledge: Knowledge, given: dict[str, Any]) -> dict[str, Value]:
    answers = answers_file(knowledge, given["answers"])
    _check_stdin(given)
    if given["answers_code"] is not None:
        from diagnostics.questionnaire import decode

        code = given["answers_code"]
        answers |= decode(read_input("-", MOST_STORY)[0].decode() if code == "-" else code, knowledge)
    named = (("wechat.version", given["wechat_version"]), ("client.platform", given["platform"]))
    settings = [f"{id_}={value}" for id_, value in named if value is not None]
    return answers | answers_file(knowledge, None, (*settings, *given["set_"]))


def _check_stdin(given: dict[str, Any]) -> None:
    """Raise UsageError if several options read stdin."""
    named = [f"--{name.replace('_', '-')} -" for name in ("answers_code", "story", "answers") if given[name] == "-"]
    if len(named) > 1:
        raise UsageError("contradict", one=named[0], other=named[-1])


def _story(knowledge: Knowledge, given: dict[str, Any], answers: dict[str, Value], lang: Lang) -> Reading | None:
    """Read the `--story` file, also as a reply to a message; `-` is stdin. Raises UserError."""
    if given["story"] is None:
        return None
    from diagnostics.questionnaire.replies import read_story

    return read_story(knowledge, read_input(given["story"], MOST_STORY)[0].decode(), answers, lang)


def tell_unsure(shared: RunOptions) -> None:
    """Report uncertain readings of the story, which are not used; `ask` and the app have them confirmed instead."""
    found = shared.story.readings if shared.story is not None else ()
    unsure = [one for one in found if not one.sure and one.id in shared.knowledge.questions]
    if unsure:
        from diagnostics.reading.record import finding_line

        tell_once("unsure", read=", ".join(finding_line(shared.texts, one, 40).strip() for one in unsure))


def read_input(name: str, limit: int = MAX_BYTES) -> tuple[bytes, str]:
    """Return the UTF-8 content of a file (`-` is stdin), and its name for messages.

    Raises UserError if it cannot be read, is not text, or has more than `limit` bytes.
    """
    try:
        if name == "-":
            data, name = sys.stdin.buffer.read(limit + 1) if sys.stdin else b"", "stdin"
        else:
            with open(name, "rb") as file:  # noqa: PTH123  pathlib takes an empty name for a folder
                data = file.read(limit + 1)
    except (OSError, ValueError) as error:
        raise os_error(name, error) from None
    if len(data) > limit:
        raise UserError("too_large", name, limit=limit)
    return to_utf8(data, name), name


def _checks(only: tuple[str, ...], skip: tuple[str, ...], offline: bool) -> tuple[str, ...]:
    """Return the ids of the checks to run; plug-ins are never part of `--offline`."""
    known = check_ids() if offline else (*check_ids(), *plugin_ids())
    for name in (*only, *skip):
        if offline and name not in known and name in plugin_ids():
            if name in only:
                raise UsageError("plugin_offline", name=name)
        elif name not in known:
            raise UsageError("unknown_check", name=name, known=", ".join(known), near=nearest(name, known))
    return tuple(id_ for id_ in known if (not only or id_ in only) and id_ not in skip)


def _check_targets(targets: tuple[str, ...], given: dict[str, Any]) -> None:
    if not targets:
        return
    from diagnostics.network.targets import parse_target

    for url in targets:
        try:
            parse_target(url)
        except UserError as error:
            if given["target"]:
                raise error.at(f"--{error.place}") from None
            wrong = SettingsError("settings.wrong", setting="targets", name=error.place, reason=error.at(""))
            raise placed(wrong, given["config"]) from None


def new_session(shared: RunOptions, store: str | None) -> Session:
    """Return a new session that takes over unsubmitted texts of earlier runs; no store is opened yet.

    Its answers are a case if they are given for somebody else, or if a store is named by `store` (the option), the
    settings or the environment; else a draft, which holds less. Raises UserError for an invalid store.
    """
    from diagnostics.session import Session

    settings = shared.settings
    draft: DraftFile | CaseFile
    if shared.on_behalf or store or settings.store:
        from diagnostics.cases.case_sync import CaseFile
        from diagnostics.cases.model import location_of

        draft = CaseFile(
            shared.knowledge,
            location_of(store, settings.store),
            operator=settings.operator or "",
            lang=shared.lang,
            purge_days=settings.purge_days,
        )
    else:
        from diagnostics import autosave

        draft = autosave.DraftFile(autosave.default_path())
        draft.claim()
    draft.unsent.take_over()
    return Session(shared.knowledge, lang=shared.lang, draft=draft, own="operator" if shared.on_behalf else "answer")
