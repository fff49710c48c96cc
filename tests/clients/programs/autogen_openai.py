"""AutoGen's agents under OpenAI's instrumentation, as it tells its users: two calls around a tool, and a refused one.

python autogen_openai.py CLIENT PROVIDER_URL RECEIVER_URL
"""

import asyncio
from importlib import import_module
from typing import Any


def look_up() -> str:
    """Looks a ticket up."""
    return "A refund"


def main() -> None:
    """Ask agents, flush."""
    shared: Any = import_module("shared")
    app = shared.app()
    # AutoGen itself says who acts, and nothing of the models.
    import_module("opentelemetry.instrumentation.openai").OpenAIInstrumentor().instrument()
    agents, models = import_module("autogen_agentchat.agents"), import_module("autogen_ext.models.openai")
    openai = import_module("openai")
    settings = {"base_url": f"{app.provider}/v1", "api_key": "none", "max_retries": 0}

    async def ask(model: str, *tools: Any) -> None:  # noqa: ANN401 (functions and classes alike)
        able = {"vision": False, "function_calling": True, "json_output": False, "structured_output": False}
        client = models.OpenAIChatCompletionClient(model=model, model_info={"family": "gpt-4o", **able}, **settings)
        made = agents.AssistantAgent("triage", model_client=client, tools=list(tools), reflect_on_tool_use=bool(tools))
        await made.run(task=shared.QUESTION)

    with app.feature():
        asyncio.run(ask("gpt-4o-mini", look_up))
        asyncio.run(ask("gpt-4o-mini"))
    shared.refused(lambda: asyncio.run(ask("refused")), openai.RateLimitError)
    app.flush()


if __name__ == "__main__":
    main()
