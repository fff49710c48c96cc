"""LiteLLM's proxy with its `otel` callback, by an application that hands on its trace: a tool, a stream, a vector.

python litellm_proxy.py CLIENT PROVIDER_URL RECEIVER_URL
"""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from contextlib import closing
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

_LOOK = {"type": "function", "function": {"name": "look_up", "parameters": {"type": "object", "properties": {}}}}
_MOST_SECONDS = 60
_KEY = f"sk-{secrets.token_hex(24)}"


def main() -> None:
    """Start the proxy, call, stop it."""
    shared: Any = import_module("shared")
    app = shared.app()
    with TemporaryDirectory() as folder, closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        # JSON is YAML.
        config = Path(folder) / "config.yaml"
        models = ("gpt-4o-mini", "text-embedding-3-small", "refused")
        given = {"api_base": f"{app.provider}/v1", "api_key": "none", "max_retries": 0}
        params = [{"model": f"openai/{name}", **given} for name in models]
        listed = [{"model_name": name, "litellm_params": each} for name, each in zip(models, params, strict=True)]
        settings = {"callbacks": ["otel"], "num_retries": 0}
        told = {
            "general_settings": {"master_key": _KEY},
            "model_list": listed,
            "litellm_settings": settings,
            "router_settings": {"num_retries": 0},
        }
        config.write_text(json.dumps(told))
        command: list[str | Path] = [Path(sys.executable).parent / "litellm", "--config", config, "--port", str(port)]
        proxy = subprocess.Popen([*command, "--host", "127.0.0.1"], env=_environment())
        try:
            _ask(shared, app, f"http://127.0.0.1:{port}")
            time.sleep(8)
        finally:
            proxy.terminate()
            proxy.wait(20)
    app.flush()


def _environment() -> dict[str, str]:
    told = {"OTEL_EXPORTER": "otlp_http", "OTEL_ENDPOINT": sys.argv[3], "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    return {**os.environ, **told}  # noqa: TID251 (how it is set up; this is no program of ours)


def _ask(shared: Any, app: Any, url: str) -> None:  # noqa: ANN401 (classes of packages that are not installed here)
    _await(url)
    openai = import_module("openai")
    client = openai.OpenAI(base_url=url, api_key=_KEY, max_retries=0)
    messages: Any = [{"role": "user", "content": shared.QUESTION}]
    with app.feature():
        headers: dict[str, str] = {}
        import_module("opentelemetry.propagate").inject(headers)
        more = {"model": "gpt-4o-mini", "messages": messages, "extra_headers": headers}
        client.chat.completions.create(**more)
        client.chat.completions.create(**more, tools=[_LOOK])
        for _ in client.chat.completions.create(**more, stream=True, stream_options={"include_usage": True}):
            pass
        client.embeddings.create(model="text-embedding-3-small", input=shared.QUESTION, extra_headers=headers)
    ask = client.chat.completions.create
    shared.refused(lambda: ask(model="refused", messages=messages), openai.RateLimitError)


def _await(url: str) -> None:
    ends = time.monotonic() + _MOST_SECONDS
    while True:
        try:
            urlopen(f"{url}/health/liveliness", timeout=5).close()  # noqa: S310 (the proxy that was just started)
        except (URLError, OSError):
            if time.monotonic() > ends:
                raise
            time.sleep(0.5)
        else:
            return


if __name__ == "__main__":
    main()
