"""Writes docs/features.md from the table of fields itself; `python -m tests.house.feature_page` prints it."""

import sys

from strategy.fields import TASK_FIELDS, FieldKind, FieldSpec

_HEAD = """# What a feature file says

`offramp register FILE` takes this YAML, the Register page asks the same questions, and `offramp features --export yaml`
writes it. Everything but `slug` may be left out: what is missing is *unknown*, and a verdict that needs it says so.

```yaml
features:
  - slug: ticket-triage              # a-z 0-9 . _ -, at most 100 characters: the name traffic carries
    name: Ticket triage
    owner: support-platform
    strategy: prompt                 # what it runs on today: code, embed, distill, hybrid or prompt
    model: openai/gpt-5.6-luna       # optional: traffic tells
    task:
      determinism: no
      input_space: open
      output_space: label
      latency_budget_ms: 2000
      error_cost: medium
      labelled_examples: 1200
      examples_diverse: true
      share_deterministic: 0.2
    quality: {metric: accuracy, floor: 0.90, margin: 0.02}
    costs:                           # what you know of a strategy's cost; the rest are cited constants
      distill: {engineer_days: 25, one_off_usd: 2000, monthly_usd: 300}
    exit_note: Above 15,000 tickets a day a classifier on our own labels should take over.
    match:                           # traffic that is this feature's without naming it
      - {attribute: service.name, equals: support-api}
    record: pull:gateway             # whose count it is, where several sources tell of the same calls
```

`quality`: the `metric` that must hold, the least acceptable score (`floor`) and how much less than today's score is
acceptable (`margin`), in the metric's own scale. `costs`, for each strategy: `engineer_days` to move there,
`one_off_usd` besides, `monthly_usd` for serving, upkeep and retraining together, `usd_per_call`.

## The task

| field | asks | answers |
|---|---|---|
"""


_TAIL = """
## A task that does not run yet

`offramp advise FILE` takes the same answers before there is traffic, a list in YAML or one a line in JSONL: feature
documents as above, or the task's fields side by side with an `id`. In the second form, what traffic and the price book
tell of a registered feature can be stated instead, and *not said* names it where it is not:

- `volume`: how often it is called, `low`, `medium` or `high`; a number says more: `calls_per_day`, `calls_per_month`,
  `calls_per_year`.
- `cost_per_year`: USD a year by strategy, such as `{prompt: 92325, embed: 9179}`; with it the advice weighs money,
  without it the volume alone.
"""


def _answers(spec: FieldSpec) -> str:
    match spec.kind:
        case FieldKind.CHOICE:
            return ", ".join(f"`{word}`" for word in spec.allowed)
        case FieldKind.CHOICES:
            return "a list of " + ", ".join(f"`{word}`" for word in spec.allowed)
        case FieldKind.WHOLE:
            return f"a whole number of {spec.unit}"
        case FieldKind.SHARE:
            return "a share from 0 to 1"
        case _:
            return "`true` or `false`"


def page() -> str:
    """docs/features.md."""
    rows = [f"| `{spec.name}` | {spec.question} {spec.help} | {_answers(spec)} |" for spec in TASK_FIELDS]
    return _HEAD + "\n".join(rows) + "\n" + _TAIL


if __name__ == "__main__":
    sys.stdout.write(page())
