// What the SDKs of OpenAI and Anthropic are asked: a tool, a stream, a response, an embedding, a message whole and as a
// stream; and what is refused.
const { load, providerUrl } = require("./shared.js");

const question = "Summarise ticket 7";
const messages = [{ role: "user", content: question }];
const look = { type: "function", function: { name: "look", parameters: { type: "object", properties: {} } } };

function openai() {
  return new (load("openai").OpenAI)({ baseURL: `${providerUrl}/v1`, apiKey: "none", maxRetries: 0 });
}

// `responses` is false for what knows only chats.
async function askOpenai({ responses = true } = {}) {
  const client = openai();
  const chat = (more) => client.chat.completions.create({ model: "gpt-4o-mini", messages, ...more });
  await chat({ tools: [look] });
  for await (const part of await chat({ stream: true, stream_options: { include_usage: true } })) void part;
  if (responses) await client.responses.create({ model: "gpt-4o-mini", input: question });
  await client.embeddings.create({ model: "text-embedding-3-small", input: question });
}

async function askAnthropic() {
  const client = new (load("@anthropic-ai/sdk"))({ baseURL: providerUrl, apiKey: "none", maxRetries: 0 });
  const told = { model: "claude-haiku-4-5", max_tokens: 100, messages };
  await client.messages.create(told);
  for await (const part of await client.messages.create({ ...told, stream: true })) void part;
}

function refused() {
  return openai().chat.completions.create({ model: "refused", messages });
}

module.exports = { askAnthropic, askOpenai, refused };
