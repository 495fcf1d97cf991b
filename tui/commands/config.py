"""`config`: the settings in force and where each comes from."""

from __future__ import annotations

import click
import msgspec

from diagnostics.settings import Settings, SettingsError, default_path, from_environment, read_settings
from tui import exits
from tui.groups import Group, need_command


@click.group(
    "config", cls=Group, invoke_without_command=True, no_args_is_help=False, subcommand_metavar="COMMAND [ARGS]..."
)
@click.pass_context
def command(ctx: click.Context) -> None:
    """The settings and where they come from."""
    need_command(ctx)


@command.command("show")
@click.option("--json", "as_json", is_flag=True)
@click.option("--config", metavar="FILE")
def show(as_json: bool, config: str | None) -> int:
    """Show every setting, its value and where it comes from: default, file or environment."""
    try:
        settings = read_settings(config)
        environment = from_environment()
    except SettingsError as error:
        raise exits.BadInput(error) from None
    path = config or default_path()
    default = msgspec.to_builtins(Settings())
    rows = []
    for name, value in msgspec.to_builtins(settings).items():
        source = "default" if value == default[name] else path
        if name in environment:
            source = f"WEILIDAI_DOCTOR_{name.upper()}"
        rows.append({"name": name, "value": value, "source": source})
    if as_json:
        exits.write(msgspec.json.format(msgspec.json.encode(rows), indent=2).decode() + "\n")
        return exits.DONE
    lines = [f"{row['name']:<16} {msgspec.json.encode(row['value']).decode():<24} {row['source']}" for row in rows]
    exits.write("\n".join([f"# {path}", *lines]) + "\n")
    return exits.DONE
