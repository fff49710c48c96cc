"""The tables. Facts and verdicts are appended; only rollups, slots, messages and the head row of a feature change."""

from db.tables.alerts import AlertMoveRow, AlertRow
from db.tables.bills import BilledRow
from db.tables.deeds import DeedRow
from db.tables.features import IS_REGISTERED, FeatureEnd, FeatureRevision, FeatureRow, FormerName
from db.tables.keys import ApiKey
from db.tables.ledger import LedgerSpanRow, MigrationRow
from db.tables.metrics import MetricStream, MetricUse, SpanHour
from db.tables.prices import ModelName, PriceEvent, PriceImport, PriceProposal, PriceRow, RetirementRow
from db.tables.running import JobControl, JobSlot, ReportRow
from db.tables.sending import DeliveryRow
from db.tables.sources import RecordChoice, SourceState
from db.tables.spans import RecentPack
from db.tables.usage import (
    EvalScore,
    HourTotal,
    Intake,
    LatencyCount,
    LedgerPack,
    OutputShape,
    Rollup,
    ScoreDay,
    SourceRun,
    UsageLedger,
)
from db.tables.verdicts import FlipRow, SnapshotRow, VerdictRow

# Unattributed usage and a missing provider are '' in keys: a primary key cannot hold NULL.
NOBODY = ""

__all__ = [
    "IS_REGISTERED",
    "NOBODY",
    "AlertMoveRow",
    "AlertRow",
    "ApiKey",
    "BilledRow",
    "DeedRow",
    "DeliveryRow",
    "EvalScore",
    "FeatureEnd",
    "FeatureRevision",
    "FeatureRow",
    "FlipRow",
    "FormerName",
    "HourTotal",
    "Intake",
    "JobControl",
    "JobSlot",
    "LatencyCount",
    "LedgerPack",
    "LedgerSpanRow",
    "MetricStream",
    "MetricUse",
    "MigrationRow",
    "ModelName",
    "OutputShape",
    "PriceEvent",
    "PriceImport",
    "PriceProposal",
    "PriceRow",
    "RecentPack",
    "RecordChoice",
    "ReportRow",
    "RetirementRow",
    "Rollup",
    "ScoreDay",
    "SnapshotRow",
    "SourceRun",
    "SourceState",
    "SpanHour",
    "UsageLedger",
    "VerdictRow",
]
