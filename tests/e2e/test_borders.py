"""What crosses the border to a provider and what must not; what a failing, stalling or lying provider costs; what hostile clients get."""

import base64
import json
import os
import re
import shutil
import socket
import subprocess
import time

import pytest

from conftest import POLICY, UPSTREAM_KEY, cloud_upstream
from harness import BINARY, Gateway, events, stream_text, wait_for
from provider import Provider

CARD = "5555 5555 5555 4444"
DIGITS = b"5555555555554444"
MIXED_POLICY = """
version: 1
labels:
  - {id: personal, sensitivity: confidential, when: {findings: any}}
rules:
  - {id: home, permit: local}
  - {id: open-data, permit: cloud, when: {sensitivity: {at_most: internal}}}
  - {id: cloud-first, prefer: cloud, when: {sensitivity: {at_most: internal}}}
"""
ROUGH = {"first_byte_ms": 700, "idle_ms": 700, "header_timeout_ms": 500}


def bare_digits(data):
    """All of it with whatever people write between a card's digits taken out, so that a number cut in any way shows."""
    return re.sub(rb"[^0-9]", b"", data)


@pytest.fixture()
def own_provider(ca):
    provider = Provider(tls=(str(ca[1]), str(ca[2])))
    yield provider
    provider.stop()


@pytest.fixture(scope="module")
def rough(ca, provider):
    """Short limits, and an alias THEN-x for each model x that fails: x first, then echo."""
    failing = ["reset", "garbage", "garbage-json", "stall", "status-500", "status-503", "status-429", "error-first", "huge-headers"]
    aliases = ", ".join(f"then-{name}: [frontier/{name}, frontier/echo]" for name in failing)
    limits = ", ".join(f"{key}: {value}" for key, value in ROUGH.items())
    models = [*failing, "echo", "stall-mid-stream", "slow", "long"]
    config = "upstreams:\n" + cloud_upstream(provider, ca[0], models=models) + f"aliases: {{{aliases}}}\nlimits: {{{limits}}}\n"
    with Gateway(config, policy=POLICY) as gateway:
        yield gateway


@pytest.fixture()
def both(ca, provider):
    """A room of one's own (local, plain HTTP on loopback) and a cloud provider, each noting what it received."""
    room = Provider()
    config = f'upstreams:\n  - {{name: room, tier: local, dialect: openai, base_url: "{room.base_url}", models: [echo-home], serves: [chat], context_tokens: 100000}}\n'
    config += cloud_upstream(provider, ca[0], models=["echo"])
    with Gateway(config, policy=MIXED_POLICY) as gateway:
        gateway.room = room
        yield gateway
    room.stop()


def test_an_open_question_goes_to_the_cloud_and_the_same_with_a_card_stays_home(both, provider):
    def ask(tool_result):
        return both.post("/v1/chat/completions", {"model": "auto", "messages": [
            {"role": "user", "content": "what is on file?"},
            {"role": "assistant", "content": None, "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
            {"role": "tool", "tool_call_id": "c1", "content": tool_result}]})

    open_reply = ask("nothing special")
    assert open_reply.headers["demarc-tier"] == "cloud" and both.receipt(open_reply)["decision"]["rules"] == ["open-data"]
    before = len(provider.received)
    reply = ask(f"card {CARD}")
    assert reply.headers["demarc-tier"] == "local" and reply.json["choices"][0]["message"]["content"] == f"card {CARD}"
    assert both.receipt(reply)["findings"] == {"CREDIT_CARD": 1}
    assert len(provider.received) == before and CARD.encode() in both.room.everything()


PLACES = {
    "system prompt": {"messages": [{"role": "system", "content": f"card {CARD}"}, {"role": "user", "content": "hello"}]},
    "developer prompt": {"messages": [{"role": "developer", "content": f"card {CARD}"}, {"role": "user", "content": "hello"}]},
    "earlier answer": {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": f"it is {CARD}"}, {"role": "user", "content": "hello"}]},
    "tool argument": {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": None, "tool_calls": [
        {"id": "c", "type": "function", "function": {"name": "f", "arguments": json.dumps({"deep": [{"card": CARD}]})}}]}, {"role": "tool", "tool_call_id": "c", "content": "ok"}]},
    "JSON inside a tool result": {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": None, "tool_calls": [
        {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]}, {"role": "tool", "tool_call_id": "c", "content": json.dumps({"pan": "5555555555554444"})}]},
    "tool description": {"messages": [{"role": "user", "content": "hello"}], "tools": [{"type": "function", "function": {"name": "f", "description": f"card {CARD}", "parameters": {"type": "object"}}}]},
    "schema of a tool": {"messages": [{"role": "user", "content": "hello"}], "tools": [{"type": "function", "function": {"name": "f", "parameters": {
        "type": "object", "properties": {"x": {"type": "string", "enum": [CARD]}}}}}]},
    "name of a speaker": {"messages": [{"role": "user", "name": "5555555555554444", "content": "hello"}]},
    "user": {"messages": [{"role": "user", "content": "hello"}], "user": "5555555555554444"},
    "metadata": {"messages": [{"role": "user", "content": "hello"}], "metadata": {"note": CARD}},
    "key of metadata": {"messages": [{"role": "user", "content": "hello"}], "metadata": {CARD: "x"}},
    "stop sequence": {"messages": [{"role": "user", "content": "hello"}], "stop": [CARD]},
    "field nobody knows": {"messages": [{"role": "user", "content": "hello"}], "x_vendor": {"deep": [{"note": CARD}]}},
    "number": {"messages": [{"role": "user", "content": "hello"}], "x_vendor": {"pan": 5555555555554444}},
    "two parts of one message": {"messages": [{"role": "user", "content": [{"type": "text", "text": "card 5555 5555"}, {"type": "text", "text": " 5555 4444 ok"}]}]},
    "three parts of one message": {"messages": [{"role": "user", "content": [{"type": "text", "text": t} for t in ("card 5555", " 5555 55", "55 4444 ok")]}]},
    "full-width digits": {"messages": [{"role": "user", "content": "card " + "".join(chr(0xFF10 + int(c)) for c in DIGITS.decode())}]},
    "zero-width spaces": {"messages": [{"role": "user", "content": "card " + "\u200b".join(DIGITS.decode())}]},
}


@pytest.mark.parametrize("place", PLACES)
def test_no_digit_of_a_card_reaches_the_provider_wherever_it_stands(gateway, provider, place):
    before = len(provider.received)
    reply = gateway.post("/v1/chat/completions", {"model": "echo", **PLACES[place]})
    sent = b"".join(r.body for r in provider.received[before:])
    folded = sent.decode("utf-8", "replace")
    folded = re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m.group(1), 16)), folded)
    folded = "".join(str(ord(c) - 0xFF10) if 0xFF10 <= ord(c) <= 0xFF19 else c for c in folded).encode()
    assert b"5555" not in bare_digits(folded), sent
    receipt = gateway.receipt(reply)
    if reply.status == 200:
        assert sent and receipt["redactions"].get("CREDIT_CARD", 0) >= 1
    else:  # what cannot be replaced where it stands does not go at all
        assert reply.status == 403 and not sent and receipt["decision"]["effect"] == "deny"


@pytest.mark.parametrize("stream", [False, True])
def test_a_card_split_over_two_parts_comes_back_whole_to_its_owner(gateway, stream):
    content = [{"type": "text", "text": "card 5555 5555"}, {"type": "text", "text": " 5555 4444 ok"}]
    reply = gateway.post("/v1/chat/completions", {"model": "letters", "stream": stream, "messages": [{"role": "user", "content": content}]})
    assert reply.status == 200, reply.text
    text = stream_text(reply) if stream else reply.json["choices"][0]["message"]["content"]
    assert bare_digits(text.encode()) == DIGITS


@pytest.mark.parametrize("stream", [False, True])
def test_the_anthropic_dialect_is_redacted_and_restored_too(gateway, provider, stream):
    before = len(provider.received)
    body = {"model": "letters", "max_tokens": 50, "stream": stream, "system": f"card {CARD}", "messages": [{"role": "user", "content": [{"type": "text", "text": f"mine is {CARD}"}]}]}
    reply = gateway.post("/v1/messages", body, headers={"anthropic-version": "2023-06-01"})
    assert reply.status == 200, reply.text
    if stream:
        text = "".join(json.loads(d)["delta"].get("text", "") for n, d in events(reply) if n == "content_block_delta")
    else:
        text = reply.json["content"][0]["text"]
    assert text == f"mine is {CARD}"
    assert b"5555" not in bare_digits(b"".join(r.body for r in provider.received[before:]))


def test_the_arguments_of_a_tool_the_client_runs_are_restored_in_a_stream(gateway, provider):
    before = len(provider.received)
    reply = gateway.chat(f"look up {CARD}", model="echo-tools", stream=True, tools=[{"type": "function", "function": {"name": "lookup", "parameters": {"type": "object"}}}])
    arguments = ""
    for _, data in events(reply):
        for choice in json.loads(data).get("choices", []) if data.startswith("{") else []:
            for call in choice["delta"].get("tool_calls") or []:
                arguments += (call["function"].get("arguments") or "") if call["index"] == 0 else ""
    assert json.loads(arguments) == {"q": f"look up {CARD}"}
    assert b"5555" not in bare_digits(b"".join(r.body for r in provider.received[before:]))


def test_unexamined_audio_in_content_does_not_leave(gateway, provider):
    before = len(provider.received)
    part = {"type": "input_audio", "input_audio": {"data": base64.b64encode(b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00").decode(), "format": "wav"}}
    assert gateway.post("/v1/chat/completions", {"model": "echo", "messages": [{"role": "user", "content": [part]}]}).status == 403
    assert len(provider.received) == before


def test_an_unexamined_image_in_the_anthropic_dialect_does_not_leave(gateway, provider):
    before = len(provider.received)
    part = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgoAAAANSUhEUg=="}}
    reply = gateway.post("/v1/messages", {"model": "echo", "max_tokens": 5, "messages": [{"role": "user", "content": [part]}]})
    assert reply.status == 403 and reply.json["type"] == "error" and len(provider.received) == before


@pytest.mark.parametrize("failure", ["reset", "garbage", "garbage-json", "stall", "status-500", "status-503", "status-429", "huge-headers"])
def test_every_failure_before_the_first_content_moves_on(rough, failure):
    reply = rough.chat("still here", model=f"then-{failure}")
    assert reply.status == 200, reply.text
    assert reply.json["choices"][0]["message"]["content"] == "still here" and reply.headers["demarc-attempts"] == "2"
    attempts = rough.receipt(reply)["attempts"]
    assert [(a["model"], a["outcome"]) for a in attempts][1] == ("echo", "served") and attempts[0]["outcome"] != "served"


@pytest.mark.parametrize("failure", ["reset", "garbage", "stall", "status-500", "error-first"])
def test_every_failure_before_the_first_event_moves_a_stream_on(rough, failure):
    reply = rough.chat("still here", model=f"then-{failure}", stream=True)
    assert reply.status == 200 and stream_text(reply) == "still here" and "scripted" not in reply.text
    assert [a["outcome"] for a in rough.receipt(reply)["attempts"]][-1] == "served"


def test_a_stall_after_the_first_content_ends_the_stream_with_an_error_event(rough):
    reply = rough.chat("x", model="stall-mid-stream", stream=True)
    assert '"error"' in events(reply)[-1][1] and "[DONE]" not in reply.text
    assert [a["outcome"] for a in rough.receipt(reply)["attempts"]] != ["served"]


def test_an_anthropic_stream_that_stalls_ends_with_its_own_error_event(rough):
    reply = rough.post("/v1/messages", {"model": "stall-mid-stream", "max_tokens": 50, "stream": True, "messages": [{"role": "user", "content": "x"}]})
    assert events(reply)[-1][0] == "error" and "message_stop" not in reply.text


def test_retry_after_reaches_the_caller_and_the_provider_gets_its_rest(ca, own_provider):
    with Gateway("upstreams:\n" + cloud_upstream(own_provider, ca[0], models=["status-429"]), policy=POLICY) as gateway:
        reply = gateway.chat("x", model="status-429")
        assert reply.status == 429 and reply.headers["retry-after"] == "7" and reply.json["error"]["type"] == "rate_limit_error"
        again = gateway.chat("x", model="status-429")
        assert again.status == 503 and again.headers["retry-after"] in ("6", "7")
        assert len(own_provider.received) == 1


def test_an_upstream_is_let_go_within_100_ms_of_its_callers_leaving(gateway, provider):
    body = json.dumps({"model": "stall", "messages": [{"role": "user", "content": "x"}]}).encode()
    took_s = []
    for _ in range(5):
        before, left = len(provider.received), len(provider.left_at)
        with socket.create_connection(("127.0.0.1", gateway.port)) as s:
            s.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            wait_for(lambda: len(provider.received) > before)
            gone = time.monotonic()
        wait_for(lambda: len(provider.left_at) > left)
        took_s.append(provider.left_at[-1] - gone)
    assert sorted(took_s)[2] < 0.1, took_s  # the median: a busy machine may hold up one


def test_a_head_that_trickles_in_is_closed_and_others_are_served(rough):
    with socket.create_connection(("127.0.0.1", rough.port), timeout=20) as slow:
        slow.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        assert rough.chat("meanwhile", model="echo").status == 200
        began = time.monotonic()
        answer = slow.recv(4096)
        assert answer == b"" or b" 408 " in answer.split(b"\r\n")[0]
        assert time.monotonic() - began < 5


def test_a_key_from_the_environment_is_used_and_shown_nowhere(ca, own_provider):
    upstream = cloud_upstream(own_provider, ca[0], models=["echo"]).replace(UPSTREAM_KEY, '"${PROVIDER_KEY}"')
    with Gateway("upstreams:\n" + upstream, policy=POLICY, env={"PROVIDER_KEY": "sk-from-environment-9f8e7d"}) as gateway:
        assert gateway.chat("x", model="echo").status == 200
        assert own_provider.received[-1].headers["authorization"] == "Bearer sk-from-environment-9f8e7d"
        gateway.chat("x", model="no-such-model")
        shown = gateway.log_text() + gateway.cli("status", "--json").stdout + gateway.cli("doctor", "--json", check=False).stdout + gateway.get("/metrics").text
        assert "sk-from-environment" not in shown
        gateway.stop()
        for path in gateway.data.rglob("*"):
            assert not path.is_file() or b"sk-from-environment" not in path.read_bytes(), path


def test_a_provider_whose_certificate_nobody_vouches_for_gets_nothing(own_provider):
    upstream = cloud_upstream(own_provider, "unused", models=["echo"]).replace("ca_file: unused, ", "")
    with Gateway("upstreams:\n" + upstream, policy=POLICY) as gateway:
        assert gateway.chat("x", model="echo").status in (502, 503)
        assert own_provider.received == []


def test_a_record_removed_or_cut_off_is_found_in_a_copy(ca, own_provider, tmp_path):
    with Gateway("upstreams:\n" + cloud_upstream(own_provider, ca[0], models=["echo"]), policy=POLICY) as gateway:
        for i in range(20):
            assert gateway.chat(f"x {i}", model="echo").status == 200
        gateway.stop()
        vkey = tmp_path / "vkey"
        shutil.copy(gateway.data / "audit" / "vkey", vkey)
        files = [p.relative_to(gateway.data / "audit") for p in (gateway.data / "audit").rglob("*") if p.is_file() and "entries" in str(p)]
        assert files
        for number, file in enumerate(files):
            for how in ("flip the first byte", "flip the last byte", "cut off", "remove"):
                copy = tmp_path / f"{number}-{how.replace(' ', '-')}"
                shutil.copytree(gateway.data / "audit", copy)
                os.chmod(copy / file, 0o644)
                data = bytearray((copy / file).read_bytes())
                if how == "remove":
                    (copy / file).unlink()
                else:
                    if how == "cut off":
                        del data[-40:]
                    else:
                        data[0 if "first" in how else -1] ^= 1
                    (copy / file).write_bytes(data)
                done = subprocess.run([BINARY, "audit", "verify", copy, "--vkey", vkey], capture_output=True, text=True, timeout=60, env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"})
                assert done.returncode == 5, (file, how, done.stdout, done.stderr)


def test_usage_equals_the_receipts_over_hundreds_of_mixed_requests(ca, own_provider):
    models = ["gpt-5-mini", "gpt-5", "reset", "status-500", "no-usage"]
    aliases = "aliases: {limp: [frontier/status-500, frontier/gpt-5]}\n"
    with Gateway("upstreams:\n" + cloud_upstream(own_provider, ca[0], models=models) + aliases, policy=POLICY) as gateway:
        ids = []
        for i in range(300):
            model = ("gpt-5-mini", "gpt-5", "limp")[i % 3] if i % 50 else "no-usage"
            reply = gateway.chat("w " * (i % 17 + 1), model=model, stream=i % 2 == 0)
            ids.append(reply.headers["demarc-request-id"])
        receipts = [gateway.get(f"/v1/receipts/{i}").json for i in ids]
        pico = sum(int(r["charge"]["usd"].replace(".", "")) for r in receipts if r["charge"]["usd"])
        assert pico > 0
        for by in ("model", "tier", "upstream", "day"):
            rows = json.loads(gateway.cli("usage", "--by", by, "--json").stdout)["rows"]
            assert sum(int(row["usd"].replace(".", "")) for row in rows) == pico, by
            assert sum(row["attempts"] for row in rows) == sum(len(r["attempts"]) for r in receipts), by
            assert sum(row["output_tokens"] or 0 for row in rows) == sum(r["usage"]["output_tokens"] or 0 for r in receipts), by
