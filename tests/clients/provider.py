"""A make-believe provider of models: every answer says the same usage, a model whose name says `refused` is with 429.

It speaks OpenAI's chats and responses, Anthropic's messages, Gemini's and Bedrock's own forms, whole and as a stream
(Bedrock whole only), and embeddings. Asked with tools, it calls the first one, once, without arguments.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread
from typing import Any

from tests.data.make_otlp import USAGE

SLEPT_SECONDS = 0.05
_TEXT = "It is about a refund."
_MODEL = "gpt-4o-mini-2024-07-18"
_INPUT, _OUTPUT, _CACHED, _REASONING = 100, 20, 64, 8
# Where the input leaves the cache out: more than what is in it, or any reader sees that the parts are larger.
_UNCACHED, _READ, _WRITTEN = 60, 24, 16
_RESPONSES_USAGE = {
    "input_tokens": _INPUT, "input_tokens_details": {"cached_tokens": _CACHED}, "output_tokens": _OUTPUT,
    "output_tokens_details": {"reasoning_tokens": _REASONING}, "total_tokens": _INPUT + _OUTPUT,
}  # fmt: skip # a usage a line
_ANTHROPIC_USAGE = {
    "input_tokens": _UNCACHED, "cache_read_input_tokens": _READ, "cache_creation_input_tokens": _WRITTEN,
    "cache_creation": {"ephemeral_5m_input_tokens": _WRITTEN, "ephemeral_1h_input_tokens": 0},
    "output_tokens": _OUTPUT,
}  # fmt: skip # a usage a line
_GEMINI_USAGE = {
    "promptTokenCount": _INPUT, "cachedContentTokenCount": _CACHED, "candidatesTokenCount": _OUTPUT - _REASONING,
    "thoughtsTokenCount": _REASONING, "totalTokenCount": _INPUT + _OUTPUT,
}  # fmt: skip # a usage a line
_BEDROCK_USAGE = {
    "inputTokens": _UNCACHED, "cacheReadInputTokens": _READ, "cacheWriteInputTokens": _WRITTEN,
    "outputTokens": _OUTPUT, "totalTokens": _INPUT + _OUTPUT,
}  # fmt: skip # a usage a line

_Answer = dict[str, Any]
# Clients keep answers by their ids.
_numbers = count(1)


@contextmanager
def provider() -> Iterator[str]:
    """Its URL, without a path."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Provider)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


class _Provider(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        """One request."""
        time.sleep(SLEPT_SECONDS)
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        path = self.path.partition("?")[0]
        if "refused" in f"{asked.get('model')} {path}":
            error = {"code": 429, "message": "slow down", "type": "rate_limit_error", "status": "RESOURCE_EXHAUSTED"}
            # Mistral says it without a group.
            told = {"type": "error", "error": error, "object": "error", "message": "slow down"}
            self._send(429, "application/json", json.dumps(told))
            return
        answer = next(form for end, form in _FORMS.items() if path.endswith(end))(asked)
        if isinstance(answer, list):
            self._send(200, "text/event-stream", "".join(map(_event, answer)))
        elif path == "/api/chat":
            self._send(200, "application/x-ndjson", f"{json.dumps(answer)}\n")
        else:
            self._send(200, "application/json", json.dumps(answer))

    def _send(self, status: int, kind: str, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    log_message: Callable[..., None] = lambda *_: None


def _event(event: _Answer | str) -> str:
    if isinstance(event, str):
        return f"data: {event}\n\n"
    name = f"event: {event['type']}\n" if "type" in event else ""
    return f"{name}data: {json.dumps(event)}\n\n"


def _tool(asked: _Answer, *, done: str) -> str | None:
    """The first tool's name, where none was called yet."""
    tools = asked.get("tools") or []
    if not tools or done in json.dumps(asked.get("messages") or asked.get("input") or asked.get("contents") or []):
        return None
    first = tools[0]
    if declared := first.get("functionDeclarations"):
        return str(declared[0]["name"])
    return str((first.get("function") or first)["name"])


def _chat(asked: _Answer) -> _Answer | list[_Answer | str]:
    message: _Answer = {"role": "assistant", "content": _TEXT}
    if tool := _tool(asked, done='"role": "tool"'):
        call = {"index": 0, "id": "call_1", "type": "function", "function": {"name": tool, "arguments": "{}"}}
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
    reason = "tool_calls" if message.get("tool_calls") else "stop"
    asked_for = str(asked.get("model", "gpt"))
    # Only OpenAI answers with a version.
    model = _MODEL if asked_for.startswith("gpt") else asked_for
    told = {"id": f"chatcmpl-{next(_numbers)}", "created": 1, "model": model}
    if not asked.get("stream"):
        choice = {"index": 0, "finish_reason": reason, "message": message}
        return {**told, "object": "chat.completion", "choices": [choice], "usage": USAGE}
    told["object"] = "chat.completion.chunk"
    # Mistral and Groq tell it unasked, each in its own place.
    unasked: dict[str, _Answer] = {"mistral": {"usage": USAGE}, "llama-": {"x_groq": {"id": "req_1", "usage": USAGE}}}
    chunks: list[_Answer | str] = [
        {**told, "choices": [{"index": 0, "delta": message, "finish_reason": None}]},
        {
            **told, "choices": [{"index": 0, "delta": {}, "finish_reason": reason}],
            **next((usage for start, usage in unasked.items() if asked_for.startswith(start)), {}),
        },
    ]  # fmt: skip # a chunk a line
    if (asked.get("stream_options") or {}).get("include_usage"):
        chunks.append({**told, "choices": [], "usage": USAGE})
    return [*chunks, "[DONE]"]


def _responses(asked: _Answer) -> _Answer | list[_Answer | str]:
    text = {"type": "output_text", "text": _TEXT, "annotations": []}
    item: _Answer = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [text]}
    if tool := _tool(asked, done="function_call_output"):
        item = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": tool, "arguments": "{}"}
        item["status"] = "completed"
    told = {
        "id": f"resp_{next(_numbers)}", "object": "response", "created_at": 1, "status": "completed", "model": _MODEL,
        "output": [item],
        "usage": _RESPONSES_USAGE, "parallel_tool_calls": True, "tool_choice": "auto", "tools": [], "error": None,
        "incomplete_details": None, "instructions": None, "metadata": {}, "temperature": 1.0, "top_p": 1.0,
    }  # fmt: skip # an answer a paragraph
    if not asked.get("stream"):
        return told
    begun = {**told, "status": "in_progress", "output": [], "usage": None}
    place = {"output_index": 0, "item_id": item["id"], "content_index": 0, "logprobs": []}
    said = [] if tool else [
        {"type": "response.content_part.added", **place, "part": {**text, "text": ""}},
        {"type": "response.output_text.delta", **place, "delta": _TEXT},
        {"type": "response.output_text.done", **place, "text": _TEXT},
        {"type": "response.content_part.done", **place, "part": text},
    ]  # fmt: skip # an event a line
    events: list[_Answer] = [
        {"type": "response.created", "response": begun},
        {"type": "response.output_item.added", "output_index": 0, "item": {**item, "status": "in_progress"}},
        *said,
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": told},
    ]
    return [{**event, "sequence_number": number} for number, event in enumerate(events)]


def _messages(asked: _Answer) -> _Answer | list[_Answer | str]:
    block: _Answer = {"type": "text", "text": _TEXT}
    if tool := _tool(asked, done="tool_result"):
        block = {"type": "tool_use", "id": "toolu_1", "name": tool, "input": {}}
    reason = "tool_use" if block["type"] == "tool_use" else "end_turn"
    told = {
        "id": f"msg_{next(_numbers)}", "type": "message", "role": "assistant", "model": asked["model"],
        "content": [block], "stop_reason": reason, "stop_sequence": None, "usage": _ANTHROPIC_USAGE,
    }  # fmt: skip # an answer a paragraph
    if not asked.get("stream"):
        return told
    begun = {**told, "content": [], "stop_reason": None, "usage": {**_ANTHROPIC_USAGE, "output_tokens": 1}}
    empty = {"type": "text", "text": ""} if block["type"] == "text" else block
    delta = {"type": "text_delta", "text": _TEXT} if block["type"] == "text" else {"type": "input_json_delta"}
    return [
        {"type": "message_start", "message": begun},
        {"type": "content_block_start", "index": 0, "content_block": empty},
        {"type": "content_block_delta", "index": 0, "delta": {"partial_json": "{}", **delta}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": _ANTHROPIC_USAGE},
        {"type": "message_stop"},
    ]


def _gemini(asked: _Answer) -> _Answer:
    part: _Answer = {"text": _TEXT}
    if tool := _tool(asked, done="functionResponse"):
        part = {"functionCall": {"name": tool, "args": {}}}
    candidate = {"content": {"role": "model", "parts": [part]}, "finishReason": "STOP", "index": 0}
    told = {"modelVersion": "gemini-2.5-flash", "responseId": "r1"}
    return {**told, "candidates": [candidate], "usageMetadata": _GEMINI_USAGE}


def _bedrock(asked: _Answer) -> _Answer:
    tools = (asked.get("toolConfig") or {}).get("tools") or []
    block: _Answer = {"text": _TEXT}
    if tools and "toolResult" not in json.dumps(asked["messages"]):
        block = {"toolUse": {"toolUseId": "t1", "name": tools[0]["toolSpec"]["name"], "input": {}}}
    message = {"role": "assistant", "content": [block]}
    reason = "tool_use" if "toolUse" in block else "end_turn"
    told = {"stopReason": reason, "usage": _BEDROCK_USAGE, "metrics": {"latencyMs": 50}}
    return {"output": {"message": message}, **told}


def _cohere(asked: _Answer) -> _Answer | list[_Answer | str]:
    text = {"type": "text", "text": _TEXT}
    message: _Answer = {"role": "assistant", "content": [text]}
    if tool := _tool(asked, done='"role": "tool"'):
        call = {"id": "call_1", "type": "function", "function": {"name": tool, "arguments": "{}"}}
        message = {"role": "assistant", "tool_calls": [call]}
    sizes = {"input_tokens": _INPUT, "output_tokens": _OUTPUT}
    ended = {"finish_reason": "COMPLETE", "usage": {"billed_units": sizes, "tokens": sizes}}
    told = {"id": f"c-{next(_numbers)}"}
    if not asked.get("stream"):
        return {**told, **ended, "message": message}
    return [
        {**told, "type": "message-start", "delta": {"message": {"role": "assistant", "content": []}}},
        {"type": "content-start", "index": 0, "delta": {"message": {"content": {"type": "text", "text": ""}}}},
        {"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": _TEXT}}}},
        {"type": "content-end", "index": 0},
        {"type": "message-end", "delta": ended},
    ]


def _ollama(asked: _Answer) -> _Answer:
    message: _Answer = {"role": "assistant", "content": _TEXT}
    if tool := _tool(asked, done='"role": "tool"'):
        message = {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": tool, "arguments": {}}}]}
    told = {"model": asked["model"], "created_at": "2026-11-22T10:00:00Z", "done": True, "done_reason": "stop"}
    return {**told, "message": message, "prompt_eval_count": _INPUT, "eval_count": _OUTPUT}


def _embeddings(asked: _Answer) -> _Answer:
    texts = asked["input"] if isinstance(asked["input"], list) else [asked["input"]]
    found = [{"object": "embedding", "index": place, "embedding": [0.1, 0.2]} for place, _ in enumerate(texts)]
    told = {"id": f"embd-{next(_numbers)}", "object": "list"}
    return {**told, "data": found, "model": asked["model"], "usage": {"prompt_tokens": 7, "total_tokens": 7}}


_FORMS: dict[str, Callable[[_Answer], Any]] = {
    "/chat/completions": _chat,
    "/agents/completions": _chat,
    "/responses": _responses,
    "/messages": _messages,
    ":generateContent": _gemini,
    ":streamGenerateContent": lambda asked: [_gemini(asked)],
    "/converse": _bedrock,
    "/v2/chat": _cohere,
    "/api/chat": _ollama,
    "/embeddings": _embeddings,
}
