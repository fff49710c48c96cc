// Vercel's SDK, versions 4 and 5, each call told to trace itself: also Google's and Bedrock's models, and several vectors.
const { load, providerUrl, run, started, tracing } = require("./shared.js");
const { agent, ai, refused } = require("./vercel.js");

const provider = tracing();
const told = { experimental_telemetry: { isEnabled: true } };
const google = load("@ai-sdk/google").createGoogleGenerativeAI({ baseURL: providerUrl, apiKey: "none" });
const amazon = { baseURL: providerUrl, region: "us-east-1", accessKeyId: "none", secretAccessKey: "none" };
const bedrock = load("@ai-sdk/amazon-bedrock").createAmazonBedrock(amazon);
const prompt = "Summarise ticket 7";

async function calls() {
  await agent(told);
  await ai.generateText({ model: google("gemini-2.5-flash"), prompt, ...told });
  await ai.streamText({ model: google("gemini-2.5-flash"), prompt, ...told }).consumeStream();
  await ai.generateText({ model: bedrock("amazon.nova-pro-v1:0"), prompt, ...told });
  const model = load("@ai-sdk/openai").createOpenAI({ baseURL: `${providerUrl}/v1`, apiKey: "none" });
  await ai.embedMany({ model: model.embedding("text-embedding-3-small"), values: [prompt, prompt], ...told });
}

started(() => run(provider, calls, () => refused(told)));
