"""Finishes a migration: the feature runs on the target from now on, is judged again, and what it saves is measured."""

from datetime import datetime
from typing import Any

from db.queries.features import features
from db.queries.ledger import frozen_of
from db.session import Engine, Session
from db.store.alerts import Step
from db.store.features import save_feature
from db.store.ledger import open_migration
from offramp.actions.actors import By, acting, name_of
from offramp.actions.alert_moves import Moved, make, moving
from offramp.actions.failure import BadInput, Problem
from offramp.actions.register import canonical
from offramp.actions.review import review
from offramp.actions.usage import midnight
from strategy.baseline import running_costs
from strategy.kinds import Strategy
from strategy.lifecycle import Move
from strategy.parse import feature_document, parse_feature
from strategy.policy import Policy
from strategy.snapshot import loads

# These keep the model that a feature names unless another is named; the others run on a model of their own kind.
_SAME_MODEL = (Strategy.PROMPT, Strategy.HYBRID)
_CHEAPER = f"{Strategy.PROMPT}:cheaper_model"
_HOSTED = f"{Strategy.DISTILL}:hosted"


def finish(
    engine: Engine,
    policy: Policy,
    slug: str,
    *,
    by: By,
    at: datetime,
    model: str | None = None,
    note: str | None = None,
) -> Moved:
    """Record that a migration is live: in one transaction the alert is finished and the feature runs on the target.

    `model` is what it runs on now; without one a feature that changes between prompt and hybrid keeps its model, and
    any other leaves it to its traffic; only a cheaper model must be named. The feature is judged again afterwards.

    Raises:
        BadInput: the move is illegal, or the model cannot be used.
    """
    with acting(engine, by, Move.FINISH, slug, at) as session:
        alert = moving(session, slug, Move.FINISH, by)
        told = " ".join(part for part in (f"Moved from {alert.now} to {alert.target}.", (note or "").strip()) if part)
        step = make(session, alert, Move.FINISH, Step(at=at, by=name_of(by), why=told))
        frozen = frozen_of(session, alert.verdict_id)
        open_migration(session, alert, running_costs(loads(frozen), alert.target, policy), at)
        _move_feature(session, slug, alert.target, model, step.by, at)
        done = Moved(feature=slug, move=Move.FINISH, state=alert.state, by=step.by, why=step.why)
    review(engine, policy, as_of=midnight(at.date()), now=at, slugs=(slug,))
    return done


def prompts_a_model(target: str) -> bool:
    """Whether what runs on this option prompts a model of somebody else, which has a name."""
    return target.partition(":")[0] in _SAME_MODEL or target == _HOSTED


def kept_model(now: str, model: str | None, target: str) -> str | None:
    """The model that stays without another being named; None where the move asks for one or it has none."""
    strategies = {now.partition(":")[0], target.partition(":")[0]}
    return model if target != _CHEAPER and strategies <= set(_SAME_MODEL) else None


def _move_feature(session: Session, slug: str, target: str, model: str | None, by: str, at: datetime) -> None:
    (head,) = features(session, [slug])
    strategy, named = Strategy(target.partition(":")[0]), model or kept_model(head.strategy, head.model, target)
    # Nobody else can say which one that is; of others the traffic tells.
    if named is None and target == _CHEAPER:
        problem = Problem(error="is missing", field="model", cure="name the model that it runs on now")
        raise BadInput([problem])
    document: dict[str, Any] = {**head.document, "strategy": str(strategy), "model": named}
    feature, errors = parse_feature(document)
    if feature is None:
        raise BadInput([Problem(error=item.error, field=item.field, cure=item.cure) for item in errors])
    save_feature(session, feature, canonical(feature_document(feature)), at=at, by=by)
