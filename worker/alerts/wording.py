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
    """What is wrong, what to do next, and the command to begin with.

    Both may hold ``{id}``. ``of_many`` is the command where many are told of at once, if that is another.
    """

    what: Said
    next: Said
    command: str
    of_many: str = ""


WORDINGS: Final[dict[Kind, Wording]] = {
    Kind.UNPLACED: Wording(
        Said("its relay is not at the provider", "云端没有拉流配置"),
        Said(
            "Relaybeat goes on trying. If it tries in vain, the attempts say why.",
            "系统会继续重试；若一直不成功，原因见每次尝试的记录。",
        ),
        "relaybeat show {id}",
        "relaybeat windows",
    ),
    Kind.WRONG: Wording(
        Said("its relay differs from the plan", "云端的拉流配置与编排不符"),
        Said(
            "What is ours is put right within a minute. What is not is left alone: find out who made it.",
            "属于我们的，一分钟内自动改正；他人的不会改动，请查明是谁所建。",
        ),
        "relaybeat drift",
    ),
    Kind.FAILED: Wording(
        Said("refused by the provider for good", "云端拒绝创建拉流配置"),
        Said(
            "It is not tried again by itself. Mend the cause, then: relaybeat retry {id}.",
            "不会自动重试；请先排除原因，再执行 relaybeat retry {id}。",
        ),
        "relaybeat show {id}",
        "relaybeat windows --state failed",
    ),
    Kind.MISSED: Wording(
        Said("missed: no relay in time", "错过：未能及时就位"),
        Said(
            "Too little of it is left to place it. To have the rest all the same: relaybeat retry {id}.",
            "剩余时长太短，不再自动就位；如仍要播出余下部分，请执行 relaybeat retry {id}。",
        ),
        "relaybeat show {id}",
        "relaybeat windows --state missed",
    ),
    Kind.SOURCE_DEAD: Wording(
        Said("a source does not answer", "源没有应答"),
        Said(
            "Call whoever sends it, or use another for tonight: "
            "relaybeat override {id} --source URL --reason WHY.",
            "请联系信号提供方；也可临时换源：relaybeat override {id} --source URL --reason 原因。",
        ),
        "relaybeat preflight {id}",
        "relaybeat preflight",
    ),
    Kind.DARK: Wording(
        Said("dark, nothing is on air", "断流，没有信号在播"),
        Said(
            "See whether its relay is there, and which source answers.",
            "请检查拉流配置是否还在、哪个源可用。",
        ),
        "relaybeat verify {id}",
        "relaybeat verify",
    ),
    Kind.DEGRADED: Wording(
        Said("on air, but poor", "在播，但码率或帧率异常"),
        Said(
            "Bitrate or frame rate is far below the usual: mostly the sender's uplink.",
            "远低于平时，多为信号源的上行问题，请联系信号提供方。",
        ),
        "relaybeat verify {id}",
        "relaybeat verify",
    ),
    Kind.FORBIDDEN: Wording(
        Said("blocked at the provider", "流已被云端封禁"),
        Said(
            "It can be lifted in the provider's console alone; find out who blocked it, and why.",
            "只能在云端控制台解封；请查明是谁、因何封禁。",
        ),
        "relaybeat verify {id}",
        "relaybeat verify",
    ),
    Kind.STILL_ON_AIR: Wording(
        Said("still on air after its end", "时段已结束，流仍在播"),
        Said(
            "Its relay goes by itself. If it stays, somebody pushes to the stream, or made another relay.",
            "配置会自动撤下；若仍在播，说明有人在推流，或另建了配置。",
        ),
        "relaybeat drift",
    ),
    Kind.FOREIGN: Wording(
        Said("somebody else's relay is in the way", "他人的拉流配置占用了这路流"),
        Said(
            "Relaybeat never touches it. Have its owner remove it, or give the event another stream.",
            "系统绝不改动它；请让对方撤下，或为节目换一个流名。",
        ),
        "relaybeat drift",
    ),
    Kind.PERMANENT_PULL: Wording(
        Said("a relay without an end", "拉流配置没有结束时间"),
        Said(
            "It pulls, and costs, for ever. If nobody needs it, delete it in the provider's console.",
            "它会一直拉流并计费；如不需要，请在云端控制台删除。",
        ),
        "relaybeat drift",
    ),
    Kind.BEAT_SILENT: Wording(
        Said("no beat: nothing is planned or handed out", "beat 无响应：编排与派发已停止"),
        Said(
            "Start one, or see why it does not run. What is placed stays on air.",
            "请启动它，或查明为何没有运行；已就位的不受影响。",
        ),
        "relaybeat doctor",
    ),
    Kind.NO_WORKER: Wording(
        Said("no worker: nothing is placed", "worker 无响应：无法就位"),
        Said(
            "Start one, or see why none runs. What is placed stays on air.",
            "请启动它，或查明为何没有运行；已就位的不受影响。",
        ),
        "relaybeat doctor",
    ),
    Kind.TICKS_STOPPED: Wording(
        Said("beat and workers run, but nothing ticks", "beat 与 worker 都在运行，但 tick 已停"),
        Said("Restart the workers; if that does not help, Redis.", "请重启 worker；若无效，再重启 Redis。"),
        "relaybeat doctor",
    ),
    Kind.REDIS_GONE: Wording(
        Said("Redis cannot be reached", "无法连接 Redis"),
        Said(
            "Start it. What is placed stays on air; nothing new is placed until it is back.",
            "请启动它；已就位的不受影响，恢复之前不会有新的就位。",
        ),
        "relaybeat doctor",
    ),
    Kind.QUOTA_EXHAUSTED: Wording(
        Said("more requests wait than the quota allows", "待发请求超出云端配额"),
        Said(
            "They are worked off, most urgent first. If it lasts, ask the provider for a higher quota.",
            "按紧急程度依次发送；若持续出现，请向云端申请提高配额。",
        ),
        "relaybeat doctor",
    ),
    Kind.PROVIDER_UNREACHABLE: Wording(
        Said("the provider does not answer", "云端接口没有响应"),
        Said(
            "Nothing is lost, and tries go on. See the provider's status page.",
            "不会丢失任何内容，系统会继续重试；请查看云端状态页。",
        ),
        "relaybeat doctor",
    ),
    Kind.CREDENTIALS_REFUSED: Wording(
        Said("the provider refuses our keys", "云端拒绝了我们的密钥"),
        Said(
            "Nothing can be placed until the keys are right: renew them, restart workers and watch,"
            " then: relaybeat retry --failed.",
            "密钥正确之前无法就位；请更新密钥，重启 worker 与 watch，再执行 relaybeat retry --failed。",
        ),
        "relaybeat doctor",
    ),
    Kind.BILLING: Wording(
        Said("the provider's service is not opened, or a bill is overdue", "云端服务未开通或已欠费"),
        Said(
            "Settle it in the provider's console; nothing can be placed until then."
            " Afterwards: relaybeat retry --failed.",
            "请在云端控制台处理；在此之前无法就位。处理后请执行 relaybeat retry --failed。",
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
    Kind.DAILY_SHEET: Wording(
        Said("daily sheet", "每日简报"),
        Said("Nothing; it shows that the watch is there.", "无需处理；收到它，即说明 watch 在运行。"),
        "relaybeat windows",
    ),
    Kind.CHANNEL_FAILED: Wording(
        Said("takes no alerts", "告警无法送达"),
        Said(
            "Check its address in RELAYBEAT_ALERTS. It is tried again by itself.",
            "请检查 RELAYBEAT_ALERTS 中的地址；系统会继续重试。",
        ),
        "relaybeat alerts test",
    ),
    Kind.DOMAIN_UNKNOWN: Wording(
        Said("the account has no such domain", "账号下没有这个域名"),
        Said(
            "Check the domain in the events file, and in the provider's console.",
            "请核对节目文件与云端控制台中的域名。",
        ),
        "relaybeat doctor",
    ),
}

CAUSES: Final[dict[str, Said]] = {
    "planned": Said("nobody has begun to place it", "还没有开始就位"),
    "placing": Said("it is being placed", "正在就位"),
    "retrying": Said("it was tried, and is tried again", "就位未成，正在重试"),
    "placed": Said("it was placed, and is gone", "曾就位，现已不在云端"),
    "other-times": Said("it is listed with other times", "起止时间不同"),
    "other-sources": Said("it is listed with other sources", "源地址不同"),
    "config-missing": Said("its relay is not at the provider", "云端没有它的拉流配置"),
    "source-unreachable": Said("none of its sources answers", "所有源都没有应答"),
    "first-source-dead": Said("the first is dead, another answers", "首选源没有应答，备用源可用"),
    "other-source-dead": Said("the first answers, another is dead", "首选源正常，有备用源没有应答"),
    "domain-wrong": Said("the account has no such domain, or it is not normal", "域名不存在或状态异常"),
    "unknown": Said("relay and sources look well from here", "从这里看，配置与源都正常"),
}
"""Stable words for why, and what they mean."""

DEAD: Final[dict[str, str]] = {
    "name": "域名无法解析",
    "private": "域名只解析到内网地址",
    "connect": "连不上：端口未开放，或被防火墙拦截",
    "tls": "TLS 或证书有问题",
    "protocol": "对方应答的不是这种协议",
    "refused": "对方拒绝拉流",
    "redirect": "对方要求跳转，系统不跟随",
    "absent": "服务器在，但没有人推这路流",
    "silent": "能连上，但没有音视频数据",
    "stale": "HLS 列表已结束，或停止更新",
}
"""The Chinese of why a source does not play, by the words of ``docs/preflight.md``."""

_BY_CAUSE: Final[dict[tuple[Kind, str], Said]] = {
    (Kind.DARK, "source-unreachable"): Said(
        "Call whoever sends it, or use another: relaybeat override {id} --source URL --reason WHY --force.",
        "请联系信号提供方；也可换源：relaybeat override {id} --source URL --reason 原因 --force。",
    ),
    (Kind.DARK, "domain-wrong"): Said(
        "See in the provider's console whether the account has the domain, and whether it is switched on.",
        "请在云端控制台确认账号下有这个域名，且已启用。",
    ),
    (Kind.DARK, "unknown"): Said(
        "See the provider's console; tell its support the stream and the time.",
        "请查看云端控制台，并将流名与时间告知云端支持。",
    ),
}


def next_step(kind: Kind, cause: str) -> Said:
    """What to do next, where the cause is known about that; may hold ``{id}``."""
    return _BY_CAUSE.get((kind, cause)) or WORDINGS[kind].next


LEVELS: Final[tuple[Said, ...]] = (Said("Note", "提示"), Said("Warning", "警告"), Said("PAGE", "紧急"))
"""By the number of a level."""

RECOVERED: Final = Said("Recovered", "已恢复")
"""Ahead of what has ended."""

LINES: Final[dict[str, Said]] = {
    "event": Said("Event", "节目"),
    "stream": Said("Stream", "流"),
    "window": Said("Window", "时段"),
    "since": Said("For", "已持续"),
    "lasted": Said("Lasted", "历时"),
    "cause": Said("Cause", "原因"),
    "was": Said("Cause was", "当时原因"),
    "example": Said("Cause of the first", "首个的原因"),
    "provider": Said("Provider", "云端返回"),
    "next": Said("Next", "下一步"),
    "command": Said("Run", "命令"),
    "page": Said("Page", "页面"),
    "windows": Said("{n} windows on {domain}", "{domain} 的 {n} 个时段"),
    "streams": Said("{n} streams on {domain}", "{domain} 的 {n} 路流"),
    "more": Said("and {n} more", "另有 {n} 个"),
    "permanent": Said("always", "常播"),
    "figures": Said("{framerate} frames/s, {bitrate} kbit/s", "{framerate} 帧/秒，{bitrate} kbit/s"),
    "waiting": Said("{waiting} wait, at {per_second} a second", "待发 {waiting} 个，每秒 {per_second} 个"),
    "coming": Said("{n} to air in the next 24 hours", "未来 24 小时共 {n} 个时段"),
    "well": Said("all was well in the last", "过去 24 小时一切正常"),
    "troubled": Said("{n} went wrong in the last", "过去 24 小时有 {n} 个异常"),
    "went": Said("What went wrong:", "异常："),
    "comes": Said("What comes:", "即将播出："),
    "late": Said("{late} late", "晚点 {late}"),
    "comma": Said(", ", "，"),
    "used": Said("{used} would be used", "将使用 {used}"),
    "colon": Said(": ", "："),
}
"""What stands before each fact, and in the daily sheet."""
