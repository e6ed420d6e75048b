"""The printed form of a certificate: made once, in the background, and kept as a file of the tenant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from events.canonical import instant
from services.standards.commands.paper import Paper, pdf_of
from services.standards.domain.statement import statement, written
from services.standards.models import Body, Certificate, Printing, StandardRow
from shared.core.errors import ConflictError
from shared.files import files
from shared.journal.entries import TextRow
from shared.journal.session import Session
from shared.journal.timers import schedule, timer
from shared.keys.directory import DirectoryRow
from shared.pdf.typeface import UnprintableError, check_printable

PRINT = "standards.certificate.print"
PDF = "application/pdf"
NUMBERS = " / "
"""Between the numbers of a standard that several have issued."""


def print_later(session: Session, row: Certificate) -> None:
    """With the next run of the timers. Once: what is printed never changes, the state is asked for by its code.

    Raises `ConflictError` where it could not be printed, for what it rests on may be older than the present font.
    """
    paper = _paper(session, row)
    parts = (
        (paper.holder[:1], "持证单位名称", "the holder's name"),
        (paper.body[:2], "机构名称", "the body's name"),
        (paper.standard, "标准的编号或名称", "the number or title of the standard"),
        (paper.tenant, "辖区名称", "your tenant's name"),
        (paper.texts, "证书", "the certificate"),
    )
    for texts, zh, en in parts:
        try:
            check_printable(*filter(None, texts))
        except UnprintableError as error:
            said = f"不能颁发,{zh}有误。{error.zh}。", f"Not issued because of {en}. {error.en}."
            raise ConflictError("not_printable", *said) from error
    session.add(Printing(certificate_id=row.id, version=row.version, sha256=None, size=None, made_at=None))
    schedule(session, PRINT, aggregate=row.id, due_at=session.clock.now())


@timer(PRINT, low_priority=True)
def print_certificate(session: Session, key: UUID, _params: Mapping[str, Any]) -> None:
    """Make the PDF, which takes a fifth of a second or more: nothing else that is due waits for a thousand of them."""
    printing = session.get_one(Printing, (session.context.tenant_id, key))
    paper = _paper(session, session.one(Certificate, key))
    signer = session.signer
    said = {
        "certificate": paper.number,
        "key": signer.key,
        "at": instant(session.clock.now()),
        "holder": list(paper.holder),
        "body": [paper.body[0], paper.body[2]],
        "standard": paper.standard[0].split(NUMBERS),
        "valid": [str(day) for day in paper.valid],
    }
    document = statement(said, products=paper.products)
    paper = replace(paper, proof=written(document, signer.sign(document)))
    kept = files.keep_made(session, pdf_of(paper), media_type=PDF)
    printing.sha256, printing.size, printing.made_at = kept.sha256, kept.size, session.clock.now()


def _paper(session: Session, row: Certificate) -> Paper:
    body = session.one(Body, row.body_id)
    standard = session.get_one(StandardRow, row.standard_id).state
    # The holder's name, or a dash where it has been erased since.
    text = session.get(TextRow, (session.context.tenant_id, row.id, row.holder["name_digest"]))
    holder = "—" if text is None else text.text
    listed = session.get(DirectoryRow, row.tenant)
    tenant = ("平台", "Platform") if listed is None else (listed.state["name_zh"], listed.state["name_en"])
    return Paper(
        number=row.number,
        address=f"{session.settings.issuer.rstrip('/')}/c/{row.number}",
        holder=(holder, row.holder["code"]),
        body=(body.name_zh, body.name_en, body.code),
        standard=(NUMBERS.join(standard["numbers"]), standard["title_zh"], standard["title_en"]),
        products=[(product["class"], product["name"]) for product in row.products],
        methods=row.methods,
        valid=(row.valid_from, row.valid_to),
        tenant=tenant,
        issued_at=row.created_at,
    )
