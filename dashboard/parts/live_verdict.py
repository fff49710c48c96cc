"""What the answers given so far would mean: the verdict, how it differs from today's, and what to answer next."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import streamlit as st

from dashboard import pieces, said, trial_loads, wording
from offramp.actions.failure import Problem
from offramp.actions.trial import Facts, Trial, most_used_model
from strategy.fields import TASK_FIELDS, TASK_FIELDS_BY_NAME
from strategy.kinds import Answer

_OPEN = re.compile(r"(?P<name>\w+): (?P<question>.*?\?)(?: \((?P<changes>.*)\))?$")
_MOST = 4
# How the judge writes an answer with what it would lead to: "5: due code".
_CHANGE = re.compile(r"if (?P<answer>[^:;]+): (?P<outcome>\w+) (?P<option>[\w:]+)")
_LEADS = {"due": "move to", "watch": "watch, on", "stay": "stay on", "blocked": "blocked on the way to"}
_SIGNS = {Answer.YES: "✓ yes", Answer.NO: "× no", Answer.UNKNOWN: "? open"}


def prefilled(url: str, slug: str) -> dict[str, Any]:
    """A new feature as far as its traffic tells it: its slug, a name, and the model that carries most calls."""
    if not slug:
        return {}
    document = {"slug": slug, "name": wording.words(re.sub(r"[-._]+", " ", slug))}
    facts = trial_loads.facts(url, slug)
    model = None if facts is None else most_used_model(facts)
    return document | ({"model": model} if model else {})


def card(found: Trial, facts: Facts | None, profile: Mapping[str, Any], stored: Mapping[str, Any] | None) -> None:
    """The verdict on the answers so far."""
    answered = len(profile.get("task") or {})
    with st.container(border=True):
        st.markdown("**With these answers**")
        if found.verdict is None:
            st.caption("An answer is not right yet; the verdict follows when it is.")
        else:
            _verdict(found.verdict, facts.stands if facts else None, changed=found.profile != stored)
            _basis(found, facts)
            _path(found.verdict)
        st.progress(answered / len(TASK_FIELDS), text=f"{answered} of {len(TASK_FIELDS)} questions answered")
        if found.verdict is not None:
            _next(found.verdict)


def _verdict(verdict: Mapping[str, Any], stands: Mapping[str, Any] | None, *, changed: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        pieces.verdict_badge(str(verdict["verdict"]), verdict.get("code"))
        pieces.badge(said.way(verdict))
    st.markdown(f"#### {wording.plain(said.headline(verdict))}", anchors=False)
    if stands is None:
        return
    if _decision(stands) != _decision(verdict):
        st.markdown(
            f":material/sync_alt: **This would change the verdict.** Today: {wording.plain(_told(stands))}, "
            f"{wording.plain(_saving(stands))}. Then: {wording.plain(_told(verdict))}, "
            f"{wording.plain(_saving(verdict))}."
        )
    elif changed:
        before, after = _saving(stands), _saving(verdict)
        moved = "and the saving stays" if before == after else f"and instead of {before} it would be {after}"
        st.markdown(wording.plain(f"The verdict stays as it is today, {moved}."))
    else:
        st.caption("That is today's verdict. Change an answer, and what it would do is shown here.")


def _basis(found: Trial, facts: Facts | None) -> None:
    if not found.measured:
        st.caption("Advice on the task as described; with traffic, prices and evals it becomes a verdict with money.")
    elif facts is not None and facts.stands is None:
        st.caption("Judged on the traffic that names it, at the prices in force. Nothing is saved yet.")
    else:
        st.caption("Judged on the facts behind today's verdict, with these answers in place. Nothing is saved yet.")


def _path(verdict: Mapping[str, Any]) -> None:
    lines = []
    ended = False
    for gate in verdict.get("gates") or ():
        name = str(gate["gate"])
        here = gate["answer"] == Answer.YES and not ended
        ended = ended or here
        question = said.GATE_QUESTIONS.get(name, wording.words(name))
        end = f" → **{said.GATE_LEADS_TO.get(name, name)}**" if here else ""
        lines.append(f"- {_SIGNS.get(gate['answer'], gate['answer'])} · {wording.plain(question)}{end}")
    st.markdown("\n".join(lines))


def _next(verdict: Mapping[str, Any]) -> None:
    """The open questions whose answer would change the verdict first."""
    lines = [line for text in verdict.get("missing") or () if (line := open_question(str(text)))]
    if lines:
        st.markdown("**Still open, the most telling first**")
        st.markdown("\n".join(f"- {wording.plain(line)}" for line in lines[:_MOST]))


def open_question(text: str) -> str:
    """An open question as the judge writes it, for people; empty where no field of the form answers it.

    >>> open_question("error_cost: What does a wrong answer cost? (if high: watch prompt)")
    'What does a wrong answer cost? If high: watch, on prompt.'
    >>> open_question("latency_budget_ms: How long may an answer take? (if 5: due code; if 30: due embed)")
    'How long may an answer take? If 5 milliseconds: move to code; if 30 milliseconds: move to embed.'
    """
    found = _OPEN.match(text)
    if found is None:
        return text
    if found["name"] not in (*TASK_FIELDS_BY_NAME, "exit_note"):
        return ""
    unit = TASK_FIELDS_BY_NAME[found["name"]].unit if found["name"] in TASK_FIELDS_BY_NAME else ""
    told = "; ".join(_change(each, unit) for each in _CHANGE.finditer(found["changes"] or ""))
    return found["question"] + (f" {told[:1].upper()}{told[1:]}." if told else "")


def _change(found: re.Match[str], unit: str) -> str:
    answer = found["answer"] + (f" {unit}" if unit else "")
    return f"if {answer}: {_LEADS.get(found['outcome'], found['outcome'])} {wording.option(found['option'])}"


def look_at(wrong: Sequence[Problem], look: Sequence[Problem]) -> None:
    """What is wrong in the answers, and what a person should look at twice."""
    for problem in wrong:
        where = f"**{wording.plain(problem.field or '')}**: "
        st.error(where + wording.plain(f"{problem.error}; {problem.cure}."), icon=":material/error:")
    for problem in look:
        st.warning(wording.plain(f"{problem.error[:1].upper()}{problem.error[1:]}; {problem.cure}."))


def _decision(verdict: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(verdict.get(name) for name in ("verdict", "code", "target"))


def _told(verdict: Mapping[str, Any]) -> str:
    code = verdict.get("code")
    return f"{verdict['verdict']}{f' ({wording.words(code).lower()})' if code else ''}, {said.way(verdict)}"


def _saving(verdict: Mapping[str, Any]) -> str:
    amount = (verdict.get("money") or {}).get("saving_usd_month")
    return "no saving known" if amount is None else f"{wording.usd_whole(Decimal(amount))} a month"
