"""The closed vocabularies of the judge: strategies, verdicts, gates, properties.

One word per idea; the same words stand in the database, on the pages and in the JSON contract.
"""

from enum import StrEnum


class Strategy(StrEnum):
    """The five ways to serve a feature, most deterministic and cheapest first (seed 000)."""

    CODE = "code"
    EMBED = "embed"
    DISTILL = "distill"
    HYBRID = "hybrid"
    PROMPT = "prompt"


class Outcome(StrEnum):
    """What a verdict says: stay, watch (with a code), due (with a target), blocked (with a code)."""

    STAY = "stay"
    WATCH = "watch"
    DUE = "due"
    BLOCKED = "blocked"


class Code(StrEnum):
    """Why a feature is watched or blocked."""

    COLD_START = "cold_start"
    NEEDS_EVAL = "needs_eval"
    APPROACHING = "approaching"
    EXHAUST_PROMPT = "exhaust_prompt"
    BETTER_PROMPT = "better_prompt"
    SHORTEN = "shorten"
    NO_PLAN = "no_plan"
    UNMEASURED = "unmeasured"
    NO_BASELINE = "no_baseline"
    DATA = "data"
    TEACHER = "teacher"
    QUALITY = "quality"
    DEADLINE = "deadline"
    RETIRED = "retired"


class Gate(StrEnum):
    """The questions of the flowchart, in order."""

    SPECIFIABLE = "specifiable"
    CLASSIFICATION = "classification"
    DISTILLABLE = "distillable"
    SEPARABLE = "separable"
    PROMPT = "prompt"


class Answer(StrEnum):
    """The answer at a gate."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Property(StrEnum):
    """The eight rows of the task-property matrix (seed 000)."""

    DETERMINISM = "determinism"
    INPUT_SPACE = "input_space"
    LATENCY = "latency"
    ERROR_COST = "error_cost"
    VOLUME = "volume"
    DATA = "data"
    TIME_TO_PRODUCTION = "time_to_production"
    MARGINAL_COST = "marginal_cost"


class Fit(StrEnum):
    """How well a strategy fits one property of a task."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    UNKNOWN = "unknown"


class Source(StrEnum):
    """Where a value comes from."""

    DECLARED = "declared"
    MEASURED = "measured"
    UNKNOWN = "unknown"


class CauseKind(StrEnum):
    """What moved when a verdict flipped."""

    FIRST = "first"
    PRICE_CHANGE = "price_change"
    PRICE_SCHEDULED = "price_scheduled"
    PRICE_CORRECTION = "price_correction"
    MODEL_RETIRES = "model_retires"
    MODEL_RELEASED = "model_released"
    VOLUME = "volume"
    SCORE = "score"
    PROFILE = "profile"
    EVIDENCE = "evidence"
    STALE = "stale"
    MANUAL = "manual"


class PriceKind(StrEnum):
    """What a price is charged for: USD per million tokens, or per hour where the name says so.

    Embedding is input; batch, flex and priority are ways of processing; a fine-tuned model is a model of its own.
    """

    INPUT = "input"
    CACHED_INPUT = "cached_input"
    CACHE_WRITE = "cache_write"
    OUTPUT = "output"
    TRAINING = "training"
    TRAINING_HOUR = "training_hour"
    GPU_HOUR = "gpu_hour"
