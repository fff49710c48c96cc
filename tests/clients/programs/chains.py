"""What programs of frameworks around OpenAI share: an application around their calls; LangChain's calls."""

import os
from collections.abc import Callable
from importlib import import_module
from typing import Any

FEATURE = {"feature": "ticket-triage"}
QUESTION = "Summarise ticket 7"


def ask_at(provider_url: str) -> str:
    """The provider's URL as SDKs are told it, told to them."""
    url = f"{provider_url}/v1"
    settings = {"OPENAI_API_KEY": "none", "OPENAI_BASE_URL": url, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    os.environ.update(settings)  # noqa: TID251 (how SDKs are set up; this is no program of ours)
    return url


def traced(calls: Callable[[str], None], refused: Callable[[str], None], *instrumentors: str) -> None:
    """Instrument (`module:class`), make the calls inside a span of the feature and the refused one outside; flush."""
    app = import_module("shared").app()
    url = ask_at(app.provider)
    for instrumentor in instrumentors:
        module, _, name = instrumentor.partition(":")
        getattr(import_module(module), name)().instrument()
    with app.feature():
        calls(url)
    expect_refusal(lambda: refused(url))
    app.flush()


def expect_refusal(ask: Callable[[], object]) -> None:
    """Ask for what the provider refuses, by whatever error the framework makes of it."""
    try:
        ask()
    except Exception as error:  # each framework has an error of its own
        if "slow down" not in str(error):
            raise
        return
    raise AssertionError("the provider did not refuse")


def lookup() -> str:
    """Looks up the ticket."""
    return "ticket 7"


def langchain_calls(url: str = "", config: dict[str, Any] | None = None) -> None:
    """Eight calls: an agent with a tool, a chain, and both as streams; Anthropic's model, whole and as a stream."""
    model = import_module("langchain_openai").ChatOpenAI(model="gpt-4o-mini", max_retries=0, stream_usage=True)
    agent = import_module("langchain.agents").create_agent(model, [lookup])
    chain = import_module("langchain_core.prompts").ChatPromptTemplate.from_template("Summarise {what}") | model
    asked = {"messages": [("user", QUESTION)]}
    agent.invoke(asked, config)
    chain.invoke({"what": "ticket 7"}, config)
    list(agent.stream(asked, config, stream_mode="messages"))
    list(chain.stream({"what": "ticket 7"}, config))
    of = import_module("langchain_anthropic").ChatAnthropic
    model = of(model="claude-haiku-4-5", base_url=url.removesuffix("/v1"), api_key="none", max_retries=0)
    model.invoke(QUESTION, config)
    list(model.stream(QUESTION, config))


def langchain_refused(_url: str = "", config: dict[str, Any] | None = None) -> None:
    """One call that the provider refuses."""
    import_module("langchain_openai").ChatOpenAI(model="refused", max_retries=0).invoke(QUESTION, config)
