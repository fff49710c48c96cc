"""A migration's plan as Markdown and as the title and body of an issue."""

from strategy.plan import Plan

_PARTS = (
    ("Data", "data"),
    ("The eval that must pass", "eval"),
    ("The way back", "roll_back"),
    ("Expected", "expected"),
)


def plan_title(plan: Plan) -> str:
    """One line that names the migration."""
    return f"Move {' '.join(plan.name.split())} from {plan.now} to {plan.target}"


def plan_markdown(plan: Plan, *, boxes: bool = False) -> str:
    """The plan as Markdown; with `boxes` each step can be ticked off."""
    asks = plan.asks
    lines = [
        f"# {plan_title(plan)}",
        "",
        f"- Effort: {asks.effort} ({asks.engineer_days.normalize():f} engineer-days).",
        f"- Risk: {asks.risk} ({asks.risk_because}).",
        f"- Reversible: {asks.reversible}.",
        "",
        "## Steps",
        "",
        *(f"{'- [ ]' if boxes else f'{number}.'} {step}" for number, step in enumerate(plan.steps, start=1)),
    ]
    for title, name in _PARTS:
        lines += ["", f"## {title}", "", *(f"- {line}" for line in getattr(plan, name))]
    return "\n".join(lines) + "\n"


def plan_issue(plan: Plan) -> str:
    """The plan for an issue tracker: the title in the first line, then the body with steps to tick off."""
    _, _, body = plan_markdown(plan, boxes=True).partition("\n\n")
    return f"{plan_title(plan)}\n\n{body}"
