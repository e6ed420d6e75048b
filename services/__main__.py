"""The command line `xietong`: runs the platform's parts and does what operators and scripts need."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import click

from shared.settings import SettingsError

LINE = "services.command_line"
COMMANDS: Mapping[str, str] = {
    **dict.fromkeys(("up", "down", "status", "supervise"), "deploy.local.cli"),
    **dict.fromkeys(("login", "logout", "token", "otp"), f"{LINE}.login"),
    "api": f"{LINE}.api",
    "demo": "services.demo",
    "docs": "services.documents",
    **dict.fromkeys(("migrate", "topics", "seed", "web", "worker", "relay"), f"{LINE}.parts"),
    **dict.fromkeys(("invite", "parked", "journal", "audit"), f"{LINE}.operating"),
}
"""Where each command is defined: only the one that runs is loaded, for loading all of them takes a second."""


class Commands(click.Group):
    """The commands by name."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """In the order of the table."""
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        """Load it."""
        if name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(COMMANDS[name]), name)
        return command


@click.group(cls=Commands)
def xietong() -> None:
    """协同:让共建产业集群的各辖区保持同步 / Xietong keeps jurisdictions in step."""


def main() -> None:
    """Run; a wrong setting ends with its sentence, not a traceback."""
    try:
        xietong(prog_name="xietong")
    except SettingsError as error:
        raise SystemExit(f"xietong: {error}") from error


if __name__ == "__main__":
    main()
