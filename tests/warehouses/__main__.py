"""Runs the suite of every pull collector against DuckDB and ClickHouse, embedded and by HTTP, through their drivers.

Trino, Snowflake and BigQuery nobody has here: their query, its bounds and its rows go through their own dialects.

    python -m tests.warehouses [FOLDER]

FOLDER keeps the environments (by default one beside the machine's temporary files): each has its driver, and sees what
this interpreter has installed. Ends with 1 where a test fails.
"""

import socket
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from tests.offramp.live_server import free_port
from tests.processes.waiting import until

HERE = Path(__file__).parent
URLS = {
    "duckdb": "duckdb:///{folder}/lake.duckdb",
    "chdb": "chdb:///{folder}/lake",
    "clickhouse": "clickhousedb://default@127.0.0.1:{port}/default",
    "trino": "trino://reader@host:443/catalog/schema",
    "snowflake": "snowflake://reader:secret@account/db/schema?warehouse=wh",
    "bigquery": "bigquery://project/dataset?user_supplied_client=True",
}
_WHOLE = ("tests/offramp/test_collect.py", "-k", "warehouse and (sqlite or tested)")
_DIALECT = ("tests/warehouses/dialects.py",)


def main() -> None:
    """Every engine in turn."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.gettempdir()) / "offramp-warehouses"
    wrong = 0
    for engine, url in URLS.items():
        chosen = _WHOLE if "{" in url else _DIALECT
        python = _python(folder, engine)
        with _serving(python) if "{port}" in url else nullcontext(0) as port:
            suite = (python, "-m", "pytest", *chosen, "-q", "--warehouse", url.replace("{port}", str(port)))
            done = subprocess.run(suite, check=False, cwd=HERE.parent.parent)
        wrong += done.returncode != 0
        print(f"{engine:10} {'WRONG' if done.returncode else 'right'}")  # noqa: T201 (a program prints its findings)
    sys.exit(1 if wrong else 0)


@contextmanager
def _serving(python: Path) -> Iterator[int]:
    port = free_port()
    server = subprocess.Popen([python, HERE / "clickhouse_server.py", str(port)])
    try:
        until(lambda: _listens(port))
        yield port
    finally:
        server.terminate()
        server.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _python(folder: Path, engine: str) -> Path:
    python = folder / engine / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder / engine], check=True)
        (own,) = (folder / engine / "lib").glob("python*/site-packages")
        (own / "offramp.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
        wanted = HERE / f"{engine}.txt"
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", wanted], check=True)
    return python


if __name__ == "__main__":
    main()
