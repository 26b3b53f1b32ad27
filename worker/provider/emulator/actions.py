"""The actions of Version 2023-01-01 that an emulator knows: what each takes, and what it says (pure).

An action either changes a slot, and then it gives a :class:`~.world.Change` for the gateway to make, or it
answers by itself. Result fields are named as in the documents and the official Go model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from worker.provider.emulator.air import BUCKET, Air, Session
from worker.provider.emulator.directory import Directory
from worker.provider.emulator.fields import APP, STREAM, Fields
from worker.provider.emulator.refusals import Refusal
from worker.provider.emulator.world import Change, Config, Key, Op, World

VERSION: Final = "2023-01-01"
_DAY: Final = 86_400
_MOST_PAGES: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Desk:
    """What actions work with. ``list_lag`` is in seconds."""

    world: World
    air: Air
    directory: Directory
    list_lag: float
    times_as_text: bool


@dataclass(frozen=True, slots=True)
class Ask:
    """One question: its parameters, when it is asked, and whether rows are moving under the reader."""

    fields: Fields
    at: float
    shifted: bool = False


Result = dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Action:
    """One action: its method, and either the change it asks for or the answer it gives."""

    method: str
    change: Callable[[Desk, Ask], Change] | None = None
    answer: Callable[[Desk, Ask], Result] | None = None


def key_of(desk: Desk, fields: Fields) -> tuple[str, Key]:
    """The domain and the slot that a request names."""
    domain, vhost = desk.directory.resolve(fields)
    return domain, Key(vhost, fields.matching("App", APP), fields.matching("Stream", STREAM))


def create(desk: Desk, ask: Ask) -> Change:
    """CreateRelaySourceV4."""
    domain, key = key_of(desk, ask.fields)
    sources, span = ask.fields.sources(), ask.fields.span()
    return Change(Op.CREATE, key, domain, sources, *span, task_id=desk.world.new_task_id())


def update(desk: Desk, ask: Ask) -> Change:
    """UpdateRelaySourceV4; times left out make the config permanent."""
    domain, key = key_of(desk, ask.fields)
    return Change(Op.UPDATE, key, domain, ask.fields.sources(), *ask.fields.span())


def delete(desk: Desk, ask: Ask) -> Change:
    """DeleteRelaySourceV4."""
    domain, key = key_of(desk, ask.fields)
    return Change(Op.DELETE, key, domain)


def list_relays(desk: Desk, ask: Ask) -> Result:
    """ListRelaySourceV4: by Domain its own rows, by Vhost those of all its domains."""
    domain, vhost = desk.directory.resolve(ask.fields)
    page, size = ask.fields.within("Page", _MOST_PAGES, 1), ask.fields.within("Size", 500, 20)
    by_domain = bool(ask.fields.text("Domain"))
    rows = [
        _row(desk, key, config)
        for key, config in desk.world.rows(ask.at - desk.list_lag)
        if key.vhost == vhost and (not by_domain or config.domain == domain)
    ]
    if ask.shifted and page > 1:
        del rows[0:1]
    pages = -(-len(rows) // size)
    counts = {"PageCur": page, "PageSize": size, "PageTotal": pages, "TotalCount": len(rows)}
    return {"List": _page(rows, page, size), "Pagination": counts}


def stream_state(desk: Desk, ask: Ask) -> Result:
    """DescribeLiveStreamState. A stream that no relay ever fed counts as pushed."""
    _, key = key_of(desk, ask.fields)
    kind = "pull" if key in desk.world.past else "push"
    return {"stream_state": desk.air.state(key, ask.at), "type": kind}


def live_streams(desk: Desk, ask: Ask) -> Result:
    """DescribeLiveStreamInfoByPage."""
    live = [
        session
        for session in desk.air.sessions(ask.at)
        if session.end is None and session.key not in desk.world.forbidden
    ]
    if ask.fields.choice("StreamType", "", "origin", "trans") == "trans":
        live = []
    rows = [
        _session_row(session) | {"ID": number, "SessionStartTime": _rfc3339(session.start, "milliseconds")}
        for number, session in enumerate(_chosen(desk, ask, live), start=1)
    ]
    return _streams_page(ask, rows)


def closed_streams(desk: Desk, ask: Ask) -> Result:
    """DescribeClosedStreamInfoByPage: sessions that ended in [EndTimeFrom, EndTimeTo]."""
    since, until = ask.fields.moment("EndTimeFrom"), ask.fields.moment("EndTimeTo")
    newest_first = ask.fields.choice("Sort", "desc", "asc") == "desc"
    ended = ((s.end, s) for s in desk.air.sessions(ask.at) if s.end is not None and since <= s.end <= until)
    ordered = [s for _, s in sorted(ended, key=lambda pair: pair[0], reverse=newest_first)]
    rows = [
        _session_row(s) | {"StartTime": _rfc3339(s.start), "EndTime": _rfc3339(s.end or 0)}
        for s in _chosen(desk, ask, ordered)
    ]
    return _streams_page(ask, rows)


def source_metrics(desk: Desk, ask: Ask) -> Result:
    """DescribeLiveSourceStreamMetrics: whole buckets of 30 s, a day at most, none from the future."""
    domain, key = key_of(desk, ask.fields)
    since, until = ask.fields.moment("StartTime"), ask.fields.moment("EndTime")
    if not since < until <= since + _DAY:
        raise Refusal("InvalidParam", "EndTime must be after StartTime, by a day at most")
    if ask.fields.number("Aggregation") not in (None, BUCKET):
        raise Refusal("InvalidParam.OutOfRange", f"Aggregation must be {BUCKET}")
    samples = desk.air.samples(key, since, min(until, ask.at))
    return {
        "Domain": domain, "App": key.app, "Stream": key.stream, "Aggregation": BUCKET,
        "StartTime": ask.fields.text("StartTime"), "EndTime": ask.fields.text("EndTime"),
        "MetricList": [_metric(*sample) for sample in samples],
    }  # fmt: skip


def domains(desk: Desk, ask: Ask) -> Result:
    """ListDomainDetail: every domain pulls and is in order."""
    page, size = ask.fields.within("PageNum", 1000), ask.fields.within("PageSize", 1000)
    names, vhosts = ask.fields.texts("DomainNameList"), ask.fields.texts("VhostList")
    rows = [
        {"Domain": domain, "Vhost": vhost, "Type": "pull-flv", "Status": 0, "DomainCheck": 0, "CnameCheck": 1,
         "Region": "cn", "PushDomain": "", "CNAME": f"{domain}.cdn.example.com", "ICPCheck": 1, "Tags": [],
         "CertDomain": "", "ChainID": "", "HTTP2": False, "ProjectName": "default",
         "CreateTime": "2023-01-01T00:00:00Z"}
        for domain, vhost in desk.directory.domains.items()
        if (not names or domain in names) and (not vhosts or vhost in vhosts)
    ]  # fmt: skip
    return {"DomainList": _page(rows, page, size), "Total": len(rows)}


def play_triggered(desk: Desk, ask: Ask) -> Result:
    """DescribeRelaySourceV3, by App and Group if given."""
    vhost, app, group = _v3(desk, ask)
    rows = [
        {"Vhost": vhost, "App": name, "GroupDetails": [groups[g] for g in groups if group in ("", g)]}
        for (where, name), groups in desk.world.play_triggered.items()
        if where == vhost and app in ("", name)
    ]
    return {"RelaySourceConfigList": rows}


def update_play_triggered(desk: Desk, ask: Ask) -> Result:
    """UpdateRelaySourceV3: groups are added, or replaced by name."""
    vhost, app, _ = _v3(desk, ask)
    groups = {Fields(group).text("Group"): dict(group) for group in ask.fields.objects("GroupDetails")}
    if not groups or "" in groups:
        raise Refusal("InvalidParam", "GroupDetails must hold groups with names")
    if (vhost, app) in desk.world.fixed_apps(ask.at):
        raise Refusal("InvalidParam", "the App has a fixed-trigger config")
    desk.world.play_triggered.setdefault((vhost, app), {}).update(groups)
    return None


def delete_play_triggered(desk: Desk, ask: Ask) -> Result:
    """DeleteRelaySourceV3: one group, or all of the App's."""
    vhost, app, group = _v3(desk, ask)
    groups = desk.world.play_triggered.get((vhost, app), {})
    if not groups or (group and group not in groups):
        raise Refusal("ResourceNotFound")
    kept = {name: detail for name, detail in groups.items() if group and name != group}
    desk.world.play_triggered.pop((vhost, app))
    if kept:
        desk.world.play_triggered[vhost, app] = kept
    return None


ACTIONS: Final = {
    "CreateRelaySourceV4": Action("POST", change=create),
    "UpdateRelaySourceV4": Action("POST", change=update),
    "DeleteRelaySourceV4": Action("POST", change=delete),
    "ListRelaySourceV4": Action("POST", answer=list_relays),
    "DescribeLiveStreamState": Action("GET", answer=stream_state),
    "DescribeLiveStreamInfoByPage": Action("GET", answer=live_streams),
    "DescribeClosedStreamInfoByPage": Action("GET", answer=closed_streams),
    "DescribeLiveSourceStreamMetrics": Action("POST", answer=source_metrics),
    "ListDomainDetail": Action("POST", answer=domains),
    "DescribeRelaySourceV3": Action("POST", answer=play_triggered),
    "UpdateRelaySourceV3": Action("POST", answer=update_play_triggered),
    "DeleteRelaySourceV3": Action("POST", answer=delete_play_triggered),
}


def _v3(desk: Desk, ask: Ask) -> tuple[str, str, str]:
    _, vhost = desk.directory.resolve(Fields({"Vhost": ask.fields.text("Vhost")}))
    return vhost, ask.fields.text("App"), ask.fields.text("Group")


def _row(desk: Desk, key: Key, config: Config) -> dict[str, Any]:
    row = {"Domain": config.domain, "Vhost": key.vhost, "App": key.app, "Stream": key.stream,
           "SrcAddrS": list(config.sources)}  # fmt: skip
    times = {"StartTime": config.start, "EndTime": config.end}
    written = {name: str(at) if desk.times_as_text else at for name, at in times.items() if at is not None}
    return row | written


def _chosen(desk: Desk, ask: Ask, sessions: Iterable[Session]) -> list[Session]:
    """The sessions that the request's filters leave. Nothing is ever pushed here."""
    fields = ask.fields
    wanted = {name: fields.text(name) for name in ("Domain", "Vhost", "App")}
    if wanted["Domain"] or wanted["Vhost"]:
        desk.directory.resolve(fields)
    if fields.choice("SourceType", "", "relay", "push") == "push":
        return []
    stream, fuzzy = fields.text("Stream"), fields.choice("QueryType", "strict", "fuzzy") == "fuzzy"
    return [
        session
        for session in sessions
        if all(value in ("", _session_row(session)[name]) for name, value in wanted.items())
        and (stream in session.key.stream if fuzzy else stream in ("", session.key.stream))
    ]


def _session_row(session: Session) -> dict[str, Any]:
    key = session.key
    return {"Domain": session.domain, "Vhost": key.vhost, "App": key.app, "Stream": key.stream,
            "SourceType": "relay"}  # fmt: skip


def _streams_page(ask: Ask, rows: list[dict[str, Any]]) -> Result:
    page, size = ask.fields.within("PageNum", _MOST_PAGES), ask.fields.within("PageSize", 1000)
    return {"RoughCount": len(rows), "StreamInfoList": _page(rows, page, size)}


def _metric(at: int, framerate: float, bitrate: float, audio: float) -> dict[str, Any]:
    lit = framerate > 0
    return {
        "TimeStamp": _rfc3339(at), "Framerate": framerate, "Bitrate": bitrate, "AudioBitrate": audio,
        "AudioFramerate": 43.0 * lit, "AudioFrameGap": 23.0 * lit, "VideoFrameGap": 40.0 * lit,
        "PtsDelta": 12.0 * lit, "AudioPts": at * 1000.0 * lit, "VideoPts": at * 1000.0 * lit,
    }  # fmt: skip


def _page(rows: list[dict[str, Any]], page: int, size: int) -> list[dict[str, Any]]:
    return rows[(page - 1) * size : page * size]


def _rfc3339(at: float, precision: str = "seconds") -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec=precision).replace("+00:00", "Z")
