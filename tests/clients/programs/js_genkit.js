// Genkit, which traces itself: a flow that says its feature, with a tool, a stream, three makers' models and a vector.
const { exporter, load, providerUrl, run, started } = require("./shared.js");

process.env.GENKIT_ENV = "prod";
process.env.OTEL_SERVICE_NAME = "support-bot";
process.env.ANTHROPIC_BASE_URL = providerUrl;
const { enableTelemetry, flushTracing, setCustomMetadataAttributes } = load("genkit/tracing");
const { genkit, z } = load("genkit");
const { openAI } = load("@genkit-ai/compat-oai/openai");
const { googleAI } = load("@genkit-ai/google-genai");
const { anthropic } = load("@genkit-ai/anthropic");

const apiKey = "none";
const prompt = "Summarise ticket 7";

started(async () => {
  const spanProcessors = [new (load("@opentelemetry/sdk-trace-node").SimpleSpanProcessor)(exporter)];
  await enableTelemetry({ spanProcessors });
  const openai = openAI({ apiKey, baseURL: `${providerUrl}/v1`, maxRetries: 0 });
  const ai = genkit({ plugins: [openai, googleAI({ apiKey, baseUrl: providerUrl }), anthropic({ apiKey })] });
  const nothing = { inputSchema: z.object({}), outputSchema: z.string() };
  const look = ai.defineTool({ name: "look", description: "Looks it up", ...nothing }, async () => "A refund.");
  const model = openAI.model("gpt-4o-mini");
  // A flow begins a trace of its own, so what is said around it is not heard.
  const triage = ai.defineFlow("triage", async () => {
    setCustomMetadataAttributes({ feature: "ticket-triage" });
    await ai.generate({ model, prompt, tools: [look] });
    await ai.generateStream({ model, prompt }).response;
    await ai.generate({ model: googleAI.model("gemini-2.5-flash"), prompt });
    await ai.generate({ model: anthropic.model("claude-haiku-4-5"), prompt });
    await ai.embed({ embedder: openAI.embedder("text-embedding-3-small"), content: prompt });
  });
  const refused = () => ai.generate({ model: openAI.model("refused"), prompt });
  await run({ forceFlush: flushTracing, shutdown: async () => {} }, triage, refused);
  process.exit(0);
});
