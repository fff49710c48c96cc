"""What metrics told of calls: the last value of each stream, what was added by whom, and where spans speak instead."""

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base


class MetricStream(Base):
    """The last point of a cumulative stream; `key` names resource, scope, metric, attributes and start."""

    __tablename__ = "metric_stream"
    __table_args__ = ({"sqlite_with_rowid": False},)

    key: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    last_ns: Mapped[int] = mapped_column(BigInteger, index=True)
    total: Mapped[int] = mapped_column(BigInteger)
    observed: Mapped[int] = mapped_column(BigInteger)


class MetricUse(Base):
    """What a service's metrics added, kept so that it can be taken out again where its spans arrive.

    From the hour in which the increase began (`since`) to the one in which it was told (`hour`).
    """

    __tablename__ = "metric_use"
    __table_args__ = (Index("ix_metric_use_hour", "hour"), {"sqlite_with_rowid": False})

    service: Mapped[str] = mapped_column(Text, primary_key=True)
    hour: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    since: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    feature: Mapped[str] = mapped_column(Text, primary_key=True)
    provider: Mapped[str] = mapped_column(Text, primary_key=True)
    model: Mapped[str] = mapped_column(Text, primary_key=True)
    calls: Mapped[int] = mapped_column(BigInteger)
    errors: Mapped[int] = mapped_column(BigInteger)
    calls_with_tokens: Mapped[int] = mapped_column(BigInteger)
    calls_without_tokens: Mapped[int] = mapped_column(BigInteger)
    input_tokens: Mapped[int] = mapped_column(BigInteger)
    cached_input_tokens: Mapped[int] = mapped_column(BigInteger)
    cache_write_tokens: Mapped[int] = mapped_column(BigInteger)
    output_tokens: Mapped[int] = mapped_column(BigInteger)
    reasoning_tokens: Mapped[int] = mapped_column(BigInteger)


class SpanHour(Base):
    """A service sent spans of calls that ended in this hour: its metrics of that time are not counted."""

    __tablename__ = "span_hour"
    __table_args__ = ({"sqlite_with_rowid": False},)

    service: Mapped[str] = mapped_column(Text, primary_key=True)
    hour: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
