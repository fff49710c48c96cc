// OpenAI's Agents SDK under OpenInference's instrumentation: an agent with a tool by chats, one by responses, a stream.
const { load, providerUrl, run, started, tracing } = require("./shared.js");

const provider = tracing();
const agents = load("@openai/agents");
const { OpenAIAgentsInstrumentation } = load("@arizeai/openinference-instrumentation-openai-agents");
new OpenAIAgentsInstrumentation({ tracerProvider: provider }).manuallyInstrument(agents);
const { OpenAI } = load("openai");
const { z } = load("zod");

const question = "Summarise ticket 7";
const openAIClient = new OpenAI({ baseURL: `${providerUrl}/v1`, apiKey: "none", maxRetries: 0 });
const look = agents.tool({
  name: "look", description: "Looks it up", parameters: z.object({}), execute: async () => "A refund.",
});

async function ask(name, { useResponses = true, tools = [], stream = false } = {}) {
  const model = await new agents.OpenAIProvider({ openAIClient, useResponses }).getModel(name);
  const found = await agents.run(new agents.Agent({ name: "triage", model, tools }), question, { stream });
  if (stream) {
    for await (const part of found) void part;
    await found.completed;
  }
}

async function inside() {
  await ask("gpt-4o-mini", { tools: [look] });
  await ask("gpt-4o-mini", { useResponses: false });
  await ask("gpt-4o-mini", { stream: true });
}

started(() => run(provider, inside, () => ask("refused")));
