"""What the letter cannot see: calls nobody claims, models without a price, features without evals, silent sources."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from db.queries.sources import RunRecord
from reports.facts import WeekFacts, WeekUse
from reports.lines import one_line
from reports.value import BlindSpots, Discovered, OldEval, SourceTrouble, Unpriced
from reports.words import count
from strategy.facts import Score
from strategy.prices import BOOK_OLD_AFTER
from strategy.record import PULLED

OLD_EVAL = timedelta(days=90)
_LONGEST_MESSAGE = 200
# A nightly delivery that is two hours late is not silent yet.
STALE_AFTER = timedelta(hours=26)
# Nor is a table that is made once a day, of the day before: it is a day old when it comes.
_PULLED_STALE_AFTER = timedelta(hours=50)
_FEW_DAYS = 3


def blind_spots(facts: WeekFacts) -> BlindSpots:
    """The blind spots of a week, as of its end."""
    newest = _newest_scores(facts)
    nobody = [row.calls for row in facts.use.rows if row.feature is None]
    total = facts.use.total.calls
    book = _price_book(facts)
    return BlindSpots(
        unattributed_calls=sum(nobody),
        unattributed_share=Decimal(sum(nobody)) / total if total else None,
        unpriced=tuple(
            Unpriced(provider=one_line(item.provider), model=one_line(item.model), calls=item.calls)
            for item in sorted(facts.unpriced, key=lambda item: (-item.calls, item.provider, item.model))
        ),
        calls_without_tokens=facts.use.total.calls_without_tokens,
        without_baseline=tuple(
            one_line(feature.name or feature.slug) for feature in facts.features if feature.slug not in newest
        ),
        old_evals=tuple(
            OldEval(feature=feature.slug, name=one_line(feature.name or feature.slug), at=newest[feature.slug])
            for feature in facts.features
            if feature.slug in newest and facts.cutoff - newest[feature.slug] > OLD_EVAL
        ),
        price_book=book,
        price_book_at=facts.price_book_at if book == "stale" else None,
        sources=(*_failed(facts.runs), *_silent(facts.use, facts.use_before, facts)),
        unregistered=_unregistered(facts),
        none_registered=not facts.features and total > 0,
    )


def _newest_scores(facts: WeekFacts) -> Mapping[str, datetime]:
    """When each feature's present strategy was last scored; a score that names no strategy is of the present one."""
    present = {feature.slug: feature.strategy for feature in facts.features}
    newest: dict[str, datetime] = {}
    for score in facts.scores:
        if score.feature in present and _is_of(score, present[score.feature]):
            newest[score.feature] = max(score.at, newest.get(score.feature, score.at))
    return newest


def _is_of(score: Score, strategy: str) -> bool:
    return (score.strategy or strategy).partition(":")[0] == strategy


def _price_book(facts: WeekFacts) -> str | None:
    if not facts.has_prices:
        return "none"
    old = facts.price_book_at is not None and facts.cutoff - facts.price_book_at > BOOK_OLD_AFTER
    return "stale" if old else None


def _failed(runs: Sequence[RunRecord]) -> tuple[SourceTrouble, ...]:
    """Sources whose last run of the week failed, and those that refused records, which no later run brings back."""
    found: dict[str, list[RunRecord]] = {}
    for run in sorted(runs, key=lambda run: run.started_at):
        found.setdefault(run.source, []).append(run)
    trouble = []
    for source, history in sorted(found.items()):
        last, rejected = history[-1], sum(run.rejected for run in history)
        if last.outcome == "failed":
            message = one_line(last.message, _LONGEST_MESSAGE)
            trouble.append(_trouble(source, "failed", last.started_at, message))
        elif rejected:
            worst = max((run for run in history if run.rejected), key=lambda run: run.started_at)
            trouble.append(_trouble(source, "partial", worst.started_at, f"{count(rejected, 'record')} refused"))
    return tuple(trouble)


def _silent(now: WeekUse, before: WeekUse, facts: WeekFacts) -> tuple[SourceTrouble, ...]:
    """Sources that deliver regularly and had fallen silent by the end; and those of the week before that are gone."""
    stale = stale_sources(facts.heard, facts.cutoff)
    gone = {
        source: f"{count(calls, 'call')} the week before"
        for source, calls in before.sources.items()
        if facts.complete and calls and not now.sources.get(source)
    }
    found = {source: _trouble(source, "silent", None, words) for source, words in gone.items()}
    found |= {source: _trouble(source, "silent", facts.heard[source], words) for source, words in stale.items()}
    return tuple(found[source] for source in sorted(found))


def stale_sources(heard: Mapping[str, datetime], at: datetime) -> dict[str, str]:
    """The sources of which no call is known that is less than 26 hours old, or 50 where they are pulled; with how old.

    >>> from datetime import UTC
    >>> stale_sources({"langfuse": datetime(2026, 11, 20, 9, tzinfo=UTC)}, datetime(2026, 11, 22, 9, tzinfo=UTC))
    {'langfuse': '48 hours'}
    >>> stale_sources({"pull:lake": datetime(2026, 11, 20, 9, tzinfo=UTC)}, datetime(2026, 11, 22, 9, tzinfo=UTC))
    {}
    """
    silent = {source: at - last for source, last in sorted(heard.items())}
    return {source: _long(length) for source, length in silent.items() if length > _stale_after(source)}


def _stale_after(source: str) -> timedelta:
    return _PULLED_STALE_AFTER if source.startswith(PULLED) else STALE_AFTER


def _long(length: timedelta) -> str:
    days = length // timedelta(days=1)
    return f"{days} days" if days > _FEW_DAYS else f"{length // timedelta(hours=1)} hours"


def _trouble(source: str, kind: str, at: datetime | None, message: str) -> SourceTrouble:
    return SourceTrouble(source=one_line(source), kind=kind, at=at, message=message)


def _unregistered(facts: WeekFacts) -> tuple[Discovered, ...]:
    registered = {feature.slug for feature in facts.features}
    # What ended and was called before that belongs to nobody's oversights.
    quiet = {slug for slug, called in facts.ended.items() if not called}
    found = [row for row in facts.use.rows if row.feature is not None and row.feature not in registered | quiet]
    return tuple(
        Discovered(
            feature=one_line(row.feature or ""),
            calls=row.calls,
            cost_usd=row.cost_usd,
            ended=row.feature in facts.ended,
        )
        for row in sorted(found, key=lambda row: (-row.calls, row.feature or ""))
    )
