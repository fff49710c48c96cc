"""Serves an empty Offramp and lets schemathesis try every path of its OpenAPI document; its counts are its own.

    python -m tests.fuzz.api [--examples 50] [--schemathesis PATH]

schemathesis lives in an environment of its own (`make schemathesis`): it needs other versions than we do.
"""

import argparse
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from db.journal import Journal
from db.migrate import upgrade
from db.session import make_engine
from offramp import clock
from offramp.serve.service import Service
from tests.offramp.live_server import serving

# An answer that no exporter could use, an undescribed status, a body that is not as described.
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def main() -> None:
    """Serve, try, pass its exit code on."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=50)
    parser.add_argument("--schemathesis", default="schemathesis")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{folder}/api.db")
        upgrade(engine)
        journal = Journal(Path(folder) / "a.journal")
        service = Service(engine=engine, now=clock.now, late_window=timedelta(hours=24), journal=journal)
        with serving(service) as live:
            url = f"http://127.0.0.1:{live.port}/api/openapi.json"
            options = ["--checks", CHECKS, "--max-examples", str(given.examples), "--seed", "1", "--no-color"]
            done = subprocess.run([given.schemathesis, "run", url, *options], check=False, cwd=folder)
        engine.dispose()
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
