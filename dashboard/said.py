"""The sentences of the pages about verdicts: where the organisation stands, what stands in the way, what would flip."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from dashboard import wording
from db.queries.alerts import AlertSum
from db.queries.standing import Standing
from strategy.kinds import CauseKind, Code, Gate, Outcome
from strategy.loss import loss_usd_month

GATE_QUESTIONS: dict[str, str] = {
    Gate.SPECIFIABLE: "Can the right answer be written down?",
    Gate.CLASSIFICATION: "Is it a choice among labels or known items?",
    Gate.DISTILLABLE: "Could a small model learn it, and would that pay?",
    Gate.SEPARABLE: "Could plain code take a share of the calls?",
    Gate.PROMPT: "Else: prompt",
}
GATE_LEADS_TO: dict[str, str] = {
    Gate.SPECIFIABLE: "code",
    Gate.CLASSIFICATION: "embed",
    Gate.DISTILLABLE: "distill",
    Gate.SEPARABLE: "hybrid",
    Gate.PROMPT: "prompt",
}
CAUSES: dict[str, str] = {
    CauseKind.FIRST: "First judgement",
    CauseKind.PRICE_CHANGE: "A price changed",
    CauseKind.PRICE_SCHEDULED: "A price change was announced",
    CauseKind.PRICE_CORRECTION: "A price was corrected",
    CauseKind.MODEL_RETIRES: "A model retires",
    CauseKind.MODEL_RELEASED: "A model was released",
    CauseKind.VOLUME: "The volume moved",
    CauseKind.SCORE: "A score moved",
    CauseKind.PROFILE: "The profile was edited",
    CauseKind.EVIDENCE: "New evidence",
    CauseKind.STALE: "Evidence grew stale",
    CauseKind.MANUAL: "Judged by hand",
}
# A verdict that would be, as people say it.
WOULD_BE: dict[str, str] = {
    Outcome.STAY: "this would be *stay*",
    Outcome.WATCH: "this would only be *watched*",
    Outcome.DUE: "this would be *due*",
    Outcome.BLOCKED: "this would be *blocked*",
}
# What stands in the way, and what would clear it.
OBSTACLES: dict[str, tuple[str, str]] = {
    Code.COLD_START: (
        "Too little traffic to judge yet",
        "it takes 14 days of traffic; without any, connect a source or load a file",
    ),
    Code.NEEDS_EVAL: ("The target has not been evaluated", "score it on the same cases and load the result"),
    Code.APPROACHING: ("Close to its flip point", "prepare; nothing to do today"),
    Code.EXHAUST_PROMPT: ("Prompting is not exhausted", "take the prompt as far as it goes, and measure"),
    Code.BETTER_PROMPT: ("A better prompt comes first", "mend the instructions, and measure"),
    Code.SHORTEN: ("A shorter or cached prompt saves more", "shorten, cache or batch before you migrate"),
    Code.NO_PLAN: ("No exit note", "write down when this is too expensive and what follows it"),
    Code.UNMEASURED: ("Something it depends on was never measured", "fill what is missing"),
    Code.NO_BASELINE: ("No eval of what runs today", "score the present strategy: without it nothing can be compared"),
    Code.DATA: ("Too few or too uniform examples", "label more of what really comes in"),
    Code.TEACHER: ("The teacher is not good enough", "raise the present quality first: it caps the student's"),
    Code.QUALITY: ("The target's score does not hold", "improve the candidate, or review the floor and margin"),
    Code.DEADLINE: ("It would not be ready in time", "allow more days to production"),
    Code.RETIRED: ("Its model retires", "choose a successor"),
}
_SURE = re.compile(r"How sure: (\d+)\s?%")
# From where on a multiple reads better than a percentage.
_TIMES_FROM = 2


def standing(waiting: AlertSum, stands: Standing) -> str:
    """One sentence on where the organisation stands: what is due, USD a month, and what of it has a date.

    >>> from datetime import date
    >>> day = date(2027, 1, 14)
    >>> stands = Standing(features=12, verdicts={}, deadlines=0, first_deadline=None)
    >>> dated = {"deadlines": 1, "first_deadline": day, "last_deadline": day}
    >>> standing(AlertSum(count=5, saving_usd_month=Decimal("41200"), states={"active": 5}, **dated), stands)
    '5 of 12 features should move: $41,200 a month on the table; 1 must be decided by 14 January 2027.'
    """
    features = wording.plural(stands.features, "feature")
    if not waiting.count:
        text = f"None of {features} should move today"
    else:
        text = f"{waiting.count:,} of {features} should move: "
        text += f"{wording.usd_whole(waiting.saving_usd_month)} a month on the table"
    if waiting.first_deadline is not None:
        by = " by " if waiting.first_deadline == waiting.last_deadline else ", the first by "
        text += f"; {waiting.deadlines:,} must be decided{by}{wording.long_day(waiting.first_deadline)}"
    return text + "."


def headline(document: Mapping[str, Any]) -> str:
    """A verdict as one sentence: the judge's first reason, which the report shows too.

    >>> headline({"verdict": "stay", "now": "prompt", "target": None, "reasons": []})
    'Stay on prompt.'
    """
    reasons = document.get("reasons") or ()
    if reasons:
        return str(reasons[0])
    target = document.get("target")
    way = f" to {wording.option(target)}" if target else f" on {wording.option(document['now'])}"
    return f"{wording.words(str(document['verdict']))}{way}."


def way(document: Mapping[str, Any]) -> str:
    """From what to what a verdict leads, each option by its told name.

    >>> way({"now": "prompt", "target": "prompt:tuned"}), way({"now": "prompt", "target": None})
    ('prompt → tuned prompt', 'stays on prompt')
    """
    now, target = str(document["now"]), document.get("target")
    moves = target is not None and target != now
    return f"{wording.option(now)} → {wording.option(target)}" if moves else f"stays on {wording.option(now)}"


def obstacle(code: str | None) -> tuple[str, str]:
    """What stands in the way, and what clears it; two empty texts where nothing does."""
    return OBSTACLES.get(code or "", ("", ""))


def cause(kind: str, detail: str) -> str:
    """What moved a verdict: its kind in words, then the detail; the first judgement needs none.

    >>> cause("first", "First judged."), cause("volume", "Traffic rose.")
    ('First judgement', 'The volume moved: Traffic rose')
    """
    head = CAUSES.get(kind, wording.words(kind))
    return head if kind == CauseKind.FIRST or not detail else f"{head}: {detail.rstrip('.')}"


def flip_sentence(point: Mapping[str, Any]) -> str:
    """One flip point as a sentence.

    >>> flip_sentence({"input": "calls_per_day", "now": 100000, "at": 18250, "verdict": "stay"})
    'At 18,250 calls a day or fewer (now 100,000) this would be *stay*.'
    >>> flip_sentence({"input": "present_price", "now": 1.0, "at": 0.5956, "verdict": "watch"})
    "If the present model's price falls by 40.4 % or more, this would only be *watched*."
    """
    name, at, now = str(point["input"]), Decimal(str(point["at"])), Decimal(str(point["now"]))
    less = at < now
    match name:
        case "calls_per_day":
            way = "or fewer" if less else "or more"
            condition = f"At {wording.count(float(at))} calls a day {way} (now {wording.count(float(now))})"
        case "present_price" | "target_price":
            whose = "the present model's price" if name == "present_price" else "the target's price"
            condition = f"If {whose} {_moves(at / now if now else at)} or more,"
        case "one_off_usd":
            way = "or less" if less else "or more"
            condition = f"If building it costs {wording.usd_whole(at)} {way} (now {wording.usd_whole(now)}),"
        case "score":
            way = "or less" if less else "or more"
            condition = f"If the target scores {wording.percent(at)} {way} (now {wording.percent(now)}),"
        case "code_share":
            way = "or less" if less else "or more"
            condition = f"If code answers {wording.percent(at)} of the calls {way} (now {wording.percent(now)}),"
        case _:
            condition = f"At {wording.words(name).lower()} {at.normalize():f} (now {now.normalize():f})"
    return f"{condition} {WOULD_BE[str(point['verdict'])]}."


def _moves(times: Decimal) -> str:
    if times < 1:
        return f"falls by {wording.percent(1 - times)}"
    return f"rises by {wording.percent(times - 1)}" if times < _TIMES_FROM else f"rises to {times:.1f} times today's"


def surety(document: Mapping[str, Any] | None) -> float | None:
    """The chance that the move repays its cost at the required quality, as the judge says it; None is unknown.

    >>> surety({"reasons": ["…", "How sure: 87% that it repays its cost at the required quality."]})
    0.87
    """
    for reason in (document or {}).get("reasons") or ():
        found = _SURE.match(reason)
        if found:
            return int(found[1]) / 100
    return None


def in_the_way(option: Mapping[str, Any]) -> str:
    """What keeps an option from being chosen: its gate or its missing eval, then what of the task does not fit it.

    >>> in_the_way({"waits_for": ["the input is open: no rule covers it"], "in_the_way": ["input_space"]})
    'the input is open: no rule covers it; does not fit: input space'
    >>> in_the_way({"waits_for": [], "in_the_way": []})
    'nothing'
    """
    misfits = ", ".join(wording.words(name).lower() for name in option["in_the_way"])
    return "; ".join([*option["waits_for"], *([f"does not fit: {misfits}"] if misfits else [])]) or "nothing"


def saving_range(document: Mapping[str, Any] | None) -> str:
    """The saving's 10th and 90th percentile in short, empty where there is no range; a possible loss is below zero.

    >>> saving_range({"money": {"low": {"saving_usd_month": "2900.00"}, "high": {"saving_usd_month": "3500.00"}}})
    '$2.9k to $3.5k'
    >>> low = {"saving_usd_month": "0.00", "monthly_usd": {"prompt": "9000.00"}}
    >>> high = {"saving_usd_month": "5500.00", "monthly_usd": {"distill": "19800.00"}}
    >>> saving_range({"now": "prompt", "target": "distill:own", "money": {"low": low, "high": high}})
    '−$10.8k to $5.5k'
    """
    money = (document or {}).get("money") or {}
    found = ((money.get(side) or {}).get("saving_usd_month") for side in ("low", "high"))
    ends = sorted(Decimal(end) for end in found if end is not None)
    loss = loss_usd_month({**(document or {}), "money": money})
    if ends and loss:
        return f"−{wording.usd_short(loss)} to {wording.usd_short(ends[-1])}"
    if len(set(ends)) < 2:  # noqa: PLR2004 (a range has two ends)
        return ""
    low, high = ends
    return f"{wording.usd_short(low)} to {wording.usd_short(high)}"


def no_range(document: Mapping[str, Any]) -> str:
    """Why a saving has no range: both ends are the same, or nothing is known of them.

    >>> same = {"saving_usd_month": "689.84"}
    >>> no_range({"money": {"low": same, "high": same}}), no_range({"money": None})
    ('the same at both ends', 'no range known')
    """
    money = document.get("money") or {}
    ends = {(money.get(side) or {}).get("saving_usd_month") for side in ("low", "high")}
    return "no range known" if len(ends) > 1 or None in ends else "the same at both ends"
