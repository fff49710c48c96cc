"""How the serving processes log: lines for people, or one JSON object a line for machines (OFFRAMP_LOG=json)."""

import json
import logging
from datetime import UTC, datetime


class JsonLines(logging.Formatter):
    """A record as one line of JSON: when, how grave, who, what."""

    def format(self, record: logging.LogRecord) -> str:
        """The line. Of an exception its kind alone: its text could hold what was sent."""
        told = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info and record.exc_info[0] is not None:
            told["exception"] = record.exc_info[0].__name__
        return json.dumps(told, ensure_ascii=False)


def log_as(form: str) -> None:
    """Log warnings, and what the jobs did, to stderr as `text` or as `json`."""
    handler = logging.StreamHandler()
    if form == "json":
        handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("offramp").setLevel(logging.INFO)
