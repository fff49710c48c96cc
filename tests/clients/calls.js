// Runs inside a JavaScript client's own folder of packages: instruments the OpenAI SDK, makes the same few calls.
//
//     node calls.js CLIENT PROVIDER_URL RECEIVER_URL
//
// Inside a span that says `feature`: two chats; outside: a chat that is refused with 429.
const path = require("path");
const { createRequire } = require("module");

const [client, providerUrl, receiverUrl] = process.argv.slice(2);
const load = createRequire(path.join(process.cwd(), "package.json"));

const { NodeTracerProvider, SimpleSpanProcessor } = load("@opentelemetry/sdk-trace-node");
const { OTLPTraceExporter } = load("@opentelemetry/exporter-trace-otlp-http");
const { resourceFromAttributes } = load("@opentelemetry/resources");
const { registerInstrumentations } = load("@opentelemetry/instrumentation");
const { trace } = load("@opentelemetry/api");
const packages = {
  "js-opentelemetry": "@opentelemetry/instrumentation-openai",
  "js-openinference": "@arizeai/openinference-instrumentation-openai",
};
const { OpenAIInstrumentation } = load(packages[client]);

const exporter = new OTLPTraceExporter({ url: `${receiverUrl}/v1/traces` });
const provider = new NodeTracerProvider({
  resource: resourceFromAttributes({ "service.name": "support-bot" }),
  spanProcessors: [new SimpleSpanProcessor(exporter)],
});
provider.register();
registerInstrumentations({ instrumentations: [new OpenAIInstrumentation()] });
const OpenAI = load("openai");

const messages = [{ role: "user", content: "Summarise ticket 7" }];

async function main() {
  const openai = new (OpenAI.OpenAI || OpenAI)({ baseURL: `${providerUrl}/v1`, apiKey: "none", maxRetries: 0 });
  const tracer = trace.getTracer("app");
  await tracer.startActiveSpan("POST /triage", { attributes: { feature: "ticket-triage" } }, async (span) => {
    await openai.chat.completions.create({ model: "gpt-4o-mini", messages });
    await openai.chat.completions.create({ model: "gpt-4o-mini", messages });
    span.end();
  });
  let refused = false;
  await openai.chat.completions.create({ model: "refused", messages }).catch(() => { refused = true; });
  if (!refused) throw new Error("the provider did not refuse");
  // Instrumentations end a refused call's span in a later turn of the loop.
  await new Promise((resolve) => setTimeout(resolve, 500));
  await provider.forceFlush();
  await provider.shutdown();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
