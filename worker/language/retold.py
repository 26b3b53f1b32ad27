"""Sentences that are written down in English, by the Chinese in which people are told them (pure).

What a person's word came to, why a window is as it is, and what is refused stand in the ledger, in logs and
in answers in English. A page tells them in the language spoken: it knows them again by their shape.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from worker.language import phrase, spoken
from worker.language.chinese import CHINESE

_VERBS: Final = {
    "called off already: {why}": "此前已取消：{why}",
    "called off already": "此前已取消",
    "{window} was missed: nothing of it is placed, and nothing will be": "{window} 已错过，不会再就位",
    "{window} is not on air: it is {state}": "{window} 不在播出：{state}",
    "{window} is permanent: it does not end": "{window} 为常播，没有结束时间",
    "{window} is permanent: it has no times to change": "{window} 为常播，没有时间可改",
    "it ends at {time} already, {late} after its planned end": "它已延至 {time} 结束，比计划晚 {late}",
    "extended by {length}, to {time}": "延长 {length}，至 {time}",
    "it is as asked already: {when}": "已是所要求的样子：{when}",
    "overridden: {when}, from {n} other source(s), on {slot}": "已改动：{when}，{n} 个其他源，{slot}",
    "overridden: {when}, from {n} other source(s)": "已改动：{when}，{n} 个其他源",
    "overridden: {when}, on {slot}": "已改动：{when}，{slot}",
    "overridden: {when}": "已改动：{when}",
    "nothing of it is overridden: {when}": "没有改动过：{when}",
    "as in the file again: {when}": "已恢复为文件内容：{when}",
    "as overridden before it was called off": "恢复为取消之前的改动",
    "it was added already: {when}": "此前已加播：{when}",
    "added: {when}, on {slot}": "已加播：{when}，{slot}",
    "{window} would start in the past: {time}": "{window} 的开始时间已过：{time}",
    "{window} would be over: in the file it ends at {time}": "{window} 会随即结束：文件中它在 {time} 结束",
    "there is nothing to retry: it is {state}": "无需重试：当前为{state}",
    "it is being tried again already": "正在重试",
    "planned again, with all its tries": "重新排定，重试次数归零",
    "tried again at once": "立即重试",
    "no longer called off": "已撤销取消",
    "{window} left the plan: {why}": "{window} 已不在计划中：{why}",
    "{window} is over: it ended at {time}": "{window} 已结束：{time}",
    "{event} is paused in its file": "{event} 在文件中已暂停",
    "{event} is paused by {who}: {why}": "{event} 已被 {who} 暂停：{why}",
    "paused by {who}: {why}, already": "此前已被 {who} 暂停：{why}",
    "paused by {who}: {why}": "已被 {who} 暂停：{why}",
    "not paused": "并未暂停",
    "resumed": "已恢复",
    "{window} is not in the plan any more": "{window} 已不在计划中",
    "{window} is called off: {why}": "{window} 已取消：{why}",
    "{window} is on air now and would be {what}": "{window} 正在播出，这样会{what}",
    "cut": "被切断",
    "interrupted": "中断",
    "too little is left of {window}: it is placed with {least} or more": (
        "{window} 剩余时长不足：至少剩 {least} 才会就位"
    ),
    "{window} would end at {end}, and not after its start at {start}": (
        "{window} 会在 {end} 结束，不晚于开始时间 {start}"
    ),
    "the start of {window} would be in the past: {time}": "{window} 的开始时间已过：{time}",
    "the end of {window} would be in the past: {time}": "{window} 的结束时间已过：{time}",
    "{window} would start more than a day from {time}": "{window} 的开始时间与 {time} 相差超过一天",
    "{window} would last too long, until {time}": "{window} 时长过长，至 {time}",
    "{n} sources are too many": "{n} 个源过多",
    "{event} is permanent: there is no time beside it": "{event} 为常播，无从加播",
    "it would end before it starts": "结束时间早于开始时间",
    "{window} starts then already": "{window} 已在此时开始",
    "{about} changed each time it was looked at": "{about} 一直在变动",
    "Redis cannot be reached: {why}": "无法连接 Redis：{why}",
    "there is no event {event} in the ledger": "账本中没有节目 {event}",
    "{window} is no window that is planned": "计划中没有时段 {window}",
    "{window} is an event, and not a window": "{window} 是节目，不是时段",
    "there is no month and no week {name} between {first} and {last}": (
        "{first} 年至 {last} 年之间没有 {name} 这样的月或周"
    ),
    "there is no day {name} between {first} and {last}": "{first} 年至 {last} 年之间没有 {name} 这一天",
    "nothing differs from how it stands": "与现状没有不同",
    "a reason is missing": "缺少原因",
    "{typed} is no length": "{typed} 不是时长",
}

_HINTS: Final = {
    "relaybeat cancel {window} calls it off": "要取消，请执行 relaybeat cancel {window}",
    "relaybeat stop {window} ends it now": "要立即停播，请执行 relaybeat stop {window}",
    "relaybeat retry {window} takes that back": "要撤销取消，请执行 relaybeat retry {window}",
    "relaybeat override {window} changes that one": "要改动它，请执行 relaybeat override {window}",
    "edit the events file, and apply it": "请修改节目文件并应用",
    "if it is meant, say --force; relaybeat stop {window} ends it for good": (
        "确要如此，请勾选允许切断（命令行为 --force）；彻底停播用 relaybeat stop {window}"
    ),
    "relaybeat extend {window} {by}, if there is more to come": (
        "若后面还有内容，请延长 {by}（relaybeat extend {window} {by}）"
    ),
    "that is a different show: write it into the events file, under extra": (
        "这已是另一档节目：请写入节目文件的 extra"
    ),
    "at most {n}": "最多 {n}",
    "is it running, and is RELAYBEAT_REDIS_URL right?": "Redis 是否在运行？RELAYBEAT_REDIS_URL 是否正确？",
    "did you mean {window}?": "是否指 {window}？",
    "relaybeat windows --event {event} lists them": "可用 relaybeat windows --event {event} 列出",
    "relaybeat events lists them, and relaybeat history what was dropped": (
        "可用 relaybeat events 列出，relaybeat history 可查已移除的"
    ),
    "say it again": "请再试一次",
    "say why: it is kept with what you did": "请写明原因，它会与操作一同记录",
    "give another start, end, source or stream": "请改动开始、结束、源或流名",
    "write it as 30m or 1h30m": "请写成 30m 或 1h30m",
}

_WINDOWS: Final = {
    "gives way to {window} on {slot}: {why}": "在 {slot} 让位于 {window}：{why}",
    "{which} has priority {its} against {own}": "{which}优先级 {its}，高于 {own}",
    "{which} starts first": "{which}先开始",
    "{which} had its place first": "{which}已先占用",
    "{which} comes first by name": "{which}按名称在前",
    "that": "后者",
    "one relay with {window}": "与 {window} 共用一个拉流配置",
    "its slot is free for it again": "这路流又空出来了",
    "its slot is needed by an earlier window until then": "在此之前，这路流由更早的时段占用",
    "found at the provider as wanted": "云端已有所需配置",
    "the last change of its slot may not show yet": "这路流的上次改动可能尚未生效",
    "the outcome of the last call is unclear: looking again": "上次请求结果不明，正在重新核对",
    "no longer in the plan": "已不在计划中",
    "no longer in the plan: {why}": "已不在计划中：{why}",
    "its event left the file": "节目已从文件中移除",
}

_PROVIDER: Final = {
    "{action}: {what} ({where}); it says: {said}": "{action}：{what}（{where}）；云端原话：{said}",
    "{action}: {what} ({where})": "{action}：{what}（{where}）",
    "{what}; it may have taken effect all the same": "{what}；但可能已经生效",
    "{action}: the request was sent, and no whole answer came back {how}": (
        "{action}：请求已发出，但没有收到完整的响应（{how}）"
    ),
    "{action}: the provider could not be reached {how}; nothing was sent": (
        "{action}：无法连接云端（{how}）；请求未发出"
    ),
    "in time": "超时",
    "the provider asks for fewer requests a second": "云端要求降低请求频率",
    "the provider failed": "云端内部出错",
    "a part of the provider did not answer": "云端部分服务没有响应",
    "the account's policy does not allow this": "账号权限策略不允许此操作",
    "the provider does not accept the keys": "云端不接受这组密钥",
    "the provider does not understand the request": "云端无法识别该请求",
    "the answer is a redirect, which is not followed": "响应为重定向，未跟随",
    "the answer is not one of this API's": "响应不是来自该接口",
    "the answer has no TaskId, so nothing says that a relay was made": "响应没有 TaskId，无法确认已创建",
    "the provider does not accept the time we signed with": "云端不接受签名所用的时间",
    "the provider reports an error without a category": "云端报告未分类的错误",
    "a value is wrong, or a relay is there already": "参数有误，或该位置已有拉流配置",
    "a value has the wrong type": "参数类型有误",
    "a value is outside its range": "参数超出范围",
    "the account has no such domain or app": "账号下没有该域名或应用",
    "the domain belongs to another account": "域名属于其他账号",
    "the service is not opened, or a bill is overdue": "服务未开通，或账单逾期",
    "the provider knows no such domain, app or relay": "云端没有该域名、应用或拉流配置",
    "the provider knows no such thing": "云端没有该对象",
    "the provider is unavailable for now": "云端暂时不可用",
    "the session token is wrong or has expired": "会话令牌有误或已过期",
    "the secret key does not belong to the access key": "SecretKey 与 AccessKey 不匹配",
    "the provider misses a value": "请求缺少参数",
    "there is no such service at this address and region": "该地址和地域没有此服务",
    "there is no such action at this address": "该地址没有此接口",
}

_FILES: Final = {
    "on {when} it overlaps {other} on {slot} with other sources and gives way: {why}": (
        "{when} 与 {other} 在 {slot} 上重叠且源不同，让位：{why}"
    ),
    "on {when} it overlaps {other} on {slot} with other sources and has its place: {why}": (
        "{when} 与 {other} 在 {slot} 上重叠且源不同，本时段优先：{why}"
    ),
    "on {when} it starts {n} s after {other} on {slot} with other sources: "
    "the relay is updated at that moment, and plays them a little late": (
        "{when} 在 {other} 结束 {n} 秒后于 {slot} 开始且源不同：届时更新拉流配置，播出会稍晚"
    ),
    "it": "本时段",
    "another of its own windows": "本节目的另一时段",
    "a stream plays one thing at a time: change the times, give one of them its own stream, or the one that"
    " matters a higher priority": "一路流同时只能播一个：请错开时间、分到不同的流，或提高重要者的优先级",
    "leave {n} s between them, or give one of them its own stream": "请间隔 {n} 秒，或分到不同的流",
    "this is missing": "缺少此项",
    "the value is empty": "值为空",
    "there is no key {key} here": "此处没有 {key} 这一项",
    "{line}: {value} is no {what}": "{line}：{value} 不是有效的 {what}",
    "{value} is out of range": "{value} 超出范围",
    "{value} is not a duration; write 45s, 10m, 2h, 1h30m or 7d": (
        "{value} 不是时长，请写成 45s、10m、2h、1h30m 或 7d"
    ),
    "{value} is not a time of day": "{value} 不是时刻",
    "{value} is not a date": "{value} 不是日期",
    "{value} is not a domain name": "{value} 不是域名",
    "{value} is not an id": "{value} 不能用作 id",
    "{what} holds {value}": "{what} 含有 {value}",
    "the address does not begin with a scheme that can be pulled": "地址开头不是可拉流的协议",
    "the host or the port of the address is malformed": "地址的主机或端口写法有误",
    "write a duration {bounds}": "请写{bounds}的时长",
    "between {least} and {most}": " {least} 至 {most} 之间",
    "use A-Z a-z 0-9 _ - and . alone": "只能用 A-Z a-z 0-9 _ - 和 .",
    "one of {names}": "可用：{names}",
    "such as {example}": "例如 {example}",
}

SENTENCES: Final = {**_VERBS, **_HINTS, **_WINDOWS, **_PROVIDER, **_FILES}
"""By the English with its fields; of two that fit the same text, the one that says more comes first."""

_FIELD: Final = re.compile(r"\{(\w+)\}")
_WEEKDAY: Final = re.compile(r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?= \d{4}-)")
_REASON: Final = "(?:: (?P<reason>.+))?"
"""What people do is written down with the reason that they gave; a field at the end holds it anyway."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a sentence is known again. ``mark``, the most of it without a field, is quickly looked for."""

    mark: str
    pattern: re.Pattern[str]
    chinese: str


def _shape(english: str, chinese: str) -> _Shape:
    parts = _FIELD.split(english)
    shape = "".join(f"(?P<{part}>.+?)" if n % 2 else re.escape(part) for n, part in enumerate(parts))
    pattern = re.compile(shape + _REASON * bool(parts[-1]))
    return _Shape(max(parts[::2], key=len), pattern, chinese)


_SHAPES: Final = [_shape(english, chinese) for english, chinese in SENTENCES.items()]


def retold(english: str) -> str:
    """This sentence in the language spoken, and what fills its fields; what nobody knows stays as it is."""
    if spoken() != "zh":
        return english
    for shape in _SHAPES:
        if shape.mark in english and (found := shape.pattern.fullmatch(english)):
            told = {name: _part(text) for name, text in found.groupdict().items() if text is not None}
            reason = told.pop("reason", "")
            return shape.chinese.format(**told) + f"：{reason}" * bool(reason)
    return _WEEKDAY.sub(lambda day: phrase(day[1]), english)


def _part(text: str) -> str:
    """What fills a field: states, another sentence, or something that is no language."""
    states = text.split(", ")
    return phrase(", ").join(map(phrase, states)) if CHINESE.keys() >= set(states) else retold(text)
