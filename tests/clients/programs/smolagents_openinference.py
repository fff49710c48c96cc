"""Smolagents by OpenInference: an agent with a tool, and a call."""

from importlib import import_module
from typing import Any

chains: Any = import_module("chains")
_ASKED = [{"role": "user", "content": [{"type": "text", "text": chains.QUESTION}]}]


def _model(url: str, name: str) -> Any:  # noqa: ANN401 (a class of a package that is not installed here)
    of = import_module("smolagents").OpenAIServerModel
    return of(name, api_base=url, api_key="none", client_kwargs={"max_retries": 0}, retry=False)


def _calls(url: str) -> None:
    smolagents, model = import_module("smolagents"), _model(url, "gpt-4o-mini")
    # Two calls: the tool's, and the answer after the last step.
    tools = [smolagents.tool(chains.lookup)]
    smolagents.ToolCallingAgent(tools=tools, model=model, max_steps=1, verbosity_level=-1).run(chains.QUESTION)
    model(_ASKED)


chains.traced(
    _calls,
    lambda url: _model(url, "refused")(_ASKED),
    "openinference.instrumentation.smolagents:SmolagentsInstrumentor",
)
