"""The sentences of the pages about verdicts: where the organisation stands, what stands in the way, what would flip."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from dashboard import wording
from strategy.kinds import CauseKind, Code, Gate

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
# What stands in the way, and what would clear it.
OBSTACLES: dict[str, tuple[str, str]] = {
    Code.COLD_START: ("Too little traffic to judge yet", "wait for four weeks of calls"),
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
_FLIP_UNITS: dict[str, str] = {
    "calls_per_day": "calls a day",
    "present_price": "times the present price",
    "target_price": "times the target's price",
    "score": "as the score",
    "one_off_usd": "to build it",
    "code_share": "of the calls answered by code",
}


def standing(due: int, features: int, total: Decimal, deadlines: Sequence[date]) -> str:
    """One sentence on where the organisation stands; `total` is USD a month, `deadlines` the days that force a decision.

    >>> standing(5, 12, Decimal("41200"), [date(2027, 1, 14)])
    '5 of 12 features should move: $41,200 a month on the table; 1 must be decided by 14 January 2027.'
    >>> standing(0, 12, Decimal(0), [])
    'None of 12 features should move today.'
    """
    if not due:
        return f"None of {wording.plural(features, 'feature')} should move today."
    verb = "should move"
    text = f"{due} of {wording.plural(features, 'feature')} {verb}: {wording.usd_whole(total)} a month on the table"
    if deadlines:
        text += f"; {len(deadlines)} must be decided by {wording.long_day(min(deadlines))}"
    return text + "."


def headline(document: Mapping[str, Any]) -> str:
    """A verdict as one sentence.

    >>> headline({"verdict": "stay", "now": "prompt", "target": None, "code": None})
    'Stay on prompt.'
    """
    now, target = wording.option(document["now"]), wording.option(document.get("target"))
    obstacle = OBSTACLES.get(document.get("code") or "", ("", ""))[0]
    match document["verdict"]:
        case "due":
            saving = (document.get("money") or {}).get("saving_usd_month")
            gain = f" and save {wording.usd(Decimal(saving))} a month" if saving else ""
            return f"Move from {now} to {target}{gain}."
        case "blocked":
            return f"{obstacle or 'Something'} blocks the way to {target}." if not obstacle else _blocked(obstacle, target)
        case "watch":
            return f"Stay on {now} for now. {obstacle}." if obstacle else f"Stay on {now} for now, and watch."
        case _:
            return f"Stay on {now}."


def _blocked(obstacle: str, target: str) -> str:
    return f"{obstacle}: blocked" + ("." if target == wording.UNKNOWN else f" on the way to {target}.")


def cause(kind: str, detail: str) -> str:
    """What moved a verdict: its kind in words, then the detail unless it says the same.

    >>> cause("first", "")
    'First judgement'
    """
    head = CAUSES.get(kind, wording.words(kind))
    return f"{head}: {detail}" if detail and detail.rstrip(".") != head else head


def flip_sentence(point: Mapping[str, Any]) -> str:
    """One flip point as a sentence.

    >>> flip_sentence({"input": "calls_per_day", "now": 100000, "at": 18250, "verdict": "stay"})
    'At 18,250 calls a day (now 100,000) this would be stay.'
    """
    name = str(point["input"])
    at, now = (_amount(name, point.get(key)) for key in ("at", "now"))
    unit = _FLIP_UNITS.get(name, wording.words(name).lower())
    return f"At {at} {unit} (now {now}) this would be {point['verdict']}."


def _amount(name: str, value: object) -> str:
    if value is None:
        return wording.UNKNOWN
    number = Decimal(str(value))
    if name == "calls_per_day":
        return wording.count(float(number))
    if name == "one_off_usd":
        return wording.usd_whole(number)
    return wording.percent(number) if name in ("score", "code_share") else f"{number.normalize():f}"


def surety(document: Mapping[str, Any] | None) -> str:
    """How sure the saving is: firm, likely or open, with its range from the 10th to the 90th percentile.

    Firm: even the low estimate saves and the target's quality holds. Likely: one of the two. Open: neither is known.
    """
    money = (document or {}).get("money") or {}
    low, high = ((money.get(side) or {}).get("saving_usd_month") for side in ("low", "high"))
    saves = low is not None and Decimal(low) > 0
    holds = ((document or {}).get("quality") or {}).get("passes") is True
    word = ("open", "likely", "firm")[saves + holds]
    if low is None or high is None:
        return word
    return f"{word} · {wording.usd_short(Decimal(low))} to {wording.usd_short(Decimal(high))}"
