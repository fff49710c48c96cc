"""Makes each client's environment where it is missing, runs the client against a receiver, prints what was counted.

A client NAME is what NAME.txt installs, and `programs/NAME.py`, which does what its users do; in JavaScript, NAME.json
and `programs/NAME.js`. A program's name has underscores for dashes. Several clients of one SDK share
`programs/SDK_calls.py`, and those of OpenAI's calls.py or calls.js.

    python -m tests.clients [FOLDER] [CLIENT…]

FOLDER keeps the environments (by default one beside the machine's temporary files). Ends with 1 where a client's
figures are wrong.
"""

import shutil
import subprocess
import sys
import tempfile
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from db.migrate import upgrade
from db.queries.scores import scores
from db.session import make_engine, reading
from offramp import clock
from offramp.actions.keys import create_key
from offramp.actions.usage import usage
from offramp.serve.service import Service
from tests.clients.provider import provider
from tests.offramp.live_server import serving

HERE = Path(__file__).parent
# As long as the provider takes, less what a bucket of latencies is wide.
_LEAST_MS = 45.0
# feature: (calls, errors, input, cached, output). Not every client tells how many tokens were cached.
REFUSED = {"support-bot": (1, 1, 0, 0, 0)}
FULL = {"ticket-triage": (2, 0, 200, 128, 40), **REFUSED}
# An agent with a tool, a plain call and a stream, also beside an instrumentation of the SDK below.
AGENTS = {"ticket-triage": (4, 0, 400, 256, 80), "support-bot": (1, 1, 0, 0, 0)}
LANGCHAIN = {"ticket-triage": (8, 0, 800, 432, 160), "support-bot": (1, 1, 0, 0, 0)}
# Streams, responses, a vector; of one stream the SDK was asked for no usage.
SDK = {"ticket-triage": (11, 0, 907, 576, 180), "support-bot": (2, 2, 0, 0, 0)}
THREE = {"ticket-triage": (3, 0, 300, 192, 60), **REFUSED}
BEDROCK = {"ticket-triage": (3, 0, 300, 72, 60), **REFUSED}
EXPECTED = {
    "openai-v2": {"ticket-triage": (2, 0, 200, 0, 40), "support-bot": (1, 1, 0, 0, 0)},
    "genai": FULL,
    "openinference": FULL,
    "traceloop": FULL,
    # And one of Anthropic's models.
    "litellm": {"ticket-triage": (3, 0, 300, 152, 60), **REFUSED},
    # Three chats and a vector.
    "pipecat-calls": {"ticket-triage": (4, 0, 400, 176, 80), **REFUSED},
    # To the count of Anthropic's stream it adds what was told at its start.
    "livekit-agents": {"ticket-triage": (3, 0, 300, 152, 61), **REFUSED},
    "litellm-proxy": {"ticket-triage": (4, 0, 307, 192, 60), **REFUSED},
    "langfuse": FULL,
    "anthropic": {"ticket-triage": (5, 0, 500, 120, 100), **REFUSED},
    "anthropic-genai": {"ticket-triage": (5, 0, 500, 120, 100), **REFUSED},
    "anthropic-openinference": {"ticket-triage": (5, 0, 500, 120, 100), **REFUSED},
    # It adds a stream's first count, which the provider makes 1, to the last, which holds it.
    "anthropic-traceloop": {"ticket-triage": (5, 0, 500, 120, 102), **REFUSED},
    # Of a function that Google's SDK calls itself there is one span, with the last answer's figures.
    "google-genai": THREE,
    "google-openinference": THREE,
    "google-traceloop": THREE,
    "bedrock-botocore": BEDROCK,
    "bedrock-openinference": BEDROCK,
    "bedrock-traceloop": BEDROCK,
    # Two chats around a tool, a stream, an agent of Mistral's and a vector.
    "mistral": {"ticket-triage": (5, 0, 407, 256, 80), **REFUSED},
    # It has no span for a vector.
    "mistral-openinference": {"ticket-triage": (4, 0, 400, 0, 80), **REFUSED},
    # Beside it the SDK's first version traces itself. Of an agent neither tells, and of a vector only one a size: so
    # nothing says that both are of one call.
    "mistral-traceloop": {"ticket-triage": (5, 0, 307, 192, 60), **REFUSED},
    # It ends a stream's span before the stream.
    "groq-openinference": {"ticket-triage": (3, 0, 200, 128, 40), **REFUSED},
    "groq-traceloop": THREE,
    # None of these three says how much a cache had.
    "azure-inference": {"ticket-triage": (3, 0, 300, 0, 60), **REFUSED},
    "cohere-traceloop": {"ticket-triage": (3, 0, 300, 0, 60), **REFUSED},
    "ollama-traceloop": {"ticket-triage": (3, 0, 300, 0, 60), **REFUSED},
    "semantic-kernel-chat": {"ticket-triage": (4, 0, 400, 0, 80), **REFUSED},
    # An agent's name comes before the service's.
    "autogen-openai": {"ticket-triage": (3, 0, 300, 192, 60), "triage": (1, 1, 0, 0, 0)},
    # It asks three times.
    "crewai-agents": {**AGENTS, "support-bot": (3, 3, 0, 0, 0)},
    "crewai-agents-traceloop": {"ticket-triage": AGENTS["ticket-triage"], "triage": (3, 3, 0, 0, 0)},
    "ag2-agents": {"ticket-triage": (4, 0, 400, 216, 80), "triage": (1, 1, 0, 0, 0)},
    "strands-agents": {"ticket-triage": (4, 0, 400, 176, 80), "triage": (1, 1, 0, 0, 0)},
    "agent-framework-chat": {"ticket-triage": AGENTS["ticket-triage"], "triage": (1, 1, 0, 0, 0)},
    "google-adk": {"ticket-triage": AGENTS["ticket-triage"], "triage": (1, 1, 0, 0, 0)},
    # It writes each call onto the agent's span, over the one before.
    "google-adk-openinference": {"ticket-triage": (3, 0, 300, 192, 60), "triage": (1, 1, 0, 0, 0)},
    "js-opentelemetry": {"ticket-triage": (2, 0, 200, 0, 40), "support-bot": (1, 1, 0, 0, 0)},
    # As AGENTS, a call and a stream of Anthropic's, and a vector.
    "pydantic-ai-agents": {"ticket-triage": (7, 0, 607, 304, 120), "support-bot": (1, 1, 0, 0, 0)},
    "openai-agents": AGENTS,
    "openai-agents-traceloop": AGENTS,
    "openai-agents-genai": AGENTS,
    "agno-agents": {"ticket-triage": (6, 0, 600, 304, 120), **REFUSED},
    "instructor-openai": FULL,
    "logfire-sdks": {"ticket-triage": (7, 0, 607, 304, 120), "support-bot": (1, 1, 0, 0, 0)},
    "openai-sdk-openinference": SDK,
    "openai-sdk-traceloop": SDK,
    "openai-sdk-genai": SDK,
    # Both tell of a refused response in a trace of its own, where nothing says that it is one.
    "openai-sdk-both": {**SDK, "support-bot": (3, 3, 0, 0, 0)},
    # Two agents with a tool, four plain calls, of each half as a stream; of two instrumentations beside each other both
    # tell of the refused call in a trace of its own, where nothing says that it is one.
    "langchain-agents": {**LANGCHAIN, "support-bot": (2, 2, 0, 0, 0)},
    "langchain-agents-traceloop": LANGCHAIN,
    "langchain-agents-genai": LANGCHAIN,
    "langchain-langsmith": LANGCHAIN,
    "langchain-langfuse": LANGCHAIN,
    # As AGENTS with a question to an index for the stream, and its two vectors.
    "llama-index-openinference": {"ticket-triage": (6, 0, 414, 256, 80), "support-bot": (1, 1, 0, 0, 0)},
    "dspy-openinference": FULL,
    "haystack-openinference": THREE,
    "smolagents-openinference": {"ticket-triage": (3, 0, 300, 0, 60), "support-bot": (1, 1, 0, 0, 0)},
    # It ends no span for a call that failed, so there is nothing to count.
    "js-openinference": {"ticket-triage": FULL["ticket-triage"]},
    # The size of a vector it does not tell.
    "js-langfuse": {"ticket-triage": (5, 0, 400, 256, 80), **REFUSED},
    # Of OpenAI it tells neither a stream's size, nor what a cache had, nor vectors, nor a call that failed.
    "js-traceloop": {"ticket-triage": (5, 0, 400, 48, 80)},
    "js-elastic": {"ticket-triage": (3, 0, 207, 0, 40), **REFUSED},
    # Six calls of two SDKs, and a service with a name that Sentry gives it.
    "js-sentry": {"ticket-triage": (6, 0, 507, 240, 100), "sentry/node": (1, 1, 0, 0, 0)},
    # Three chats, two of Anthropic's and an embedding of seven tokens; the refused call says its feature itself.
    "js-ai-7": {"ticket-triage": (6, 0, 507, 240, 100), "search": (1, 1, 0, 0, 0)},
    "js-ai-6": {"ticket-triage": (6, 0, 507, 240, 100), "support-bot": (1, 1, 0, 0, 0)},
    # As version 6, and Google's model twice, Bedrock's and two vectors more. What Bedrock's cache had it tells only of
    # streams, and of OpenAI's chats what theirs had only there.
    "js-ai-5": {"ticket-triage": (10, 0, 790, 240, 160), "support-bot": (1, 1, 0, 0, 0)},
    # Of Gemini it tells neither what a cache had nor the thoughts.
    "js-ai-4": {"ticket-triage": (10, 0, 814, 264, 144), "support-bot": (1, 1, 0, 0, 0)},
    "js-agents": AGENTS,
    # Neither cached tokens nor a failed call are told, and thoughts are left out.
    "js-adk": {"ticket-triage": (3, 0, 300, 0, 36)},
    "js-tanstack": {"ticket-triage": (3, 0, 300, 192, 60), "support-bot": (1, 1, 0, 0, 0)},
    "js-ax": {"ticket-triage": (2, 0, 200, 0, 40), "support-bot": (1, 1, 0, 0, 0)},
    # Embeddings have no size there.
    "js-genkit": {"ticket-triage": (6, 0, 500, 280, 100), "support-bot": (1, 1, 0, 0, 0)},
    # Embeddings have no span; to the count of Anthropic's stream it adds what was told at its start.
    "js-langchain": {"ticket-triage": (6, 0, 600, 304, 121), "support-bot": (1, 1, 0, 0, 0)},
    # Each call is inside an agent, and the one that was refused has no name for its feature but the agent's.
    "js-mastra": {"ticket-triage": (6, 0, 600, 304, 120), "refused": (1, 1, 0, 0, 0)},
}
# Of the clients only Langfuse's sends scores, of the trace and of the span around the calls.
SCORED = {
    "langfuse": {("ticket-triage", "helpful", Decimal("0.75"), 1), ("ticket-triage", "polite", Decimal(1), 1)},
}


def main() -> None:
    """Every client, or those that are named."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.gettempdir()) / "offramp-clients"
    wrong = 0
    for client in sys.argv[2:] or EXPECTED:
        found = counted(client, _command(folder, client), folder / client)
        right = found == EXPECTED[client]
        wrong += not right
        print(f"{client:15} {'right' if right else 'WRONG'}  {found}")  # noqa: T201 (a program prints its findings)
    sys.exit(1 if wrong else 0)


def counted(client: str, command: list[str | Path], home: Path) -> dict[str | None, tuple[int, int, int, int, int]]:
    """What a client's calls count as: calls, errors, input, cached and output tokens by feature.

    Langfuse's SDK has to send a key, so there it is asked for one.

    Raises:
        AssertionError: a latency is less than the provider took, or the scores are not those that were sent.
    """
    with provider() as made, tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{folder}/a.db")
        upgrade(engine)
        service = Service(engine=engine, now=clock.now, late_window=timedelta(hours=24))
        with serving(service, timedelta()) as live:
            urls = [made, f"http://127.0.0.1:{live.port}"]
            needs_key = client.endswith("langfuse")
            key = create_key(engine, name=client, scopes=["ingest"], at=clock.now()).text if needs_key else ""
            subprocess.run([*command, client, *urls, key], check=True, timeout=120, cwd=home)
        rows = usage(engine).rows
        with reading(engine) as session:
            scored = {(one.feature, one.metric, one.score, one.n) for one in scores(session, FULL)}
        engine.dispose()
    waits = {row.feature: row.latency_p50_ms for row in rows}
    assert all(wait is not None and wait >= _LEAST_MS for wait in waits.values()), f"too quick: {waits}"
    assert scored == SCORED.get(client, set()), f"scores: {scored}"
    return {
        row.feature: (row.calls, row.errors, row.input_tokens, row.cached_input_tokens, row.output_tokens)
        for row in rows
    }


def _command(folder: Path, client: str) -> list[str | Path]:
    """What runs a client's program, in an environment of its own, which is made where it is missing."""
    home = folder / client
    if client.startswith("js-"):
        if not (home / "node_modules").exists():
            home.mkdir(parents=True, exist_ok=True)
            shutil.copy(HERE / f"{client}.json", home / "package.json")
            subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"], check=True, cwd=home)  # noqa: S607 (whichever npm there is)
        return ["node", _program(client, "js")]
    python = home / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        wanted = HERE / f"{client}.txt"
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", wanted], check=True)
    return [python, _program(client, "py")]


def _program(client: str, language: str) -> Path:
    """A client's own program, else one of several clients, whose names begin with its own, else that of most."""
    words = client.split("-")
    names = ["_".join(words[:count]) for count in range(len(words), 0, -1)]
    names.append(f"{words[0]}_calls")
    found = (HERE / "programs" / f"{name}.{language}" for name in names)
    return next((each for each in found if each.exists()), HERE / f"calls.{language}")


if __name__ == "__main__":
    main()
