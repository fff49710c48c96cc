"""CrewAI under two makers' instrumentations, each beside the same makers' one of the OpenAI SDK.

An agent's two calls around a tool, a plain one and a stream; a crew that is refused.
"""

import os
import sys
from importlib import import_module
from typing import Any

chains: Any = import_module("chains")
INSTRUMENTORS = {
    "crewai-agents": (
        "openinference.instrumentation.crewai:CrewAIInstrumentor",
        "openinference.instrumentation.openai:OpenAIInstrumentor",
    ),
    "crewai-agents-traceloop": (
        "opentelemetry.instrumentation.crewai:CrewAIInstrumentor",
        "opentelemetry.instrumentation.openai:OpenAIInstrumentor",
    ),
}


def _run(url: str, model: str, *tools: object, stream: bool = False) -> None:
    crewai: Any = import_module("crewai")
    llm = crewai.LLM(model=f"openai/{model}", base_url=url, api_key="none", stream=stream, max_retries=0)
    agent = crewai.Agent(
        role="triage", goal="Sort tickets", backstory="Sorts tickets", llm=llm, tools=list(tools), max_retry_limit=0
    )
    task = crewai.Task(description=chains.QUESTION, expected_output="A line", agent=agent)
    crewai.Crew(agents=[agent], tasks=[task]).kickoff()


def calls(url: str) -> None:
    """Run crews."""
    look_up = import_module("crewai.tools").tool("look_up")(chains.lookup)
    _run(url, "gpt-4o-mini", look_up)
    _run(url, "gpt-4o-mini")
    _run(url, "gpt-4o-mini", stream=True)


# Its own reports of use, and what it asks on a terminal.
settings = {"CREWAI_DISABLE_TELEMETRY": "true", "CREWAI_TRACING_ENABLED": "false", "CI": "true"}
os.environ.update(settings)  # noqa: TID251 (how it is set up; this is no program of ours)
chains.traced(calls, lambda url: _run(url, "refused"), *INSTRUMENTORS[sys.argv[1]])
