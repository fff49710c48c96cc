// Langfuse's SDK around the one of OpenAI: a call, one with a tool, a stream, a response and an embedding.
const { load, providerUrl, receiverUrl, run, started, tracing } = require("./shared.js");

const { LangfuseSpanProcessor } = load("@langfuse/otel");
const { propagateAttributes } = load("@langfuse/tracing");
const { observeOpenAI } = load("@langfuse/openai");
const { OpenAI } = load("openai");

const secretKey = process.argv[5];
const provider = tracing(new LangfuseSpanProcessor({
  publicKey: "app", secretKey, baseUrl: receiverUrl, exportMode: "immediate",
}));
const openai = observeOpenAI(new OpenAI({ baseURL: `${providerUrl}/v1`, apiKey: "none", maxRetries: 0 }));
const messages = [{ role: "user", content: "Summarise ticket 7" }];
const look = { type: "function", function: { name: "look", parameters: { type: "object", properties: {} } } };

function inside() {
  return propagateAttributes({ metadata: { feature: "ticket-triage" } }, async () => {
    await openai.chat.completions.create({ model: "gpt-4o-mini", messages });
    await openai.chat.completions.create({ model: "gpt-4o-mini", messages, tools: [look] });
    const told = { stream: true, stream_options: { include_usage: true } };
    for await (const part of await openai.chat.completions.create({ model: "gpt-4o-mini", messages, ...told })) void part;
    await openai.responses.create({ model: "gpt-4o-mini", input: "Summarise ticket 7" });
    await openai.embeddings.create({ model: "text-embedding-3-small", input: "Summarise ticket 7" });
  });
}

started(() => run(provider, inside, () => openai.chat.completions.create({ model: "refused", messages })));
