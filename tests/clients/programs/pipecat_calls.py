"""Pipecat's own tracing, without audio: two turns of OpenAI's model, two of Anthropic's, and one that is refused."""

import asyncio
from importlib import import_module
from typing import Any

shared: Any = import_module("shared")
# Longer than the provider takes: a turn has no end of its own without somebody who listens.
_TURN_SECONDS = 1.0


def main() -> None:
    """Trace, talk, flush."""
    app = shared.app()
    asyncio.run(_talks(app.provider))
    app.flush()


async def _talks(url: str) -> None:
    openai, anthropic = (import_module(f"pipecat.services.{name}.llm") for name in ("openai", "anthropic"))
    model: dict[str, Any] = {"api_key": "none", "base_url": f"{url}/v1"}
    claude = import_module("anthropic").AsyncAnthropic(api_key="none", base_url=url)
    await _talk(openai.OpenAILLMService(**model, model="gpt-4o-mini"), turns=2, feature="ticket-triage")
    service = openai.OpenAILLMService(**model, model="refused")
    service._client.max_retries = 0  # noqa: SLF001 (it has no setting for it, and asks twice more)
    await _talk(service, turns=1)
    service = anthropic.AnthropicLLMService(api_key="none", model="claude-haiku-4-5", client=claude)
    await _talk(service, turns=2, feature="ticket-triage")


async def _talk(service: Any, turns: int, **told: str) -> None:  # noqa: ANN401 (a class of a package that is not installed here)
    worker, frames = import_module("pipecat.pipeline.task"), import_module("pipecat.frames.frames")
    metrics = worker.PipelineParams(enable_metrics=True, enable_usage_metrics=True)
    traced = {"enable_tracing": True, "enable_turn_tracking": True, "additional_span_attributes": told}
    task = worker.PipelineTask(import_module("pipecat.pipeline.pipeline").Pipeline([service]), params=metrics, **traced)
    context = import_module("pipecat.processors.aggregators.llm_context").LLMContext(
        [{"role": "user", "content": shared.QUESTION}]
    )

    async def say() -> None:
        for _ in range(turns):
            await asyncio.sleep(_TURN_SECONDS)
            await task.queue_frames([frames.LLMContextFrame(context)])
        await asyncio.sleep(_TURN_SECONDS)
        await task.queue_frames([frames.EndFrame()])

    await asyncio.gather(import_module("pipecat.pipeline.runner").PipelineRunner(handle_sigint=False).run(task), say())


if __name__ == "__main__":
    main()
