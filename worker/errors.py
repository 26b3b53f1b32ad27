"""Every error Relaybeat raises on purpose, and what may be done about it.

    RelaybeatError                 what, where and what to do; never shown as a traceback
    ├─ ConfigError                 a person wrote something that cannot be used
    │  ├─ SettingsError            an environment variable
    │  └─ EventsError              an events file; carries every problem found in it
    ├─ LedgerError
    │  ├─ LedgerUnavailable        Redis cannot be reached; try again
    │  ├─ UnknownWindow            no such window
    │  ├─ UnknownEvent             no such event
    │  └─ Refused                  an act that makes no sense in this state; says why
    │     └─ Changed               it would, had nothing changed since somebody looked
    └─ ProviderError               one call to the provider failed
       ├─ Throttled                retry; costs no attempt
       ├─ Unreachable              the request was not sent; retry
       ├─ ClockSkewed              the provider refused our clock even after one repair; retry
       ├─ Unavailable              refused for now, probably not executed; look, then retry
       ├─ OutcomeUnknown           sent, and nothing says whether it took effect: look, then retry
       ├─ NotFound                 the provider knows no such thing; retry a few times
       ├─ Invalid                  our request is wrong, or what it asks for is there already: look once
       └─ Forbidden                credentials, policy or billing; never retry on our own

Four class attributes carry the decision, so that nobody matches strings (design rule 9):

``retry``       trying again may help;
``counts``      the try is counted against the window;
``look_first``  the provider's list must be read before anything else is sent for this slot;
``unclear``     the request may have taken effect all the same.
"""

from __future__ import annotations

from typing import ClassVar


class RelaybeatError(Exception):
    """Something went wrong that a person can act on."""

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str = "", *, hint: str = "") -> None:
        super().__init__(message or (type(self).__doc__ or "").split("\n")[0])
        self.hint = hint


class ConfigError(RelaybeatError):
    """The configuration cannot be used."""

    code = "config"


class SettingsError(ConfigError):
    """An environment variable has a value that cannot be used."""

    code = "settings"


class LedgerError(RelaybeatError):
    """The ledger could not do what was asked."""

    code = "ledger"


class LedgerUnavailable(LedgerError):
    """Redis cannot be reached."""

    code = "ledger-unavailable"


class UnknownWindow(LedgerError):
    """The ledger holds no such window."""

    code = "unknown-window"


class UnknownEvent(LedgerError):
    """The ledger holds no such event."""

    code = "unknown-event"


class Refused(LedgerError):
    """That makes no sense in the state things are in."""

    code = "refused"


class Changed(Refused):
    """What was shown is not what would be done now."""

    code = "changed"


class ProviderError(RelaybeatError):
    """A call to the provider failed."""

    code = "provider"
    retry: ClassVar[bool] = False
    counts: ClassVar[bool] = True
    look_first: ClassVar[bool] = False
    unclear: ClassVar[bool] = False

    def __init__(
        self,
        message: str = "",
        *,
        action: str = "",
        vendor_code: str = "",
        http_status: int = 0,
        request_id: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.action = action
        self.vendor_code = vendor_code
        self.http_status = http_status
        self.request_id = request_id


class Throttled(ProviderError):
    """The provider asked for fewer requests a second."""

    code = "throttled"
    retry = True
    counts = False


class Unreachable(ProviderError):
    """The provider could not be reached; nothing was sent."""

    code = "unreachable"
    retry = True


class ClockSkewed(ProviderError):
    """The provider refused the time we signed with."""

    code = "clock-skewed"
    retry = True


class Unavailable(ProviderError):
    """The provider is unavailable for now."""

    code = "unavailable"
    retry = True
    look_first = True
    unclear = True


class OutcomeUnknown(ProviderError):
    """The request was sent, and nothing says whether it took effect."""

    code = "outcome-unknown"
    retry = True
    look_first = True
    unclear = True


class NotFound(ProviderError):
    """The provider knows no such domain, app or relay."""

    code = "not-found"
    retry = True
    look_first = True


class Invalid(ProviderError):
    """The provider refused the request's values.

    The documents give no code for "there is already a relay on this slot", so such a refusal arrives
    looking like this one: the slot is looked at once before the window is given up.
    """

    code = "invalid"
    look_first = True


class Forbidden(ProviderError):
    """The provider refused the credentials, the policy or the account."""

    code = "forbidden"
