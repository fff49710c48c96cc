"""PostgreSQL roles with no more rights than their process needs; the owner alone changes the schema.

`offramp_ingest` counts: ledger, rollups and what goes with them; of the rest it reads the match rules and the keys.
`offramp_dashboard` reads everything and writes what the actions behind its pages write, counts too where they move from
one name to another. `offramp_worker` runs the jobs: it reads and writes every table but the keys. Docs: docs/deploy.md.
"""

from collections.abc import Mapping

from sqlalchemy import Connection, Engine, text

from db.base import Base

PROCESSES = ("ingest", "dashboard", "worker")
PREFIX = "offramp_"

_ADD = "SELECT, INSERT, UPDATE"
_MOVE = "SELECT, INSERT, UPDATE, DELETE"
_KEEP = "SELECT, INSERT"
_VERSION = "alembic_version"
_NUMBERING = """
SELECT pg_get_serial_sequence(:table, 'id') FROM pg_attribute
WHERE attrelid = CAST(:table AS regclass) AND attname = 'id'
"""

# One arbitrary number that every starter agrees on: roles belong to the server, not to one database.
_LOCK = 0x0FF7A3D

_INGEST = {
    **dict.fromkeys(("rollup", "hour_total", "latency_count", "recent_pack", "metric_use", "score_day"), _MOVE),
    **dict.fromkeys(("intake", "metric_stream", "output_shape"), _ADD),
    **dict.fromkeys(("usage_ledger", "span_hour"), _KEEP),
    "eval_score": "SELECT, INSERT, UPDATE (score, n), DELETE",
    **dict.fromkeys(("ledger_pack", "feature", "feature_revision", "former_name", "job_slot", _VERSION), "SELECT"),
    "api_key": "SELECT, UPDATE (last_used_at)",
    "alert": "SELECT (id, state)",
}
"""A call moves when its parent arrives late: hence the deletes. `job_slot` and `alert` are for /metrics."""

_DASHBOARD = {
    **dict.fromkeys(("rollup", "latency_count", "metric_use", "output_shape", "score_day", "former_name"), _MOVE),
    "eval_score": "SELECT, INSERT, UPDATE (feature, score, n), DELETE",
    "record_choice": _MOVE,
    **dict.fromkeys(("feature", "alert", "delivery", "migration"), _ADD),
    **dict.fromkeys(("job_control", "job_slot", "model_name", "price_event", "price_proposal"), _ADD),
    **dict.fromkeys(("feature_revision", "feature_end", "alert_move", "price", "retirement", "price_import"), _KEEP),
    **dict.fromkeys(("snapshot", "verdict", "flip", "ledger_span", "deed"), _KEEP),
    "api_key": "SELECT, UPDATE (last_used_at)",
}
"""To rename or merge is to add rows to others: hence the first two. It can neither forget the keys of what was counted
nor change the totals of the hours, against which the sums of features can be held."""

_TIMEOUTS = {
    "ingest": {"statement_timeout": "30s", "idle_in_transaction_session_timeout": "60s"},
    "dashboard": {"statement_timeout": "60s", "lock_timeout": "10s", "idle_in_transaction_session_timeout": "60s"},
    "worker": {"statement_timeout": "15min", "idle_in_transaction_session_timeout": "15min"},
}


def grants(process: str) -> dict[str, str]:
    """The rights of a process by table; what is not named it may not touch."""
    tables = sorted(Base.metadata.tables)
    if process == "ingest":
        return dict(_INGEST)
    if process == "dashboard":
        return {**dict.fromkeys((*tables, _VERSION), "SELECT"), **_DASHBOARD}
    return {**dict.fromkeys(tables, _MOVE), "api_key": "SELECT (id)", _VERSION: "SELECT"}


def make_roles(engine: Engine, passwords: Mapping[str, str]) -> list[str]:
    """Make the roles of PROCESSES, or bring their rights and passwords to this version; their names.

    The engine's user must own the schema and may create roles. A password is sent as its SCRAM verifier only.
    """
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        database = _name(connection, str(engine.url.database))
        _run(connection, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        _run(connection, f"REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC")
        for process in PROCESSES:
            _make(connection, database, process, passwords[process])
    return [f"{PREFIX}{process}" for process in PROCESSES]


def _make(connection: Connection, database: str, process: str, password: str) -> None:
    role = f"{PREFIX}{process}"
    found = connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role})
    verb, verifier = "ALTER" if found else "CREATE", _verifier(connection, role, password)
    _run(connection, f"{verb} ROLE {role} LOGIN NOINHERIT PASSWORD '{verifier}'")
    for schema_wide in ("TABLES", "SEQUENCES"):
        _run(connection, f"REVOKE ALL ON ALL {schema_wide} IN SCHEMA public FROM {role}")
    _run(connection, f"GRANT CONNECT ON DATABASE {database} TO {role}")
    _run(connection, f"GRANT USAGE ON SCHEMA public TO {role}")
    for name, value in _TIMEOUTS[process].items():
        _run(connection, f"ALTER ROLE {role} IN DATABASE {database} SET {name} = '{value}'")
    for table, rights in grants(process).items():
        _run(connection, f"GRANT {rights} ON {table} TO {role}")
        if "INSERT" in rights and (numbering := connection.scalar(text(_NUMBERING), {"table": table})):
            _run(connection, f"GRANT USAGE ON SEQUENCE {numbering} TO {role}")


def _run(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement)


def _name(connection: Connection, name: str) -> str:
    return str(connection.scalar(text("SELECT quote_ident(:name)"), {"name": name}))


def _verifier(connection: Connection, role: str, password: str) -> str:
    driver = connection.connection.driver_connection
    if driver is None:
        raise RuntimeError("the connection is closed")
    made: bytes = driver.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    return made.decode()
