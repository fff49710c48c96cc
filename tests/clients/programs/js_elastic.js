// The SDK of OpenAI under Elastic's instrumentation.
const { load, run, started, tracing } = require("./shared.js");

const provider = tracing();
const { registerInstrumentations } = load("@opentelemetry/instrumentation");
const { OpenAIInstrumentation } = load("@elastic/opentelemetry-instrumentation-openai");
registerInstrumentations({ instrumentations: [new OpenAIInstrumentation()] });
const { askOpenai, refused } = require("./sdks.js");

started(() => run(provider, () => askOpenai({ responses: false }), refused));
