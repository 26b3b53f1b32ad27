"""When pages add up to a whole list: a roll call of rows that may move while they are read (pure).

Paging is no snapshot, the documents promise no order, and the order may be another at each request. What
is certain is that one page shows one instant, with the count of all rows at it.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from worker.provider.rows import Page
from worker.relay import Row

PATIENCE: Final = 5
"""How often in all the list may move under the reader, and how often in a row be read without any news."""

ALIKE: Final = 3
"""Readings in a row that must agree before equal rows are believed."""


class RollCall:
    """Takes pages until the rows that all were held together at one instant are known.

    Rows are called twice. At the page that completes the number of rows the provider counts, each other row
    has been seen before; once each is seen again after it, all of them were held at the instant of that
    page, and they were all there was. If meanwhile the count changes, or a row comes that was not among
    them, it begins anew with the page that says so. A list that keeps its order costs two readings, less
    the last page; one of a single page, a single request.

    Equal rows cannot be told apart, so they never complete the number. Such a list is believed when
    :data:`ALIKE` readings in a row, each as long as the provider counts, show the same rows as often.
    """

    def __init__(self, size: int) -> None:
        self.next_page = 1
        self._size = size
        self._moves = self._idle = 0
        self._reading: list[Page[Row]] = []
        self._agreeing: list[Counter[Row]] = []
        self._total = -1
        self._called: dict[Row, None] = {}
        self._to_confirm: set[Row] | None = None
        self._ended = self._news = False

    @property
    def given_up(self) -> bool:
        """Whether the list has moved, or said nothing new, too often."""
        return max(self._moves, self._idle) >= PATIENCE

    def hear(self, page: Page[Row]) -> tuple[Row, ...] | None:
        """Takes the page numbered ``next_page``, and gives the whole list, in any order, once it is known."""
        self._reading.append(page)
        whole = self._call(page)
        if not self._ends():
            self.next_page += 1
            return whole if self._ended else None
        reading, self._reading = self._reading, []
        self._idle = 0 if self._news else self._idle + 1
        self.next_page, self._ended, self._news = 1, True, False
        return self._agreed(reading) if whole is None else whole

    def _call(self, page: Page[Row]) -> tuple[Row, ...] | None:
        rows = set(page.items)
        if page.total != self._total or not self._fit(rows):
            self._moves += bool(self._called)
            self._total, self._called, self._to_confirm = page.total, {}, None
        if self._to_confirm is not None:
            self._news |= bool(self._to_confirm & rows)
            self._to_confirm -= rows
        else:
            self._news |= bool(rows - self._called.keys())
            self._called |= dict.fromkeys(page.items)
            if len(self._called) == page.total:
                self._to_confirm = self._called.keys() - rows
        return tuple(self._called) if self._to_confirm == set() else None

    def _fit(self, rows: set[Row]) -> bool:
        """Whether these can be of the same list as those that were called before."""
        if self._to_confirm is not None:
            return rows <= self._called.keys()
        return len(rows | self._called.keys()) <= self._total

    def _ends(self) -> bool:
        """Whether that was the last page. After a full one there may be more than the provider counts."""
        here, so_far = len(self._reading[-1].items), sum(len(page.items) for page in self._reading)
        return here == 0 or (here < self._size and so_far >= self._total)

    def _agreed(self, reading: list[Page[Row]]) -> tuple[Row, ...] | None:
        rows = tuple(row for page in reading for row in page.items)
        if any(page.total != len(rows) for page in reading):
            self._agreeing = []
            return None
        self._agreeing = [*self._agreeing, Counter(rows)][-ALIKE:]
        agree = len(self._agreeing) == ALIKE and all(each == self._agreeing[0] for each in self._agreeing)
        return rows if agree or len(reading) == 1 else None
