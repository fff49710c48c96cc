// The SDKs of OpenAI and Anthropic under Traceloop's instrumentations.
const { load, run, started, tracing } = require("./shared.js");

const provider = tracing();
const { registerInstrumentations } = load("@opentelemetry/instrumentation");
const { OpenAIInstrumentation } = load("@traceloop/instrumentation-openai");
const { AnthropicInstrumentation } = load("@traceloop/instrumentation-anthropic");
registerInstrumentations({ instrumentations: [new OpenAIInstrumentation(), new AnthropicInstrumentation()] });
const { askAnthropic, askOpenai, refused } = require("./sdks.js");

started(() => run(provider, async () => { await askOpenai(); await askAnthropic(); }, refused));
