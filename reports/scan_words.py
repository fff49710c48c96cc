"""The words of a scan's page: what the traffic says, in sentences and short figures."""

from dataclasses import dataclass
from decimal import Decimal

from reports.scan_value import ModelUse, Scan, Seen
from reports.words import CODE_WORDS, count, percent, strategy, usd
from strategy.kinds import Code, Outcome
from strategy.verdict import Verdict

_MOST_MODELS = 3
_MOST_ASKED = 3
_STEADY = (Decimal("0.95"), Decimal("1.05"))
_EVEN, _UNEVEN = Decimal("1.5"), 3
_SECOND_MS = 1000
_LOOKS_LIKE = {"label": "looks like a label", "free": "looks like text rather than a label"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One measured thing: its name, its figure, and what the figure means."""

    name: str
    figure: str
    note: str = ""


def headline(scan: Scan) -> str:
    """What the log cost, in one line."""
    spent = scan.total.cost_usd
    found = f"{count(len(scan.features), 'feature')} found"
    if spent is None:
        return f"{count(scan.total.calls, 'call')} without a known price; {found}"
    return f"{usd(spent)} spent; {found}"


def lead(scan: Scan) -> tuple[str, ...]:
    """What to know before the table: how much may be saved, how the figures came about, and what they leave out."""
    return tuple(sentence for sentence in (_moves(scan), _unpriced(scan.total), _how(scan)) if sentence)


def _moves(scan: Scan) -> str:
    found = [row for row in scan.features if row.may_move]
    if not found:
        return "For none of them does another strategy look worth its one-off cost, as far as traffic alone can tell."
    verb = "is" if len(found) == 1 else "are"
    return (
        f"{len(found)} of {count(len(scan.features), 'feature')} {verb} worth a look: "
        "another strategy would pay back, if the task fits it."
    )


def _unpriced(total: Seen) -> str:
    lacking = [
        f"{count(total.unpriced_calls, 'call')} without a price in force" if total.unpriced_calls else "",
        f"{count(total.calls_without_tokens, 'call')} without token counts" if total.calls_without_tokens else "",
    ]
    named = " and ".join(each for each in lacking if each)
    return f"The sum leaves out {named}." if named else ""


def _how(scan: Scan) -> str:
    return (
        f"Priced by Offramp's own price book, each request at the price in force when it was made; "
        f"judged as of {scan.as_of.date()} by traffic alone, nothing else being known."
    )


def cost_words(seen: Seen, shown: Decimal | None) -> str:
    """What a row cost; unknown is said as such, with what the log itself reports beside it."""
    if shown is not None and seen.cost_usd is not None:
        lacking = seen.unpriced_calls + seen.calls_without_tokens
        least = "under $0.01" if not shown and seen.cost_usd else usd(shown)
        return least + (f" + {count(lacking, 'call')} not priced" if lacking else "")
    why = "unpriced" if seen.unpriced_calls else "no tokens told"
    told = "" if seen.reported_cost_usd is None else f"; the log says {usd(seen.reported_cost_usd)}"
    return f"not known ({why}{told})"


def look_first(seen: Seen) -> str:
    """The strategy to look at first, or why none can be named yet."""
    verdict = seen.verdict
    if verdict is None:
        return "name its feature"
    if verdict.code is Code.COLD_START:
        return "too early to say"
    if verdict.code is Code.RETIRED:
        return "another model"
    if seen.is_open:
        return f"not known: {_listed(verdict)} decide"
    if seen.look_first is not None:
        return strategy(seen.look_first)
    unknown = verdict.outcome is Outcome.WATCH and seen.hint is None
    return "its price" if unknown else f"stay on {verdict.now}"


def _listed(verdict: Verdict) -> str:
    """The unanswered questions of its gates, the first three, as a feature file names them."""
    asked = dict.fromkeys(name for gate in verdict.gates for name in gate.asks)
    return ", ".join(list(asked)[:_MOST_ASKED])


def said(verdict: Verdict | None) -> str:
    """The verdict in a few words."""
    if verdict is None:
        return "no feature named"
    why = "" if verdict.code is None else CODE_WORDS.get(verdict.code, verdict.code)
    return f"{verdict.outcome}: {why}" if why else str(verdict.outcome)


def hint_words(seen: Seen) -> str:
    """What the length of the answers suggests, and what follows if that is so."""
    hint = seen.hint
    if hint is None:
        return ""
    looks = _LOOKS_LIKE[hint.output_space]
    if hint.target is None:
        then = f"the answer would be to stay on {seen.verdict.now}" if seen.verdict else "nothing follows"
        return f"By its length the output {looks}. If it is (output_space: {hint.output_space}), {then}."
    return (
        f"By its length the output {looks}. If it is (output_space: {hint.output_space}) and no rule can give it, "
        f"look at {strategy(hint.target)} first."
    )


def unattributed_words(seen: Seen) -> str:
    """What the unattributed row means, and its cure."""
    return (
        f"{count(seen.calls, 'call')} name no feature, so nobody can be told to move them. Fill the feature column, "
        "or give the whole file one with --set feature=NAME (docs/collect.md)."
    )


def facts(seen: Seen) -> tuple[Fact, ...]:
    """What the traffic of a feature says, one fact each; what was not measured says so."""
    return (
        Fact(name="Calls", figure=f"{seen.calls:,}", note=f"on {count(len(seen.days), 'day')}"),
        _growth(seen),
        _per_call(seen),
        Fact(name="Models", figure=_models(seen), note=_models_note(seen)),
        _tokens(seen),
        _lengths(seen),
        _latency(seen),
        _errors(seen),
    )


def _growth(seen: Seen) -> Fact:
    if seen.growth is None:
        return Fact(name="Growth", figure="not known", note="six weeks of traffic tell it")
    low, high = _STEADY
    moved = percent(abs(seen.growth - 1), Decimal(1))
    steady = low <= seen.growth <= high
    figure = "steady" if steady else f"{'+' if seen.growth > 1 else '−'}{moved}"
    return Fact(name="Growth", figure=figure, note="against the four weeks before")


def _per_call(seen: Seen) -> Fact:
    priced = seen.calls - seen.unpriced_calls - seen.calls_without_tokens
    if seen.cost_usd is None or not priced:
        return Fact(name="A call costs", figure="not known")
    return Fact(name="A call costs", figure=f"${seen.cost_usd / priced:.6f}", note="on average")


def _models(seen: Seen) -> str:
    return seen.models[0].name if seen.models else "none"


def _models_note(seen: Seen) -> str:
    """The share of each model where there are several, and which of them have no price."""
    if len(seen.models) < _MOST_MODELS - 1:
        return "" if seen.cost_usd is not None else "no price in force for it"
    listed = [_model(use, seen.calls) for use in seen.models[:_MOST_MODELS]]
    rest = len(seen.models) - len(listed)
    return ", ".join(listed) + (f" and {rest} more" if rest > 0 else "")


def _model(use: ModelUse, calls: int) -> str:
    unpriced = "" if use.cost_usd is not None else " (unpriced)"
    return f"{use.name} {percent(Decimal(use.calls), Decimal(calls))}{unpriced}"


def _tokens(seen: Seen) -> Fact:
    counted = seen.calls - seen.calls_without_tokens
    if counted <= 0 or not seen.input_tokens + seen.output_tokens:
        return Fact(name="Tokens a call", figure="not known")
    figure = f"{seen.input_tokens / counted:,.0f} in, {seen.output_tokens / counted:,.0f} out"
    share = percent(Decimal(seen.cached_input_tokens), Decimal(seen.input_tokens)) if seen.input_tokens else "0%"
    note = f"{share} of the input was cached" if seen.cached_input_tokens else "none of the input was cached"
    return Fact(name="Tokens a call", figure=figure, note=note)


def _lengths(seen: Seen) -> Fact:
    lengths = seen.lengths
    if lengths is None:
        return Fact(name="Answer length", figure="not known", note="the log sums several calls in a row")
    spread = Decimal(lengths.p90) / max(1, lengths.p50)
    steady = "even" if spread <= _EVEN else "very uneven" if spread >= _UNEVEN else "uneven"
    note = f"tokens; nine of ten have at most {lengths.p90:,}: {steady}"
    return Fact(name="Answer length", figure=f"{lengths.p50:,}", note=note)


def _latency(seen: Seen) -> Fact:
    if seen.latency_p50_ms is None or seen.latency_p95_ms is None:
        return Fact(name="Latency", figure="not known", note="the log has no latency_ms")
    note = f"half the calls; one in twenty takes over {_duration(seen.latency_p95_ms)}"
    return Fact(name="Latency", figure=_duration(seen.latency_p50_ms), note=note)


def _duration(milliseconds: float) -> str:
    return f"{milliseconds:,.0f} ms" if milliseconds < _SECOND_MS else f"{milliseconds / _SECOND_MS:,.1f} s"


def _errors(seen: Seen) -> Fact:
    if not seen.errors:
        return Fact(name="Errors", figure="none", note="no call failed")
    share = percent(Decimal(seen.errors), Decimal(seen.calls))
    return Fact(name="Errors", figure=share, note=f"{count(seen.errors, 'call')} failed")
