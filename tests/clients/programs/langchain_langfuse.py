"""Langfuse's callback handler for LangChain."""

import os
import sys
from importlib import import_module
from typing import Any

chains: Any = import_module("chains")
provider_url, receiver_url, key = sys.argv[2:5]
chains.ask_at(provider_url)
os.environ["OTEL_SERVICE_NAME"] = "support-bot"  # noqa: TID251 (how an SDK is set up; this is no program of ours)
langfuse = import_module("langfuse")
client = langfuse.Langfuse(public_key="app", secret_key=key, base_url=receiver_url)
config = {"callbacks": [import_module("langfuse.langchain").CallbackHandler()]}
with (
    client.start_as_current_observation(name="POST /triage", as_type="span"),
    langfuse.propagate_attributes(metadata=chains.FEATURE),
):
    chains.langchain_calls(f"{provider_url}/v1", config=config)
chains.expect_refusal(lambda: chains.langchain_refused(config=config))
client.shutdown()
