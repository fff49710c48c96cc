"""Semantic Kernel's own diagnostics, of an OpenAI model that calls a function of a plugin, a plain call and a stream.

python semantic_kernel_chat.py CLIENT PROVIDER_URL RECEIVER_URL
"""

import asyncio
import os
from importlib import import_module
from typing import Any

_PACKAGE = "semantic_kernel"


def look_up() -> str:
    """Looks a ticket up."""
    return "A refund"


async def _calls(app: Any, shared: Any) -> None:  # noqa: ANN401 (modules that are known only while this runs)
    openai = import_module("openai")
    models: Any = import_module(f"{_PACKAGE}.connectors.ai.open_ai")
    choice = import_module(f"{_PACKAGE}.connectors.ai.function_choice_behavior").FunctionChoiceBehavior
    history: Any = import_module(f"{_PACKAGE}.contents").ChatHistory
    errors = import_module(f"{_PACKAGE}.exceptions")
    function: Any = import_module(f"{_PACKAGE}.functions").kernel_function
    client = openai.AsyncOpenAI(base_url=f"{app.provider}/v1", api_key="none", max_retries=0)

    kernel: Any = import_module(_PACKAGE).Kernel()
    kernel.add_function("tickets", function(look_up, name="look_up"))

    def chat(model: str) -> Any:  # noqa: ANN401 (a class of a package that is not installed here)
        return models.OpenAIChatCompletion(ai_model_id=model, async_client=client)

    def asked() -> Any:  # noqa: ANN401 (a class of a package that is not installed here)
        made = history()
        made.add_user_message(shared.QUESTION)
        return made

    settings = models.OpenAIChatPromptExecutionSettings
    with app.feature():
        tooled = settings(function_choice_behavior=choice.Auto())
        await chat("gpt-4o-mini").get_chat_message_contents(asked(), tooled, kernel=kernel)
        await chat("gpt-4o-mini").get_chat_message_contents(asked(), settings())
        async for _ in chat("gpt-4o-mini").get_streaming_chat_message_contents(asked(), settings()):
            pass
    try:
        await chat("refused").get_chat_message_contents(asked(), settings())
    except errors.ServiceResponseException:
        return
    raise AssertionError("the provider did not refuse")


def main() -> None:
    """Ask, flush."""
    os.environ["SEMANTICKERNEL_EXPERIMENTAL_GENAI_ENABLE_OTEL_DIAGNOSTICS"] = "true"  # noqa: TID251 (how it is set up)
    shared: Any = import_module("shared")
    app = shared.app()
    asyncio.run(_calls(app, shared))
    app.flush()


if __name__ == "__main__":
    main()
