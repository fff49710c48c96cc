"""What moved a verdict: the one group of facts whose return to its former state would bring the former outcome back.

Groups are tried in the order prices, releases, retirements, profile, scores, volume; the first that explains the
flip is named. Where none does alone, the first that differs is.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from strategy.facts import Price, Retirement, Score, Snapshot
from strategy.judge import outcome_of
from strategy.kinds import CauseKind
from strategy.known import prices_known
from strategy.policy import Policy
from strategy.price_told import price_told, size_of
from strategy.prices import PriceBook, line_order
from strategy.volume import volume_of

_Told = tuple[CauseKind, str]
FIRST: _Told = (CauseKind.FIRST, "First judged.")


def what_moved(previous: Snapshot | None, now: Snapshot, policy: Policy) -> _Told:
    """The cause of the change between two judgements of a feature, as a kind and a sentence."""
    if previous is None:
        return FIRST
    before = outcome_of(previous, policy)
    moved = list(_moved(previous, now, policy))
    for reverted, told in moved:
        if outcome_of(reverted, policy) == before:
            return told
    if moved:
        return moved[0][1]
    if now.constants != previous.constants:
        return CauseKind.MANUAL, "The constants in force were changed."
    return CauseKind.STALE, "No fact moved, only time passed."


def _moved(previous: Snapshot, now: Snapshot, policy: Policy) -> Iterator[tuple[Snapshot, _Told]]:
    """Each group that differs: the snapshot with that group as it was, and what to say of it."""
    told: _Told | None
    if (told := _price_told(previous, now, policy)) is not None:
        yield replace(now, prices=_former_prices(previous, now)), told
    elif (told := _price_told(held := _as_it_stood(now, policy), now, policy)) is not None:
        # A move that a price made worth it is due some days later: the price is still what moved it.
        yield replace(now, prices=_former_prices(held, now)), told
    if released := _released(previous, now):
        first = released[0]
        told = (CauseKind.MODEL_RELEASED, f"{first.model} was released on {first.valid_from.astimezone(UTC).date()}.")
        names = {line.model for line in released}
        yield replace(now, prices=tuple(line for line in now.prices if line.model not in names)), told
    if (told := _retirement_told(previous, now)) is not None:
        yield replace(now, retirements=previous.retirements), told
    if nearing := _nearing(previous, now, policy):
        told = (CauseKind.MODEL_RETIRES, f"{nearing[0].model} stops answering on {nearing[0].on}.")
        yield replace(now, retirements=tuple(r for r in now.retirements if r not in nearing)), told
    if previous.feature != now.feature:
        yield replace(now, feature=previous.feature), (CauseKind.PROFILE, _profile_sentence(previous, now))
    if (told := _score_told(previous, now)) is not None:
        yield replace(now, scores=previous.scores), told
    if previous.usage != now.usage:
        yield _with_former_usage(previous, now), (CauseKind.VOLUME, _volume_sentence(previous, now, policy))


def _known(snapshot: Snapshot, at: datetime) -> dict[tuple[object, ...], Price]:
    """The line in force at an instant for each thing that has a price."""
    book = PriceBook(snapshot.prices)
    found: dict[tuple[object, ...], Price] = {}
    for line in sorted(snapshot.prices, key=line_order):
        tier = line.tier_min_input_tokens
        current = book.in_force(line.model, line.kind, at, tier=tier, processing=line.processing)
        if current is not None and current.tier_min_input_tokens == tier:
            found[line.model, line.kind, line.processing, tier] = current
    return found


def _as_it_stood(now: Snapshot, policy: Policy) -> Snapshot:
    """The facts of today, read at the instant from which on a price has to hold, by the prices as known then."""
    at = now.as_of - timedelta(days=int(policy.number("persist_days")))
    return replace(now, as_of=at, prices=prices_known(now, at))


def _former_prices(previous: Snapshot, now: Snapshot) -> tuple[Price, ...]:
    """The prices in force then, for ever after; models that are new keep today's."""
    models = {line.model for line in previous.prices}
    former = tuple(replace(line, valid_to=None) for line in _known(previous, previous.as_of).values())
    return former + tuple(line for line in now.prices if line.model not in models)


def _price_told(previous: Snapshot, now: Snapshot, policy: Policy) -> _Told | None:
    """The largest move of a price in force, else the soonest price that was announced or came within the notice."""
    then, today = _known(previous, previous.as_of), _known(now, now.as_of)
    moves = [
        (then[key], line) for key, line in today.items() if key in then and then[key].usd_per_mtok != line.usd_per_mtok
    ]
    if moves:
        carried = {mix.model for mix in now.usage.mix}
        return _priced(*max(moves, key=lambda move: size_of(move[0], move[1], carried)))
    announced = [
        line
        for line in now.prices
        if line.valid_from > now.as_of and _key(line) in today and _is_news(line, previous, policy)
    ]
    if not announced:
        return None
    new = min(announced, key=lambda line: (line.valid_from, line_order(line)))
    return CauseKind.PRICE_SCHEDULED, price_told(today[_key(new)], new, "will rise", "will fall")


def _released(previous: Snapshot, now: Snapshot) -> list[Price]:
    """The first line of each model that nobody could buy at the former judgement and that is sold now, newest first."""
    firsts: dict[str, Price] = {}
    for line in sorted(now.prices, key=lambda line: (line.valid_from, line_order(line)), reverse=True):
        firsts[line.model] = line
    return [line for line in firsts.values() if previous.as_of < line.valid_from <= now.as_of]


def _is_news(line: Price, previous: Snapshot, policy: Policy) -> bool:
    """Whether an announced price was not known before, or was too far off to be looked at."""
    notice = timedelta(days=int(policy.number("notice_days")))
    return line not in previous.prices or line.valid_from > previous.as_of + notice


def _key(line: Price) -> tuple[object, ...]:
    return line.model, line.kind, line.processing, line.tier_min_input_tokens


def _priced(old: Price, new: Price) -> _Told:
    """A change has its own start; a correction restates the price of the same start."""
    if old.valid_from == new.valid_from:
        return CauseKind.PRICE_CORRECTION, price_told(old, new, "was corrected", "was corrected")
    return CauseKind.PRICE_CHANGE, price_told(old, new, "rose", "fell")


def _retirement_told(previous: Snapshot, now: Snapshot) -> _Told | None:
    old = set(previous.retirements)
    new = sorted((r for r in now.retirements if r not in old), key=_soonest)
    if new:
        return CauseKind.MODEL_RETIRES, f"{new[0].model} stops answering on {new[0].on}."
    gone = sorted((r for r in previous.retirements if r not in set(now.retirements)), key=_soonest)
    return (CauseKind.MODEL_RETIRES, f"The retirement of {gone[0].model} was withdrawn.") if gone else None


def _nearing(previous: Snapshot, now: Snapshot, policy: Policy) -> list[Retirement]:
    """The known retirements of the feature's own models that came within the notice since, soonest first."""
    notice = timedelta(days=int(policy.number("notice_days")))
    models = {mix.model for mix in now.usage.mix} | {now.feature.model}
    days = previous.as_of.date() + notice, now.as_of.date() + notice
    return sorted((r for r in now.retirements if r.model in models and days[0] < r.on <= days[1]), key=_soonest)


def _soonest(retirement: Retirement) -> tuple[date, str]:
    return retirement.on, retirement.model


def _profile_sentence(previous: Snapshot, now: Snapshot) -> str:
    """The changed fields by name; their values stand in the snapshots."""
    old, new = previous.feature, now.feature
    top = [name for name in ("strategy", "model", "quality", "costs") if getattr(old, name) != getattr(new, name)]
    task = [name for name in type(new.task).__dataclass_fields__ if getattr(old.task, name) != getattr(new.task, name)]
    return f"The profile changed: {', '.join(top + task) or 'its description'}."


def _score_told(previous: Snapshot, now: Snapshot) -> _Told | None:
    """A score of something never scored before is evidence; of something scored before, a moved score."""
    old = set(previous.scores)
    new = sorted((score for score in now.scores if score not in old), key=lambda score: (score.at, score.key))
    if not new:
        return None
    latest = new[-1]
    subject = latest.strategy or now.feature.strategy
    earlier = [score for score in previous.scores if _scored(score) == _scored(latest)]
    if not earlier:
        return CauseKind.EVIDENCE, f"A first eval of {subject} arrived: {latest.metric} {latest.score}."
    last = max(earlier, key=lambda score: (score.at, score.key))
    return CauseKind.SCORE, f"The {latest.metric} of {subject} moved from {last.score} to {latest.score}."


def _scored(score: Score) -> tuple[str | None, str]:
    return score.strategy, score.metric


def _with_former_usage(previous: Snapshot, now: Snapshot) -> Snapshot:
    """Today with the former traffic, its days moved along so that the window sees them."""
    later = timedelta(days=(now.as_of.date() - previous.as_of.date()).days)
    days = tuple(replace(use, day=use.day + later) for use in previous.usage.days)
    return replace(now, usage=replace(previous.usage, days=days))


def _volume_sentence(previous: Snapshot, now: Snapshot, policy: Policy) -> str:
    old, new = (volume_of(each.usage, each.as_of.date(), policy).calls_per_day for each in (previous, now))
    if old is None or new is None:
        return "Traffic began." if old is None else "Traffic stopped."
    if round(old) == round(new):
        return f"What the calls carry changed, at {new:,.0f} calls a day."
    verb = "rose" if new > old else "fell"
    return f"Traffic {verb} from {old:,.0f} to {new:,.0f} calls a day."
