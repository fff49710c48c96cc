"""What a sender calls a model becomes an id of the book, or stays unknown."""

import pytest

from collectors.model_names import provider_id, resolve


@pytest.mark.parametrize(
    ("provider", "name", "model"),
    [
        ("openai", "gpt-4o", "openai/gpt-4o"),
        ("openai", "GPT-4o", "openai/gpt-4o"),
        ("openai", "gpt-4o-2024-08-06", "openai/gpt-4o"),
        ("openai", "gpt-4o-20240806", "openai/gpt-4o"),
        ("openai", "gpt-4o-2024-05-13", "openai/gpt-4o-2024-05-13"),
        ("openai", "openai/gpt-4o-mini", "openai/gpt-4o-mini"),
        ("openai", "gpt-5-nano-2025-08-07", "openai/gpt-5-nano"),
        ("openai.responses", "gpt-5.6-luna-2026-07-09", "openai/gpt-5.6-luna"),
        ("anthropic", "claude-opus-4", "anthropic/claude-opus-4-0"),
        ("anthropic", "claude-opus-4-20250514", "anthropic/claude-opus-4-0"),
        ("anthropic", "claude-opus-4-7", "anthropic/claude-opus-4-7"),
        ("anthropic", "claude-sonnet-4-5-20250929", "anthropic/claude-sonnet-4-5"),
        ("anthropic", "claude-3-5-haiku-20241022", "anthropic/claude-3-5-haiku-latest"),
        ("anthropic", "claude-3-5-haiku", "anthropic/claude-3-5-haiku-latest"),
        ("gemini", "models/gemini-2.5-flash", "google/gemini-2.5-flash"),
        ("vertex_ai", "publishers/google/models/gemini-2.5-pro", "google/gemini-2.5-pro"),
        ("gcp.vertex_ai", "claude-sonnet-4-5@20250929", "google/claude-sonnet-4-5"),
        ("google", "gemini-2.0-flash-001", "google/gemini-2.0-flash"),
        ("aws.bedrock", "us.amazon.nova-lite-v1:0", "aws/amazon.nova-lite-v1:0"),
        (
            "bedrock",
            "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "aws/regional.anthropic.claude-sonnet-4-5-20250929-v1:0",
        ),
        (
            "bedrock",
            "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "aws/global.anthropic.claude-sonnet-4-5-20250929-v1:0",
        ),
        (
            "aws",
            "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-5-sonnet-20240620-v1:0",
            "aws/regional.anthropic.claude-3-5-sonnet-20240620-v1:0",
        ),
        ("aws", "nova-pro-v1:0", "aws/amazon.nova-pro-v1:0"),
        ("strands-agents", "us.amazon.nova-pro-v1:0", "aws/amazon.nova-pro-v1:0"),
        ("strands-agents", "gpt-4o-mini", "openai/gpt-4o-mini"),
        ("langchain", "gpt-4o-mini", "openai/gpt-4o-mini"),
        ("", "anthropic.claude-haiku-4-5-20251001-v1:0", "aws/regional.anthropic.claude-haiku-4-5-20251001-v1:0"),
        ("azure.ai.openai", "gpt-4o-mini-2024-07-18", "openai/gpt-4o-mini"),
        ("azure", "azure/gpt-4o", "openai/gpt-4o"),
        ("x_ai", "grok-4.20", "x-ai/grok-4.20"),
        ("cohere_chat", "command-r-08-2024", "cohere/command-r"),
        ("openrouter", "openai/gpt-4o", "openrouter/openai/gpt-4o"),
        ("openai", "anthropic/claude-sonnet-4.5", "anthropic/claude-sonnet-4-5"),
        ("litellm", "anthropic/claude-sonnet-4-5", "anthropic/claude-sonnet-4-5"),
        ("openai", "ft:gpt-4o-mini-2024-07-18:org::id", "openai/ft:gpt-4o-mini"),
        ("openai", "ft:gpt-4.1-mini-2025-04-14:org:name:id", "openai/ft:gpt-4.1-mini"),
        ("openai", "ft:gpt-3.5-turbo-0125:org::id", "openai/ft:gpt-3.5-turbo-"),
        ("", "gpt-4o", "openai/gpt-4o"),
        ("", "openai/gpt-4o", "openai/gpt-4o"),
        ("", "claude-sonnet-4-5", "anthropic/claude-sonnet-4-5"),
        ("", "mistral-small-latest", "mistral/mistral-small-latest"),
    ],
)
def test_names_that_are_understood(provider: str, name: str, model: str) -> None:
    """An id, a name the feed lists, or either with a version behind it."""
    assert resolve(provider, name) == model


@pytest.mark.parametrize(
    ("provider", "name"),
    [
        ("anthropic", "claude-opus-4-9"),
        ("anthropic", "claude-sonnet-5-7"),
        ("openai", "gpt-4o-mini-foo"),
        ("openai", "gpt-7"),
        ("openai", "ft:gpt-4.1-nano-2025-04-14:org::id"),
        ("google", "gemini-3.7-flash-lite"),
        ("google", "gemini-1.5-flash-8b"),
        ("azure", "our-deployment"),
        ("azure", "gpt-4o-prod"),
        ("acme-gateway", "gpt-4o"),
        ("openai-compatible", "gpt-4o"),
        ("", "llama-3"),
        ("", "us.amazon.nova-unheard-v1:0"),
        ("aws", "pro-v1:0"),
        ("", ""),
        ("openai", ""),
    ],
)
def test_names_that_stay_unknown(provider: str, name: str) -> None:
    """A mere prefix is not enough: a new model is never priced as an older namesake."""
    assert resolve(provider, name) is None


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("azure.ai.openai", "azure"),
        ("az.ai.inference", "azure"),
        ("gcp.gemini", "google"),
        ("mistral_ai", "mistral"),
        ("open_ai", "openai"),
        ("azure_open_ai", "azure"),
        ("microsoft_foundry", "azure"),
        ("googlegeminiai", "google"),
        ("googleai", "google"),
        ("claude", "anthropic"),
        ("text-completion-openai", "openai"),
        ("together_ai", "together"),
        ("amazon-bedrock", "aws"),
        ("unheard-of", None),
    ],
)
def test_provider_words(said: str, meant: str | None) -> None:
    """The words of instrumentations, gateways and SDKs for a provider."""
    assert provider_id(said) == meant
