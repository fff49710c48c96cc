// TanStack AI with its middleware for OpenTelemetry: a chat with a tool, whose span has the sum of both calls, and a plain one.
const path = require("path");
const { pathToFileURL } = require("url");
const { load, providerUrl, run, started, tracing } = require("./shared.js");

const provider = tracing();
const tracer = load("@opentelemetry/api").trace.getTracer("tanstack");
// It can only be imported, which looks for packages beside this file.
const imported = (name, file) => import(pathToFileURL(path.join("node_modules", name, "dist/esm", file)));

started(async () => {
  const { chat, toolDefinition } = await imported("@tanstack/ai", "index.js");
  const { otelMiddleware } = await imported("@tanstack/ai", "middlewares/otel.js");
  const { createOpenaiChatCompletions } = await imported("@tanstack/ai-openai", "index.js");
  const inputSchema = { type: "object", properties: {} };
  const look = toolDefinition({ name: "look", description: "Looks it up", inputSchema }).server(async () => "A refund.");
  const ask = async (model, tools) => {
    const adapter = createOpenaiChatCompletions(model, "none", { baseURL: `${providerUrl}/v1`, maxRetries: 0 });
    const messages = [{ role: "user", content: "Summarise ticket 7" }];
    let failed = false;
    for await (const event of chat({ adapter, messages, tools, middleware: [otelMiddleware({ tracer })] })) {
      failed = failed || event.type === "RUN_ERROR";
    }
    if (failed) throw new Error("refused");
  };
  const inside = async () => {
    await ask("gpt-4o-mini", [look]);
    await ask("gpt-4o-mini", []);
  };
  await run(provider, inside, () => ask("refused", []));
});
