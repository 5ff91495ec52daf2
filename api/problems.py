"""From an expected failure to an answer: the one table from class to status, problem+json (RFC 9457), error pages.

A failure that is not in the table by itself takes the status of its nearest base class. What is no LedgerError is a
bug: 500 without details.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from inspect import getdoc
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from api.pages.errors import error_page
from ledger_node import errors

_log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:tidemark:problem:"

STATUS: Mapping[type[errors.LedgerError], int] = {
    errors.LedgerError: 500,
    errors.ConfigurationWrong: 500,
    errors.ProofError: 422,
    errors.KeptFileWrong: 500,
    errors.NetworkFileWrong: 500,
    errors.EnvelopeMalformed: 400,
    errors.EnvelopeTooLarge: 413,
    errors.IdentifierMalformed: 400,
    errors.SignedMessageWrong: 422,
    errors.WriterElsewhere: 503,
    errors.IngestOverloaded: 503,
    errors.ChainError: 503,
    errors.TxKeyReused: 422,
    errors.IdentityError: 500,
    errors.ContractError: 422,
    errors.JournalContradictsItself: 500,
    errors.IndexerStopped: 503,
    errors.CursorMoved: 503,
    errors.NodeBehind: 503,
    errors.CheckpointLogStopped: 503,
    errors.EvidenceExists: 500,
    errors.DeviceError: 503,
    errors.BrokerError: 503,
    errors.ContentError: 500,
    errors.CidUnsupported: 422,
    errors.ContentMissing: 404,
    errors.ContentAltered: 502,
    errors.ContentMismatch: 422,
    errors.ContentCutShort: 400,
    errors.ContentTooLarge: 413,
    errors.ContentTypeRefused: 415,
    errors.ContentQuotaExceeded: 507,
    errors.ContentStoreFull: 507,
    errors.ContentStoreStopped: 503,
    errors.ContentTimedOut: 504,
    errors.ContentStoreUnreachable: 503,
    errors.ContentKeyMissing: 410,
    errors.CarMalformed: 422,
    errors.BatchFileMalformed: 422,
    errors.QueryError: 400,
    errors.QueryWrong: 422,
    errors.QueryFieldUnknown: 400,
    errors.BodyTooLarge: 413,
    errors.NothingFound: 404,
    errors.RecordNotYetProven: 202,
    errors.StandardUnsupported: 501,
    errors.PartUnavailable: 503,
}
"""Class → status. A meta-test walks every LedgerError and finds each here, itself or by a base below the root."""


class Problem(BaseModel):
    """A failure as RFC 9457 writes it; `type` ends with the name the failure has in contracts, Python and here."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"examples": []})

    type: str
    title: str
    status: int
    detail: str = ""
    instance: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A failure ready to be rendered, as JSON or as a page."""

    name: str
    status: int
    title: str
    detail: str
    members: Mapping[str, Any] = field(default_factory=dict[str, Any])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    def problem(self, instance: str) -> dict[str, Any]:
        """The members of the problem document."""
        head = {"type": TYPE_PREFIX + self.name, "title": self.title, "status": self.status, "detail": self.detail}
        return {**self.members, **head, "instance": instance}


def status_of(failure: type[errors.LedgerError]) -> int:
    """The status of a class of failures, by the nearest class in the table."""
    return next(STATUS[one] for one in failure.__mro__ if one in STATUS)


def title_of(failure: type[Exception]) -> str:
    """One sentence: the class's own @notice where the contracts declared it, else the first of its docstring."""
    title = getattr(failure, "title", None)
    if isinstance(title, str) and title:
        return title
    return (getdoc(failure) or failure.__name__).split("\n")[0].split("; ")[0].strip().rstrip(".") + "."


def answer_to(failure: errors.LedgerError) -> Answer:
    """How an expected failure is answered; its public attributes become members where JSON can hold them."""
    status = status_of(type(failure))
    headers = {"Retry-After": "2"} if status in (202, 503) else {}
    if isinstance(failure, errors.PartUnavailable):
        headers = {"Retry-After": str(failure.retry_after_seconds)}
    detail = str(failure) if status != 500 else ""
    members = {} if status == 500 else {name: _plain(value) for name, value in vars(failure).items() if name[0] != "_"}
    return Answer(type(failure).__name__, status, title_of(type(failure)), detail, members, headers)


def _plain(value: object) -> Any:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, bool | int | str) or value is None:
        return str(value) if type(value) is int and abs(value) >= 1 << 53 else value
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, Sequence):
        return [_plain(one) for one in value]
    return str(value)


def problems(*failures: type[errors.LedgerError]) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may fail so, for the OpenAPI document."""
    found: dict[int | str, dict[str, Any]] = {}
    for failure in (*failures, errors.QueryFieldUnknown, errors.QueryWrong, errors.PartUnavailable):
        status = status_of(failure)
        before = found.get(status, {}).get("description")
        name = failure.__name__
        example = {"type": TYPE_PREFIX + name, "title": title_of(failure), "status": status, "detail": ""}
        found[status] = {
            "description": f"{before} · {name}" if before else name,
            "content": {
                MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example},
            },
        }
    return found


def install(app: FastAPI) -> None:
    """Makes the application answer every failure as a problem, or as a page where a person asked."""

    async def expected(request: Request, failure: Exception) -> Response:
        assert isinstance(failure, errors.LedgerError)
        return render(request, answer_to(failure))

    async def invalid(request: Request, failure: Exception) -> Response:
        assert isinstance(failure, RequestValidationError)
        faults = [
            {"pointer": "/".join(str(part) for part in fault["loc"])[:200], "why": str(fault["msg"])[:300]}
            for fault in failure.errors()[:20]
        ]
        detail = "; ".join(f"{fault['pointer']}: {fault['why']}" for fault in faults)
        title = title_of(errors.QueryWrong)
        return render(request, Answer("QueryWrong", 422, title, detail[:2000], {"faults": faults}))

    async def http(request: Request, failure: Exception) -> Response:
        assert isinstance(failure, HTTPException)
        if failure.status_code == 404:
            return render(request, answer_to(errors.PageNotFound(request.url.path)))
        phrase = HTTPStatus(failure.status_code).phrase
        return render(
            request,
            Answer(
                "Http" + phrase.replace(" ", ""),
                failure.status_code,
                phrase + ".",
                str(failure.detail)[:500],
                headers=dict(failure.headers or {}),
            ),
        )

    async def database(request: Request, failure: Exception) -> Response:
        _log.warning("database does not answer", exc_info=failure)
        return render(request, answer_to(errors.PartUnavailable("database", type(failure).__name__)))

    async def bug(request: Request, _failure: Exception) -> Response:
        return render(request, Answer("InternalFault", 500, "Something went wrong on our side.", ""))

    app.add_exception_handler(errors.LedgerError, expected)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(DBAPIError, database)
    app.add_exception_handler(PoolTimeout, database)
    app.add_exception_handler(Exception, bug)


def render(request: Request, answer: Answer) -> Response:
    """Problem+json for programs; the same as a page where HTML was asked for outside `/api`."""
    if wants_page(request):
        return error_page(request, answer.status, answer.name, answer.detail, dict(answer.headers))
    return JSONResponse(
        answer.problem(request.url.path),
        answer.status,
        headers={"Cache-Control": "no-store", **answer.headers},
        media_type=MEDIA_TYPE,
    )


def wants_page(request: Request) -> bool:
    """Whether a person with a browser is asking."""
    path = request.url.path
    if path.startswith(("/api/", "/log/", "/content/", "/static/", "/.well-known/")):
        return False
    return "text/html" in request.headers.get("accept", "")
