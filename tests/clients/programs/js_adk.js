// Google's ADK for JavaScript, which traces itself: an agent with a tool and a plain one; of a refused call it ends no span.
const { load, providerUrl, run, started, tracing } = require("./shared.js");

process.env.GOOGLE_GEMINI_BASE_URL = providerUrl;
const provider = tracing();
const adk = load("@google/adk");
const look = new adk.FunctionTool({ name: "look", description: "Looks it up", execute: async () => "A refund." });

async function ask(name, tools) {
  const model = new adk.Gemini({ model: name, apiKey: "none" });
  const agent = new adk.LlmAgent({ name: "triage", model, instruction: "Be brief", tools });
  const runner = new adk.InMemoryRunner({ agent, appName: "desk" });
  const session = await runner.sessionService.createSession({ appName: "desk", userId: "u" });
  const newMessage = { role: "user", parts: [{ text: "Summarise ticket 7" }] };
  for await (const event of runner.runAsync({ userId: "u", sessionId: session.id, newMessage })) {
    if (event.errorCode) throw new Error(event.errorCode);
  }
}

async function inside() {
  await ask("gemini-2.5-flash", [look]);
  await ask("gemini-2.5-flash", []);
}

started(() => run(provider, inside, () => ask("gemini-refused", [])));
