"""The Chinese of the page, by the English that stands in its templates."""

from __future__ import annotations

from typing import Final

_DRAFT: Final = {
    "Try a plan": "试排",
    "Paste an events file, or rows of a spreadsheet, or choose a file, and see what it would do."
    " Nothing changes until you apply it.": (
        "粘贴节目文件或表格中的行，或选择一个文件，先看会有什么变化。应用之前什么都不会改变。"
    ),
    "Applied: revision {n}": "已应用：版本 {n}",
    "See what comes next": "看接下来播什么",
    "Nothing was applied": "没有应用任何改动",
    "What would be done is not what you were shown: the text was edited, or the ledger changed meanwhile."
    " Below is what it would do now.": (
        "将要做的与刚才显示的不同：文本改过，或账本在此期间有变动。以下是现在的结果。"
    ),
    "It takes a reason, and a tick for what may go or be cut; see below.": (
        "需要写明原因，并勾选允许移除或切断的内容；见下文。"
    ),
    "Events file": "节目文件",
    "Source addresses stand whole in this field, and nowhere else on the page.": (
        "源地址只在此框中完整显示，页面其他位置一律遮盖。"
    ),
    "Or a file: YAML, CSV, XLSX or ICS, up to 8 MB": "或选择文件：YAML、CSV、XLSX 或 ICS，最大 8 MB",
    "What a spreadsheet or a calendar does not say": "表格或日历中没有写明的内容",
    "Time zone": "时区",
    "Domain": "域名",
    "App": "应用（App）",
    "Stream": "流名",
    "Source": "源地址",
    "Lead": "提前量",
    "Year": "年份",
    "Call off the windows of events that are not in it": "取消文件中没有的节目的时段",
    "Show the windows of": "显示时段的范围：",
    "{n} days": "{n} 天",
    "a day": "一天",
    "See what it would do": "查看会有什么变化",
    "Problems: {n}. Nothing can be applied.": "问题：{n} 处。无法应用。",
    "Warnings: {n}": "提醒：{n} 处",
    "What people said, and what holds over it": "人工指令，优先于此文件",
    "The text by lines": "逐行文本",
    "What counts is the ledger": "一切以账本为准",
    "It was last changed by revision {n}": "最近一次改动：版本 {n}",
    "Nothing was applied to it yet.": "尚未应用过任何文件。",
    "It keeps what each event means, and not the text of a file: that cannot be shown here. If an events file"
    " is kept somewhere, such as on a server or in git, bring into it what you apply here, or the next apply"
    " of that file takes it back.": (
        "账本保存的是每个节目的含义，而不是文件的原文，因此无法在此显示原文。"
        "如果服务器上或 git 中另存有节目文件，请把在此应用的内容同步写入，否则下次应用那份文件时会改回去。"
    ),
    "line {n}": "第 {n} 行",
    "line {n} in the field": "文本框中的第 {n} 行",
    "row {n}": "第 {n} 行",
    "Rows that are taken: {taken} of {all}": "采用的行：{taken}，共 {all} 行",
    "The field above holds the events file that was made of them. Only what stands there is applied.": (
        "上面的文本框中是由这些行生成的节目文件；只有其中的内容会被应用。"
    ),
    "Refused": "未采用",
    "Taken, with a remark": "已采用，附说明",
    "Rows that are no programmes: {n}": "不是节目的行：{n}",
    "What would change": "会有什么变化",
    "not in it, and kept as planned, with nothing new: {events}": (
        "文件中没有、保留已排定时段且不再新增：{events}"
    ),
    "change": "变化",
    "comes": "新增",
    "goes": "移除",
    "changes": "改动",
    "That is too much to show window by window: here it is event by event.": "变化太多，改为按节目显示。",
    "Take away {n} of the {all} windows to come; without asking it would be {cap}": (
        "移除今后 {all} 个时段中的 {n} 个（不另确认时最多 {cap} 个）"
    ),
    "Cut or change what is on air now: {windows}": "切断或改动正在播出的：{windows}",
    "Reason": "原因",
    "Apply": "应用",
    "What is done is what is shown here. If it is another thing by then, you are shown that first.": (
        "只会做此处显示的改动；届时若有不同，会先显示给您看。"
    ),
    "To apply it, sign in as somebody who may operate.": "要应用，请以有操作权限的身份登录。",
    "Sign in": "登录",
    "What airs by it, from now": "按此文件，从现在起播出",
    "More windows follow: choose fewer days.": "后面还有时段：请缩小天数。",
    "No window airs in that time.": "这段时间没有播出。",
}

_PLANS: Final = {
    "Month": "月",
    "Week": "周",
    "Day sheet": "当日运行表",
    "Calendar": "日历",
    "Today": "今天",
    "Earlier": "往前",
    "Later": "往后",
    "Earlier and later": "前后翻页",
    "Show": "显示",
    "all": "全部",
    "Times in {zone}": "时间按 {zone}",
    "as of {time}": "截至 {time}",
    "{first}–{last} comes twice": "{first}–{last} 出现两次",
    "no {first}–{last}": "没有 {first}–{last}",
    "There is more than one page shows: choose an event or a stream.": "一页显示不下：请选择节目或流名。",
    "Nothing is planned for this day.": "这一天没有排定的播出。",
    "nothing is known of {year} yet by {calendar}: its days are neither left out nor added": (
        "{calendar} 尚无 {year} 年的数据：既不停播也不加播"
    ),
    "{month} {year}": "{year}年{month}",
    **{
        name: f"{n}月"
        for n, name in enumerate(
            (
                *("January", "February", "March", "April", "May", "June"),
                *("July", "August", "September", "October", "November", "December"),
            ),
            1,
        )
    },
    "Week {number} of {year}": "{year}年第{number}周",
    "Sources": "源",
    "State": "状态",
    "On air at": "实际开播",
    "Off air at": "实际停播",
    "Initials": "签字",
    "in conflict": "有冲突",
    "Nothing needs you": "一切正常",
    "Nothing is on air.": "没有正在播出的内容。",
    "Nothing starts within a day.": "一天之内没有新的播出。",
    "until": "至",
    "until {clock}": "播到 {clock}",
    "for {length}": "时长 {length}",
    "every day": "每天",
    "the last day of each month": "每月最后一天",
    "day {days} of each month": "每月 {days} 日",
    "every {n} minutes": "每 {n} 分钟",
    "every hour at {minutes}": "每小时 {minutes}",
    "at {clocks}": "{clocks}",
    "{days} {times}": "{days} {times}",
    "Rule": "规则",
    "Next": "下一次",
    "No event is called like that.": "没有这样的节目。",
    "There are no events yet.": "还没有节目。",
    "{n} in trouble": "{n} 个异常",
    "Nothing was changed": "没有改动",
    "Paused by {by} at {when}: {reason}": "{by} 于 {when} 暂停：{reason}",
    "It is paused in its file, {file}.": "已在文件 {file} 中暂停。",
    "Plays": "播出",
    "Plays at": "播放位置",
    "Pads": "前后余量",
    "{before} before, {after} after": "前 {before}，后 {after}",
    "Placed": "就位",
    "{lead} ahead": "提前 {lead}",
    "Valid": "有效期",
    "Not on": "停播日",
    "Also on": "加播日",
    "Priority": "优先级",
    "File": "文件",
    "In the calendar": "在日历中查看",
    "Nothing of it is to come.": "没有未播的时段。",
    "What differs from the rule": "与规则不同之处",
    "Said by people": "人工指令",
    "Written in the file": "写在文件中",
    "Change": "操作",
    "Pause": "暂停",
    "Resume": "恢复",
    "Add": "添加",
    "Add a window": "临时加播",
    "What is to come is planned again; what has passed stays off.": "恢复今后的播出；已过去的不补。",
    "What is to come is called off until somebody resumes it; what is on air plays to its end.": (
        "取消今后的播出，直到有人恢复；正在播出的播完为止。"
    ),
    "Cut what is on air as well": "正在播出的也立即切断",
    "Once, beside the rule. Times in {zone}": "规则之外播一次。时间按 {zone}",
    "Sources, if others": "源（如与平时不同）",
}

_DOOR: Final = {
    "Sign out": "退出",
    "No token is set, so everything here can only be read. Set RELAYBEAT_WEB_TOKEN where the page runs.": (
        "没有设置令牌，因此这里只能查看。请在运行页面的机器上设置 RELAYBEAT_WEB_TOKEN。"
    ),
    "Your name, for the history": "你的名字（记入历史）",
    "Token": "令牌",
    "The token that operates, or the one that reads. You stay signed in for 12 hours.": (
        "操作令牌或只读令牌。登录后 12 小时内有效。"
    ),
    "Say who you are": "请填写名字",
    "The token is wrong": "令牌不对",
    "Sign in first": "请先登录",
    "You may not do that": "没有权限",
    "There is nothing here": "这里什么也没有",
    "That makes no sense now": "现在不能这样做",
    "That is too large": "内容太大",
    "That cannot be used": "内容无法使用",
    "That was too much at once": "请求太频繁",
    "Something went wrong here": "这里出错了",
    "The ledger cannot be reached": "无法连接账本",
    "Nothing is lost: what was placed plays on. See that Redis runs, then load this page again.": (
        "数据没有丢失，已就位的照常播出。请检查 Redis 是否在运行，然后重新加载本页。"
    ),
    "To the first page": "返回首页",
    "this asks for a token": "需要令牌",
    "this asks for the token that operates": "需要操作令牌",
    "this token only reads": "这个令牌只能查看",
    "sign in with the token that operates": "请用操作令牌登录",
    "this form belongs to another session": "此表单属于另一次登录",
    "load the page again": "请重新加载页面",
    "this was sent by a page that is not ours": "请求来自其他网站的页面",
    "too many requests": "请求太多",
    "wait a little": "请稍候再试",
    "this is a fault of ours, and it is in the log": "这是程序的错误，已记入日志",
    "there is no such calendar, or no longer": "没有这个日历，或已关闭",
    "What is planned, in the calendar you use anyway: a week back and a month ahead, without sources."
    " Whoever knows an address can read it, so give each person one of their own.": (
        "在常用的日历中查看排播：前一周至后一个月，不含源地址。知道地址的人都能查看，请每人各用一个地址。"
    ),
    "The new address": "新地址",
    "Copy it now: it cannot be shown again.": "请立即复制，之后不再显示。",
    "Address": "地址",
    "Subscribe with the calendar of this device": "用本设备的日历订阅",
    "Subscribe": "订阅",
    "Whom it is for": "给谁用",
    "Every event": "全部节目",
    "Make an address": "生成地址",
    "Sign in with the token that operates to make an address.": "用操作令牌登录后可以生成地址。",
    "Who subscribes": "订阅列表",
    "For": "使用者",
    "Made by": "创建者",
    "Made at": "创建时间",
    "At": "时间",
    "ID": "编号",
    "Close": "关闭",
    "Close the address of {name}": "关闭{name}的地址",
}

_FRAME: Final = {
    "Skip to content": "跳到正文",
    "Pages": "页面",
    "Now": "实时",
    "Events": "节目",
    "Draft": "试排",
    "Sheet": "运行表",
    "Wall": "大屏",
    "Times": "时间",
    "Event time": "节目时区",
    "Local": "本地",
    "Colours": "配色",
    "Light": "浅色",
    "Dark": "深色",
    "As the system has it": "跟随系统",
    "Language": "语言",
    ": ": "：",
    "in {t}": "{t} 后",
    "{t} ago": "{t} 前",
    "Redis is away: this is the last picture, and it may no longer be true. What is placed stays on air.": (
        "Redis 无法连接：这是最后一次的画面，可能已不准确。已就位的不受影响。"
    ),
    "The page has lost touch with Relaybeat: this is the last picture. It goes on trying.": (
        "页面与 Relaybeat 失去联系：这是最后一次的画面，正在重新连接。"
    ),
    "Needs you: {what}": "需要处理：{what}",
}

_HOME: Final = {
    "Relaybeat now": "Relaybeat 实时",
    "Needs you": "需要处理",
    "attention": "注意",
    "failed attempts: {n}": "{n} 次尝试未成",
    "tried again": "再次尝试于",
    "Retry": "重试",
    "Open": "查看",
    "Next up": "即将播出",
    "On air": "正在播出",
    "Windows": "时段",
    "Window": "时段",
    "How far": "范围",
    "6h": "6 小时",
    "24h": "24 小时",
    "7d": "7 天",
    "Shown as": "显示方式",
    "Timeline": "时间线",
    "Table": "表格",
    "Search": "搜索",
    "in trouble": "异常",
    "Everything": "显示全部",
    "Show everything": "显示全部",
    "How Relaybeat is": "系统状况",
    "silent": "无响应",
    "ok": "正常",
    "provider": "云端",
    "not well": "异常",
    "heard {n} s ago": "{n} 秒前更新",
    "The clock changes": "时钟调整",
    "{title}, {n} windows, {start} to {end} {zone}, {worst} {state}": (
        "{title}，{n} 个时段，{start} 至 {end} {zone}，其中 {worst} 个{state}"
    ),
    "{n} more streams do not fit into the picture: choose an event, a stream or a state, or search.": (
        "另有 {n} 路流未能显示：请选择节目、流名或状态，或搜索。"
    ),
    "{n} more windows do not fit into the table: choose an event, a stream or a state, or search.": (
        "另有 {n} 个时段未能显示：请选择节目、流名或状态，或搜索。"
    ),
    "No window is like that in this time.": "这段时间没有符合的时段。",
    "Nothing is planned in this time.": "这段时间没有排定的播出。",
    "Keys": "快捷键",
    "to now": "到当前时刻",
    "to the first failure": "到第一个异常",
    "search": "搜索",
    "along a stream": "沿同一路流移动",
    "from stream to stream": "在各路流之间移动",
    "open a window": "打开时段",
    "close it": "关闭",
    "these keys": "显示快捷键",
    "Close": "关闭",
}

_WINDOW: Final = {
    "Done": "已完成",
    "What comes next": "接下来",
    "Nothing changed": "没有变化",
    "answers": "有应答",
    "Seen": "监看",
    "At the provider": "云端情况",
    "On its slot": "同一路流",
    "Command": "命令",
    "Copy": "复制",
    "What you can do": "可用操作",
    "To change anything, sign in as somebody who may operate.": "要操作，请以有操作权限的身份登录。",
    "Attempts": "尝试记录",
    "Tried again at {time}": "将于 {time} 再次尝试",
    "When": "时间",
    "What": "内容",
    "Result": "结果",
    "Took": "用时",
    "Answer": "返回",
    "Nothing was tried yet.": "尚未尝试。",
    "History": "历史",
    "Who": "操作人",
    "Why": "原因",
    "claimed": "开始就位",
    "retried": "重试",
    "extended": "延长",
    "overridden": "临时改动",
    "restored": "恢复为文件内容",
    "stopped": "停播",
    "moved": "改期",
    "replanned": "重新编排",
    "differs": "与编排不符",
    "Put it back": "恢复播出",
    "Extend": "延长",
    "Change this once": "仅改这一次",
    "As in the file again": "恢复为文件内容",
    "Stop": "停播",
    "Cancel": "取消",
    "It is planned again as in the file, and placed when its time comes.": "按文件重新编排，到时就位。",
    "It is tried again at once, with all its tries.": "立即重试，重试次数重新计算。",
    "It ends so much later than in the file. On air it stays on air.": (
        "比文件中的结束时间延后；正在播出的不中断。"
    ),
    "This one time it differs from the file; what you leave alone stays as it is.": (
        "仅这一次与文件不同；未改动的保持原样。"
    ),
    "What was changed for this one time is taken back.": "撤销对这一次的临时改动。",
    "It goes off air within seconds, and stays off until somebody retries it.": (
        "数秒内停播，直到有人重试才恢复。"
    ),
    "It is not aired, whatever the file says. Its relay is removed from the provider.": (
        "无论文件如何编排都不播出，云端的拉流配置随即撤下。"
    ),
    "Longer by": "延长",
    "Cut or interrupt what is on air": "允许切断或中断正在播出的内容",
    "Put it back on the air plan": "确认恢复播出",
    "Retry now": "立即重试",
    "Extend it": "确认延长",
    "Change it": "确认改动",
    "Take the change back": "撤销改动",
    "Stop it now": "立即停播",
    "Cancel this window": "确认取消此时段",
    "it is not tried again by itself: mend the cause, then relaybeat retry {window}": (
        "不会自动重试：请先排除原因，再执行 relaybeat retry {window}"
    ),
    "it stays off, whatever the file says; relaybeat retry {window} takes that back": (
        "无论文件如何编排都不播出；relaybeat retry {window} 可恢复"
    ),
    "it is tried again at {time}": "将于 {time} 再次尝试",
    "it is tried again at {time}, and until {last} if need be": ("将于 {time} 再次尝试，必要时持续到 {last}"),
    "it is too late to place it": "已来不及就位",
    "it gives way to {winner}: it is placed only if that goes": "让位于 {winner}：只有后者撤下才会就位",
    "it gives way to {winner}: it is placed only if that goes, and that by {last}": (
        "让位于 {winner}：只有后者在 {last} 之前撤下才会就位"
    ),
    "it is placed from {time} on": "自 {time} 起就位",
    "it is placed from {time} on, when what is ahead of it has ended": "自 {time} 起就位，待前一时段结束",
    "a worker places it within seconds": "数秒内由 worker 就位",
}

PAGE: Final = {**_FRAME, **_HOME, **_WINDOW, **_DRAFT, **_PLANS, **_DOOR}
"""Headings, labels and sentences; fields in braces are those of the English."""
