"""The decision on a description: the first proposal that nothing stands in the way of, else what must come first.

Order (decision research, section 2.3): holds, gates, ladder, matrix; prerequisites last, so that a verdict names them.
"""

from dataclasses import dataclass

from strategy.advice.described import strategy_of
from strategy.advice.lacks import Lack, lacks
from strategy.advice.phrases import capital, seeds_of
from strategy.advice.proposal import CHEAPER, RETRIEVAL, Proposal
from strategy.advice.proposals import proposals
from strategy.advice.setups import tuned_is_worse
from strategy.advice.stated import Stated
from strategy.advice.to_do import has_no_plan, overdone, to_do
from strategy.advice.unfit import prompting_wins, why_unfit
from strategy.kinds import Answer, Code, Outcome, Strategy


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Outcome and code, the option it is about (None: none), the proposal behind it, what stands in the way, notes."""

    outcome: Outcome
    code: Code | None
    strategy: str
    target: str | None
    proposal: Proposal | None
    lacks: tuple[Lack, ...] = ()
    notes: tuple[str, ...] = ()
    unfit: str | None = None


def decide(stated: Stated) -> Decision:
    """Judge a description."""
    unfit = why_unfit(stated)
    held: Decision | None = None
    notes: list[str] = []
    for proposal in proposals(stated, unfit=unfit is not None):
        if proposal.code is not None:
            first = _first_of_all(stated, proposal)
            if first is not None:
                held = held or first
            if proposal.needed and unfit is None:
                break
            continue
        if _is_there(stated, proposal) and unfit is None:
            break
        note = _not_open(stated, proposal, unfit=unfit is not None)
        if note is not None:
            notes.append(note)
            continue
        found = _with_prerequisites(stated, proposal)
        if found.outcome is Outcome.DUE:
            return _told(found, notes, unfit)
        held = held or (found if proposal.wanted or found.code is not Code.DATA else None)
    return _told(held or _staying(stated, unfit), notes, unfit)


def _told(decision: Decision, notes: list[str], unfit: str | None) -> Decision:
    return Decision(
        outcome=decision.outcome,
        code=decision.code,
        strategy=decision.strategy,
        target=decision.target,
        proposal=decision.proposal,
        lacks=decision.lacks,
        notes=tuple(dict.fromkeys([*decision.notes, *(note for note in notes if note)])),
        unfit=unfit,
    )


def _is_there(stated: Stated, proposal: Proposal) -> bool:
    """Whether the proposal is what already runs; retrieval and a cheaper model are moves within a strategy."""
    if ":" in proposal.option:
        return proposal.option == stated.described.current
    return proposal.strategy is stated.now


def _not_open(stated: Stated, proposal: Proposal, *, unfit: bool) -> str | None:
    """Why a proposal is passed over; the empty text where there is nothing to tell."""
    order = list(Strategy)
    if proposal.strategy is stated.now and ":" not in proposal.option:
        return ""
    if order.index(proposal.strategy) > order.index(stated.now) and not (unfit or proposal.anyway):
        return ""
    hold = stated.closed(proposal.strategy)
    if hold is not None:
        return f"{capital(proposal.option)} is not for now: {hold.because} ({seeds_of(hold.seeds)})."
    misfits = stated.misfits(proposal.strategy)
    if misfits:
        demand = misfits[0].replace("_", " ")
        return f"{capital(proposal.option)} does not meet what is demanded of {demand} (seed 000's matrix)."
    if proposal.strategy is Strategy.DISTILL and tuned_is_worse(stated.described, stated.policy):
        return (
            "The fine-tuned set-up was measured and falls short: “strong model + good prompt > fine-tuned weak model "
            "> weak model + good prompt” (seed 003)."
        )
    return _not_paying(stated, proposal)


def _not_paying(stated: Stated, proposal: Proposal) -> str | None:
    """Money is asked of moves that are made for money, where it is stated; elsewhere the volume a seed names."""
    if proposal.needed:
        return None
    pays = stated.money.pays(proposal.strategy)
    if pays is Answer.NO:
        move = stated.money.move(proposal.strategy)
        told = move.because if move else "the stated economics speak against it"
        return f"{capital(proposal.option)} does not pay: {told}."
    best = max(stated.money.moves, key=lambda each: each.net_usd, default=None)
    mine = stated.money.move(proposal.strategy)
    if best and mine and best.option.startswith("prompt:") and best.net_usd > mine.net_usd and best.pays is Answer.YES:
        return f"{capital(proposal.option)} does not beat the cheap alternative: {best.because}."
    if pays is None and proposal.strategy is Strategy.EMBED and prompting_wins(stated):
        return f"By volume alone {seeds_of((stated.voice,))} keeps prompting; seed 000 would ask for embed."
    return None


def _with_prerequisites(stated: Stated, proposal: Proposal) -> Decision:
    missing = lacks(stated, proposal.strategy, retrieval=proposal.option == RETRIEVAL)
    if not missing:
        return _cheaper_first(stated, proposal) or _decision(stated, Outcome.DUE, None, proposal)
    first = missing[0]
    stays = first.stays or first.outcome is Outcome.WATCH
    found = _decision(stated, first.outcome, first.code, proposal, stays=stays)
    return Decision(
        outcome=found.outcome,
        code=found.code,
        strategy=found.strategy,
        target=found.target,
        proposal=proposal,
        lacks=tuple(missing),
    )


def _cheaper_first(stated: Stated, proposal: Proposal) -> Decision | None:
    """Where only the volume speaks for a move, or the figures leave it open, what costs nothing comes first."""
    if stated.money.pays(proposal.strategy) is Answer.UNKNOWN and not proposal.needed:
        return _decision(stated, Outcome.WATCH, None, proposal, stays=True)
    if not proposal.by_volume or stated.money.known:
        return None
    code = Code.SHORTEN if overdone(stated) else Code.NO_PLAN if has_no_plan(stated) else None
    return None if code is None else _decision(stated, Outcome.WATCH, code, proposal, stays=True)


def _decision(
    stated: Stated, outcome: Outcome, code: Code | None, proposal: Proposal | None, *, stays: bool = False
) -> Decision:
    present = _shown(stated.described.current)
    if proposal is None:
        return Decision(outcome=outcome, code=code, strategy=present, target=None, proposal=None)
    within = proposal.strategy is stated.now
    target = proposal.option if within else _shown(proposal.option)
    strategy = present if stays else target
    return Decision(outcome=outcome, code=code, strategy=strategy, target=target, proposal=proposal)


def _shown(option: str) -> str:
    """A variant is named where it is another way of building it; a model class is not."""
    known = {RETRIEVAL, CHEAPER, "prompt:tuned", "distill:own", "distill:hosted"}
    return option if option in known else strategy_of(option).value


def _first_of_all(stated: Stated, proposal: Proposal) -> Decision | None:
    """Something to do at the present strategy; a candidate that is only asked about is told what stands in its way."""
    if proposal.code is not Code.APPROACHING:
        return _decision(stated, Outcome.WATCH, proposal.code, None)
    missing = lacks(stated, proposal.strategy)
    return _with_prerequisites(stated, proposal) if missing else None


def _staying(stated: Stated, unfit: str | None) -> Decision:
    """Nothing is proposed: what is still to be done at the present strategy, else it simply stays."""
    code = next(to_do(stated, unfit), None)
    if code is None:
        return _decision(stated, Outcome.STAY, None, None)
    return _decision(stated, Outcome.WATCH, None if code == "open" else Code(code), None)
