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

PAGE: Final = {**_DRAFT}
"""Headings, labels and sentences; fields in braces are those of the English."""
