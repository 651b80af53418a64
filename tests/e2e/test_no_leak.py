"""Nothing that a caller sends stays where it does not belong: values are planted in requests of every shape, good and broken, and then looked for, in every
form, in all that the gateway wrote (its output, its folder byte by byte and row by row), in what it tells its operators, and in the errors that it answers.

There is no log level to raise: what demarc says is always the same, and this is all of it.
"""

import base64
import gzip
import http.client
import io
import json
import socket
import sqlite3
import urllib.parse
import zlib

import pytest

from conftest import UPSTREAM_KEY, cloud_upstream
from harness import Gateway, wait_for
from hostile import page_with, word
from planted import luhn
from test_redactions import jpeg
from test_vectors import vector_models  # noqa: F401

MODELS = ["echo", "letters", "echo-tool", "quotes-400", "quotes-500", "quotes-first", "quotes-mid-stream", "quotes-fields", "status-500", "reset", "garbage", "garbage-json",
          "error-in-stream"]
POLICY = """
version: 1
labels:
  - {id: secrets, sensitivity: restricted, when: {findings: [SECRET]}}
rules:
  - {id: redacted, permit: cloud, require: [redact], when: {sensitivity: {at_most: confidential}}}
"""


# What all values of a kind share. Each is found by this, wherever it stands and however it is spelled; the number behind it says which request it came with.
STEMS = ["quoxavielbrint", "ada.kestrel", "@harbour-gate", "49297351846", "Zk3Vw9Lq2Xc7Bn5Md8Fg1Hj4Tr6Yp"]


class Plant:
    """Values that exist once: a word that no detector knows, an address and a card; and a key where it is asked for."""

    made = 0

    def __init__(self, with_secret=False):
        Plant.made += 1
        n = f"{Plant.made:04}"
        self.text = f"quoxavielbrint{n} wrote from ada.kestrel{n}@harbour-gate{n}.org about card {luhn('49297351846' + n)}"
        self.text += f" with ghp_Zk3Vw9Lq2Xc7Bn5Md8Fg1Hj4Tr6Yp{n}Q7x" if with_secret else ""

    def __str__(self):
        return self.text


def spellings(stem):
    """The bytes of a stem, as itself and as programs write it down. Base64 at three places in a stream; there the ends are cut, since they hang on the neighbours."""
    raw = stem.encode()
    yield from (raw, raw.upper(), raw.lower(), raw[::-1], stem.encode("utf-16-le"), stem.encode("utf-16-be"), urllib.parse.quote(stem, safe="").encode())
    yield from (raw.hex().encode(), raw.hex().upper().encode())
    for shift in range(3):
        data = base64.b64encode(b"\0" * shift + raw)
        inner = data[4 if shift else 0:len(data) - 4]
        yield from (inner, inner.replace(b"+", b"-").replace(b"/", b"_"))


FORMS = {form for stem in STEMS for form in spellings(stem)}


def found_in(data):
    """What stands around the places where a form is, to see what it is and which request it came with; some of them, if there are many."""
    found = set()
    for form in FORMS:
        at = data.find(form)
        while at >= 0 and len(found) < 20:
            found.add(data[max(0, at - 60):at + 60])
            at = data.find(form, at + 200)
    return sorted(found)


def layers(data):
    yield data
    for opened in (lambda: gzip.decompress(data), lambda: zlib.decompress(data)):
        try:
            yield opened()
        except (OSError, EOFError, zlib.error):
            pass


def rows_of(path):
    """Every value of every table: a text that goes over pages is in one piece only here."""
    out = io.BytesIO()
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        for (table,) in db.execute("select name from sqlite_master where type = 'table'").fetchall():
            for row in db.execute(f'select * from "{table}"'):
                out.write(b"\n".join(v if isinstance(v, bytes) else str(v).encode() for v in row) + b"\n")
    return out.getvalue()


def kept(gateway):
    """(where, bytes) of all that the gateway wrote."""
    for path in sorted(gateway.folder.rglob("*")):
        if not path.is_file() or path in (gateway.config_file, gateway.folder / "policy.yaml"):
            continue
        for data in layers(path.read_bytes()):
            yield str(path.relative_to(gateway.folder)), data
        if path.suffix == ".sqlite":
            yield f"the rows of {path.name}", rows_of(path)


def told(gateway, headers):
    """(where, bytes) of all that its operators can ask it for."""
    paths = ["/metrics", "/healthz", "/readyz", "/v1/models", "/admin/v1/status", "/admin/v1/keys", "/admin/v1/audit?limit=1000", "/openapi.json"]
    paths += [f"/admin/v1/usage?by={by}&format={form}" for by in ("workload", "model", "tier", "team", "key") for form in ("json", "focus")]
    index = 0
    while (page := gateway.get(f"/admin/v1/audit?from={index}&limit=1000", headers=headers).json) and page.get("records"):
        yield f"audit from {index}", json.dumps(page).encode()
        for receipt in {line["record"]["id"] for line in page["records"] if line["record"].get("id", "").startswith("req_")}:
            yield f"receipt {receipt}", gateway.get(f"/v1/receipts/{receipt}", headers=headers).body
        index += len(page["records"])
    for path in paths:
        yield path, gateway.get(path, headers=headers).body
    for command in (["status"], ["doctor"], ["usage"], ["audit", "ls", "-n", "10000"], ["keys", "ls"], ["models", "ls"]):
        done = gateway.cli(*command, check=False)
        yield "demarc " + " ".join(command), (done.stdout + done.stderr).encode()


# -- requests

def raw_request(gateway, data):
    """Whatever bytes, and what comes back until the other side closes or is silent."""
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=2) as connection:
        answer = b""
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(65536):
                answer += piece
        except OSError:
            pass
        return answer


def form(fields, files=()):
    out = b"".join(f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields)
    for filename, data in files:
        out += f'--B\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n\r\n'.encode() + data + b"\r\n"
    return {"content-type": "multipart/form-data; boundary=B"}, out + b"--B--\r\n"


def chat(content, model="echo", **more):
    return {"model": model, "messages": [{"role": "user", "content": content}], **more}


def broken(text):
    """JSON that says `text` and is wrong in one way each."""
    whole = json.dumps(chat(text))
    yield whole[:-1]
    yield whole[:whole.index(text) + len(text)]
    yield whole.replace("{", "[", 1)
    yield whole + text
    yield text
    yield '{"' + text + '": ' + text + "}"
    yield whole.replace('"echo"', f'"echo", "model": "{text}"')
    yield whole.replace(text, text + "\\q")
    yield whole.replace(text, text + "\\ud800")
    yield whole.replace('"messages"', '"messages": 1, "messages"')
    yield whole.encode().replace(text.encode(), text.encode() + b"\xff\xfe")
    yield "[" * 200 + json.dumps(text) + "]" * 200


def ill_typed(text):
    yield chat(text, messages=text)
    yield chat(text, messages=[text])
    yield chat(text, messages=[{"role": text, "content": "x"}])
    yield chat(text, messages={"role": "user", "content": text})
    yield chat([{"type": text, "text": text}])
    yield chat([{"type": "image_url", "image_url": text}])
    yield chat([{"type": "image_url", "image_url": {"url": text}}])
    yield chat([{"type": "input_audio", "input_audio": {"data": text, "format": text}}])
    yield chat([{"type": "file", "file": {"file_data": text, "filename": text}}])
    yield chat([{"type": "file", "file": {"file_id": text}}])
    yield chat({"text": text})
    for field in ("temperature", "max_tokens", "n", "stream", "stop", "tools", "tool_choice", "response_format", "logit_bias", "stream_options", "metadata", "seed", "functions", text):
        yield chat("x", **{field: text})
        yield chat("x", **{field: {text: [text]}})
    yield chat("x", tools=[{"type": text, "function": {"name": text, "parameters": text}}])
    yield chat("x", messages=[{"role": "assistant", "tool_calls": [{"id": text, "type": "function", "function": {"name": text, "arguments": text}}]}])
    yield chat("x", messages=[{"role": "tool", "tool_call_id": text, "content": {text: text}}])


def secretive(text):
    """A field for `text` in each of our own and Presidio's endpoints, mostly wrong."""
    one = "/v1/redactions"
    for body in ({"input": [text], "mode": text}, {"input": [text], "mode": "redact", "operator": text}, {"input": text, "types": text}, {"input": text, "types": [text]},
                 {"input": 5, "mode": text}, {text: text}, {"input": [None, text]}, {"input": [{"file": {"filename": "a", "data": text}}]}, {"input": [text], "on_error": text},
                 {"input": [text], "conversation": text, "mode": "redact"}, {"input": [text], "conversation": text, "mode": "restore"}, {"input": {text: text}, "mode": "redact"},
                 {"input": [{"file": {"filename": "a.pdf", "data": base64.b64encode(b"%PDF-1.7\0" + text.encode()).decode()}}], "mode": "redact"},
                 {"input": [{"file": {"filename": "a.txt", "data": base64.b64encode(text.encode("utf-16")).decode()}}], "mode": "redact"},
                 {"input": [{"file": {"filename": "a.jpg", "data": base64.b64encode(jpeg((b"\xfe", text.encode()))).decode()}}], "mode": "detect"}):
        yield one, {}, json.dumps(body)
    yield one + "?mode=redact", {"content-type": "application/x-ndjson"}, f'"{text}"\n{text}\n{{"a": "{text}"'
    yield one + "?" + urllib.parse.quote(text), {"content-type": "application/x-ndjson"}, "1"
    yield one + "?mode=" + urllib.parse.quote(text), {"content-type": "application/x-ndjson"}, json.dumps(text)
    yield one, *form([("mode", "redact")], [("a.bin", b"\0\1" + text.encode())])
    yield one, *form([(text.replace('"', ""), text), ("mode", text)], [("a.txt", text.encode())])
    yield one, {"content-type": "multipart/form-data; boundary=B"}, form([], [("a.txt", text.encode())])[1][:-9]
    yield one, {"content-type": "multipart/form-data; boundary=" + text}, text
    for body in ({"text": text, "language": text}, {"text": [text, 5]}, {"text": text, "entities": [text]}, {"text": text, "entities": text}, {"text": text, "score_threshold": text},
                 {"text": text, "ad_hoc_recognizers": [{"name": text}]}, {"text": text, "allow_list": text}, {text: text}, text):
        yield "/presidio/analyze", {}, json.dumps(body)
    span = {"entity_type": text, "start": 0, "end": 5, "score": 1}
    for body in ({"text": text, "analyzer_results": text}, {"text": text, "analyzer_results": [{**span, "start": 99999}]}, {"text": text, "analyzer_results": [span], "anonymizers": {"DEFAULT": {"type": text}}},
                 {"text": text, "analyzer_results": [span], "anonymizers": {"DEFAULT": {"type": "encrypt", "key": text}}}, {"text": text, "analyzer_results": [{**span, "end": text}]}):
        yield "/presidio/anonymize", {}, json.dumps(body)


def claude(text):
    good = {"model": "claude-echo", "max_tokens": 9, "messages": [{"role": "user", "content": text}]}
    yield good
    yield {**good, "max_tokens": text}
    yield {**good, "system": {text: text}}
    yield {**good, "messages": [{"role": text, "content": [{"type": text, text: text}]}]}
    yield {**good, "messages": [{"role": "user", "content": [{"type": "image", "source": {"type": text, "data": text}}]}]}
    yield {**good, "tools": [{"name": text, "input_schema": text}], "tool_choice": {"type": text}}
    yield {**good, "thinking": text, "metadata": {"user_id": text}}


def elsewhere(text):
    quoted = urllib.parse.quote(text)
    for path in (f"/v1/{quoted}", f"/v1/models/{quoted}", f"/v1/receipts/{quoted}", f"/admin/v1/{quoted}", f"/admin/v1/audit/{quoted}", f"/admin/v1/audit?from={quoted}", f"/{quoted}/..",
                 f"/admin/v1/usage?by={quoted}&since={quoted}&until={quoted}&format={quoted}", f"/v1/models?x={quoted}", f"/healthz?{quoted}", f"/metrics?{quoted}", f"/console/{quoted}"):
        yield "GET", path, {}, None
    yield "DELETE", f"/admin/v1/keys/{quoted}", {}, None
    for path in ("/admin/v1/keys", "/admin/v1/erase", "/admin/v1/keys/x/rotate", "/admin/v1/reload"):
        yield "POST", path, {}, json.dumps({text: text, "scopes": [text], "key": text, "days": text})
        yield "POST", path, {}, text
    for path in ("/v1/rerank", "/v1/responses", "/api/chat", "/v1/files", "/v1/images/generations", "/v1/messages/count_tokens", "/v1/ocr"):
        yield "POST", path, {}, json.dumps({"model": "echo", "input": text, "prompt": text, "messages": [{"role": "user", "content": text}]})
    good = json.dumps(chat("hello"))
    for name in ("demarc-sensitivity", "demarc-workload", "authorization", "x-api-key", "user-agent", "cookie", "x-request-id", "demarc-request-id", "content-type", "content-encoding", "accept",
                 "accept-encoding", "expect", "x-forwarded-for", "referer", "anthropic-version", "anthropic-beta", "openai-organization", "x-claude-code-session-id", "traceparent", "range"):
        yield "POST", "/v1/chat/completions", {name: text}, good
        if name == "authorization":
            yield "POST", "/v1/chat/completions", {name: "Bearer " + text}, good
            yield "POST", "/v1/chat/completions", {name: "Bearer dmc_live_" + text.replace(" ", "")}, good
    yield "POST", "/v1/chat/completions?q=" + quoted, {}, good
    yield "PUT", "/v1/chat/completions", {}, json.dumps(chat(text))
    yield "POST", "/v1/chat/completions", {}, json.dumps(chat(text, model="no-such-model"))
    yield "POST", "/v1/embeddings", {}, json.dumps({"model": "echo", "input": [text], "dimensions": text})
    yield "POST", "/v1/rerank", {}, json.dumps({"model": "echo", "query": text, "documents": [text, {"text": text, text: 1}], "top_n": text})
    yield "POST", "/v1/classifications", {}, json.dumps({"model": "echo", "input": [text], "labels": [text, {"name": text}], "examples": [{"text": text, "label": text}], "classifier": text})
    yield "POST", "/v1/completions", {}, json.dumps({"model": "echo", "prompt": [text, 5], "suffix": text})
    yield "POST", "/v1/fim/completions", {"demarc-session": text}, json.dumps({"model": "echo", "prompt": text, "suffix": text, "stop": [text]})
    infill = {"input_prefix": text, "input_suffix": text, "prompt": text, "metadata": {"session_id": text}}
    for extra in ([{"text": text, "filename": text}], [text], {"text": text}, [{"text": 5, "filename": text}]):
        yield "POST", "/infill", {}, json.dumps({**infill, "input_extra": extra, "response_fields": [text]})
    yield "POST", "/infill", {}, json.dumps({**infill, "n_predict": text})
    for headers, body in (form([("model", "echo"), ("language", text), ("response_format", text)], [("a.wav", text.encode())]), form([("prompt", text)])):
        yield "POST", "/v1/audio/transcriptions", headers, body


def wire(text):
    """Bytes that are no good HTTP."""
    plain = text.encode()
    line = text.replace(" ", "-").encode()
    yield plain + b"\r\n\r\n"
    yield b"GET /" + plain + b" HTTP/1.1\r\nhost: x\r\n\r\n"
    yield line + b" / HTTP/1.1\r\nhost: x\r\n\r\n"
    yield b"GET / " + line + b"\r\nhost: x\r\n\r\n"
    yield b"GET / HTTP/1.1\r\nhost: " + plain + b"\r\n\r\n"
    yield b"GET / HTTP/1.1\r\n" + plain + b"\r\n\r\n"
    yield b"GET / HTTP/1.1\r\nhost: x\r\nx: " + plain + b"\0\r\n\r\n"
    yield b"GET / HTTP/1.1\r\nhost: x\r\nx: " + plain * 4000 + b"\r\n\r\n"
    yield b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: " + line + b"\r\n\r\n" + plain
    yield b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 99999\r\n\r\n" + plain
    yield b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 9999999999\r\n\r\n" + plain
    yield b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n" + plain
    yield b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: " + line + b"\r\n\r\n" + plain
    yield b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + plain
    yield b"\x16\x03\x01\x02\0" + plain


class Sent:
    """All that was planted, and each error that told its caller what the caller had sent; but what an upstream said is the upstream's (docs/reference/dialects.md)."""

    def __init__(self, gateway, headers):
        self.gateway, self.headers = gateway, headers
        self.plants, self.echoes, self.statuses = [], [], {}

    def plant(self, **more):
        self.plants.append(Plant(**more))
        return self.plants[-1]

    def look(self, what, plant, status, answer):
        self.statuses[status] = self.statuses.get(status, 0) + 1
        if status >= 400 and (found := found_in(answer)):
            self.echoes.append(f"{what}, {status}: {found[0]!r}")

    def wire(self, data, plant):
        answer = raw_request(self.gateway, data)
        status = answer.split(b" ")[1] if answer.startswith(b"HTTP/1.1 ") else b"400"
        self.look("wire", plant, int(status), answer)

    def request(self, method, path, headers, body, plant):
        body = json.dumps(body).encode() if isinstance(body, (dict, list)) else body.encode() if isinstance(body, str) else body
        connection = http.client.HTTPConnection("127.0.0.1", self.gateway.port, timeout=30)
        try:
            connection.request(method, path, body, {"content-type": "application/json", **self.headers, **headers})
            response = connection.getresponse()
            answer = str(response.headers).encode() + response.read()
            self.look(f"{method} {path[:40]} {list(headers)}", plant, response.status, b"" if b"cannot serve" in answer or b"cannot go on" in answer else answer)
        except (http.client.HTTPException, OSError):
            pass  # it hung up: nothing was told
        finally:
            connection.close()


def send_all(sent):
    """Each request holds values of its own, so what is found later says where it came from."""
    def each(make, send):
        for i, _ in enumerate(list(make("x"))):
            plant = sent.plant()
            send(list(make(str(plant)))[i], plant)

    post = "POST", "/v1/chat/completions", {}
    each(broken, lambda body, plant: sent.request(*post, body, plant))
    each(broken, lambda body, plant: sent.request("POST", "/v1/messages", {}, body, plant))
    each(broken, lambda body, plant: sent.request("POST", "/v1/redactions", {}, body, plant))
    each(broken, lambda body, plant: sent.request("POST", "/presidio/analyze", {}, body, plant))
    each(ill_typed, lambda body, plant: sent.request(*post, body, plant))
    each(claude, lambda body, plant: sent.request("POST", "/v1/messages", {}, body, plant))
    each(secretive, lambda call, plant: sent.request("POST", *call, plant))
    each(elsewhere, lambda call, plant: sent.request(*call, plant))
    each(wire, lambda data, plant: sent.wire(data, plant))
    for model in MODELS:
        for stream in (False, True):
            plant = sent.plant()
            sent.request(*post, chat(str(plant), model=model, stream=stream), plant)
            plant = sent.plant(with_secret=True)  # refused
            sent.request(*post, chat(str(plant), model=model, stream=stream), plant)
    plant = sent.plant()
    sent.request(*post, chat("x", model=str(plant)), plant)
    plant = sent.plant()
    sent.request(*post, chat([{"type": "file", "file": {"filename": "a.csv", "file_data": "data:text/csv;base64," + base64.b64encode(str(plant).encode("utf-16")).decode()}}]), plant)
    plant = sent.plant()
    sent.request(*post, chat("x", metadata={"session_id": str(plant)}), plant)


# -- the tests

@pytest.fixture(scope="module")
def everything(provider, ca, tmp_path_factory):
    """A gateway to which all of it was sent."""
    key = tmp_path_factory.mktemp("vault") / "key"
    key.write_text(base64.b64encode(bytes(range(32))).decode() + "\n")
    key.chmod(0o600)
    config = f"keys: required\nvault: {{keep: file, key: {{file: {key}}}}}\nupstreams:\n" + cloud_upstream(provider, ca[0], models=MODELS)
    config += cloud_upstream(provider, ca[0], name="claude", models=["claude-echo"], dialect="anthropic")
    with Gateway(config, policy=POLICY) as gateway:
        secret = json.loads(gateway.cli("keys", "create", "--name", "tester", "--scope", "inference", "--scope", "admin", "--scope", "audit:read", "--scope", "usage:read", "--scope",
                                        "receipts:read", "--json").stdout)["secret"]
        headers = {"authorization": f"Bearer {secret}"}
        sent = Sent(gateway, headers)
        send_all(sent)
        wait_for(lambda: gateway.get("/readyz").status == 200)
        yield sent


def leaks(places):
    return "\n".join(f"{where}: {around!r}" for where, data in places for around in found_in(data))


def test_the_search_finds_every_spelling_of_what_it_looks_for():
    plant = str(Plant(with_secret=True))
    for shown in (plant, plant.upper(), urllib.parse.quote(plant), plant.encode().hex(), *(base64.b64encode(b"x" * n + plant.encode()).decode() for n in range(3)),
                  base64.urlsafe_b64encode(plant.encode()).decode(), plant.encode("utf-16-le").decode("latin-1"), plant[::-1]):
        assert len(found_in(shown.encode("latin-1"))) > 0, shown
    assert found_in(b"nothing of it, but Ada and 4929 and a harbour") == []


def test_all_kinds_of_answers_were_provoked(everything):
    assert len(everything.plants) > 200
    assert {200, 400, 401, 403, 404, 405, 413, 502} - set(everything.statuses) == set(), everything.statuses


def test_nothing_that_was_sent_is_in_anything_that_the_gateway_wrote(everything):
    places = list(kept(everything.gateway))
    assert sum(len(data) for _, data in places) > 100_000 and any(where.startswith("the rows") for where, _ in places)
    assert not (found := leaks(places)), found


def test_nothing_that_was_sent_is_in_anything_that_operators_are_told(everything):
    places = list(told(everything.gateway, everything.headers))
    assert len(places) > 100
    assert not (found := leaks(places)), found


def test_no_error_tells_its_caller_what_the_caller_sent(everything):
    assert not everything.echoes, "\n".join(everything.echoes)


def test_no_credential_of_ours_is_in_anything_that_was_written_or_told(everything):
    secret = everything.headers["authorization"].removeprefix("Bearer ").split("_")[-1]
    for where, data in [*kept(everything.gateway), *told(everything.gateway, everything.headers)]:
        assert secret.encode() not in data and UPSTREAM_KEY.encode() not in data, where


# -- engines: what they print goes to our own log

LOCAL = "version: 1\nrules:\n  - {id: home, permit: local}\n"


def for_an_engine(text):
    """What a language model's engine may complain of, with `text` in it."""
    short = {"max_tokens": 3}
    yield chat(text, "auto", **short)
    yield chat(text, "auto", grammar=f'root ::= "{text}', **short)
    yield chat(text, "auto", grammar=text, **short)
    yield chat(text, "auto", response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": text}}}, **short)
    yield chat(text, "auto", response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": {"$ref": "#/" + text, "pattern": "(" + text}}}, **short)
    yield chat(text, "auto", response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "string", "pattern": "^[" + text}}}, **short)
    yield chat(text, "auto", tools=[{"type": "function", "function": {"name": text, "description": text, "parameters": {"type": text, "properties": {text: {"type": text}}}}}], **short)
    yield chat(text, "auto", chat_template_kwargs={text: text}, **short)
    yield chat(text, "auto", logit_bias={text: 5}, samplers=[text], stop=[text], **short)
    yield chat("x", "auto", messages=[{"role": "assistant", "content": text}, {"role": "assistant", "tool_calls": [{"id": "a", "type": "function", "function": {"name": text, "arguments": "{" + text}}]},
                                      {"role": "tool", "tool_call_id": "a", "content": text}], **short)
    yield chat(text + " again" * 9000, "auto", **short)


def test_nothing_that_an_engine_was_asked_is_in_what_it_printed(models):
    config = "upstreams:\n  - {name: chat-local, tier: local, engine: llama, model: qwen2.5-coder-0.5b-instruct, serves: [chat, completion, fim], context_tokens: 2048}\n"
    with Gateway(config, policy=LOCAL, models=models) as gateway:
        wait_for(lambda: json.loads(gateway.cli("status", "--json").stdout)["upstreams"][0]["models"][0]["usable"], 150)
        statuses = [gateway.post("/v1/chat/completions", body, timeout=120).status for body in for_an_engine(str(Plant(with_secret=True)))]
        statuses.append(gateway.post("/v1/completions", {"model": "auto", "prompt": str(Plant()), "suffix": str(Plant()), "max_tokens": 3}).status)
        piece = {"text": str(Plant()), "filename": str(Plant())}
        statuses.append(gateway.post("/infill", {"input_prefix": str(Plant()), "input_suffix": str(Plant()), "prompt": str(Plant()), "input_extra": [piece], "n_predict": 3}).status)
        assert 200 in statuses and set(statuses) - {200}, statuses
        gateway.stop()
        assert "chat-local: " in gateway.log_text(), "nothing was printed"
        assert not (found := leaks((where, data) for where, data in kept(gateway) if not where.startswith("data/models"))), found


def documents_with(text):
    """As many kinds as a few lines make, good and broken; each says `text`."""
    good = [text.encode(), f"<html><body><p>{text}</p></body></html>".encode(), f"From: a@b.c\r\nSubject: {text}\r\n\r\n{text}".encode(),
            word(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"), page_with(b"BT /F 9 Tf 50 700 Td (" + text.encode() + b") Tj ET", b"<< /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>")]
    return good + [document[:len(document) * 2 // 3] for document in good[3:]] + [b"%PDF-1.7 " + text.encode(), b"PK\x03\x04" + text.encode(), b"\x89PNG\r\n\x1a\n" + text.encode()]


def orders_of_documents(text):
    for document in documents_with(text):
        url = "data:application/octet-stream;base64," + base64.b64encode(document).decode()
        yield {"model": "auto", "document": {"type": "document_url", "document_url": url, "document_name": text}, "redact": True, "conversation": text}
    yield {"model": "auto", "document": {"type": text, "document_url": text}}
    yield {"model": "auto", "document": {"type": "file", "file_id": text}}
    yield {"model": "auto", "document": text, "pages": text, "redact": text, "redact_types": [text], "table_format": text}


def test_nothing_of_a_document_is_in_anything_that_was_written_or_told(models):
    config = "upstreams:\n  - {name: documents, tier: local, engine: document, model: tesseract-eng}\n"
    with Gateway(config, policy=LOCAL, models=models) as gateway:
        wait_for(lambda: json.loads(gateway.cli("status", "--json").stdout)["upstreams"][0]["models"][0]["usable"], 150)
        echoes, statuses = [], []
        for body in orders_of_documents(str(Plant(with_secret=True))):
            reply = gateway.post("/v1/ocr", body, timeout=120)
            statuses.append(reply.status)
            if reply.status >= 400:
                echoes += found_in(reply.body)
        assert {200, 400} <= set(statuses), statuses
        headers, body = form([("purpose", "user_data")], [("a.txt", str(Plant()).encode())])
        file = gateway.request("POST", "/v1/files", body, headers).json["id"]
        job = gateway.post("/v1/jobs", {"kind": "ocr", "file_ids": [file]}).json["id"]
        wait_for(lambda: gateway.get(f"/v1/jobs/{job}").json["status"] == "completed", 60)
        assert not echoes, echoes
        places = [(where, data) for where, data in [*kept(gateway), *told(gateway, {})] if not where.startswith("data/models")]
        assert not (found := leaks(places)), found


def test_nothing_of_vectors_ranks_and_classes_is_in_anything_that_was_written_or_told(vector_models):  # noqa: F811
    config = "upstreams:\n  - {name: vectors, tier: local, engine: tensor, model: minilm-l6}\n  - {name: images, tier: local, engine: tensor, model: open-nsfw, serves: [image_classification]}\n"
    with Gateway(config, policy=LOCAL, models=vector_models) as gateway:
        wait_for(lambda: gateway.post("/v1/embeddings", {"model": "minilm-l6", "input": "a"}).status == 200, 60)
        statuses, echoes = [], []
        for path, body in [("/v1/embeddings", {"input": [str(Plant())]}), ("/v1/embeddings", {"input": [str(Plant()) * 500]}), ("/v1/embeddings", {"input": {str(Plant()): str(Plant())}}),
                           ("/v1/rerank", {"query": str(Plant()), "documents": [str(Plant()), {"text": str(Plant())}], "return_documents": True}), ("/v1/rerank", {"query": str(Plant()), "documents": [{str(Plant()): 1}]}),
                           ("/v1/classifications", {"input": [str(Plant())], "labels": [str(Plant()), {"name": str(Plant()), "description": str(Plant())}]}),
                           ("/v1/classifications", {"input": [str(Plant())], "examples": [{"text": str(Plant()), "label": str(Plant())}], "classifier": {str(Plant()): 1}}),
                           ("/v1/images/classifications", {"input": str(Plant())}), ("/v1/images/classifications", {"input": "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + str(Plant()).encode()).decode()})]:
            reply = gateway.post(path, {"model": "auto", **body}, timeout=120)
            statuses.append(reply.status)
            if reply.status >= 400:
                echoes += found_in(reply.body)
        assert {200, 400} <= set(statuses), statuses
        assert not echoes, echoes
        places = [(where, data) for where, data in [*kept(gateway), *told(gateway, {})] if not where.startswith("data/models")]
        assert not (found := leaks(places)), found
