"""The decision on a description: the first proposal that nothing stands in the way of, else what must come first.

Order (decision research, section 2.3): holds, gates, ladder, matrix; prerequisites last, so that a verdict names them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from strategy.advice.described import strategy_of
from strategy.advice.lacks import Lack, lacks
from strategy.advice.proposals import CHEAPER, RETRIEVAL, Proposal, proposals
from strategy.advice.setups import tuned_is_worse
from strategy.advice.stated import Stated
from strategy.hold import TRAINED
from strategy.kinds import Answer, Code, Outcome, Strategy

_CHAIN = 2
_LLM = {Strategy.PROMPT, Strategy.HYBRID}


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


def why_unfit(stated: Stated) -> str | None:
    """Why the present strategy cannot stay, by what is stated; None where it can."""
    now, described = stated.now, stated.described
    misfits = stated.misfits(now)
    if misfits:
        return f"{now} does not meet what is demanded of {misfits[0].replace('_', ' ')}"
    hold = stated.closed(now)
    if hold is not None and hold.leaves:
        return hold.because
    if now in TRAINED and described.economics == "negative" and stated.money.claimed in {None, now}:
        return f"what justified {now} no longer does: “The task that justified fine-tuning … may not justify it” today"
    if now is Strategy.DISTILL and _prompting_wins(stated) and not stated.money.known:
        return f"at this volume prompting wins ({seeds_of((stated.voice,))})"
    return _no_longer_its_kind(stated)


def _no_longer_its_kind(stated: Stated) -> str | None:
    task, described = stated.described.task, stated.described
    if stated.now is Strategy.EMBED and task.output_space in {"free", "structured"}:
        return f"the output is {task.output_space}, which takes a model that generates"
    brittle = described.rules_brittle or described.subjective or described.needs_world_knowledge
    if stated.now is Strategy.CODE and (brittle or task.output_space == "free" or task.determinism == "no"):
        return "no rule covers it: “hard-coding rules would be brittle”"
    return None


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
        return f"{_capital(proposal.option)} is not for now: {hold.because} ({seeds_of(hold.seeds)})."
    misfits = stated.misfits(proposal.strategy)
    if misfits:
        demand = misfits[0].replace("_", " ")
        return f"{_capital(proposal.option)} does not meet what is demanded of {demand} (seed 000's matrix)."
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
        return f"{_capital(proposal.option)} does not pay: {told}."
    best = max(stated.money.moves, key=lambda each: each.net_usd, default=None)
    mine = stated.money.move(proposal.strategy)
    if best and mine and best.option.startswith("prompt:") and best.net_usd > mine.net_usd and best.pays is Answer.YES:
        return f"{_capital(proposal.option)} does not beat the cheap alternative: {best.because}."
    if pays is None and proposal.strategy is Strategy.EMBED and _prompting_wins(stated):
        return f"By volume alone {seeds_of((stated.voice,))} keeps prompting; seed 000 would ask for embed."
    return None


def _prompting_wins(stated: Stated) -> bool:
    """Whether the seed whose bands were asked for keeps prompting at this volume."""
    return stated.voice in {"seed001", "seed002", "seed003"} and stated.volume.vote(stated.voice) == "prompt"


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
    """Where only the volume speaks for a move, and no figure settles it, what costs nothing comes first."""
    if not proposal.by_volume or stated.money.known:
        return None
    code = Code.SHORTEN if _is_overbuilt(stated) else Code.NO_PLAN if _has_no_plan(stated) else None
    return None if code is None else _decision(stated, Outcome.WATCH, code, proposal, stays=True)


def _is_overbuilt(stated: Stated) -> bool:
    """Seed 001: "Over-engineering prompts for simple tasks"."""
    steps = stated.described.prompt_chain_steps
    return stated.now in _LLM and bool(stated.described.task_simple) and steps is not None and steps >= _CHAIN


def _has_no_plan(stated: Stated) -> bool:
    """Seed 000: "When you write a prompt, also write a note"."""
    return stated.now is Strategy.PROMPT and stated.described.plan_recorded is False


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
    code = next(_to_do(stated, unfit), None)
    if code is None:
        return _decision(stated, Outcome.STAY, None, None)
    return _decision(stated, Outcome.WATCH, None if code == "open" else Code(code), None)


def _to_do(stated: Stated, unfit: str | None) -> Iterator[str]:
    described = stated.described
    if unfit is not None:
        yield "open"
    if _is_overbuilt(stated):
        yield Code.SHORTEN
    if stated.now in TRAINED and described.baseline_eval is False:
        yield Code.UNMEASURED
    if _has_no_plan(stated):
        yield Code.NO_PLAN
    if _between(stated):
        yield Code.APPROACHING if described.volume_trend == "growing" else "open"


def _between(stated: Stated) -> bool:
    """Whether the volume is one at which the costs compound and nothing stated closes the cheaper ways."""
    closed = stated.closed(Strategy.DISTILL) or stated.misfits(Strategy.DISTILL)
    worse = tuned_is_worse(stated.described, stated.policy)
    undecided = stated.pays(Strategy.DISTILL) is Answer.UNKNOWN
    shows = stated.now is Strategy.PROMPT or (
        stated.now is Strategy.HYBRID and stated.described.volume_trend == "growing"
    )
    lacking = any(lack.code is Code.DATA for lack in lacks(stated, Strategy.DISTILL))
    return undecided and shows and not (closed or worse or lacking)


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def seeds_of(seeds: tuple[str, ...]) -> str:
    """The seeds as a sentence names them.

    >>> seeds_of(("seed000", "seed003"))
    'seed 000, seed 003'
    """
    return ", ".join(seed.replace("seed", "seed ") for seed in seeds)
