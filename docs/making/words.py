"""Headings and meanings of the page of ids: what the product itself has no text for."""

from __future__ import annotations

from typing import Any, Final

WORDS: Final[dict[str, dict[str, Any]]] = {
    "zh": {
        "intro": (
            "# 所有编号和代码\n\n[English](ids.en.md) · 这一页由 `python -m docs.build` 生成，请不要手改。\n\n"
            "编号永不改名、永不删除；文字可以改。脚本和保存的案例请只认编号。每个问题都另外接受 `unknown`（不知道）。"
            "文字里的花括号在运行时填入。\n"
        ),
        "colon": "：",
        "exits": "退出码",
        "outcomes": "结果 `outcome`",
        "statuses": "原因的状态 `status`（从强到弱）",
        "confidences": "依据有多可信 `confidence`",
        "kinds": "原因的种类 `kind`",
        "causes": "原因",
        "situations": "处境 `situation`（前面的优先）",
        "actions": "做法",
        "dos": "做法属于哪一类 `do`",
        "urgencies": "多急 `urgency`",
        "beliefs": "常见的误解",
        "questions": "问题",
        "checks": "检查",
        "check_statuses": "检查的状态",
        "verdicts": "检查的结论 `verdict`",
        "failures": "失败的说法 `failure`（OONI 的词汇）",
        "stops": "为什么不再问 `stop_reason`",
        "skips": "为什么跳过一个问题 `skipped.reason`",
        "efforts": "要花多久 `effort`",
        "actors": "由谁来做 `by`",
        "contradictions": "矛盾",
        "warnings": "提醒",
        "limits": "界线（可在设置里改，都是假设）",
        "sources": "资料来源",
        "schemas": "格式版本",
        "column": {
            "id": "编号", "title": "名称", "group": "组", "kind": "种类", "confidence": "可信程度", "values": "回答",
            "meaning": "意思", "code": "代码", "status": "状态", "text": "文字", "settle": "由哪个问题来定",
            "value": "值", "do": "类别", "urgency": "多急",
        },
        "types": {"choice": "选一个", "choices": "可多选", "integer": "整数", "amount": "金额（元）", "text": "文字"},
        "other_contradictions": (
            "另外，编号以 `observed.` 开头的是同一件事有两种说法，`cause.` 开头的是一个原因的正反两条同时成立，"
            "`platform.in_text` 是版本文字里的系统与回答不同。"
        ),
        "outcome": {
            "entry_found": "入口找到了",
            "entry_refused": "入口看得到，但页面的提示说现在不行",
            "cause_found": "有原因达到「很可能」或以上",
            "no_clear_cause": "没有原因达到，也没有问题可问了",
            "not_enough_known": "没有原因达到，但还有问题可问",
        },
        "check_status": {
            "pass": "正常",
            "warn": "有值得注意的地方",
            "fail": "发现了问题",
            "skipped": "没有运行，原因写在 `detail`",
            "unknown": "运行了，但看不出来",
            "error": "检查本身出错，不说明用户有问题",
            "cancelled": "中途停下",
        },
        "stop": {
            "entry_found": "入口找到了",
            "requirement_confirmed": "有一项条件确认不满足；想继续仍可继续",
            "look_first": "还没去看入口：先看一眼，看完再接着问",
            "settled": "排第一的原因已经确认，其余回答改变不了它",
            "enough": "再问也很难改变第一步或所处的情况；想继续仍可继续",
            "nothing_left": "没有还能改变结果的问题了",
        },
        "exit_codes": {
            "DONE": "诊断做完了，不论结果如何",
            "FOUND": "用了 `--fail-on LEVEL`，并且有原因达到这个程度",
            "USAGE": "用法不对，或输入不能用（坏的 JSON、不认识的编号、超出范围）：标准错误里说明位置和最接近的名字",
            "FAILED": "工具做不了它的事（不能写输出、内部错误）：一行说明；加 `--debug` 才有堆栈",
            "REJECTED": "只有 `batch`：做完了，但有些记录不能用，各有一条错误记录",
            "INTERRUPTED": "被中断（Ctrl-C）",
        },
    },
    "en": {
        "intro": (
            "# Every id and code\n\n[中文](ids.md) · This page is made by `python -m docs.build`; do not edit it by "
            "hand.\n\nIds are never renamed and never dropped; texts may change. Let scripts and saved cases rely on "
            "ids alone. Every question also takes `unknown`. "
            "Braces in a text are filled in at run time.\n"
        ),
        "colon": ": ",
        "exits": "Exit codes",
        "outcomes": "Outcomes: `outcome`",
        "statuses": "Statuses of a cause, strongest first: `status`",
        "confidences": "How far the knowledge can be trusted: `confidence`",
        "kinds": "Kinds of causes: `kind`",
        "causes": "Causes",
        "situations": "Situations, the first one leads: `situation`",
        "actions": "Actions",
        "dos": "Kinds of actions: `do`",
        "urgencies": "How soon: `urgency`",
        "beliefs": "Common mistakes",
        "questions": "Questions",
        "checks": "Checks",
        "check_statuses": "Statuses of a check",
        "verdicts": "Findings of checks: `verdict`",
        "failures": "Failures, in OONI's words: `failure`",
        "stops": "Why the questions end: `stop_reason`",
        "skips": "Why a question is not asked: `skipped.reason`",
        "efforts": "How long it takes: `effort`",
        "actors": "Who acts: `by`",
        "contradictions": "Contradictions",
        "warnings": "Reminders",
        "limits": "Limits (settings may change them; all are assumptions)",
        "sources": "Sources",
        "schemas": "Versions of the formats",
        "column": {
            "id": "id", "title": "name", "group": "group", "kind": "kind", "confidence": "confidence",
            "values": "answers", "meaning": "meaning", "code": "code", "status": "status", "text": "text",
            "settle": "settled by", "value": "value", "do": "kind", "urgency": "how soon",
        },
        "types": {"choice": "one of", "choices": "any of", "integer": "whole number", "amount": "yuan", "text": "text"},
        "other_contradictions": (
            "Besides these, ids that begin with `observed.` name one thing told in two ways, `cause.` rows for and "
            "against one cause that both hold, and `platform.in_text` a version text of another platform."
        ),
        "outcome": {
            "entry_found": "the entry is there",
            "entry_refused": "the entry is there, and the page's message refuses",
            "cause_found": "a cause stands at likely or above",
            "no_clear_cause": "none does, and nothing is left to ask",
            "not_enough_known": "none does, and there is more to ask",
        },
        "check_status": {
            "pass": "all well",
            "warn": "something worth knowing",
            "fail": "a fault was found",
            "skipped": "did not run; `detail` says why",
            "unknown": "ran, and could not tell",
            "error": "the check itself broke; that says nothing about the user",
            "cancelled": "stopped on the way",
        },
        "stop": {
            "entry_found": "the entry is there",
            "requirement_confirmed": "a condition is certainly not met; one may go on all the same",
            "look_first": "nobody has looked for the entry yet: look first, then go on",
            "enough": "all that is left hardly changes the first step or the situation; one may go on all the same",
            "settled": "the first cause is confirmed, and no answer still to come could put another before it",
            "nothing_left": "no question is left that could change the result",
        },
        "exit_codes": {
            "DONE": "the diagnosis ran to its end, whatever it found",
            "FOUND": "`--fail-on LEVEL` was given and a cause stands at that level or above",
            "USAGE": "wrong usage, or an input that cannot be used (bad JSON, unknown id, out of range): "
            "stderr names the place and the nearest valid name",
            "FAILED": "the tool could not do its work (cannot write the output, internal error): one line; "
            "a traceback only with `--debug`",
            "REJECTED": "`batch` only: finished, but some records were rejected; each has its own error record",
            "INTERRUPTED": "interrupted (Ctrl-C)",
        },
    },
}  # fmt: skip
