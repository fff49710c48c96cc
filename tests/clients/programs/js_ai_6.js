// Vercel's SDK, version 6, each call told to trace itself, and its spans through OpenInference's processor.
const { exporter, load, run, started, tracing } = require("./shared.js");
const { agent, refused } = require("./vercel.js");

const { OpenInferenceSimpleSpanProcessor } = load("@arizeai/openinference-vercel");
const provider = tracing(new OpenInferenceSimpleSpanProcessor({ exporter }));
const told = { experimental_telemetry: { isEnabled: true } };
started(() => run(provider, () => agent(told), () => refused(told)));
