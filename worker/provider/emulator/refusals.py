"""The provider's error codes, each with its HTTP status and CodeN (pure).

From the error tables of the relay actions and of the common API. ``CodeN`` is given by the gateway only,
so a code of the service itself has 0 and does not show one. Where documents disagree on a status
(InvalidTimestamp), Live's own table wins.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Code:
    """One row of the tables. ``number`` is CodeN, or 0 for none."""

    status: int
    number: int
    meaning: str


CODES: Final[dict[str, Code]] = {
    "CommonErr": Code(200, 0, "Uncategorised error; try again"),
    "InvalidParam": Code(400, 0, "A parameter has a value that is not allowed"),
    "InvalidParam.BindError": Code(400, 0, "A parameter has the wrong type"),
    "InvalidParam.OutOfRange": Code(400, 0, "A parameter lies outside its range"),
    "RequestForbidden": Code(403, 0, "The account has no such vhost, domain or app"),
    "RequestForbidden.AccountIDNotAllow": Code(403, 0, "The account may not use this resource"),
    "RequestForbidden.BillingStatus": Code(403, 0, "The service is not opened, or overdue"),
    "ResourceNotFound": Code(404, 0, "No such vhost, domain, app or config"),
    "InternalServiceError": Code(502, 0, "A service behind the gateway failed"),
    "InternalServiceError.BadResponse": Code(502, 0, "A service behind the gateway answered badly"),
    "UndefinedError": Code(500, 100001, "Undefined error"),
    "MissingParameter": Code(400, 100002, "A common parameter is missing"),
    "MissingAuthenticationToken": Code(401, 100003, "The request is not signed"),
    "MissingRequestInfo": Code(400, 100004, "The request lacks what a signature needs"),
    "MissingSignature": Code(401, 100005, "The authorization holds no signature"),
    "InvalidTimestamp": Code(400, 100006, "X-Date has expired, lies in the future, or is malformed"),
    "ServiceNotFound": Code(404, 100007, "No such service"),
    "InvalidActionOrVersion": Code(404, 100008, "No such action in this version"),
    "InvalidAccessKey": Code(401, 100009, "No such access key"),
    "SignatureDoesNotMatch": Code(401, 100010, "The signature is not the one computed here"),
    "ServiceShouldCallSelfApi": Code(403, 100011, "A service may call its own actions only"),
    "LackPolicy": Code(403, 100012, "No policy allows this action"),
    "AccessDenied": Code(403, 100013, "Access denied"),
    "InternalError": Code(500, 100014, "Internal error"),
    "FailToConnect": Code(502, 100015, "The service behind the gateway could not be reached"),
    "InternalServiceTimeout": Code(504, 100016, "The service behind the gateway did not answer in time"),
    "FlowLimitExceeded": Code(429, 100018, "More requests a second than allowed"),
    "ServiceUnavailableTemp": Code(503, 100019, "The service is unavailable for now"),
    "MethodNotAllowed": Code(405, 100020, "The action is called with another method"),
    "AccountFlowLimitExceeded": Code(429, 100027, "The account makes more requests a second than allowed"),
    "InvalidAuthorization": Code(400, 0, "The Authorization header is malformed"),
    "InvalidCredential": Code(400, 0, "The credential's scope is malformed"),
    "InvalidSecretToken": Code(401, 0, "The session token is wrong or has expired"),
    "LackProjectPolicy": Code(403, 0, "No project policy allows this action"),
}

BY_STATUS: Final = {
    429: "FlowLimitExceeded",
    500: "InternalError",
    502: "InternalServiceError",
    503: "ServiceUnavailableTemp",
    504: "InternalServiceTimeout",
}
"""The code that stands for an HTTP status when only the status is named."""


class Refusal(Exception):
    """An answer with an Error in it. ``code`` is a key of :data:`CODES`; ``status`` may override its own."""

    def __init__(self, code: str, message: str = "", *, status: int = 0) -> None:
        known = CODES[code]
        super().__init__(message or known.meaning)
        self.code = code
        self.number = known.number
        self.status = status or known.status
