// Mastra with its own OTLP exporter: an agent that names its feature in its tracing options, and a span of nobody else.
const { load, providerUrl, receiverUrl, started } = require("./shared.js");

const { Mastra } = load("@mastra/core/mastra");
const { Agent } = load("@mastra/core/agent");
const { createTool } = load("@mastra/core/tools");
const { Observability } = load("@mastra/observability");
const { OtelExporter } = load("@mastra/otel-exporter");
const { z } = load("zod");
const openai = load("@ai-sdk/openai").createOpenAI({ baseURL: `${providerUrl}/v1`, apiKey: "none" });
const anthropic = load("@ai-sdk/anthropic").createAnthropic({ baseURL: `${providerUrl}/v1`, apiKey: "none" });

const question = "Summarise ticket 7";
const look = createTool({
  id: "look", description: "Looks it up", inputSchema: z.object({}), execute: async () => ({ found: "A refund." }),
});
const made = (name, model, tools) =>
  new Agent({ id: name, name, instructions: "Be brief.", model, maxRetries: 0, tools });
const custom = { endpoint: `${receiverUrl}/v1/traces`, protocol: "http/protobuf" };
const otel = { serviceName: "support-bot", exporters: [new OtelExporter({ provider: { custom } })] };
const mastra = new Mastra({
  agents: {
    triage: made("triage", openai("gpt-4o-mini"), { look }),
    other: made("other", anthropic("claude-haiku-4-5"), {}),
    refused: made("refused", openai("refused"), {}),
  },
  observability: new Observability({ configs: { otel } }),
  logger: false,
});

started(async () => {
  const told = { tracingOptions: { metadata: { feature: "ticket-triage" } } };
  await mastra.getAgent("triage").generate(question, told);
  await (await mastra.getAgent("triage").stream(question, told)).consumeStream();
  await mastra.getAgent("other").generate(question, told);
  await (await mastra.getAgent("other").stream(question, told)).consumeStream();
  await mastra.getAgent("refused").generate(question, { modelSettings: { maxRetries: 0 } }).catch(() => {});
  await mastra.observability.shutdown();
});
