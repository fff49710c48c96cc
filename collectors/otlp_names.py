"""The names under which real clients write the same thing, newest first; the first present wins.

Three generations of OpenTelemetry's GenAI names, OpenInference, Traceloop, Langfuse, LiteLLM, the Vercel AI SDK,
LangSmith, MLflow and Claude Code. The constants of `opentelemetry-semantic-conventions` are all marked as moved, so
the table is our own. Only keys named here (and by the resolver) are ever read: prompts, completions and tool
arguments stay outside, but for the text of Genkit's answers, from which only the usage is taken.
"""

OPERATION = ("gen_ai.operation.name",)
SPAN_KIND = ("openinference.span.kind",)
# LangSmith's exporter calls prompt templates `chat` and retrievers `embeddings`; its own word is beside it.
RUN_TYPE = ("langsmith.span.kind",)
# Alibaba's LoongSuite, Dify's exporter and traceAI; AgentOps; LangWatch; Braintrust's SDKs for .NET and for Go, Java
# and Ruby; MLflow. The values of the last two are JSON texts.
OTHER_KINDS = (
    "gen_ai.span.kind", "agentops.span.kind", "langwatch.span.type", "braintrust.span_attributes.type",
    "braintrust.span_attributes", "mlflow.spanType",
)  # fmt: skip # many short names a line
# Genkit's flows, tools and models.
ACTION_TYPE = ("genkit:metadata:subtype",)
OBSERVATION_TYPE = ("langfuse.observation.type",)
REQUEST_TYPE = ("llm.request.type",)
# The second is TanStack's, of the requests of one chat: with their sum, and no operation.
UNIT_KIND = ("traceloop.span.kind", "tanstack.ai.iterations")
AGENT = ("gen_ai.agent.name",)
VERCEL_OPERATION = ("ai.operationId",)
# Of Google's ADK only the span of a request names a model without an operation: in JavaScript its agent too.
ADK = "gcp.vertex.agent"

# Most name the operation as the conventions do; LiteLLM writes the name of its own function.
CALL_OPERATIONS = frozenset({
    "chat", "generate_content", "text_completion", "completion", "acompletion", "atext_completion",
    "agenerate_content", "responses", "aresponses", "anthropic_messages",
    "agenerate_content_stream",
    # Semantic Kernel.
    "chat.completions", "text.completions", "chat.streaming_completions", "text.streaming_completions",
    # Rig (Rust), Gemini's command line, Anthropic's endpoint as Sentry's SDK names it.
    "chat_streaming", "llm_call", "messages",
    # Langtrace.
    "openai.responses.create",
})  # fmt: skip # many short names a line
# One where the agent lives with the model's provider, so that nothing inside tells of the call.
AGENT_OPERATION = "invoke_agent"
EMBEDDING_OPERATIONS = frozenset({"embeddings", "embedding", "aembedding", "embed"})
CALL_SPAN_KINDS = frozenset({"LLM"})
EMBEDDING_SPAN_KINDS = frozenset({"EMBEDDING"})
CALL_OTHER_KINDS = frozenset({"LLM", '"LLM"', '"CHAT_MODEL"', '{"type":"llm"}'})
EMBEDDING_OTHER_KINDS = frozenset({"EMBEDDING", '"EMBEDDING"'})
CALL_ACTIONS = frozenset({"model"})
EMBEDDING_ACTIONS = frozenset({"embedder"})
CALL_OBSERVATIONS = frozenset({"generation"})
EMBEDDING_OBSERVATIONS = frozenset({"embedding"})
CALL_REQUEST_TYPES = frozenset({"chat", "completion"})
EMBEDDING_REQUEST_TYPES = frozenset({"embedding"})
# LiteLLM's second span for the same call; what LlamaIndex does before a call, by whatever class, said to be one too.
IGNORED_SPANS = frozenset({"raw_gen_ai_request"})
IGNORED_ENDS = "._prepare_chat_with_tools"

# Logfire's own instrumentations of SDKs put this tag on what they write, its tracer a type and a level on every span.
LOGFIRE_TAGS = ("logfire.tags",)
LOGFIRE_TYPE = ("logfire.span_type",)
LOGFIRE_LEVEL = ("logfire.level_num",)

PROVIDER = (
    "gen_ai.provider.name",
    "gen_ai.system",
    # Cloudflare's gateway, by its documentation.
    "gen_ai.model.provider",
    "llm.provider",
    "llm.system",
    "mlflow.llm.provider",
    "braintrust.metadata.provider",
    "ai.model.provider",
)
# Vercel's SDK appends the interface it used, and who reports for it passes that on: openai.chat, openai.responses.
INTERFACES = frozenset({"chat", "completion", "embedding", "generative-ai", "messages", "responses"})
# What answered decides the price; what was asked for stands in where the answer does not say.
MODEL = (
    "gen_ai.response.model",
    "llm.response.model_name",
    "ai.response.model",
    "langfuse.observation.model.name",
    "embedding.model_name",
    "gen_ai.request.model",
    "llm.request.model_name",
    "llm.model_name",
    "mlflow.llm.model",
    "braintrust.metadata.model",
    "ai.model.id",
    # What MLflow's call was asked with, where it failed.
    "model",
)
# Genkit's name for a model has its plugin's before it, which stands for the provider's: openai/gpt-4o.
PLUGIN_MODEL = ("genkit:name",)
# Micrometer writes this where there is none, as for the answer of a call that failed.
NO_NAME = "none"
# OpenInference names the model of a failed call only inside this JSON text, and so does traceAI; Braintrust's SDKs
# that of any call, and its provider. Nothing else of it is kept.
PARAMETERS = (
    "llm.invocation_parameters",
    "embedding.invocation_parameters",
    "gen_ai.request.parameters",
    "braintrust.metadata",
)
INPUT_TOKENS = (
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.prompt_tokens",
    "llm.usage.prompt_tokens",
    "llm.token_count.prompt",
    "ai.usage.inputTokens",
    "ai.usage.promptTokens",
    "ai.usage.tokens",
    "gen_ai.response.prompt_tokens",
    # Microsoft's extensions for .NET, Portkey's gateway.
    "gen_ai.response.input_tokens",
    "braintrust.metrics.prompt_tokens",
    "input_tokens",
)
# Claude Code, as Anthropic's API: what came from the cache and went there is not in it.
WITHOUT_CACHE = "input_tokens"
# Instrumentations that give Bedrock's or Anthropic's own count, which leaves the cache out too.
SCOPES_WITHOUT_CACHE = frozenset({
    "opentelemetry.instrumentation.botocore.bedrock-runtime", "opentelemetry.instrumentation.bedrock",
    "@traceloop/instrumentation-anthropic", "openlit.instrumentation.anthropic", "openlit.instrumentation.bedrock",
})  # fmt: skip # many short names a line
# These hand on what each provider's API says, as these leave the cache out: Anthropic's models, wherever they run.
PROVIDERS_WITHOUT_CACHE = {
    "openinference.instrumentation.agno": frozenset({"anthropic", "awsbedrock", "vertexai", "azurefoundry"}),
    "pipecat": frozenset({"anthropic", "aws.bedrock"}),
    "opentelemetry.instrumentation.ag2": frozenset({"anthropic", "bedrock"}),
}
# These of Google's SDKs give the candidates as the output, and tell of thoughts only in the total.
SCOPES_WITHOUT_THOUGHTS = frozenset({
    "opentelemetry.instrumentation.google_generativeai", "opentelemetry.instrumentation.vertexai",
    "openinference.instrumentation.vertexai",
})  # fmt: skip # many short names a line
# Vercel's SDK before version 6 hands on what each provider's API says; that the cache is apart, it says beside it.
PROVIDER_METADATA = ("ai.response.providerMetadata",)
# Traceloop's SDK for JavaScript takes that away.
VERCEL_WITHOUT_CACHE = frozenset({"anthropic", "amazon-bedrock"})
# What version 6 and later say where they know a cache: from then on totals hold all their parts.
VERCEL_TOTALS = "ai.usage.inputTokenDetails.cacheReadTokens"
SCOPES_THAT_LACK = SCOPES_WITHOUT_CACHE | PROVIDERS_WITHOUT_CACHE.keys() | SCOPES_WITHOUT_THOUGHTS
OUTPUT_TOKENS = (
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.completion_tokens",
    "llm.usage.completion_tokens",
    "llm.token_count.completion",
    "ai.usage.outputTokens",
    "ai.usage.completionTokens",
    "gen_ai.response.completion_tokens",
    "gen_ai.response.output_tokens",
    "braintrust.metrics.completion_tokens",
    "output_tokens",
)
CACHED_INPUT_TOKENS = (
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_read_input_tokens",
    "gen_ai.usage.cache_read_tokens",
    "gen_ai.usage.details.cache_read_tokens",
    "gen_ai.usage.input_tokens.cached",
    "gen_ai.usage.input_tokens.cache_read",
    "llm.token_count.prompt_details.cache_read",
    "gen_ai.usage.details.cached_tokens",
    "ai.usage.inputTokenDetails.cacheReadTokens",
    "ai.usage.cachedInputTokens",
    "gen_ai.usage.cached_input_tokens",
    "gen_ai.usage.cached_tokens",
    "gen_ai.usage.cached_content_tokens",
    "braintrust.metrics.prompt_cached_tokens",
    # BeeAI's under OpenInference.
    "metadata.usage.cached_prompt_tokens",
    "cache_read_tokens",
)
CACHE_WRITE_TOKENS = (
    "gen_ai.usage.cache_write.input_tokens",
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_creation_input_tokens",
    "gen_ai.usage.cache_write_input_tokens",
    "gen_ai.usage.details.cache_write_tokens",
    "llm.token_count.prompt_details.cache_write",
    "ai.usage.inputTokenDetails.cacheWriteTokens",
    "gen_ai.usage.cache_write_tokens",
    "gen_ai.usage.cache_creation_tokens",
    "gen_ai.usage.input_tokens.cache_write",
    "metadata.usage.cached_creation_tokens",
    "cache_creation_tokens",
)
REASONING_TOKENS = (
    "gen_ai.usage.reasoning.output_tokens",
    "gen_ai.usage.reasoning_tokens",
    "llm.token_count.completion_details.reasoning",
    "gen_ai.usage.details.reasoning_tokens",
    "gen_ai.usage.experimental.reasoning_tokens",
    "ai.usage.outputTokenDetails.reasoningTokens",
    "ai.usage.reasoningTokens",
    "gen_ai.usage.output_tokens.reasoning",
    "gen_ai.usage.output_reasoning_tokens",
    "gen_ai.usage.thoughts_tokens",
    # AG2 from version 1.
    "gen_ai.usage.thinking_tokens",
)
# What Google's API calls thoughts stands beside its candidates: its ADK before 2.3 and all that write its word give
# the candidates as the output. Under every newer name reasoning is in the output (google/adk-go#779).
WITHOUT_REASONING = ("gen_ai.usage.experimental.reasoning_tokens", "gen_ai.usage.thoughts_tokens")
# More than the sum of both where one of them leaves something out.
TOTAL_TOKENS = (
    "gen_ai.usage.total_tokens",
    "llm.usage.total_tokens",
    "llm.token_count.total",
    "ai.usage.totalTokens",
)
# Genkit's text of a whole answer, the only place of its usage: read, and never remembered.
ANSWER = ("genkit:output",)
USAGE_DETAILS = (
    "langfuse.observation.usage_details",
    "mlflow.chat.tokenUsage",
    "langsmith.usage_metadata",
    "langsmith.metadata.usage_metadata",
    "gen_ai.usage.input_token_details",
    "gen_ai.usage.raw",
    # LiteLLM's, the only place of its cached tokens.
    "metadata.usage_object",
    "braintrust.metrics",
    *ANSWER,
)
COST = ("gen_ai.cost.total_cost", "gen_ai.usage.cost", "gen_ai.usage.total_cost", "llm.cost.total", "operation.cost")
COST_DETAILS = ("langfuse.observation.cost_details", "mlflow.llm.cost")
# What kind of output was asked for, and why it ended: counted by kind, never the output itself.
OUTPUT_TYPE = ("gen_ai.output.type", "gen_ai.openai.request.response_format", "gen_ai.request.response_format")
FINISH = ("gen_ai.response.finish_reasons", "llm.finish_reason", "ai.response.finishReason")
ASKED_WITH = (*PARAMETERS[:1], "langfuse.observation.model.parameters")
ERROR_TYPE = ("error.type",)
LEVEL = ("langfuse.observation.level",)
RESPONSE_ID = ("gen_ai.response.id",)
SERVICE_TIER = (
    "openai.response.service_tier",
    "gen_ai.openai.response.service_tier",
    "gen_ai.response.service_tier",
    "anthropic.response.service_tier",
    "vercel.ai_gateway.service_tier",
)
# What a tier is called in the price book; every other name is priced as standard.
PROCESSING = {"batch": "batch", "flex": "flex", "priority": "priority"}

# A log record or a span event; everything else in logs and events is content or nothing of ours.
EVALUATION_EVENT = "gen_ai.evaluation.result"
# Ax tells sizes only in this event of a span.
USAGE_EVENT = "gen_ai.usage"
# Of which only that it is there is looked at.
EXCEPTION_EVENT = "exception"
READ_EVENTS = frozenset({EVALUATION_EVENT, USAGE_EVENT, EXCEPTION_EVENT})
EVALUATION_NAME = ("gen_ai.evaluation.name",)
EVALUATION_SCORE = ("gen_ai.evaluation.score.value",)
EVALUATION_LABEL = ("gen_ai.evaluation.score.label",)
# Older SDKs write the name of an event as an attribute.
EVENT_NAME = ("event.name",)
# Without an operation a span is a call where it says all of these: who was asked, for which model, at what size; or
# that it failed (Logfire's of an agent's request names its operation only in an answer).
ASKED = (
    ("gen_ai.provider.name", "gen_ai.system", "gen_ai.model.provider"),
    ("gen_ai.request.model",),
    (*INPUT_TOKENS, *LOGFIRE_LEVEL),
)
EVALUATION_ATTRIBUTES = frozenset((*EVALUATION_NAME, *EVALUATION_SCORE, *EVALUATION_LABEL, *EVENT_NAME, *RESPONSE_ID))

SPAN_ATTRIBUTES = frozenset(
    name
    for names in (
        OPERATION, SPAN_KIND, RUN_TYPE, OTHER_KINDS, ACTION_TYPE, OBSERVATION_TYPE, REQUEST_TYPE, UNIT_KIND, AGENT,
        VERCEL_OPERATION, LOGFIRE_TAGS, LOGFIRE_TYPE, LOGFIRE_LEVEL, PROVIDER, MODEL, PLUGIN_MODEL,
        PARAMETERS, INPUT_TOKENS, OUTPUT_TOKENS, CACHED_INPUT_TOKENS, CACHE_WRITE_TOKENS, REASONING_TOKENS,
        TOTAL_TOKENS, USAGE_DETAILS, PROVIDER_METADATA, COST, COST_DETAILS, OUTPUT_TYPE, FINISH, ASKED_WITH, ERROR_TYPE,
        LEVEL,
        RESPONSE_ID, SERVICE_TIER,
    )
    for name in names
)  # fmt: skip # many short names a line
