"""Azure's SDK of models, which traces itself: a call with a tool, a plain one, a stream; a refused one."""

from importlib import import_module
from typing import Any

_TOOL = {"type": "function", "function": {"name": "look_up", "parameters": {"type": "object", "properties": {}}}}


def main() -> None:
    """Instrument, call, flush."""
    shared: Any = import_module("shared")
    app = shared.app()
    import_module("azure.core.settings").settings.tracing_implementation = "opentelemetry"
    import_module("azure.ai.inference.tracing").AIInferenceInstrumentor().instrument()
    sdk, key = import_module("azure.ai.inference"), import_module("azure.core.credentials").AzureKeyCredential("none")
    client: Any = sdk.ChatCompletionsClient(endpoint=f"{app.provider}/v1", credential=key, retry_total=0)
    messages = [{"role": "user", "content": shared.QUESTION}]
    with app.feature():
        client.complete(model="gpt-4o-mini", messages=messages, tools=[_TOOL])
        client.complete(model="gpt-4o-mini", messages=messages)
        told = {"model_extras": {"stream_options": {"include_usage": True}}}
        for _ in client.complete(model="gpt-4o-mini", messages=messages, stream=True, **told):
            pass
    import_module("chains").expect_refusal(lambda: client.complete(model="refused", messages=messages))
    app.flush()


if __name__ == "__main__":
    main()
