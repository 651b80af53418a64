"""A provider whose every move is scripted: it speaks OpenAI's and Anthropic's wire formats, and misbehaves as the requested model's name says.

    provider = Provider(tls=(cert, key))      # a free port on loopback, in threads of this process
    provider.base_url                          # https://127.0.0.1:PORT/v1
    provider.received                          # every request's bytes as they came: headers and body
    provider.stop()

Models (OpenAI and Anthropic alike):
  echo               answers with the text of the last user message, word by word when streaming
  echo-tool          calls the tool "lookup" with the last user text as its argument (two parallel calls for "echo-tools")
  gossip             answers with a mail address, whatever it is asked
  json               answers with a JSON document
  status-429, status-500, status-503, status-400, …   that status in the dialect's error shape (429 with Retry-After: 7)
  reset              closes the connection without an answer
  reset-mid-stream   sends two events, then resets
  error-in-stream    answers 200, sends one event, then an error event
  error-first        answers 200 whose first event is an error
  stall              accepts and never answers; stall-mid-stream sends one event first
  garbage            answers what is not HTTP
  garbage-json       answers 200 with a body that is not JSON
  huge-headers       answers with 1 MiB of headers
  half-utf8          streams a character's bytes apart, over two TCP segments and two events
  no-usage           answers without usage
  slow               streams a word each 50 ms
  unhurried          answers as echo, whole, after 100 ms; busy-once the same, but to a text that is new to it 429 with Retry-After: 1
  long               streams 20,000 words as fast as it is read; endless never stops
  reviewer           lists, as JSON, two capitalised words in a row of the last user message as PERSON: what a language model that reviews does
  quotes-key         answers 400 and quotes the credential that it got
  quotes-400, quotes-500, quotes-first, quotes-mid-stream   fail as 400, 500, as a stream's first event, as its second; each quotes the whole request
  quotes-fields      answers 200 with the last user text as model, id, finish reason and system fingerprint
"""

import itertools
import json
import re
import socket
import ssl
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Received:
    def __init__(self, method, path, headers, body):
        self.method, self.path, self.headers, self.body = method, path, headers, body

    @property
    def raw(self):
        return (self.path + "\n" + "\n".join(f"{k}: {v}" for k, v in self.headers.items()) + "\n\n").encode() + self.body

    @property
    def json(self):
        return json.loads(self.body)


def last_user_text(body):
    for message in reversed(body.get("messages", [])):
        if message.get("role") not in ("user", "tool"):
            continue
        content = message.get("content", "")
        if isinstance(content, str):
            return content
        texts = []
        for part in content:
            if part.get("type") == "text":
                texts.append(part["text"])
            elif part.get("type") == "tool_result":
                inner = part.get("content", "")
                texts.append(inner if isinstance(inner, str) else " ".join(p.get("text", "") for p in inner))
        return " ".join(texts)
    return body.get("prompt", "") if isinstance(body.get("prompt", ""), str) else ""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *args):
        pass

    def do_GET(self):
        self.take()
        self.whole(200, {"object": "list", "data": []})

    def take(self):
        length = int(self.headers.get("content-length", 0))
        body = self.rfile.read(length)
        received = Received(self.command, self.path, self.headers, body)
        with self.server.owner.lock:
            self.server.owner.received.append(received)
        return received

    def do_POST(self):
        received = self.take()
        try:
            body = received.json
        except ValueError:
            body = {"model": "echo"}
        anthropic = self.path.split("?")[0].endswith("/messages")
        self.anthropic = anthropic
        model = body.get("model", "echo")
        stream = bool(body.get("stream"))
        text = last_user_text(body)
        if self.path.endswith("/embeddings"):
            inputs = body["input"] if isinstance(body["input"], list) else [body["input"]]
            self.whole(200, {"object": "list", "model": model, "data": [{"object": "embedding", "index": i, "embedding": [0.6, 0.8]} for i in range(len(inputs))],
                             "usage": {"prompt_tokens": 3 * len(inputs), "total_tokens": 3 * len(inputs)}})
            return
        if self.path.endswith("/audio/transcriptions"):
            transcript = self.server.owner.transcript
            if isinstance(transcript, str):  # a service that prints srt, whatever it is asked for
                return self.plain(200, transcript)
            self.whole(200, transcript)
            return
        if model.startswith("status-"):
            return self.status(int(model[7:]))
        if model == "quotes-key":
            key = self.headers.get("authorization") or self.headers.get("x-api-key")
            return self.whole(400, {"error": {"message": f"Bad key: {key}", "type": "invalid_request_error", "param": None, "code": None}})
        if model in ("quotes-400", "quotes-500"):
            said = json.dumps(body)
            return self.whole(int(model[7:]), {"error": {"message": f"cannot serve {said}", "type": said, "param": said, "code": said}}, [("x-said", said.replace("\n", " ")[:4000])])
        if model in ("quotes-first", "quotes-mid-stream"):
            self.begin()
            if model == "quotes-mid-stream":
                self.event({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": model, "choices": [{"index": 0, "delta": {"role": "assistant", "content": "one "}, "finish_reason": None}]})
            self.event({"error": {"message": f"cannot go on with {json.dumps(body)}", "type": text, "param": text, "code": text}})
            return self.end()
        if model == "quotes-fields":
            return self.whole(200, {"id": text, "object": "chat.completion", "created": 1, "model": text, "system_fingerprint": text, "choices": [
                {"index": 0, "message": {"role": "assistant", "content": "ok"}, "finish_reason": text}], "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}})
        if model in ("unhurried", "busy-once"):
            with self.server.owner.lock:
                new = text not in self.server.owner.known
                self.server.owner.known.add(text)
            if model == "busy-once" and new:
                return self.whole(429, {"error": {"message": "busy", "type": "requests", "param": None, "code": None}}, [("retry-after", "1")])
            time.sleep(0.1)
        if model == "reset":
            return self.reset()
        if model == "stall":
            return self.hang()
        if model == "garbage":
            self.wfile.write(b"\x00\xffthis is not http\r\n\r\n")
            self.wfile.flush()
            return self.reset()
        if model == "huge-headers":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"".join(b"x-%d: %s\r\n" % (i, b"y" * 1000) for i in range(1024)) + b"content-length: 0\r\n\r\n")
            return
        if model == "garbage-json":
            data = b'{"choices": [{"mess'
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
            return
        if model == "gossip":
            text = "ask ada@example.org"
        if model == "reviewer":
            text = json.dumps({"found": [{"text": name, "type": "PERSON"} for name in re.findall(r"\b[A-Z][a-z]+ [A-Z][a-z]+\b", text)]})
        if model == "json":
            text = '{"city":"Paris"}'
        if stream:
            self.stream(model, text, body)
        else:
            self.answer(model, text, body)

    # -- whole answers

    def plain(self, status, text):
        data = text.encode()
        self.send_response(status)
        self.send_header("content-type", "text/plain; charset=utf-8")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def whole(self, status, value, headers=()):
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.send_header("x-request-id", "prov_1")
        for name, content in headers:
            self.send_header(name, content)
        self.end_headers()
        self.wfile.write(data)

    def status(self, status):
        kinds = {400: "invalid_request_error", 401: "authentication_error", 429: "rate_limit_error", 529: "overloaded_error"}
        if self.anthropic:
            value = {"type": "error", "error": {"type": kinds.get(status, "api_error"), "message": f"scripted {status}"}, "request_id": "prov_1"}
        else:
            value = {"error": {"message": f"scripted {status}", "type": kinds.get(status, "server_error"), "param": None, "code": None}}
        self.whole(status, value, [("retry-after", "7")] if status in (429, 503) else [])

    def answer(self, model, text, body):
        words = len(text.split())
        calls = self.calls(model, text)
        if self.anthropic:
            content = [{"type": "tool_use", "id": i, "name": n, "input": json.loads(a)} for i, n, a in calls] or [{"type": "text", "text": text}]
            value = {"id": "msg_1", "type": "message", "role": "assistant", "model": model, "content": content,
                     "stop_reason": "tool_use" if calls else "end_turn", "stop_sequence": None,
                     "usage": {"input_tokens": 11, "output_tokens": words, "cache_read_input_tokens": 2}}
        else:
            message = {"role": "assistant", "content": None if calls else text}
            if calls:
                message["tool_calls"] = [{"id": i, "type": "function", "function": {"name": n, "arguments": a}} for i, n, a in calls]
            value = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": model, "x_unknown": {"kept": True},
                     "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls" if calls else "stop"}],
                     "usage": {"prompt_tokens": 13, "completion_tokens": words, "total_tokens": 13 + words, "prompt_tokens_details": {"cached_tokens": 2}}}
            if "prompt" in body:
                value |= {"id": "cmpl-1", "object": "text_completion", "choices": [{"index": 0, "text": text, "logprobs": None, "finish_reason": "stop"}]}
        if model == "no-usage":
            del value["usage"]
        self.whole(200, value)

    @staticmethod
    def calls(model, text):
        if model == "echo-tool":
            return [("call_1", "lookup", json.dumps({"q": text}))]
        if model == "echo-tools":
            return [("call_1", "lookup", json.dumps({"q": text})), ("call_2", "lookup", json.dumps({"q": "Ünïcode \"quoted\"\n🙂"}))]
        return []

    # -- streams

    def stream(self, model, text, body):
        if model == "error-first":
            self.begin()
            return self.error_event()
        self.begin()
        send = self.event
        if self.anthropic:
            self.stream_anthropic(model, text, send)
        else:
            self.stream_openai(model, text, body, send)

    def begin(self):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()
        with self.server.owner.lock:
            self.server.owner.streamed_bytes += len(data)

    def event(self, value, name=None):
        text = value if isinstance(value, str) else json.dumps(value)
        self.chunk(((f"event: {name}\n" if name else "") + f"data: {text}\n\n").encode())

    def end(self):
        self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    def error_event(self):
        if self.anthropic:
            self.event({"type": "error", "error": {"type": "overloaded_error", "message": "scripted"}}, "error")
        else:
            self.event({"error": {"message": "scripted", "type": "server_error", "param": None, "code": None}})
        self.end()

    def trouble(self, model, sent):
        """Whether the script says that the stream breaks off after `sent` pieces."""
        if model == "reset-mid-stream" and sent == 2:
            time.sleep(0.1)  # a reset throws away what the other side has not read yet
            self.reset()
            return True
        if model == "error-in-stream" and sent == 1:
            self.error_event()
            return True
        if model == "stall-mid-stream" and sent == 1:
            self.hang()
            return True
        if model == "slow":
            time.sleep(0.05)
        return False

    def pieces(self, model, text):
        if model == "long":
            return [f"word{i} " for i in range(20000)]
        if model == "endless":
            return (f"word{i} " for i in itertools.count())
        if model in ("reset-mid-stream", "error-in-stream", "stall-mid-stream"):
            return ["one ", "two ", "three ", "four "]
        if model == "letters":
            return list(text)
        return [w + " " for w in text.split(" ")[:-1]] + [text.split(" ")[-1]]

    def stream_openai(self, model, text, body, send):
        base = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": model}

        def delta(value, finish=None, **more):
            return {**base, "choices": [{"index": 0, "delta": value, "finish_reason": finish}], **more}

        if "prompt" in body:
            for piece in self.pieces(model, text):
                send({"id": "cmpl-1", "object": "text_completion", "created": 1, "model": model, "choices": [{"text": piece, "index": 0, "logprobs": None, "finish_reason": None}]})
            return self.finish_openai(base, model, len(text.split()), body, send)
        send(delta({"role": "assistant", "content": ""}))
        if model == "half-utf8":
            whole = ("data: " + json.dumps(delta({"content": "grün 🙂"}), ensure_ascii=False) + "\n\n").encode()
            cut = whole.index("🙂".encode()) + 2
            self.chunk(whole[:cut])
            time.sleep(0.02)
            self.chunk(whole[cut:])
            send(delta({}, "stop"))
            return self.finish_openai(base, model, 2, body, send)
        calls = self.calls(model, text)
        if calls:
            for index, (call_id, name, _) in enumerate(calls):
                send(delta({"tool_calls": [{"index": index, "id": call_id, "type": "function", "function": {"name": name, "arguments": ""}}]}))
            longest = max(len(a) for _, _, a in calls)
            for at in range(0, longest, 3):  # fragments of parallel calls interleave
                for index, (_, _, arguments) in enumerate(calls):
                    if arguments[at:at + 3]:
                        send(delta({"tool_calls": [{"index": index, "function": {"arguments": arguments[at:at + 3]}}]}))
            send(delta({}, "tool_calls"))
            return self.finish_openai(base, model, 5, body, send)
        words = 0
        for piece in self.pieces(model, text):
            send(delta({"content": piece}))
            words += 1
            if self.trouble(model, words):
                return None
        send(delta({}, "stop"))
        return self.finish_openai(base, model, words, body, send)

    def finish_openai(self, base, model, words, body, send):
        if (body.get("stream_options") or {}).get("include_usage") and model != "no-usage":
            send({**base, "choices": [], "usage": {"prompt_tokens": 13, "completion_tokens": words, "total_tokens": 13 + words}})
        send("[DONE]")
        self.end()

    def stream_anthropic(self, model, text, send):
        def put(value):
            send(value, value["type"])

        put({"type": "message_start", "message": {"id": "msg_1", "type": "message", "role": "assistant", "model": model, "content": [], "stop_reason": None,
                                                  "stop_sequence": None, "usage": {"input_tokens": 11, "output_tokens": 1}}})
        put({"type": "ping"})
        calls = self.calls(model, text)
        words = 0
        if not calls:
            put({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}})
            for piece in self.pieces(model, text):
                put({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": piece}})
                words += 1
                if self.trouble(model, words):
                    return
            put({"type": "content_block_stop", "index": 0})
        for index, (call_id, name, arguments) in enumerate(calls):
            put({"type": "content_block_start", "index": index, "content_block": {"type": "tool_use", "id": call_id, "name": name, "input": {}}})
            put({"type": "content_block_delta", "index": index, "delta": {"type": "input_json_delta", "partial_json": ""}})
            for at in range(0, len(arguments), 3):
                put({"type": "content_block_delta", "index": index, "delta": {"type": "input_json_delta", "partial_json": arguments[at:at + 3]}})
            put({"type": "content_block_stop", "index": index})
        put({"type": "message_delta", "delta": {"stop_reason": "tool_use" if calls else "end_turn", "stop_sequence": None},
             "usage": {"input_tokens": 11, "output_tokens": max(words, 1), "cache_read_input_tokens": 0}})
        put({"type": "message_stop"})
        self.end()

    # -- ways to fail

    def reset(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.connection.close()

    def hang(self):
        """Until the other side leaves: that moment is what the tests of cancellation look at."""
        try:
            self.connection.settimeout(60)
            while self.connection.recv(1):
                pass
        except OSError:
            pass
        with self.server.owner.lock:
            self.server.owner.left_at.append(time.monotonic())
        self.close_connection = True


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request, client_address):
        pass  # broken pipes are part of the script


class Provider:
    def __init__(self, tls=None):
        self.received, self.left_at, self.lock = [], [], threading.Lock()
        self.streamed_bytes = 0
        self.known = set()  # texts that busy-once was asked before
        self.transcript = {"text": "transcribed elsewhere", "usage": {"type": "duration", "seconds": 3}}  # of any recording
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.owner = self
        scheme = "http"
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
            scheme = "https"
        self.port = self.server.server_address[1]
        self.root = f"{scheme}://127.0.0.1:{self.port}"
        self.base_url = self.root + "/v1"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def everything(self):
        with self.lock:
            return b"\n".join(r.raw for r in self.received)

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
