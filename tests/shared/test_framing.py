"""Where a request ends: told in one way only, so that no proxy before this server sees another one begin elsewhere."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from waitress.buffers import OverflowableBuffer

from shared.server.arriving import Bounds, Parser
from shared.server.bounds import FIELDS, LINE
from shared.server.chunks import Chunks

POST = b"POST /body HTTP/1.1\r\nHost: x\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
GET = b"GET /quick HTTP/1.1\r\nHost: x\r\n"
FOUR = b"Content-Length: 4\r\n"


def parsed(content: bytes) -> tuple[Parser, int]:
    """What the server makes of these bytes, and how many it took for the first request."""
    parser, taken = Parser(Bounds().adjustments()), 0
    while taken < len(content) and not parser.completed:
        taken += parser.received(content[taken:])
    return parser, taken


@pytest.mark.parametrize(
    "content",
    [
        POST + FOUR + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        POST.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        POST.replace(b"1.1", b"1.2") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: \r\n" + FOUR + b"\r\nabcd",
        POST + b"Transfer-Encoding: ,\r\n" + FOUR + b"\r\nabcd",
        POST + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
        POST + FOUR + FOUR + b"\r\nabcd",
        POST + b"Content-Length: " + b"0" * 5000 + b"4\r\n\r\nabcd",
        POST + b"Content-Length: +4\r\n\r\nabcd",
        CHUNKED + b"4\n\r\nabcd\r\n0\r\n\r\n",
        CHUNKED + b"\r\n4\r\nabcd\r\n0\r\n\r\n",
        CHUNKED + b"+4\r\nabcd\r\n0\r\n\r\n",
        CHUNKED + b"0x4\r\nabcd\r\n0\r\n\r\n",
        CHUNKED + b"3\r\nabcd\r\n0\r\n\r\n",
        CHUNKED + b"4\r\nabcd0\r\n\r\n",
        CHUNKED + b"4;a\nb\r\nabcd\r\n0\r\n\r\n",
        CHUNKED + b"0\r\na: b\n\nGET / HTTP/1.1\r\n\r\n",
        CHUNKED + b"4;" + b"a" * (LINE + 1),
        CHUNKED + b"0\r\na: " + b"b" * (LINE + 1),
        GET + b" folded: x\r\n\r\n",
        b"GET http://other/quick HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /quick?\x0b HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /quick\r\n\r\n",
        b"GET /quick HTTP/2.0\r\nHost: x\r\n\r\n",
    ],
)
def test_a_request_that_others_might_read_otherwise_is_refused(content: bytes) -> None:
    parser, _ = parsed(content)
    assert parser.completed
    assert parser.error is not None
    assert parser.error.code == 400


@pytest.mark.parametrize(
    "content",
    [
        GET + b"X: " + b"x" * LINE + b"\r\n\r\n",
        GET.replace(b"quick", b"q" * LINE) + b"\r\n",
        GET + b"".join(b"X-%d: x\r\n" % number for number in range(FIELDS)) + b"\r\n",
    ],
)
def test_lines_and_fields_have_the_bounds_that_forms_and_pages_follow(content: bytes) -> None:
    parser, _ = parsed(content)
    assert parser.error is not None
    assert parser.error.code == 431


@pytest.mark.parametrize(
    ("content", "body"),
    [
        (GET + b"\r\n", b""),
        (GET + b"Expect: 100-continue\r\n\r\n", b""),
        (POST + b"Content-Length: 0\r\nExpect: 100-continue\r\n\r\n", b""),
        (POST + FOUR + b"\r\nabcd", b"abcd"),
        (POST + b'transfer-encoding: Chunked\r\n\r\n2\r\nab\r\n02 ; x="y"\r\ncd\r\n0\r\nA: b\r\n\r\n', b"abcd"),
        (CHUNKED + b"a\r\n0123456789\r\n000\r\n\r\n", b"0123456789"),
        (GET.replace(b"1.1", b"1.0") + b"\r\n", b""),
        (b"GET http://X/quick HTTP/1.1\r\nHost: x\r\n\r\n", b""),
        (GET + b"".join(b"X-%d: x\r\n" % number for number in range(FIELDS - 1)) + b"\r\n", b""),
    ],
)
def test_an_honest_request_is_taken_and_ends_where_it_says(content: bytes, body: bytes) -> None:
    parser, taken = parsed(content + GET + b"\r\n")
    assert parser.error is None
    assert not parser.expect_continue, "who has sent everything is not told to go on"
    assert (taken, parser.get_body_stream().read()) == (len(content), body)


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=8), st.lists(st.integers(1, 60), max_size=20))
def test_chunks_are_read_the_same_however_they_arrive(chunks: list[bytes], cuts: list[int]) -> None:
    whole = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    rest, taken = whole + b"GET / ", 0
    receiver = Chunks(OverflowableBuffer(1000))
    while not receiver.completed:
        piece = rest[: cuts.pop() if cuts else len(rest)]
        used = receiver.received(piece)
        taken, rest = taken + used, rest[used:]
    assert receiver.error is None
    assert (taken, receiver.getfile().read()) == (len(whole), b"".join(chunks))


@pytest.mark.parametrize("piece", [b"1\r\na\r\n" * 10_000, b"4\r\n" + b"a" * 60_000, b"0\r\n" + b"a" * 60_000])
def test_no_body_in_chunks_takes_more_than_linear_time(piece: bytes) -> None:
    receiver, began = Chunks(OverflowableBuffer(10_000_000)), process_time()
    for _ in range(100):
        receiver.received(piece)
        if receiver.error:
            break
    assert process_time() - began < 3.0, "waitress itself needs ten"
