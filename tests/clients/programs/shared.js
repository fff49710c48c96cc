// What several programs share: packages of the client's own folder, tracing set up as an application's, a refused call.
//
// Each is run as `node PROGRAM CLIENT PROVIDER_URL RECEIVER_URL` in that folder.
const path = require("path");
const { createRequire } = require("module");

const [providerUrl, receiverUrl] = process.argv.slice(3);
const load = createRequire(path.join(process.cwd(), "package.json"));

const { NodeTracerProvider, SimpleSpanProcessor } = load("@opentelemetry/sdk-trace-node");
const { OTLPTraceExporter } = load("@opentelemetry/exporter-trace-otlp-http");
const { resourceFromAttributes } = load("@opentelemetry/resources");
const { trace } = load("@opentelemetry/api");

const exporter = new OTLPTraceExporter({ url: `${receiverUrl}/v1/traces` });

// One request for each span, unless a client brings a processor of its own.
function tracing(processor = new SimpleSpanProcessor(exporter)) {
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ "service.name": "support-bot" }),
    spanProcessors: [processor],
  });
  provider.register();
  return provider;
}

// `inside` in a span that says whose calls they are, then `outside`, which the provider must refuse.
async function run(provider, inside, outside) {
  await trace.getTracer("app").startActiveSpan(
    "POST /triage", { attributes: { feature: "ticket-triage" } }, async (span) => {
      await inside();
      span.end();
    });
  let refused = false;
  await outside().catch(() => { refused = true; });
  if (!refused) throw new Error("the provider did not refuse");
  // Some end a refused call's span in a later turn of the loop.
  await new Promise((resolve) => setTimeout(resolve, 500));
  await provider.forceFlush();
  await provider.shutdown();
}

function started(main) {
  main().catch((error) => {
    console.error(error);
    process.exit(1);
  });
}

module.exports = { exporter, load, providerUrl, receiverUrl, run, started, tracing };
