"""Private keys are sealed at rest, for their tenant and name alone; rotation keeps old signatures verifiable."""

from __future__ import annotations

from uuid import UUID

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import select

from shared.core.context import PLATFORM
from shared.evidence import journal_file
from shared.keys.keyring import EnvironmentVault, SigningKey
from tests.builders.cell import Cell
from tests.builders.officials import drafted


def test_a_sealed_key_opens_only_with_its_own_label_and_secret() -> None:
    vault = EnvironmentVault(b"k" * 32)
    sealed = vault.seal(b"private", label=b"tenant/key")
    assert b"private" not in sealed
    assert vault.unseal(sealed, label=b"tenant/key") == b"private"
    for other, label in ((vault, b"other/key"), (EnvironmentVault(b"x" * 32), b"tenant/key")):
        with pytest.raises(InvalidTag):
            other.unseal(sealed, label=label)


def test_after_a_rotation_old_entries_still_verify_and_new_ones_use_the_new_key(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    url = drafted(cell, sichuan, chongqing)
    platform = cell.client(PLATFORM, "system_administrator")
    assert platform.post(f"/v1/tenants/{sichuan}/rotate-key", {"reason": "yearly"}).status_code == 200
    cell.carry()
    assert cell.client(sichuan).patch(url, {"sectors": ["芯片"]}).status_code == 200
    cell.carry()
    keys = cell.client(chongqing).get(f"/v1/tenants/{sichuan}").json["keys"]
    assert len(keys) == 2
    assert keys[0]["valid_until"] is not None
    assert keys[1]["valid_until"] is None
    with cell.session(chongqing) as session:
        exported = journal_file.export(session, [UUID(url.split("/")[-1])])
    used = [item["entry"]["key"] for item in exported["journals"][0]["entries"]]
    assert used == [keys[0]["key"], keys[1]["key"]]
    assert journal_file.verify(exported, cell.settings.platform_key)[0].last == 2
    with cell.session(sichuan) as session:
        assert len(session.scalars(select(SigningKey)).all()) == 2
