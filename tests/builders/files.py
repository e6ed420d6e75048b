"""Files as people of a tenant upload, cite and read them, and as they lie in the store."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from shared.files.files import FileRow
from tests.builders.cell import Cell, Client

PDF = "application/pdf"


@dataclass
class Desk:
    """One tenant's files."""

    cell: Cell
    tenant: UUID

    @property
    def client(self) -> Client:
        return self.cell.client(self.tenant)

    def upload(self, content: bytes, media_type: str = PDF, **changes: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.cell.token(self.tenant, **changes)}", "Content-Type": media_type}
        return self.client.flask.post("/v1/files", data=content, headers=headers)

    def cited(self, content: bytes, media_type: str = PDF) -> dict[str, Any]:
        """An uploaded file as an agreement cites it."""
        answer = self.upload(content, media_type)
        assert answer.status_code == 201, answer.json
        return {**answer.json, "name": "附件.pdf"}

    def read(self, sha256: str, **headers: str) -> Any:
        return self.client.get(f"/v1/files/{sha256}", headers=headers)

    def lies_at(self, sha256: str) -> Path:
        """Where the content lies."""
        return Path(self.cell.settings.files) / str(self.tenant) / sha256

    def row(self, sha256: str) -> FileRow | None:
        with self.cell.session(self.tenant) as session:
            found: FileRow | None = session.get(FileRow, (self.tenant, sha256, UUID(int=0)))
            return found


def aside(cell: Cell) -> list[Path]:
    """What lies aside: half of something, or nobody's."""
    return list((Path(cell.settings.files) / "incoming").glob("*"))
