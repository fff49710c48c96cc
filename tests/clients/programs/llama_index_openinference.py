"""LlamaIndex by OpenInference, with its instrumentation of OpenAI beside it: an agent, a chat, a query of an index."""

from asyncio import run
from importlib import import_module
from typing import Any

chains: Any = import_module("chains")


def _llm(url: str, **asked: object) -> Any:  # noqa: ANN401 (a class of a package that is not installed here)
    of = import_module("llama_index.llms.openai").OpenAI
    return of(model="gpt-4o-mini", api_base=url, api_key="none", max_retries=0, additional_kwargs=asked)


def _calls(url: str) -> None:
    agents, core = import_module("llama_index.core.agent.workflow"), import_module("llama_index.core")
    tool = import_module("llama_index.core.tools").FunctionTool.from_defaults(chains.lookup)
    llm = _llm(url)
    agent = agents.FunctionAgent(tools=[tool], llm=llm, streaming=False)

    async def ask() -> None:
        await agent.run(chains.QUESTION)

    run(ask())
    llm.complete(chains.QUESTION)
    embed = import_module("llama_index.embeddings.openai").OpenAIEmbedding(api_base=url, api_key="none")
    index = core.VectorStoreIndex.from_documents([core.Document(text="A refund.")], embed_model=embed)
    index.as_query_engine(llm=llm).query("What is it about?")


chains.traced(
    _calls,
    lambda url: _llm(url, model="refused").complete(chains.QUESTION),
    "openinference.instrumentation.llama_index:LlamaIndexInstrumentor",
    "openinference.instrumentation.openai:OpenAIInstrumentor",
)
