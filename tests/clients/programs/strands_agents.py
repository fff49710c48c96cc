"""Strands Agents, which traces itself: an agent's two calls around a tool; by Anthropic, by Bedrock; a refused one."""

import os
from importlib import import_module
from typing import Any


def main() -> None:
    """Ask agents, flush."""
    shared: Any = import_module("shared")
    app = shared.app()
    keys = {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}
    os.environ.update(keys)  # noqa: TID251 (how it is set up; this is no program of ours)
    strands, openai = import_module("strands"), import_module("strands.models.openai").OpenAIModel
    throttled = import_module("strands.types.exceptions").ModelThrottledException
    at = {"base_url": f"{app.provider}/v1", "api_key": "none", "max_retries": 0}
    anthropic = import_module("strands.models.anthropic").AnthropicModel(
        client_args={"base_url": app.provider, "api_key": "none"}, model_id="claude-haiku-4-5", max_tokens=99
    )
    bedrock = import_module("strands.models.bedrock").BedrockModel(
        endpoint_url=app.provider, model_id="us.anthropic.claude-haiku-4-5-20251001-v1:0", streaming=False
    )

    def look_up() -> str:
        """Looks a ticket up."""
        return "A refund"

    def ask(model: Any, *tools: Any) -> None:  # noqa: ANN401 (classes of packages that are not installed here)
        settings = {"callback_handler": None, "retry_strategy": None}
        strands.Agent(model=model, tools=list(tools), name="triage", **settings)(shared.QUESTION)

    with app.feature():
        ask(openai(client_args=at, model_id="gpt-4o-mini"), strands.tool(look_up))
        ask(anthropic)
        ask(bedrock)
    shared.refused(lambda: ask(openai(client_args=at, model_id="refused")), throttled)
    app.flush()


if __name__ == "__main__":
    main()
