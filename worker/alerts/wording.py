"""What is said of each condition, in Chinese and in English (pure).

Each text says what is wrong and what to do next; what is known besides is added as facts. The anchors of
``docs/run-book.md`` are the kinds themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from worker.conditions import Kind

Lang = Literal["en", "zh"]
LANGS: Final[tuple[Lang, ...]] = ("en", "zh")


@dataclass(frozen=True, slots=True)
class Said:
    """One thing in both languages."""

    en: str
    zh: str

    def on(self, lang: Lang) -> str:
        """In this language."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Wording:
    """What is wrong, what that means, what to do next, and the command to begin with.

    Commands may hold ``{id}``, ``{event}`` and ``{domain}``.
    """

    what: Said
    next: Said
    command: str


WORDINGS: Final[dict[Kind, Wording]] = {
    Kind.UNPLACED: Wording(
        Said("not at the provider", "拉流任务不在云端"),
        Said(
            "Relaybeat goes on trying. If it is tried in vain, the attempts say why.",
            "系统会继续尝试；如一直不成功，请查看每次尝试的原因。",
        ),
        "relaybeat show {id}",
    ),
    Kind.WRONG: Wording(
        Said("otherwise at the provider than planned", "云端的拉流任务与计划不一致"),
        Said(
            "What is ours is mended within a minute; what is somebody else's is left alone: ask who it was.",
            "属于我们的一分钟内会自动修正；他人创建的不会改动，请确认是谁创建的。",
        ),
        "relaybeat drift",
    ),
    Kind.FAILED: Wording(
        Said("refused by the provider", "云端拒绝了拉流任务"),
        Said(
            "It is not tried again by itself. Mend the cause, then say retry.",
            "系统不会自动重试；请先解决原因，再执行 retry。",
        ),
        "relaybeat show {id}",
    ),
    Kind.MISSED: Wording(
        Said("missed", "未能播出"),
        Said(
            "Too little of it is left to be placed. To have it all the same, say retry.",
            "剩余时间已不足，不再自动创建；如仍需播出，请执行 retry。",
        ),
        "relaybeat show {id}",
    ),
    Kind.SOURCE_DEAD: Wording(
        Said("source does not answer", "源站没有响应"),
        Said(
            "Ask whoever sends it, or give another one for tonight: relaybeat override {id} --source URL.",
            "请联系信号提供方；也可临时更换源：relaybeat override {id} --source URL。",
        ),
        "relaybeat preflight {id}",
    ),
    Kind.DARK: Wording(
        Said("dark: nothing is on air", "黑场：没有流在播"),
        Said(
            "See which source answers, and whether the relay is there.",
            "请检查哪个源可用、拉流任务是否存在。",
        ),
        "relaybeat verify {id}",
    ),
    Kind.DEGRADED: Wording(
        Said("on air, and poor", "在播，但质量异常"),
        Said(
            "Bitrate or frame rate is far below the usual; look at the source.",
            "码率或帧率明显偏低，请检查源。",
        ),
        "relaybeat verify {id}",
    ),
    Kind.FORBIDDEN: Wording(
        Said("forbidden by the provider", "流已被云端禁播"),
        Said(
            "Lift the ban in the provider's console, or ask who set it.",
            "请在云端控制台解除禁播，或确认是谁设置的。",
        ),
        "relaybeat verify {id}",
    ),
    Kind.STILL_ON_AIR: Wording(
        Said("still on air after its end", "已过结束时间仍在播"),
        Said(
            "Its relay is taken away by itself; if it stays, somebody pushes it or made another relay.",
            "任务会自动移除；如仍在播，可能有人推流或另建了任务。",
        ),
        "relaybeat drift",
    ),
    Kind.FOREIGN: Wording(
        Said("somebody else's relay is in the way", "他人的拉流任务占用了这个流"),
        Said(
            "Relaybeat never touches it. Have it removed, or give the event another stream.",
            "系统不会改动它；请让对方移除，或为节目换一个流名。",
        ),
        "relaybeat drift",
    ),
    Kind.PERMANENT_PULL: Wording(
        Said("a relay without an end", "存在没有结束时间的拉流任务"),
        Said(
            "It pulls, and costs, for ever. Remove it in the console if nobody needs it.",
            "会一直拉流并计费；如无需要请在控制台删除。",
        ),
        "relaybeat drift",
    ),
    Kind.BEAT_SILENT: Wording(
        Said("no beat: nothing is planned or handed out", "调度进程 beat 没有响应：计划与下发已停止"),
        Said(
            "Start it, or look why it does not run. What is placed stays on air.",
            "请启动它或查明原因；已创建的任务不受影响。",
        ),
        "relaybeat doctor",
    ),
    Kind.NO_WORKER: Wording(
        Said("no worker: nothing is placed", "没有工作进程 worker：无法创建任务"),
        Said(
            "Start one, or look why none runs. What is placed stays on air.",
            "请启动它或查明原因；已创建的任务不受影响。",
        ),
        "relaybeat doctor",
    ),
    Kind.TICKS_STOPPED: Wording(
        Said("beat and workers live, and no tick is done", "beat 与 worker 都在，但调度已停止"),
        Said("Restart the workers; if that does not help, Redis.", "请重启 worker；如无效，再重启 Redis。"),
        "relaybeat doctor",
    ),
    Kind.REDIS_GONE: Wording(
        Said("Redis cannot be reached", "无法连接 Redis"),
        Said(
            "Start it. What is placed stays on air; nothing new is placed until it is back.",
            "请启动它；已创建的任务不受影响，恢复前不会创建新任务。",
        ),
        "relaybeat doctor",
    ),
    Kind.QUOTA_EXHAUSTED: Wording(
        Said("more to place than the provider allows a second", "待创建的任务超过云端每秒配额"),
        Said(
            "It is worked off, most urgent first. If it lasts, ask for a higher quota.",
            "按紧急程度依次处理；如持续出现，请申请提高配额。",
        ),
        "relaybeat doctor",
    ),
    Kind.PROVIDER_UNREACHABLE: Wording(
        Said("the provider does not answer", "云端接口没有响应"),
        Said(
            "Nothing is lost, and tries go on. See the provider's status page.",
            "不会丢失任何任务，系统会继续尝试；请查看云端状态页。",
        ),
        "relaybeat doctor",
    ),
    Kind.CREDENTIALS_REFUSED: Wording(
        Said("the provider refuses our keys", "云端拒绝了我们的密钥"),
        Said("Nothing can be placed until the keys are right.", "密钥恢复正确之前无法创建任何任务。"),
        "relaybeat doctor",
    ),
    Kind.BILLING: Wording(
        Said("the provider's service is not opened, or a bill is overdue", "云端服务未开通或已欠费"),
        Said(
            "Settle it in the provider's console; nothing can be placed until then.",
            "请在云端控制台处理；在此之前无法创建任何任务。",
        ),
        "relaybeat doctor",
    ),
    Kind.PLAN_MOVED: Wording(
        Said("new zone or holiday data move windows to come", "时区或节假日数据更新，未播时段随之移动"),
        Said(
            "They are moved by themselves, what is placed included. See whether that is what you want.",
            "系统会自动移动，已就位的也一并更正；请确认是否符合预期。",
        ),
        "relaybeat history",
    ),
    Kind.HOLIDAYS_UNKNOWN: Wording(
        Said("holidays of a year to come soon are not known", "即将到来的年份尚无节假日数据"),
        Said(
            "Upgrade relaybeat once they are published, or write the days under dates: of a calendar.",
            "放假通知公布后请升级 relaybeat，或在日历的 dates: 中写明日期。",
        ),
        "relaybeat doctor",
    ),
    Kind.CHANNEL_FAILED: Wording(
        Said("an alert channel takes no messages", "告警通道无法送达"),
        Said(
            "Check its address in RELAYBEAT_ALERTS; tries go on.",
            "请检查 RELAYBEAT_ALERTS 中的地址；系统会继续重试。",
        ),
        "relaybeat alerts test",
    ),
    Kind.DOMAIN_UNKNOWN: Wording(
        Said("the account has no such domain", "账号下没有这个域名"),
        Said(
            "Check the domain in the events file, and in the provider's console.",
            "请检查节目单与云端控制台中的域名。",
        ),
        "relaybeat doctor",
    ),
}

CAUSES: Final[dict[str, Said]] = {
    "planned": Said("nobody has begun to place it", "尚未开始创建"),
    "placing": Said("it is being placed", "正在创建"),
    "retrying": Said("it is tried again and again", "正在反复重试"),
    "placed": Said("it was placed, and is gone", "曾创建成功，现已消失"),
    "config-missing": Said("its relay is not at the provider", "云端没有它的拉流任务"),
    "source-unreachable": Said("none of its sources answers", "所有源都没有响应"),
    "first-source-dead": Said("the first of them is dead, another answers", "首选源没有响应，备用源可用"),
    "other-source-dead": Said("the first answers, another of them is dead", "首选源正常，有备用源没有响应"),
    "domain-wrong": Said("the account has no such domain, or it is not normal", "域名不存在或状态异常"),
    "unknown": Said(
        "relay and source look well; the provider's console knows more",
        "任务与源看起来正常，请查看云端控制台",
    ),
}
"""Stable words for why, and what they mean."""

LEVELS: Final[tuple[Said, ...]] = (Said("Note", "提示"), Said("Warning", "警告"), Said("PAGE", "紧急"))
"""By the number of a level."""

RECOVERED: Final = Said("Well again", "已恢复")
"""Ahead of what has ended."""

LINES: Final[dict[str, Said]] = {
    "event": Said("Event", "节目"),
    "stream": Said("Stream", "流"),
    "window": Said("Window", "播出窗口"),
    "since": Said("Since", "持续"),
    "cause": Said("Cause", "原因"),
    "provider": Said("Provider", "云端返回"),
    "next": Said("Next", "下一步"),
    "command": Said("Run", "命令"),
    "page": Said("Page", "页面"),
    "many": Said("{n} windows on {domain}", "{domain} 上的 {n} 个窗口"),
    "more": Said("and {n} more", "以及另外 {n} 个"),
    "permanent": Said("always", "长期"),
}
"""What stands before each fact."""
