"""Bodies in chunks (RFC 9112, 7.1), read strictly and in linear time, whatever the chunks are like."""

from __future__ import annotations

import re
from typing import Any

from waitress.utilities import Error

from shared.server.bounds import LINE

SIZE = rb"([0-9A-Fa-f]{1,15})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?\r\n"
FIRST, NEXT = re.compile(SIZE), re.compile(rb"\r\n" + SIZE)
"""The line before a chunk, and the same after another one. A line feed alone ends nothing: others may think it does."""
ENDS = b"\r\n"


class Malformed(Error):  # type: ignore[misc]  # noqa: N818 - named as waitress names its refusals
    """Not chunks."""

    code = 400
    reason = "Bad Request"


class Chunks:
    """What waitress calls a receiver: `received` takes bytes until `completed`, or until there is an `error`.

    waitress's own copies all that is left for each chunk, keeps a line or trailers without end, and takes a bare
    line feed.
    """

    def __init__(self, buffer: Any) -> None:
        self.buffer, self.completed = buffer, False
        self.error: Malformed | None = None
        self._kept, self._left, self._line = b"", 0, FIRST
        self._in_trailer = False

    def __len__(self) -> int:
        return int(self.buffer.__len__())

    def getfile(self) -> Any:
        """The content, to be read."""
        return self.buffer.getfile()

    def getbuf(self) -> Any:
        """Where the content lies, to be closed."""
        return self.buffer

    def received(self, data: bytes) -> int:
        """Take bytes; returns how many belonged to this body."""
        whole, pieces, at = self._kept + data, [], 0
        while at < len(whole) and not (self.completed or self.error):
            if self._left:
                pieces.append(whole[at : at + self._left])
                at += len(pieces[-1])
                self._left -= len(pieces[-1])
                continue
            known = self._in_trailer
            after = self._after_trailer(whole, at) if known else self._after_line(whole, at)
            if after == at and known == self._in_trailer:
                break
            at = after
        if pieces:
            self.buffer.append(b"".join(pieces))
        taken = at - len(self._kept) if self.completed else len(data)
        self._kept = b"" if self.completed or self.error else whole[at:]
        return taken

    def _after_line(self, whole: bytes, at: int) -> int:
        found = self._line.match(whole, at)
        if found is None:
            begins = at + len(ENDS) if self._line is NEXT else at
            is_odd = self._line is NEXT and not ENDS.startswith(whole[at:begins])
            if is_odd or whole.find(ENDS, begins) >= 0 or len(whole) - at > LINE:
                self.error = Malformed("chunk")
            return at
        self._left, self._line = int(found[1], 16), NEXT
        if self._left:
            return found.end()
        # The end of this line is also the first half of an empty line, where there are no trailers.
        self._in_trailer = True
        return found.end() - len(ENDS)

    def _after_trailer(self, whole: bytes, at: int) -> int:
        end = whole.find(ENDS + ENDS, at)
        trailer = whole[at : end if end >= 0 else len(whole)]
        if len(trailer) > LINE or (end >= 0 and re.search(rb"\r(?!\n)|(?<!\r)\n", trailer)):
            self.error = Malformed("trailer")
        elif end >= 0:
            self.completed = True
            return end + len(ENDS + ENDS)
        return at
