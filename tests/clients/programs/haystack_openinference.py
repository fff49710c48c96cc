"""Haystack by OpenInference, with its instrumentation of OpenAI beside it, which alone sees an agent's calls."""

from importlib import import_module
from typing import Any

chains: Any = import_module("chains")


def _model(url: str, name: str) -> Any:  # noqa: ANN401 (a class of a package that is not installed here)
    of = import_module("haystack.components.generators.chat").OpenAIChatGenerator
    key = import_module("haystack.utils").Secret.from_token("none")
    return of(model=name, api_key=key, api_base_url=url, max_retries=0)


def _pipeline(url: str, name: str) -> None:
    pipeline = import_module("haystack").Pipeline()
    pipeline.add_component("llm", _model(url, name))
    pipeline.run({"llm": {"messages": _asked()}})


def _asked() -> list[Any]:
    return [import_module("haystack.dataclasses").ChatMessage.from_user(chains.QUESTION)]


def _calls(url: str) -> None:
    tool = import_module("haystack.tools").tool(chains.lookup)
    agent = import_module("haystack.components.agents").Agent(chat_generator=_model(url, "gpt-4o-mini"), tools=[tool])
    agent.run(messages=_asked())
    _pipeline(url, "gpt-4o-mini")


chains.traced(
    _calls,
    lambda url: _pipeline(url, "refused"),
    "openinference.instrumentation.haystack:HaystackInstrumentor",
    "openinference.instrumentation.openai:OpenAIInstrumentor",
)
