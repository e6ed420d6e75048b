"""The command line `xietong`: runs the platform's parts and does what operators and scripts need."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import click

from shared.core.errors import ProblemError
from shared.core.settings import SettingsError

LINE = "deploy.command_line"
GROUPS: Mapping[str, tuple[str, ...]] = {
    "日常 / Every day": ("login", "logout", "me", "token", "api"),
    "试用 / Trying it": ("up", "down", "status", "otp", "demo"),
    "运行 / Running a cell": (
        "config",
        "keys",
        "migrate",
        "topics",
        "seed",
        "web",
        "worker",
        "relay",
        "invite",
        "parked",
        "rebuild",
    ),
    "证明 / Proving": ("journal", "audit", "certificate"),
    "开发 / Developing": ("docs",),
}
COMMANDS: Mapping[str, str] = {
    **dict.fromkeys(("up", "down", "status", "supervise"), "deploy.local.cli"),
    **dict.fromkeys(("login", "logout", "token", "otp"), f"{LINE}.login"),
    "api": f"{LINE}.api",
    "certificate": f"{LINE}.certificate",
    "me": f"{LINE}.me",
    "demo": "deploy.demo",
    "docs": "deploy.documents",
    **dict.fromkeys(("config", "keys"), f"{LINE}.setting_up"),
    **dict.fromkeys(("migrate", "topics", "seed", "web", "worker", "relay"), f"{LINE}.parts"),
    **dict.fromkeys(("invite", "parked", "rebuild", "journal", "audit"), f"{LINE}.operating"),
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

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """In groups."""
        for title, names in GROUPS.items():
            found = {name: self.get_command(ctx, name) for name in names}
            with formatter.section(title):
                formatter.write_dl([(name, one.get_short_help_str(100)) for name, one in found.items() if one])


@click.group(cls=Commands)
@click.version_option(package_name="xietong", message="xietong %(version)s")
def xietong() -> None:
    """协同:让共建产业集群的各辖区保持同步 / Xietong keeps jurisdictions in step."""


def main() -> None:
    """Run; what is refused, and a wrong setting, ends with its sentence, not a traceback."""
    try:
        xietong(prog_name="xietong")
    except SettingsError as error:
        raise SystemExit(f"xietong: {error}") from error
    except ProblemError as error:
        faults = [f"\n  {fault.pointer}: {fault.zh} / {fault.en}" for fault in error.faults]
        raise SystemExit(f"xietong: {error.zh} / {error.en}{''.join(faults)}") from error


if __name__ == "__main__":
    main()
