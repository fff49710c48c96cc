"""LangChain and LangGraph by three instrumentations, each with the same makers' one of OpenAI beside it."""

import sys
from importlib import import_module
from typing import Any

chains: Any = import_module("chains")
INSTRUMENTORS = {
    "langchain-agents": (
        "openinference.instrumentation.langchain:LangChainInstrumentor",
        "openinference.instrumentation.openai:OpenAIInstrumentor",
    ),
    "langchain-agents-traceloop": (
        "opentelemetry.instrumentation.langchain:LangchainInstrumentor",
        "opentelemetry.instrumentation.openai:OpenAIInstrumentor",
    ),
    "langchain-agents-genai": (
        "opentelemetry.instrumentation.genai.langchain:LangChainInstrumentor",
        "opentelemetry.instrumentation.genai.openai:OpenAIInstrumentor",
    ),
}
chains.traced(chains.langchain_calls, chains.langchain_refused, *INSTRUMENTORS[sys.argv[1]])
