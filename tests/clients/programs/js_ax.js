// Ax, which traces itself and tells sizes in an event of its spans: a chat and a stream.
const { load, providerUrl, run, started, tracing } = require("./shared.js");

const provider = tracing();
const { ai } = load("@ax-llm/ax");
const tracer = load("@opentelemetry/api").trace.getTracer("ax");

async function ask(model, stream) {
  const llm = ai({ name: "openai", apiKey: "none", apiURL: `${providerUrl}/v1`, config: { model }, options: { tracer } });
  const chatPrompt = [{ role: "user", content: "Summarise ticket 7" }];
  const answer = await llm.chat({ chatPrompt }, { stream, tracer, retry: { maxRetries: 0 } });
  if (stream) for await (const part of answer) void part;
}

async function inside() {
  await ask("gpt-4o-mini", false);
  await ask("gpt-4o-mini", true);
}

started(() => run(provider, inside, () => ask("refused", false)));
