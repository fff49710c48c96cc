// LangChain and its agent under OpenInference's instrumentation.
const { load, providerUrl, run, started, tracing } = require("./shared.js");

const provider = tracing();
const { LangChainInstrumentation } = load("@arizeai/openinference-instrumentation-langchain");
new LangChainInstrumentation().manuallyInstrument(load("@langchain/core/callbacks/manager"));
const { ChatOpenAI, OpenAIEmbeddings } = load("@langchain/openai");
const { ChatAnthropic } = load("@langchain/anthropic");
const { createAgent, tool } = load("langchain");
const { z } = load("zod");

const question = "Summarise ticket 7";
const at = { apiKey: "none", maxRetries: 0, configuration: { baseURL: `${providerUrl}/v1` } };
const model = new ChatOpenAI({ model: "gpt-4o-mini", ...at });

async function inside() {
  const look = tool(() => "A refund.", { name: "look", description: "Looks it up", schema: z.object({}) });
  await createAgent({ model, tools: [look] }).invoke({ messages: [{ role: "user", content: question }] });
  await model.invoke(question);
  for await (const part of await model.stream(question)) void part;
  const claude = new ChatAnthropic({ model: "claude-haiku-4-5", apiKey: "none", anthropicApiUrl: providerUrl, maxRetries: 0 });
  await claude.invoke(question);
  for await (const part of await claude.stream(question)) void part;
  await new OpenAIEmbeddings({ model: "text-embedding-3-small", ...at }).embedQuery(question);
}

started(() => run(provider, inside, () => new ChatOpenAI({ model: "refused", ...at }).invoke(question)));
