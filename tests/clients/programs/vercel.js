// What every version of Vercel's SDK is asked: a tool (two calls), a stream and an embedding; and what is refused.
const { load, providerUrl } = require("./shared.js");

const ai = load("ai");
const { z } = load("zod");
// Version 4 asks for a stream's usage only so; it calls a tool's schema and the number of steps otherwise.
const asOpenai = { baseURL: `${providerUrl}/v1`, apiKey: "none", compatibility: "strict" };
const openai = load("@ai-sdk/openai").createOpenAI(asOpenai);
const anthropic = load("@ai-sdk/anthropic").createAnthropic({ baseURL: `${providerUrl}/v1`, apiKey: "none" });
const prompt = "Summarise ticket 7";

async function agent(told) {
  const nothing = { inputSchema: z.object({}), parameters: z.object({}) };
  const look = ai.tool({ description: "Looks it up", ...nothing, execute: async () => "A refund." });
  const steps = { tools: { look }, stopWhen: ai.stepCountIs?.(3), maxSteps: 3 };
  await ai.generateText({ model: openai("gpt-4o-mini"), prompt, ...steps, ...told });
  await ai.streamText({ model: openai.chat("gpt-4o-mini"), prompt, ...told }).consumeStream();
  const claude = anthropic("claude-haiku-4-5");
  await ai.generateText({ model: claude, prompt, ...told });
  await ai.streamText({ model: claude, prompt, ...told }).consumeStream();
  await ai.embed({ model: openai.embedding("text-embedding-3-small"), value: prompt, ...told });
}

function refused(told) {
  return ai.generateText({ model: openai("refused"), prompt, maxRetries: 0, ...told });
}

module.exports = { agent, ai, refused };
