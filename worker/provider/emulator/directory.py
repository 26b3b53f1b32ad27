"""Which domains the account has, and which vhost each belongs to (pure)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from worker.provider.emulator.fields import Fields
from worker.provider.emulator.refusals import Refusal

_NAME: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


class Directory:
    """The account's domains. Told of none, it takes every name for a domain whose vhost is itself."""

    def __init__(self, domains: Mapping[str, str]) -> None:
        self._known = dict(domains)
        self._open = not domains

    @property
    def domains(self) -> dict[str, str]:
        """Every domain known so far, with its vhost."""
        return dict(self._known)

    def resolve(self, fields: Fields) -> tuple[str, str]:
        """The (domain, vhost) that a request means by Domain, Vhost or both; they must agree.

        A vhost alone stands for its first domain.
        """
        domain, vhost = fields.text("Domain"), fields.text("Vhost")
        if not domain and not vhost:
            raise Refusal("InvalidParam", "Domain or Vhost is required")
        for name in filter(None, (domain, vhost)):
            if not _NAME.fullmatch(name):
                raise Refusal("InvalidParam", "Domain and Vhost must be domain names")
        if self._open:
            self._known.setdefault(domain or vhost, vhost or domain)
        return self._find(domain, vhost)

    def _find(self, domain: str, vhost: str) -> tuple[str, str]:
        for known, its_vhost in self._known.items():
            if domain in ("", known) and vhost in ("", its_vhost):
                return known, its_vhost
        raise Refusal("RequestForbidden")
