"""Groups of commands: a name that is none is told with the nearest one and all there are."""

from __future__ import annotations

import click

from tui import exits


class Group(click.Group):
    """A command group whose faults are told in the user's language."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, naming the nearest where there is none."""
        known = self.list_commands(ctx)
        if args and not args[0].startswith("-") and args[0] not in known and not ctx.resilient_parsing:
            from diagnostics.answers import nearest

            raise exits.Fault("unknown_command", name=args[0], known=", ".join(known), near=nearest(args[0], known))
        return super().resolve_command(ctx, args)


def need_command(ctx: click.Context) -> None:
    """Say that a group does nothing by itself, where no command was named."""
    if ctx.invoked_subcommand is None and isinstance(ctx.command, click.Group):
        known = ", ".join(ctx.command.list_commands(ctx))
        raise exits.Fault("missing_command", name=ctx.info_name, known=known)
