// Vercel's SDK, version 7, as its users trace it: @ai-sdk/otel registered once; the refused call says its feature itself.
const { load, run, started, tracing } = require("./shared.js");
const { agent, ai, refused } = require("./vercel.js");

const provider = tracing();
ai.registerTelemetry(new (load("@ai-sdk/otel").OpenTelemetry)({ runtimeContext: true }));
const told = { runtimeContext: { feature: "search" }, telemetry: { includeRuntimeContext: { feature: true } } };
started(() => run(provider, () => agent({}), () => refused(told)));
