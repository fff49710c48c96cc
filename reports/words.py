"""The words of the letter: money, days, decisions and codes as plain English, for every format alike."""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from types import MappingProxyType

from reports.value import Decision, Spend
from strategy.kinds import Code, Outcome
from strategy.money import cents, dollars

_MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905 (twelve quoted words are harder to read)
_HALF_CENT = Decimal("0.005")
_LEAST_SHOWN = Decimal("0.05")
_HUNDRED = Decimal(100)
_TEN = 10

CODE_WORDS: Mapping[str, str] = MappingProxyType(
    {
        Code.COLD_START: "too little traffic to judge by yet",
        Code.NEEDS_EVAL: "the target has not proven its quality yet",
        Code.APPROACHING: "growing towards its flip point",
        Code.EXHAUST_PROMPT: "prompting is not exhausted yet",
        Code.BETTER_PROMPT: "a better prompt comes first",
        Code.SHORTEN: "a shorter or cached prompt saves more",
        Code.NO_PLAN: "nobody has a plan for it",
        Code.UNMEASURED: "a fact that decides it is not known",
        Code.NO_BASELINE: "no score of today's quality to compare with",
        Code.DATA: "too few labelled examples",
        Code.TEACHER: "today's model is too weak a teacher",
        Code.QUALITY: "the target's quality is not good enough",
        Code.DEADLINE: "it cannot be built in the time allowed",
        Code.RETIRED: "its model has been retired",
    }
)

_VARIANTS: Mapping[str, str] = MappingProxyType(
    {
        "hybrid:rag": "hybrid (retrieval)",
        "distill:hosted": "distill (hosted)",
        "distill:own": "distill (own weights)",
        "prompt:cheaper_model": "a cheaper model",
        "prompt:tuned": "a tuned prompt",
    }
)


def day(on: date, year: int) -> str:
    """A day as people say it, with its year where it is not `year`.

    >>> day(date(2026, 11, 18), 2026), day(date(2027, 1, 14), 2026)
    ('18 November', '14 January 2027')
    """
    text = f"{on.day} {_MONTHS[on.month - 1]}"
    return text if on.year == year else f"{text} {on.year}"


def period(first: date, last: date) -> str:
    """A span of days within one year or over its end.

    >>> period(date(2026, 11, 16), date(2026, 11, 22)), period(date(2026, 12, 28), date(2027, 1, 3))
    ('16 to 22 November 2026', '28 December 2026 to 3 January 2027')
    """
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {day(last, 0)}"
    return f"{day(first, last.year)} to {day(last, 0)}"


def usd(amount: Decimal) -> str:
    """An amount in dollars and cents; what is not nothing never reads as nothing.

    >>> usd(Decimal("3267.6")), usd(Decimal("-12")), usd(Decimal("0.0004")), usd(Decimal(0))
    ('$3,267.60', '−$12.00', 'under $0.01', '$0.00')
    """
    if 0 < abs(amount) <= _HALF_CENT:
        return "under $0.01"
    return f"−{dollars(-amount)}" if amount < 0 else dollars(amount)


def known(amount: Decimal | None) -> str:
    """An amount, or that it is not known."""
    return "not known" if amount is None else usd(amount)


def monthly(amount: Decimal | None) -> str:
    """A saving per month, or that it is not known."""
    return "saving not known" if amount is None else f"{usd(amount)} a month"


def change(amount: Decimal) -> str:
    """A difference with its sign.

    >>> change(Decimal("12")), change(Decimal("-0.5")), change(Decimal("0.001"))
    ('+$12.00', '−$0.50', '±$0.00')
    """
    if cents(amount) == 0:
        return "±$0.00"
    return usd(amount) if amount < 0 else f"+{usd(amount)}"


def percent(part: Decimal, whole: Decimal) -> str:
    """A share in per cent: one decimal below ten.

    >>> percent(Decimal(1), Decimal(8)), percent(Decimal(1), Decimal(32))
    ('12%', '3.1%')

    What is there is not shown as nothing:

    >>> percent(Decimal(1), Decimal(9999))
    '<0.1%'
    """
    value = part / whole * _HUNDRED
    if 0 < value < _LEAST_SHOWN:
        return "<0.1%"
    step = Decimal("0.1") if abs(value) < _TEN else Decimal(1)
    return f"{value.quantize(step, ROUND_HALF_EVEN)}%"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun.

    >>> count(1, "feature"), count(12_000, "call"), count(2, "price was", "prices were")
    ('1 feature', '12,000 calls', '2 prices were')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def strategy(option: str | None) -> str:
    """A strategy or its variant in words.

    >>> strategy("embed"), strategy("distill:own")
    ('embed', 'distill (own weights)')
    """
    return _VARIANTS.get(option or "", option or "nothing")


def moved(now: str, target: str) -> str:
    """A migration in words: from what to what.

    >>> moved("prompt", "embed"), moved("prompt", "prompt:tuned")
    ('from prompt to embed', 'stays prompt, with a tuned prompt')
    """
    base = now.partition(":")[0]
    if target.partition(":")[0] == base:
        return f"stays {base}, with {strategy(target)}"
    return f"from {strategy(now)} to {strategy(target)}"


def decision(made: Decision | None) -> str:
    """What a verdict says, in a few words.

    >>> decision(Decision(verdict="due", target="embed", code=None)), decision(None)
    ('due for embed', 'not judged')
    """
    if made is None:
        return "not judged"
    why = CODE_WORDS.get(made.code or "", made.code or "")
    match made.verdict:
        case Outcome.DUE:
            return f"due for {strategy(made.target)}"
        case Outcome.BLOCKED:
            return f"{strategy(made.target)} is blocked ({why})" if made.target else f"blocked ({why})"
        case _:
            return f"{made.verdict} ({why})" if why else made.verdict


def cost(spend: Spend) -> str:
    """What a feature cost; unknown says why, and what is known says what it leaves out."""
    if spend.cost_usd is None:
        return f"not known ({'no price in force' if spend.unpriced_calls else 'no tokens told'})"
    lacking = spend.unpriced_calls + spend.calls_without_tokens
    return usd(spend.cost_usd) + (f" + {count(lacking, 'call')} not priced" if lacking else "")


def against_before(spend: Spend) -> str:
    """How a week's cost stands to the week before's; where calls have no price it says that it leaves them out.

    >>> nothing = dict(feature=None, name=None, calls=1, unpriced_calls=0, calls_without_tokens=0)
    >>> week = Spend(**nothing, calls_before=1, cost_usd=Decimal(9), cost_before_usd=Decimal(8), change_usd=Decimal(1))
    >>> against_before(week)
    '$1.00 (12%) more than the week before'
    """
    if spend.change_usd is None:
        before = spend.cost_before_usd
        return "the week before is not known" if before is None else f"{usd(before)} the week before"
    lacking = spend.unpriced_calls + spend.calls_without_tokens + spend.not_priced_before
    limit = ", as far as priced" if lacking else ""
    if cents(spend.change_usd) == 0:
        return f"as in the week before{limit}"
    size = abs(spend.change_usd)
    share = f" ({percent(size, spend.cost_before_usd)})" if spend.cost_before_usd else ""
    return f"{usd(size)}{share} {'more' if spend.change_usd > 0 else 'less'} than the week before{limit}"
