"""The store of contents: one object per tenant and hash, there in full or not at all."""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, BinaryIO
from uuid import UUID, uuid4

import fsspec

from shared.core.log import logger
from shared.core.settings import Settings
from shared.files.media_types import LOOKED_AT, MediaType, form_of

CHUNK = 256 * 1024
"""Bytes in memory at a time."""
BLOCK = 8 << 20
"""What an object store takes as one part; 5 MiB are the least that S3 allows."""
ASIDE = "incoming"
"""Where contents lie until they are whole and known to be what they are called."""
ASIDE_NAME = re.compile(r"[0-9a-f]{32}")
MOST_SWEPT = 1000
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Staged:
    """A content written aside: nobody's until `Store.keep` gives it to a tenant."""

    path: str
    sha256: str
    size: int

    @property
    def name(self) -> str:
        """What it is called among those that lie aside."""
        return self.path.rpartition("/")[2]


class Store:
    """Contents under `<tenant>/<sha256>` of any fsspec file system: a folder, or S3 in a deployment.

    Every content is written aside under a name of its own, hashed on the way, and put in its place whole: by renaming
    where the file system can, by the store's own copy of an object where it cannot. Whoever ends in between leaves
    something aside, which is swept.
    """

    def __init__(self, settings: Settings) -> None:
        # Other processes write too: a listing that was remembered would hide what they did.
        self.system, self.root = fsspec.core.url_to_fs(settings.files, auto_mkdir=True, use_listings_cache=False)

    def path(self, tenant: UUID, sha256: str) -> str:
        """Where the content lies; raises ValueError for what is no hash, and might be a way out of the folder."""
        if SHA256.fullmatch(sha256) is None:
            raise ValueError("not the hexadecimal SHA-256 of a content")
        return f"{self.root}/{tenant}/{sha256}"

    def stage(self, chunks: Iterable[bytes]) -> Staged:
        """Write a content aside; what raises, `chunks` included, leaves nothing behind."""
        path, digest, size = f"{self.root}/{ASIDE}/{uuid4().hex}", hashlib.sha256(), 0
        try:
            with self.system.open(path, "wb", block_size=BLOCK) as out:
                for chunk in chunks:
                    out.write(chunk)
                    digest.update(chunk)
                    size += len(chunk)
                _sync(out)
            self._check_size(path, size)
        except BaseException:
            self._drop(path)
            raise
        return Staged(path, digest.hexdigest(), size)

    def _check_size(self, path: str, size: int) -> None:
        if int(self.system.size(path)) != size:
            raise OSError(f"{size} bytes were written, and others are there")

    def keep(self, staged: Staged, tenant: UUID) -> None:
        """Give the staged content to a tenant; replaces what lies there, which heals what was damaged."""
        self.system.mv(staged.path, self.path(tenant, staged.sha256))

    def discard(self, staged: Staged) -> None:
        """Forget what was staged; nothing happens once it is kept."""
        self._drop(staged.path)

    def open_staged(self, name: str) -> BinaryIO:
        """A content that still lies aside, by the name that `Staged.name` gave; raises FileNotFoundError."""
        return self._open(self._aside(name))

    def discard_named(self, name: str) -> None:
        """Forget what lies aside under this name, if it is still there."""
        self._drop(self._aside(name))

    def _aside(self, name: str) -> str:
        if ASIDE_NAME.fullmatch(name) is None:
            raise ValueError("not the name of a content that lies aside")
        return f"{self.root}/{ASIDE}/{name}"

    def _drop(self, path: str) -> None:
        with suppress(FileNotFoundError):
            self.system.rm_file(path)

    def holds(self, tenant: UUID, sha256: str, *, size: int) -> bool:
        """Whether the tenant's content lies here in its full size. Looks at this tenant's folder alone."""
        try:
            return int(self.system.size(self.path(tenant, sha256))) == size
        except FileNotFoundError:
            return False

    def open(self, tenant: UUID, sha256: str) -> BinaryIO:
        """The content; raises FileNotFoundError."""
        return self._open(self.path(tenant, sha256))

    def _open(self, path: str) -> BinaryIO:
        opened: BinaryIO = self.system.open(path, "rb", block_size=BLOCK)
        return opened

    def form(self, tenant: UUID, sha256: str) -> MediaType:
        """What the tenant's content is by its bytes; raises FileNotFoundError."""
        return self._form(self.path(tenant, sha256))

    def form_of(self, staged: Staged) -> MediaType:
        """The same of what was staged."""
        return self._form(staged.path)

    def _form(self, path: str) -> MediaType:
        with self._open(path) as opened:
            head = opened.read(LOOKED_AT)
            opened.seek(max(0, int(self.system.size(path)) - LOOKED_AT))
            return form_of(head, opened.read(LOOKED_AT))

    def copy(self, source: UUID, target: UUID, *, sha256: str, size: int) -> bool:
        """Copy one tenant's content into another's folder unless it is there; False where `source` has it not in full.

        Says nothing of whether `target` may have it: ask first if `source` holds it.
        """
        if self.holds(target, sha256, size=size):
            return True
        if not self.holds(source, sha256, size=size):
            return False
        with self.open(source, sha256) as opened:
            staged = self.stage(iter(partial(opened.read, CHUNK), b""))
        if (staged.sha256, staged.size) != (sha256, size):
            logger("files").error("file_damaged", sha256=sha256, tenant=str(source))
            self.discard(staged)
            return False
        self.keep(staged, target)
        return True

    def remove(self, tenant: UUID, sha256: str) -> None:
        """Delete the content, if it is there."""
        self._drop(self.path(tenant, sha256))

    def sweep(self, before: datetime) -> int:
        """Delete what was left aside since `before`, some of it at a time; returns how many there were."""
        try:
            found = self.system.ls(f"{self.root}/{ASIDE}", detail=False)
        except FileNotFoundError:
            return 0
        old = [path for path in found[:MOST_SWEPT] if self._is_older(path, before)]
        for path in old:
            self._drop(path)
        return len(old)

    def _is_older(self, path: str, before: datetime) -> bool:
        try:
            written: datetime = self.system.modified(path)
        except (FileNotFoundError, NotImplementedError):
            return False
        return written < before


def _sync(out: Any) -> None:
    """To the disk, where there is one: what is acknowledged outlives a power cut."""
    out.flush()
    with suppress(io.UnsupportedOperation):
        os.fsync(out.fileno())
