// The SDKs of OpenAI and Anthropic under Sentry's SDK, whose spans go to a receiver as those of any tracer.
const { exporter, load, run, started } = require("./shared.js");

const Sentry = load("@sentry/node");
const { SimpleSpanProcessor } = load("@opentelemetry/sdk-trace-node");
Sentry.init({
  dsn: "https://key@127.0.0.1/1", tracesSampleRate: 1, openTelemetrySpanProcessors: [new SimpleSpanProcessor(exporter)],
});
const { askAnthropic, askOpenai, refused } = require("./sdks.js");

const flush = () => Sentry.flush(2000);
started(() => run({ forceFlush: flush, shutdown: flush }, async () => { await askOpenai(); await askAnthropic(); }, refused));
