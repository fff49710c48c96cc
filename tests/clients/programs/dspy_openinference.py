"""DSPy by OpenInference, with its instrumentation of LiteLLM beside it, which alone tells tokens."""

from importlib import import_module
from typing import Any

chains: Any = import_module("chains")


def _model(url: str, name: str) -> Any:  # noqa: ANN401 (a class of a package that is not installed here)
    return import_module("dspy").LM(f"openai/{name}", api_base=url, api_key="none", cache=False, num_retries=0)


def _calls(url: str) -> None:
    dspy, model = import_module("dspy"), _model(url, "gpt-4o-mini")
    model(chains.QUESTION)
    with dspy.context(lm=model, adapter=dspy.JSONAdapter()):
        try:
            dspy.Predict("ticket -> summary")(ticket="7")
        except dspy.utils.exceptions.AdapterParseError:
            return
    raise AssertionError("what came was JSON")


chains.traced(
    _calls,
    lambda url: _model(url, "refused")(chains.QUESTION),
    "openinference.instrumentation.dspy:DSPyInstrumentor",
    "openinference.instrumentation.litellm:LiteLLMInstrumentor",
)
