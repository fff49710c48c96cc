"""Google's ADK, which traces itself, also under OpenInference: an agent with a tool, a plain one, a stream."""

import asyncio
import os
import sys
from importlib import import_module
from typing import Any


def look_up() -> str:
    """Looks a ticket up."""
    return "A refund"


def main() -> None:
    """Ask agents, flush."""
    shared: Any = import_module("shared")
    app = shared.app()
    if sys.argv[1] == "google-adk-openinference":
        import_module("openinference.instrumentation.google_adk").GoogleADKInstrumentor().instrument()
    settings = {"GOOGLE_API_KEY": "none", "GOOGLE_GEMINI_BASE_URL": app.provider}
    os.environ.update(settings)  # noqa: TID251 (how it is set up; this is no program of ours)
    agents, runners = import_module("google.adk.agents"), import_module("google.adk.runners")
    run = import_module("google.adk.agents.run_config")
    types, errors = import_module("google.genai.types"), import_module("google.genai.errors")
    question = types.Content(role="user", parts=[types.Part(text=shared.QUESTION)])

    async def ask(model: str, *tools: Any, stream: bool = False) -> None:  # noqa: ANN401 (functions and classes alike)
        runner = runners.InMemoryRunner(agents.Agent(model=model, name="triage", tools=list(tools)), app_name="desk")
        session = await runner.session_service.create_session(app_name="desk", user_id="u")
        mode = run.StreamingMode.SSE if stream else run.StreamingMode.NONE
        asked = {"new_message": question, "run_config": run.RunConfig(streaming_mode=mode)}
        async for _ in runner.run_async(user_id="u", session_id=session.id, **asked):
            pass

    with app.feature():
        asyncio.run(ask("gemini-2.5-flash", look_up))
        asyncio.run(ask("gemini-2.5-flash"))
        asyncio.run(ask("gemini-2.5-flash", stream=True))
    shared.refused(lambda: asyncio.run(ask("gemini-refused")), errors.ClientError)
    app.flush()


if __name__ == "__main__":
    main()
