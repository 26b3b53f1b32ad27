"""The Chinese of what people are told, as broadcasters write it, by the English that stands in the code."""

from __future__ import annotations

from typing import Final

from worker.language.page import PAGE

_MARKS: Final = {
    "; ": "；",
    ", ": "，",
    "Mon": "周一",
    "Tue": "周二",
    "Wed": "周三",
    "Thu": "周四",
    "Fri": "周五",
    "Sat": "周六",
    "Sun": "周日",
}

_STATES: Final = {
    "planned": "已排定",
    "placing": "就位中",
    "retrying": "重试中",
    "placed": "已就位",
    "removed": "已撤下",
    "failed": "失败",
    "missed": "未播出",
    "cancelled": "已取消",
    "displaced": "已让位",
    "on air": "播出中",
    "ended": "已结束",
    "still placed": "配置尚未撤下",
    "late": "晚点",
    "over": "已过时",
    "paused": "已暂停",
    "left its file": "已从文件中移除",
    "permanent": "常播",
    "always": "常播",
}

_AIR: Final = {
    "on air, and poor": "在播，质量异常",
    "DARK": "黑场",
    "FORBIDDEN": "已禁播",
    "off air": "已停播",
}

_NOTES: Final = {
    "the clock skips this time: starts at the jump": "夏令时跳过了这个时刻：在跳变时开始",
    "the clock shows this time twice that night": "夏令时结束，当晚这个时刻出现两次",
    "the clock changes while it runs": "播出期间时钟调整",
    "differs from the rule": "与编排规则不同",
    "extra, outside the rule": "规则之外加播",
    "a make-up workday": "调休上班日",
    "a holiday": "节假日",
    "shares one relay with its neighbours": "与相邻时段共用一个拉流配置",
    "updates carry its relay on beyond 7 days": "超过 7 天，由更新接续拉流配置",
    "follows a window with other sources sooner than the provider can act": (
        "与前一时段源不同，间隔短于云端生效所需"
    ),
    "overlaps another window on its slot, with other sources": "与同一路流上的另一时段重叠，且源不同",
    "gives way to that window": "让位于该时段",
}

_HEADINGS: Final = {
    "Start": "开始",
    "End": "结束",
    "Zone": "时区",
    "Length": "时长",
    "Event": "节目",
    "Title": "名称",
    "Slot": "播放位置",
    "Notes": "备注",
    "starts": "开始",
    "ends": "结束",
    "zone": "时区",
    "event": "节目",
    "state": "状态",
    "notes": "备注",
    "title": "名称",
    "next": "下一次",
    "windows": "时段",
    "slot": "播放位置",
    "listed": "云端现有",
    "held": "本应如此",
    "what is wrong": "问题",
    "seen": "监看",
    "sources tried": "源探测",
    "window": "时段",
    "is": "状态",
    "since": "自",
    "frames/s": "帧/秒",
    "kbit/s": "kbit/s",
    "source": "源",
    "what it says": "探测结果",
    "for": "已持续",
    "level": "级别",
    "of": "对象",
    "what": "内容",
    "when": "时间",
    "when ({zone})": "时间（{zone}）",
    "who": "操作人",
    "why": "原因",
    "outcome": "结果",
    "details": "详情",
    "added": "新增",
    "changed": "改动",
    "removed": "移除",
    "first": "最早一次",
    "finding": "情况",
    "what to do": "处理办法",
}

_SHOW: Final = {
    "window": "时段",
    "plays at": "播放位置",
    "sources": "源",
    "reason": "原因",
    "what now": "后续",
    "task id": "任务 ID",
    "on its slot": "同一路流",
}

_SENTENCES: Final = {
    "{event} is left out on {dates} by {calendar}": "{event} 因 {calendar} 在 {dates} 不播",
    " and {n} more": " 等另外 {n} 处",
    "No window starts in that time: --days N looks further, --from T elsewhere.": (
        "这段时间内没有时段开始：--days N 看得更远，--from T 换个起点。"
    ),
    "More windows follow: --limit N shows N of them, --output jsonl all.": (
        "后面还有时段：--limit N 显示前 N 个，--output jsonl 显示全部。"
    ),
    "and {n} more: --output json lists all": "另有 {n} 条：--output json 列出全部",
    "no events yet: relaybeat apply FILE brings them": "尚无节目：relaybeat apply FILE 导入",
    "no such windows; relaybeat events tells what is planned": (
        "没有符合的时段；relaybeat events 列出已编排的节目"
    ),
    "and {n} more: --limit shows more, --output jsonl all": (
        "另有 {n} 个：--limit 显示更多，--output jsonl 显示全部"
    ),
    "and {n} more: --output json shows all": "另有 {n} 处：--output json 显示全部",
    "and {n} more": "另有 {n} 个",
    "{window} {state}: {reason}": "{window} {state}：{reason}",
    "nothing was tried yet": "尚未尝试",
    "and {n} more in trouble: see --state failed, retrying, missed or late": (
        "另有 {n} 个异常：见 --state failed、retrying、missed 或 late"
    ),
    "hint: relaybeat show {window} tells every try": "提示：relaybeat show {window} 列出每次尝试",
    "{event} is paused by {by}: {reason} (relaybeat resume {event})": (
        "{event} 已由 {by} 暂停：{reason}（relaybeat resume {event} 恢复）"
    ),
    "{n} {state}": "{state} {n}",
    "nothing to change": "没有要改动的",
    (
        "the workers plan by other data than this machine has: {differs}\n"
        "times are shown here by this machine's; the next tick plans by theirs"
    ): (
        "工作进程编排所用的数据与本机不同：{differs}\n"
        "此处的时间按本机数据显示；下一次巡检将按工作进程的数据编排"
    ),
    "new data moved windows: {n} of {events} events ({why}); relaybeat doctor tells more": (
        "数据更新移动了时段：{n} 个，涉及 {events} 个节目（{why}）；详见 relaybeat doctor"
    ),
    "on air now": "正在播出",
    "its event left the file": "节目已从文件中移除",
    "that is too much to list window by window; --output json does": (
        "改动太多，不逐个列出；--output json 列出全部"
    ),
    "windows: {added} would be added, {changed} would be changed, {removed} would be removed": (
        "时段：将新增 {added} 个，改动 {changed} 个，移除 {removed} 个"
    ),
    "windows: {added} added, {changed} changed, {removed} removed": (
        "时段：已新增 {added} 个，改动 {changed} 个，移除 {removed} 个"
    ),
    " ({n} shows move to another time of their day)": "（其中 {n} 档只是当天改时间）",
    "no longer in the file, and dropped: {events}": "已从文件中移除，不再保留：{events}",
    "no longer in the file, and kept: {events}\nhint: --prune calls their windows off": (
        "已从文件中移除，暂予保留：{events}\n提示：--prune 取消它们的时段"
    ),
    "changed, without a window to come that differs: {events}": "有改动，但未播时段不受影响：{events}",
    "plan, ledger and provider agree": "编排、账本与云端一致",
    "everything else agrees": "其余一致",
    "ours": "自有",
    "not ours": "非自有",
    "for ever": "长期",
    "nothing can be said yet of {slots}: an attempt is at work there, or was a moment ago": (
        "{slots} 正在处理或刚处理完，暂时无法判断"
    ),
}

_PLAN: Final = {
    "starts {was} -> {will}": "开始 {was} -> {will}",
    "ends {was} -> {will}": "结束 {was} -> {will}",
    "{field} {was} -> {will}": "{field} {was} -> {will}",
    "sources in another order: {sources}": "源的顺序改为：{sources}",
    "none": "无",
    "yes": "是",
    "no": "否",
    "stream": "流名",
    "timezone": "时区",
    "lead": "提前量",
    "min_useful": "最短有效时长",
    "priority": "优先级",
    "overridden: {reason}": "另有安排：{reason}",
    "cancelled: {reason}": "取消：{reason}",
    "left out by {calendar}": "{calendar} 停播",
    "paused in the file": "文件中已暂停",
    "no longer permanent": "不再是常播",
    "no longer among its times": "不再属于其播出时间",
    "after valid_until, {day}": "晚于 valid_until（{day}）",
    "before valid_from, {day}": "早于 valid_from（{day}）",
    "no longer under extra": "已从 extra 中删除",
    "meanwhile this has changed; now it would be:": "其间情况有变，现在将是：",
    "{event} stays paused by {by}: {reason} (relaybeat resume {event})": (
        "{event} 仍由 {by} 暂停：{reason}（relaybeat resume {event} 恢复）"
    ),
    "in the file: paused: true": "写入文件：paused: true",
    "{window} stays added by {by}: {reason} (until {until})": (
        "{window} 仍为临时加播（{by}：{reason}，至 {until}）"
    ),
    "{window} stays called off by {by}: {reason} (until {until})": (
        "{window} 仍由 {by} 取消：{reason}（至 {until}）"
    ),
    "{window} stays overridden by {by}: {reason} (until {until})": (
        "{window} 仍按 {by} 的改动：{reason}（至 {until}）"
    ),
    "write under {key}: - {entry}": "写入 {key}：- {entry}",
    "remove from {key}: - {entry}": "从 {key} 删除：- {entry}",
    "nothing to write in the file: {why}": "文件中无需写入：{why}",
    "sources are masked here; --show-secrets shows them whole": "源地址已遮盖；--show-secrets 显示全部",
    "the file has no such window any more, so it changes nothing": "文件中已没有这个时段，改动不再起作用",
    "the file says the same": "文件已是这样写的",
    "it has no dates to except; write paused: true in the event itself": (
        "常播没有日期可写；请在节目中写 paused: true"
    ),
    "it has no dates to except; write it in the event itself": "常播没有日期可写；请直接改节目本身",
    "nothing is left of it without the pads of the file": "除去文件中的前后余量，已无剩余时长",
    "the clock shows its new start twice that night, and the file can only mean the first": (
        "当晚时钟两次显示这个开始时刻，而文件只能指第一次"
    ),
    "no entry could say it without changing another window of the event": (
        "没有哪种写法不影响该节目的其他时段"
    ),
}

CHINESE: Final = {**_MARKS, **_STATES, **_AIR, **_NOTES, **_HEADINGS, **_SHOW, **_SENTENCES, **_PLAN, **PAGE}
"""Marks, state words, notes, headings and sentences; fields in braces are those of the English."""
