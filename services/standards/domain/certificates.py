"""Rules of certificates: for how long they may be issued, and what of them their body is not accredited for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from events.canonical import Json
from services.standards.domain.bodies import EARLIEST, Grant
from services.standards.domain.checking import Reason, accreditation
from services.standards.domain.reasons import sentence
from services.standards.domain.recognition import months_after
from shared.core.calendar import read_day, start_of
from shared.core.errors import ConflictError, Fault, InvalidError

LATEST = timedelta(days=365)
"""One that begins later than a year is a mistake."""
MOST_YEARS = 10
MOST_PRODUCTS, MOST_METHODS, MOST_REPORTS, MOST_BASES = 50, 50, 10, 20

Certificate = Mapping[str, Json]
"""`standard_id`, `products` and `methods` as `models.Certificate` says."""


def check_period(valid_from: date, valid_to: date, *, today: date) -> None:
    """Raises `InvalidError`; for how long its body may issue it `check_accredited` says."""
    faults = []
    is_near = today - EARLIEST <= valid_from <= today + LATEST
    if not is_near:
        faults.append(
            Fault(
                "/valid_from",
                "应在今天之前 30 天至之后 365 天之间",
                "must lie within 30 days before and 365 after today",
            )
        )
    # Of a day far off there may be no calendar so many years later.
    if valid_to <= valid_from or (is_near and valid_to > months_after(valid_from, 12 * MOST_YEARS)):
        faults.append(
            Fault(
                "/valid_to", f"应晚于起始日,且不超过 {MOST_YEARS} 年", f"must be later, by at most {MOST_YEARS} years"
            )
        )
    if faults:
        raise InvalidError(
            "period_wrong", "有效期有误,请更正。", "The period of validity is wrong. Correct it.", faults
        )


def check_replaces(new: tuple[str, date], holder: str, *, today: date) -> None:
    """A new certificate (its holder's code, its first day) is its holder's and valid at once; raises `InvalidError`."""
    code, valid_from = new
    faults = []
    if code != holder:
        faults.append(
            Fault("/holder/code", f"应与原证书的持证单位相同({holder})", f"must be the old holder's, {holder}")
        )
    if valid_from > today:
        faults.append(Fault("/valid_from", "应不晚于今天", "must not be later than today"))
    if faults:
        raise InvalidError(
            "replacement_wrong",
            "换发的证书应属于同一持证单位,并立即生效:原证书随之失效。请更正;换人请另行颁发,以后生效的请届时换发。",
            "A replacement is for the same holder and valid at once, for the old one ends with it. Correct it; for "
            "another holder issue a new one, and replace later what is to begin later.",
            faults,
        )


def check_recognised(chain: Sequence[Reason], *, standard: str) -> None:
    """Raises `ConflictError` where its home does not recognise the standard of others that it is under."""
    failed = next(
        (reason for reason in chain if reason.step in ("recognition", "conditions") and not reason.holds), None
    )
    if failed is not None:
        said = sentence(failed)
        raise ConflictError(
            "standard_not_recognised",
            f"不能颁发:标准 {standard} 由其他辖区发布,这份证书在本辖区也不作数。{said.zh}",
            f"Not issued: the standard {standard} is another tenant's, and this would not count even here. {said.en}",
        )


def counts_since(valid_from: date, now: datetime) -> datetime:
    """From when its first period lasts."""
    return min(now, start_of(valid_from))


def revoked_since(certificate_from: date, since: date | None, *, now: datetime) -> datetime:
    """The moment from which a revocation holds: now, or the beginning of a day since it is valid, today at most."""
    if since is None:
        return now
    begins = start_of(since)
    if since < certificate_from or begins > now:
        zh, en = f"应在 {certificate_from} 至今天之间", f"must lie between {certificate_from} and today"
        raise InvalidError("since_wrong", f"撤销的起始日{zh}。", f"The day since when {en}.", [Fault("/since", zh, en)])
    return begins


def check_accredited(grants: Sequence[Grant], certificate: Certificate, *, day: date, standard: str) -> None:
    """Raises `ConflictError` that names what is missing; `standard` is what people call the standard.

    The body covers it on `day`, and from then, or a later first day, to its last without a gap: a certificate cannot
    outlast what it rests on. What becomes of it where the accreditation ends early `domain.consequences` says.
    """
    code = accreditation(grants, certificate, day=day)
    if code == "accreditation_ok":
        _check_outlasts(grants, certificate, day=day)
        return
    if code == "accreditation_expired":
        raise ConflictError(
            code,
            "机构的认可今天不在有效期内。请先扩大认可范围或延长认可。",
            "None of the body's grants holds today. Extend its scope first.",
        )
    zh, en = _missing(code, grants, certificate=certificate, day=day, standard=standard)
    raise ConflictError(
        code,
        f"机构未获认可:{zh}。请更正,或先扩大该机构的认可范围。",
        f"The body is not accredited for {en}. Correct it, or extend the body's scope first.",
    )


def _check_outlasts(grants: Sequence[Grant], certificate: Certificate, *, day: date) -> None:
    begins, ends = certificate["valid_from"], certificate["valid_to"]
    last = covered_until(grants, certificate, since=max(begins, day))
    if last is None:
        zh, en = f"机构在 {begins} 没有相应认可", f"the body is not accredited for it on {begins}"
        fault = Fault("/valid_from", zh, en)
    elif last < ends:
        zh, en = f"最晚可为 {last},机构的认可到此为止", f"must be {last} at the latest: the accreditation ends then"
        fault = Fault("/valid_to", zh, en)
    else:
        return
    raise ConflictError(
        "outlasts_accreditation",
        f"证书不能超出机构的认可期:{zh}。请更正,或先延长该机构的认可。",
        f"A certificate cannot outlast its body's accreditation: {en}. Correct it, or extend the accreditation first.",
        [fault],
    )


def covered_until(grants: Sequence[Grant], certificate: Certificate, *, since: date) -> date | None:
    """The last day up to which grants cover it from `since` on without a gap; None where none does on that day."""
    terms = [
        (read_day(one["valid_from"]), read_day(one["valid_to"]))
        for one in grants
        if (accreditation([one], certificate, day=read_day(one["valid_from"])) == "accreditation_ok")
    ]
    last = None
    for begins, ends in sorted(terms):
        if begins <= (since if last is None else last + timedelta(days=1)) and ends >= (last or since):
            last = ends
    return last


def _missing(
    code: str, grants: Sequence[Grant], *, certificate: Certificate, day: date, standard: str
) -> tuple[str, str]:
    if code == "accreditation_not_for_standard":
        return f"标准 {standard}", f"the standard {standard}"

    def lacks(**part: Json) -> bool:
        return accreditation(grants, {**certificate, **part}, day=day) != "accreditation_ok"

    if code == "accreditation_not_for_products":
        every = [product["class"] for product in certificate["products"]]
        found = [one for one in every if lacks(products=[{"class": one}], methods=[])]
        zh, en = "产品类别", "product class"
    else:
        every = list(certificate["methods"])
        found = [one for one in every if lacks(methods=[one])]
        zh, en = "检验方法", "method"
    if found:
        return f"{zh} {'、'.join(found)}", f"{en} {', '.join(found)}"
    # Each by itself is covered, but by different grants: one has to cover the certificate.
    return f"{zh} {'、'.join(every)}(须在同一项认可之内)", f"{en} {', '.join(every)} within one grant"
