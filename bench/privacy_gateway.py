"""What privacy costs in a running gateway: time added to a request, and to each token of a stream whose placeholders are put back."""

import contextlib
import http.client
import json
import os
import random
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import privacy_finders as finders

OPEN = "version: 1\nrules:\n  - {id: all, permit: cloud}\n"
REDACTED = "version: 1\nrules:\n  - {id: all, permit: cloud, require: [redact]}\n"
TOKENS, EVERY_S = 300, 0.004


class Upstream(BaseHTTPRequestHandler):
    """Answers at once; a stream gives back the words of the last message between counted tokens, one event every EVERY_S."""
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if not body.get("stream"):
            reply = json.dumps({"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [{"index": 0, "message": {"role": "assistant", "content": "Done."}, "finish_reason": "stop"}],
                                "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(reply)))
            self.end_headers()
            return self.wfile.write(reply)
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        words = body["messages"][-1]["content"].split()
        self.server.sent = []
        for i in range(TOKENS):
            time.sleep(EVERY_S)
            content = f"{words[i // 10 % len(words)]} w{i} " if i % 10 == 0 else f"w{i} "
            self.server.sent.append(time.perf_counter())
            self.event({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [{"index": 0, "delta": {"content": content}, "finish_reason": None}]})
        self.event({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        self.chunk(b"data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def event(self, value):
        self.chunk(b"data: " + json.dumps(value).encode() + b"\n\n")

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))


@contextlib.contextmanager
def gateway(config, policy, models=None):
    """A gateway whose log lies in memory, where that can be: what a disk's sync takes is measured by bench/gateway.py, and would hide the rest here."""
    from harness import Gateway
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as folder, Gateway(config, policy=policy, models=models, data=folder) as gate:
        yield gate


@contextlib.contextmanager
def upstream():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()


def percentile(ms, share):
    ms = sorted(ms)
    return round(ms[min(len(ms) - 1, int(len(ms) * share))], 2)


def ask(connection, text):
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": text}]})
    begin = time.perf_counter()
    connection.request("POST", "/v1/chat/completions", body, {"content-type": "application/json"})
    reply = connection.getresponse()
    data = reply.read()
    if reply.status != 200:
        raise SystemExit(f"{reply.status}: {data[:300]}")
    return (time.perf_counter() - begin) * 1000


def texts(kib, count):
    import generate
    rng = random.Random(kib)
    words = " ".join(row["text"] for row in generate.rows("dev"))
    return [f"Case {i}. " + words[int(rng.random() * (len(words) - kib * 1024)):][:kib * 1024] for i in range(count)]


def latency(model, data):
    return {"requests": requests(model, data), "stream": stream()}


def requests(model, data, sizes=(1, 4, 16)):
    """[{kib, what, p50_ms, p99_ms}]: one request after another over one connection, each text new unless "remembered"."""
    out = []
    with upstream() as server:
        port = server.server_address[1]
        config = f'upstreams:\n  - {{name: cloud, tier: cloud, dialect: openai, base_url: "http://127.0.0.1:{port}/v1", key: sk-bench-0123456789, models: [m], serves: [chat], context_tokens: 200000}}\n'

        def note(kib, what, port, asked):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
            ask(connection, "Warm up, please.")
            ms = [ask(connection, text) for text in asked]
            connection.close()
            out.append({"kib": kib, "what": what, "requests": len(ms), "p50_ms": percentile(ms, .5), "p99_ms": percentile(ms, .99)})

        for kib in sizes:
            asked = texts(kib, 300)
            note(kib, "the upstream itself", port, asked)
            with gateway(config, OPEN) as gate:
                note(kib, "detectors, nothing hidden", gate.port, asked)
            with gateway(config, REDACTED) as gate:
                note(kib, "redacted", gate.port, asked)
            with gateway(config + finders.names_config(model), REDACTED, data) as gate:
                some = asked[:max(8, 40 // kib)]
                note(kib, "redacted, names, new text", gate.port, some)
                note(kib, "redacted, names, remembered", gate.port, some * (100 // len(some) + 1))
    return out


def stream_once(port, server, text):
    """Milliseconds from each token's sending to when the client has it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/v1/chat/completions", json.dumps({"model": "m", "stream": True, "messages": [{"role": "user", "content": text}]}), {"content-type": "application/json"})
    reply, got, arrived = connection.getresponse(), "", []
    while line := reply.readline():
        if not line.startswith(b"data: {"):
            continue
        now = time.perf_counter()
        got += (json.loads(line[6:])["choices"] or [{"delta": {}}])[0]["delta"].get("content") or ""
        while f"w{len(arrived)} " in got:
            arrived.append(now)
    connection.close()
    if len(arrived) != TOKENS:
        raise SystemExit(f"{len(arrived)} of {TOKENS} tokens came: {got[:300]}")
    return [(b - a) * 1000 for a, b in zip(server.sent, arrived)], got


def stream():
    """[{what, p50_ms, p99_ms}] of a token's way: the upstream itself, a gateway that hides nothing, one that puts placeholders back."""
    out, values = [], [f"user{i}@example.org" for i in range(30)]
    with upstream() as server:
        port = server.server_address[1]
        config = f'upstreams:\n  - {{name: cloud, tier: cloud, dialect: openai, base_url: "http://127.0.0.1:{port}/v1", key: sk-bench-0123456789, models: [m], serves: [chat], context_tokens: 200000}}\n'

        def note(what, port, text):
            stream_once(port, server, text)
            ms = []
            for _ in range(5):
                times, got = stream_once(port, server, text)
                ms += times
            out.append({"what": what, "tokens": len(ms), "p50_ms": percentile(ms, .5), "p99_ms": percentile(ms, .99)})
            return got

        note("the upstream itself", port, " ".join(values))
        with gateway(config, OPEN) as gate:
            note("relayed", gate.port, " ".join(values))
        with gateway(config, REDACTED) as gate:
            got = note("placeholders put back", gate.port, " ".join(values))
            if not all(value in got for value in values):
                raise SystemExit("not every placeholder was put back")
    return out


def markdown(measured):
    result, streamed = measured["requests"], measured["stream"]
    out = ["| new text | a request through | requests | p50 | p99 | added p50 | added p99 |", "| --- | --- | --- | --- | --- | --- | --- |"]
    base = {row["kib"]: row for row in result if row["what"] == "the upstream itself"}
    out += [f"| {r['kib']} KiB | {r['what']} | {r['requests']} | {r['p50_ms']:.1f} ms | {r['p99_ms']:.1f} ms | {r['p50_ms'] - base[r['kib']]['p50_ms']:.1f} ms | {r['p99_ms'] - base[r['kib']]['p99_ms']:.1f} ms |" for r in result]
    out += ["", f"A token of a stream, one every {EVERY_S * 1000:g} ms, a value in every tenth:", "", "| a token through | tokens | p50 | p99 |", "| --- | --- | --- | --- |"]
    out += [f"| {r['what']} | {r['tokens']} | {r['p50_ms']:.2f} ms | {r['p99_ms']:.2f} ms |" for r in streamed]
    return "\n".join(out) + "\n"
