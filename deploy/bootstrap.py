"""What a new cell needs beyond its tables: the platform's signing key, if the platform lives here."""

from __future__ import annotations

from sqlalchemy import select

from shared.core.context import PLATFORM, machine_context
from shared.core.derived_keys import derived_key, derived_public_key
from shared.core.settings import SettingsError
from shared.journal.session import Database
from shared.keys.keyring import SigningKey


def ensure_platform_key(database: Database) -> bool:
    """Keep the platform's key in its cell; returns whether it was new. Raises `SettingsError` if it is another's."""
    settings = database.settings
    if settings.platform_cell != settings.cell:
        return False
    if derived_public_key(settings.vault_key, "platform") != settings.platform_key:
        raise SettingsError(
            "XIETONG_PLATFORM_KEY 与本单元的密钥不符 / does not fit XIETONG_KEY_ENCRYPTION_KEY: this cell hosts the"
            " platform, so unset XIETONG_PLATFORM_KEY, or set XIETONG_PLATFORM_CELL to the cell that does."
        )
    with database.session(machine_context(PLATFORM, "bootstrap")) as session:
        if session.scalars(select(SigningKey)).first() is not None:
            return False
        private = derived_key(settings.vault_key, "platform")
        session.keyring.keep(session, private, active_at=session.clock.now())
        return True
