"""Texts made to cost much, in every place where a request has room for them: the gateway spends on them what they are long, and goes on serving others.
What is held to a bound is its own processor time, so that a busy machine fails nobody; time that grows with the square of the length is far over it."""

import base64
import collections
import json
import os
import threading
import time

import pytest

from conftest import cloud_upstream
from harness import Gateway
from provider import Provider

SIZE = 1 << 19  # bytes of a text
MOST_S = 5.0    # of processor time for one request; measured: see the last line of the output with -s
POLICY = "version: 1\nrules:\n  - {id: cloud-when-redacted, permit: cloud, require: [redact]}\n"

UNITS = ["x", " ", ".", ". ", "\n", "\r", "\t", "(", "[", "{", '"', "\\", "\\u0", "%", "%25", "&#", "&amp;", "=", "=?a?Q?x", "`", "-", "----BEGIN ", "--b\n",
         ";", ";base64,", "data:", "@", "a@", "a@b.c ", "1", "1 ", "1-", "1.1.1.1 ", "a/1.2.3.4 ", "a:", "::", "00:", "/", "//", "](", "EMAILX", "EMAILXAAAA",
         "YWFh", "61 ", "+", "\u0430", "\u200b", "\u0301", "e\u0301", "\ufffd", "four ", "<a>", "|", "_", "a,", "key=", "Mr. "]


@pytest.fixture(scope="module")
def gateway(ca):
    recorder = Provider(tls=(str(ca[1]), str(ca[2])))
    upstreams = "upstreams:\n" + cloud_upstream(recorder, ca[0], models=["echo"]) + cloud_upstream(recorder, ca[0], name="claude", models=["claude-echo"], dialect="anthropic")
    upstreams += "limits: {examine_ms: 600000}\n"  # what is not done in time would be refused
    with Gateway(upstreams.replace("context_tokens: 100000", "context_tokens: 100000000"), policy=POLICY) as gateway:
        yield gateway
    recorder.stop()


def processor_s(gateway):
    fields = open(f"/proc/{gateway.process.pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def chat(**more):
    return "/v1/chat/completions", {"content-type": "application/json"}, json.dumps({"model": "echo", **more}).encode()


def parts(text, count=20_000):
    size = max(1, len(text) // count)
    return [text[at:at + size] for at in range(0, len(text), size)]


def form(head, content):
    body = b"--b1\r\n" + head.encode() + b"\r\n\r\n" + content.encode() + b"\r\n--b1--\r\n"
    return "/v1/redactions", {"content-type": "multipart/form-data; boundary=b1"}, body


def attached(text):
    data = "data:text/plain;base64," + base64.b64encode(text.encode()).decode()
    return chat(messages=[{"role": "user", "content": [{"type": "file", "file": {"filename": "f", "file_data": data}}]}])


PLACES = {
    "message": lambda text: chat(messages=[{"role": "user", "content": text}]),
    "streamed": lambda text: chat(messages=[{"role": "user", "content": text[:len(text) // 8]}], stream=True),  # the answer's events are words
    "arguments": lambda text: chat(messages=[{"role": "user", "content": "go"}, {"role": "assistant", "tool_calls": [
        {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": text}}]}, {"role": "tool", "tool_call_id": "call_1", "content": "done"}]),
    "Claude": lambda text: ("/v1/messages", {"content-type": "application/json"}, json.dumps(
        {"model": "claude-echo", "max_tokens": 9, "system": text, "messages": [{"role": "user", "content": "go"}]}).encode()),
    "many messages": lambda text: chat(messages=[{"role": "user", "content": part} for part in parts(text)]),
    "many keys": lambda text: chat(messages=[{"role": "user", "content": "go"}], metadata={f"{part}{i}": part for i, part in enumerate(parts(text))}),
    "arguments in arguments": lambda text: chat(messages=[{"role": "user", "content": json.dumps({"a": json.dumps(parts(text))})}]),
    "body": lambda text: ("/v1/chat/completions", {"content-type": "application/json"}, text.encode()),
    "file": attached,
    "mail": lambda text: attached("From: a@b.example\nSubject: x\n\n" + text),
    "mail's header": lambda text: attached("From: a@b.example\nSubject: x\nContent-Type: text/plain; x" + text.replace("\n", "\n ").replace("\r", " ") + "\n\nx"),
    "mail's boundary": lambda text: attached("From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n" + text),
    "redactions": lambda text: ("/v1/redactions", {"content-type": "application/json"}, json.dumps({"mode": "redact", "input": text}).encode()),
    "redactions of many": lambda text: ("/v1/redactions", {"content-type": "application/json"}, json.dumps({"mode": "redact", "input": parts(text, 9_000)}).encode()),
    "Presidio's text": lambda text: ("/presidio/analyze", {"content-type": "application/json"}, json.dumps({"text": text, "language": "en"}).encode()),
    "form's file": lambda text: form('Content-Disposition: form-data; name="file"; filename="f"', text),
    "form's header": lambda text: form(f'Content-Disposition: form-data; name="file"; filename="{text}"', "x"),
}


@pytest.mark.parametrize("path, ask", [("/v1/chat/completions", lambda text: {"model": "echo", "messages": [{"role": "user", "content": text}]}),
                                       ("/v1/redactions", lambda text: {"mode": "redact", "operator": "mask", "input": text})])
def test_holds_up_nobody_else(gateway, path, ask):
    """Seconds of work on one long text; small requests on the same loops are answered meanwhile."""
    waited, is_over = [], threading.Event()

    def others():
        while not is_over.is_set():
            began = time.monotonic()
            assert gateway.get("/healthz").status == 200
            waited.append(time.monotonic() - began)
            time.sleep(0.01)

    threads = [threading.Thread(target=others) for _ in range(4)]
    for thread in threads:
        thread.start()
    began = time.monotonic()
    reply = gateway.post(path, ask("a@b.co " * ((6 << 20) // 7)), timeout=120)
    took = time.monotonic() - began
    is_over.set()
    for thread in threads:
        thread.join()
    assert reply.status == 200, reply.text[:300]
    print(f"{path}: {took:.2f} s, the others {max(waited):.2f} s at most")
    assert max(waited) < max(0.5, took / 3)


@pytest.mark.parametrize("place", PLACES)
def test_costs_what_it_is_long(gateway, place):
    worst, answers = (0.0, ""), collections.Counter()
    for unit in UNITS:
        path, headers, body = PLACES[place](unit * (SIZE // len(unit.encode())))
        before = processor_s(gateway)
        reply = gateway.request("POST", path, body, headers)
        spent = processor_s(gateway) - before
        assert reply.status < 500 or reply.status == 503, (unit, reply.status, reply.text[:300])
        assert spent < MOST_S, f"{spent:.1f} s for {SIZE} bytes of {unit!r}"
        worst = max(worst, (spent, unit))
        answers[reply.status] += 1
    print(f"{place}: {worst[0]:.2f} s at most, of {worst[1]!r}; {dict(answers)}")
    assert gateway.post("/v1/chat/completions", {"model": "echo", "messages": [{"role": "user", "content": "hello"}]}).status == 200
