"""The end-to-end proof: whatever is planted in a conversation, in whatever disguise, a provider that records every byte never gets it; the caller who sent
it gets it back, nobody else does, and nothing of it is in our own log, data folder or metrics.

    DEMARC_PROOF_CONVERSATIONS=5000 tests/e2e/run test_proof.py          how many (default 2000)
    DEMARC_PROOF_SEED=17 DEMARC_PROOF_CONVERSATIONS=1 tests/e2e/run test_proof.py -k conversations      one of them again
"""

import base64
import json
import os
import random
import re
import subprocess
import time
import urllib.parse

import pytest

from conftest import cloud_upstream
from harness import Gateway, events, stream_text
from judge import Record, strings_of
from planted import DISGUISES, KEYS, SPLITS, STAND_ALONE, TYPES, conversation, make, sentence
from provider import Provider

FIRST_SEED = int(os.environ.get("DEMARC_PROOF_SEED", "1"))
CONVERSATIONS = int(os.environ.get("DEMARC_PROOF_CONVERSATIONS", "2000"))
MOST_REFUSED = 0.05  # of the requests: what cannot be redacted for certain may be refused, but rarely

POLICY = """
version: 1
rules:
  - {id: cloud-when-redacted, permit: cloud, require: [redact]}
"""
OPEN_POLICY = "version: 1\nrules:\n  - {id: all, permit: cloud}\n"

# What is known to pass: a type, a disguise or a split for whatever value, or a pair. Each must still pass, so whoever mends one takes it out here.
MISSING_TYPES = set()
MISSING_DISGUISES = set()
MISSING_PAIRS = {("IP_ADDRESS", d) for d in ("a line each", "dashed", "digit words", "dotted", "slashed", "spaced")}
MISSING_SOMETIMES = set()
MISSING_PLACES = set()
MISSING_SPLITS = set()


@pytest.fixture(scope="module")
def recorder(ca):
    provider = Provider(tls=(str(ca[1]), str(ca[2])))
    yield provider
    provider.stop()


def config(recorder, ca):
    return ("keys: required\nupstreams:\n" + cloud_upstream(recorder, ca[0], models=["echo", "letters", "echo-tool"])
            + cloud_upstream(recorder, ca[0], name="claude", models=["claude-echo"], dialect="anthropic"))


class Client:
    """A caller with a key of its own, who can put a conversation into each dialect."""

    def __init__(self, gateway, name):
        self.gateway = gateway
        self.headers = {"authorization": "Bearer " + json.loads(gateway.cli("keys", "create", "--name", name, "--json").stdout)["secret"]}

    def post(self, path, body):
        return self.gateway.post(path, body, headers=self.headers)

    def chat(self, text, **more):
        return self.post("/v1/chat/completions", {"model": "echo", "messages": [{"role": "user", "content": text}], **more})


@pytest.fixture(scope="module")
def gateway(recorder, ca):
    with Gateway(config(recorder, ca), policy=POLICY) as gateway:
        gateway.ann, gateway.bob = Client(gateway, "ann"), Client(gateway, "bob")
        gateway.planted = []  # (Value, what was planted) of all tests here, for the last one
        yield gateway


@pytest.fixture(scope="module")
def open_gateway(recorder, ca):
    with Gateway(config(recorder, ca), policy=OPEN_POLICY) as gateway:
        gateway.ann = Client(gateway, "ann")
        yield gateway


def sent_by(recorder, send):
    """What `send` returns, and the bodies that it made the provider get."""
    before = len(recorder.received)
    reply = send()
    return reply, [r.body for r in recorder.received[before:]]


# -- one value at a time: every type in every disguise

def pairs():
    """(type, disguise, value, planted) for all that fit."""
    for name in TYPES:
        for disguise, apply in DISGUISES.items():
            rng = random.Random(f"{name} {disguise}")
            value = make(name, rng)
            shown = apply(value.text, rng)
            if shown is not None:
                yield name, disguise, value, shown


def is_missing(name, disguise):
    return name in MISSING_TYPES or disguise in MISSING_DISGUISES or (name, disguise) in MISSING_PAIRS


def test_no_value_in_any_disguise_reaches_the_provider(gateway, recorder):
    passed, refused, total = set(), 0, 0
    for name, disguise, value, shown in pairs():
        text = f"Good morning.\n{sentence(value, shown)}\nThank you."
        reply, bodies = sent_by(recorder, lambda: gateway.ann.chat(text))
        assert reply.status in (200, 403), reply.text
        gateway.planted.append((value, shown))
        total, refused = total + 1, refused + (reply.status == 403)
        if Record(bodies).holds(value):
            passed.add((name, disguise))
        elif reply.status == 200 and name != "SECRET" and not re.search(r"//|\]\(|www\.", text):
            assert reply.json["choices"][0]["message"]["content"] == text, (name, disguise)
    new = sorted(p for p in passed if not is_missing(*p))
    assert not new, f"{len(new)} of {total} reach the provider: {new}"
    if not MISSING_TYPES - {name for name, _ in passed} and MISSING_DISGUISES <= {d for _, d in passed} and MISSING_PAIRS <= passed:
        assert refused <= MOST_REFUSED * total
        return
    gone = [m for m in MISSING_TYPES if m not in {n for n, _ in passed}] + [m for m in MISSING_DISGUISES if m not in {d for _, d in passed}] + sorted(MISSING_PAIRS - passed)
    raise AssertionError(f"no longer missing, take them out of the table: {gone}")


def test_the_judge_finds_each_of_them_when_nothing_is_redacted(open_gateway, recorder):
    for name, disguise, value, shown in pairs():
        reply, bodies = sent_by(recorder, lambda: open_gateway.ann.chat(sentence(value, shown)))
        assert reply.status == 200 and Record(bodies).holds(value), (name, disguise, shown)
        assert not Record(bodies).holds(make(name, random.Random(disguise + name))), "the judge would find anything"


# -- values in pieces

def split_request(split, value, rng):
    at = rng.randrange(len(value.text) // 3, 2 * len(value.text) // 3 + 1)
    before, after = f"{TYPES[value.type][0]} {value.text[:at]}", value.text[at:]
    if split == "content parts":
        return [{"role": "user", "content": [{"type": "text", "text": before}, {"type": "text", "text": after}]}]
    if split == "messages":
        return [{"role": "user", "content": before}, {"role": "user", "content": after}]
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    if split == "arguments":
        call["function"]["arguments"] = json.dumps({"a": before, "b": after})
        return [{"role": "user", "content": "go"}, {"role": "assistant", "content": None, "tool_calls": [call]}, {"role": "tool", "tool_call_id": "call_1", "content": "done"}]
    return [{"role": "user", "content": "go"}, {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "call_1", "content": json.dumps({"rows": [before, after]})}]


@pytest.mark.parametrize("split", SPLITS)
def test_no_value_in_pieces_reaches_the_provider(gateway, recorder, split):
    passed, total = set(), 0
    for name in TYPES:
        if name in MISSING_TYPES:
            continue
        rng = random.Random(f"{split} {name}")
        for _ in range(3):
            value = make(name, rng)
            messages = split_request(split, value, rng)
            reply, bodies = sent_by(recorder, lambda: gateway.ann.post("/v1/chat/completions", {"model": "echo", "messages": messages}))
            assert reply.status in (200, 403), reply.text
            total += 1
            if Record(bodies).holds(value):
                passed.add(name)
    if split in MISSING_SPLITS:
        assert passed, "no longer missing, take it out of the table"
    else:
        assert not passed, f"{sorted(passed)} in pieces reach the provider"


# -- values anywhere in a request

def anywhere(value):
    """(where, path, headers, body): the value in every field that a request of either dialect can have, and in some that it cannot."""
    def chat(**more):
        return "/v1/chat/completions", {}, {"model": "echo", "messages": [{"role": "user", "content": "hello"}], **more}

    def message(**more):
        return chat(messages=[{"role": "user", "content": "hello", **more}])

    def call(arguments="{}", call_id="call_1", name="f"):
        return chat(messages=[{"role": "user", "content": "go"},
                              {"role": "assistant", "content": None, "tool_calls": [{"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}]},
                              {"role": "tool", "tool_call_id": call_id, "content": "done"}])

    def tool(function):
        return chat(tools=[{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}, **function}}])

    def claude(**more):
        return "/v1/messages", {}, {"model": "claude-echo", "max_tokens": 99, "messages": [{"role": "user", "content": "hello"}], **more}

    text = value.text
    said = sentence(value, text)
    alone = text if value.type in STAND_ALONE else said  # some are what they are only beside a word that says so
    encoded = base64.b64encode(said.encode()).decode()
    yield "system", *chat(messages=[{"role": "system", "content": said}, {"role": "user", "content": "hello"}])
    yield "assistant", *chat(messages=[{"role": "user", "content": "a"}, {"role": "assistant", "content": said}, {"role": "user", "content": "b"}])
    yield "name", *message(name=alone)
    yield "user", *chat(user=alone)
    yield "metadata", *chat(metadata={"note": said})
    yield "metadata key", *chat(metadata={said: "x"})
    yield "session", *chat(metadata={"session_id": said})
    yield "stop", *chat(stop=[said])
    yield "unknown field", *chat(x_note=said)
    yield "unknown, deep", *chat(x={"a": [{"b": [said]}]})
    yield "unknown in a message", *message(x_note=said)
    yield "tool description", *tool({"description": said})
    yield "parameter description", *tool({"parameters": {"type": "object", "properties": {"a": {"type": "string", "description": said}}}})
    yield "parameter default", *tool({"parameters": {"type": "object", "properties": {"a": {"type": "string", "default": said, "enum": [said]}}}})
    yield "parameter name", *tool({"parameters": {"type": "object", "properties": {said: {"type": "string"}}}})
    if value.type in ("CREDIT_CARD", "US_SSN"):
        name = text.replace(" ", "-")
        yield "tool name", *tool({"name": name})
        yield "call name", *call(name=name)
        yield "call id", *call(call_id="call_" + name)
    yield "arguments", *call(json.dumps({"note": said}))
    yield "arguments key", *call(json.dumps({said: 1}))
    yield "arguments, broken", *call(json.dumps({"note": said})[:-1])
    yield "arguments, JSON in JSON", *call(json.dumps({"a": json.dumps({"b": json.dumps({"note": said})})}))
    yield "response format", *chat(response_format={"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object", "description": said}}})
    yield "file as text", *message(content=[{"type": "file", "file": {"filename": "notes.txt", "file_data": "data:text/plain;base64," + encoded}}])
    yield "file name", *message(content=[{"type": "file", "file": {"filename": said, "file_data": "data:text/plain;base64,aGVsbG8="}}])
    yield "image URL", *message(content=[{"type": "image_url", "image_url": {"url": "https://x.example/?q=" + urllib.parse.quote(text)}}])
    yield "not an image", *message(content=[{"type": "image_url", "image_url": {"url": "data:image/png;base64," + encoded}}])
    yield "audio", *message(content=[{"type": "input_audio", "input_audio": {"data": encoded, "format": "wav"}}])
    if value.type == "CREDIT_CARD":
        yield "number", *chat(x_n=int(value.core))
    if value.type in KEYS and value.is_number:
        yield "number in arguments", *call(json.dumps({KEYS[value.type]: int(value.core)}))
    yield "header", "/v1/chat/completions", {"demarc-conversation": text, "x-note": text, "user-agent": text, "anthropic-beta": text}, chat()[2]
    yield "query", "/v1/chat/completions?note=" + urllib.parse.quote(text), {}, chat()[2]
    yield "Claude's system", *claude(system=[{"type": "text", "text": said}])
    yield "Claude's metadata", *claude(metadata={"user_id": alone})
    yield "Claude's tool", *claude(tools=[{"name": "f", "description": said, "input_schema": {"type": "object"}}])
    yield "Claude's call", *claude(messages=[{"role": "user", "content": "go"}, {"role": "assistant", "content": [{"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": {said: said}}}]},
                                             {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": [{"type": "text", "text": said}]}]}])
    yield "Claude's document", *claude(messages=[{"role": "user", "content": [{"type": "document", "title": alone, "source": {"type": "text", "media_type": "text/plain", "data": said}}]}])
    yield "Claude's file", *claude(messages=[{"role": "user", "content": [{"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": encoded}}]}])
    yield "Claude's thinking", *claude(messages=[{"role": "user", "content": "a"}, {"role": "assistant", "content": [{"type": "thinking", "thinking": said, "signature": encoded}, {"type": "text", "text": "b"}]},
                                                 {"role": "user", "content": "c"}])


@pytest.mark.parametrize("name", [t for t in TYPES if t not in MISSING_TYPES])
def test_no_value_anywhere_in_a_request_reaches_the_provider(gateway, recorder, name):
    passed, refused = [], []
    value = make(name, random.Random(f"anywhere {name}"))
    gateway.planted.append((value, value.text))
    for where, path, headers, body in anywhere(value):
        before = len(recorder.received)
        reply = gateway.post(path, body, headers={**gateway.ann.headers, **headers})
        sent = recorder.received[before:]
        if reply.status != 200:
            assert reply.status in (400, 403), (where, reply.text)
            refused.append(where)
        if Record([r.raw for r in sent] + [r.body for r in sent]).holds(value):
            passed.append(where)
    missing = MISSING_PLACES & {where for where, *_ in anywhere(value)}
    assert set(passed) == missing, f"reached the provider: {passed}, known: {missing}, refused: {refused}"


# -- conversations

class Speaker:
    """A Talk in one dialect, turn by turn. Answers go back into the next turn as an application would send them."""

    def __init__(self, talk, dialect, model, stream, session, spell):
        self.talk, self.dialect, self.model, self.stream, self.session, self.spell = talk, dialect, model, stream, session, spell
        self.messages, self.calls = [], 0

    def call(self, turn):
        self.calls += 1
        name = f"call_{self.calls}"
        if self.dialect == "anthropic.messages":
            self.messages += [{"role": "user", "content": "look it up"}, {"role": "assistant", "content": [{"type": "tool_use", "id": name, "name": "lookup", "input": turn.call}]},
                              {"role": "user", "content": [{"type": "tool_result", "tool_use_id": name, "content": turn.result}]},
                              {"role": "assistant", "content": "I see."}]
        else:
            self.messages += [{"role": "user", "content": "look it up"},
                              {"role": "assistant", "content": None, "tool_calls": [{"id": name, "type": "function", "function": {"name": "lookup", "arguments": json.dumps(turn.call)}}]},
                              {"role": "tool", "tool_call_id": name, "content": turn.result}, {"role": "assistant", "content": "I see."}]

    def body(self, turn):
        if turn.call and self.dialect != "openai.completions":
            self.call(turn)
        content = turn.texts[0] if len(turn.texts) == 1 else [{"type": "text", "text": t} for t in turn.texts]
        common = {"model": self.model, "stream": self.stream, "metadata": {"session_id": self.session}}
        if self.dialect == "openai.completions":
            return {**common, "prompt": "\n\n".join([self.talk.system, *turn.texts])}
        self.messages.append({"role": "user", "content": content})
        if self.dialect == "anthropic.messages":
            return {**common, "max_tokens": 1000, "system": self.talk.system, "messages": self.messages}
        return {**common, "messages": [{"role": "system", "content": self.talk.system}, *self.messages]}

    def expected(self, body):
        if self.dialect == "openai.completions":
            return body["prompt"]
        content = body["messages"][-1]["content"]
        return content if isinstance(content, str) else " ".join(part["text"] for part in content)

    def ask(self, client, turn):
        body = self.body(turn)
        path = {"openai.chat": "/v1/chat/completions", "openai.completions": "/v1/completions", "anthropic.messages": "/v1/messages"}[self.dialect]
        reply = client.post(path, self.spell(body).encode())
        if reply.status == 200:
            self.messages.append({"role": "assistant", "content": self.text_of(reply)})
        elif self.messages:
            self.messages.pop()
        return reply, self.expected(body)

    def text_of(self, reply):
        """The answer's text; of echo-tool, which calls a tool with it, the tool's argument."""
        text = self.whole_text(reply) if not self.stream else self.streamed_text(reply)
        return json.loads(text)["q"] if self.model == "echo-tool" else text

    def whole_text(self, reply):
        if self.dialect == "anthropic.messages":
            return "".join(block["text"] if block["type"] == "text" else json.dumps(block["input"]) for block in reply.json["content"])
        choice = reply.json["choices"][0]
        if "text" in choice:
            return choice["text"]
        return choice["message"]["content"] or choice["message"]["tool_calls"][0]["function"]["arguments"]

    def streamed_text(self, reply):
        parts = [json.loads(data) for _, data in events(reply) if data.startswith("{")]
        if self.dialect == "anthropic.messages":
            deltas = [part["delta"] for part in parts if part.get("type") == "content_block_delta"]
            return "".join(delta.get("text", "") + delta.get("partial_json", "") for delta in deltas)
        calls = [call for part in parts for choice in part.get("choices", []) for call in choice.get("delta", {}).get("tool_calls", [])]
        return stream_text(reply) + "".join(call["function"].get("arguments", "") for call in calls)


def spelled_out(node):
    """JSON with every character of every value as its code: what a careful reader sees is the same."""
    if isinstance(node, dict):
        return "{" + ",".join(json.dumps(key) + ":" + spelled_out(value) for key, value in node.items()) + "}"
    if isinstance(node, list):
        return "[" + ",".join(map(spelled_out, node)) + "]"
    if not isinstance(node, str):
        return json.dumps(node)
    units = node.encode("utf-16-be")
    return '"' + "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2)) + '"'


SPELLINGS = [json.dumps, lambda node: json.dumps(node, ensure_ascii=False), spelled_out]


def bare(text):
    return re.sub(r"\s", "", text)


def difference(got, expected):
    at = next((i for i, (a, b) in enumerate(zip(got, expected)) if a != b), min(len(got), len(expected)))
    return f"came back as {got[at - 20:at + 40]!r} where {expected[at - 20:at + 40]!r} was sent"


def comes_back_whole(text, talk):
    """Not where a secret is (never given back), nor where a value may stand in something that looks like a link."""
    return not any(value.type == "SECRET" for value, _ in talk.values) and not re.search(r"//|\]\(|www\.|\\\\", text)


def spoken(seed):
    rng = random.Random(seed)
    types = [t for t in TYPES if t not in MISSING_TYPES]
    talk = conversation(rng, types, list(DISGUISES), MISSING_DISGUISES | MISSING_PAIRS | MISSING_SOMETIMES)
    dialect, model = rng.choice([("openai.chat", "echo"), ("openai.chat", "letters"), ("openai.chat", "claude-echo"), ("anthropic.messages", "claude-echo"),
                                 ("anthropic.messages", "echo"), ("openai.completions", "echo"), ("openai.chat", "echo-tool"),
                                 ("anthropic.messages", "echo-tool")])
    return talk, Speaker(talk, dialect, model, rng.random() < 0.5, f"proof-{seed}", rng.choice(SPELLINGS))


def again(seed):
    return f"again: DEMARC_PROOF_SEED={seed} DEMARC_PROOF_CONVERSATIONS=1 tests/e2e/run test_proof.py -k conversations"


def test_conversations_leave_without_one_planted_value_and_come_back_whole(gateway, recorder):
    requests = refused = planted = compared = 0
    wrong, started = [], time.monotonic()
    for seed in range(FIRST_SEED, FIRST_SEED + CONVERSATIONS):
        talk, speaker = spoken(seed)
        before, answered = len(recorder.received), []
        for turn in talk.turns:
            reply, expected = speaker.ask(gateway.ann, turn)
            requests += 1
            assert reply.status in (200, 403), reply.text + again(seed)
            if reply.status == 403:
                refused += 1
                continue
            answered.append(reply)
            if not comes_back_whole(expected, talk):
                continue
            compared += 1
            if bare(speaker.text_of(reply)) != bare(expected):
                wrong.append(f"{speaker.dialect}, {speaker.model}: {difference(speaker.text_of(reply), expected)}; {again(seed)}")
        bodies = [r.body for r in recorder.received[before:]]
        record = Record(bodies)
        held = [(value.type, disguise, value.text) for value, disguise in talk.values if record.holds(value)]
        if held:
            wrong.append(f"{speaker.dialect}, {speaker.model}: {held} reached the provider; {again(seed)}")
        planted += len(talk.values)
        gateway.planted += [(value, value.text) for value, _ in talk.values]
        if seed % 10 == 0 and answered:
            check_receipt(gateway, answered[-1])
            check_others_get_nothing(gateway, speaker, bodies)
    print(f"{CONVERSATIONS} conversations, {planted} values, {requests} requests, {refused} refused, {compared} answers compared, {time.monotonic() - started:.0f} s")
    assert not wrong, f"{len(wrong)} of {CONVERSATIONS} conversations:\n" + "\n".join(wrong[:20])
    assert compared * 2 > requests or CONVERSATIONS < 50, "too few answers were such that they must come back whole"
    assert refused <= MOST_REFUSED * requests, f"{refused} of {requests} requests refused"


def check_receipt(gateway, reply):
    receipt = gateway.get("/v1/receipts/" + (reply.headers["demarc-request-id"] or reply.headers["request-id"]), headers=gateway.ann.headers).json
    assert receipt["tier"] == "cloud" and receipt["decision"]["rules"] == ["cloud-when-redacted"]
    for name, count in receipt["findings"].items():
        assert receipt["redactions"].get(name, 0) >= count, receipt


def check_others_get_nothing(gateway, speaker, bodies):
    """Another caller who knows the conversation's name and the placeholders gets the placeholders, and so does the same caller elsewhere."""
    words = sorted(set(re.findall(r"\b[A-Z]{2,24}X[0-9A-Z]{9}\b", bodies[-1].decode())))[:5]
    if not words:
        return
    text = "tell me about " + ", ".join(words)
    for client, session in ((gateway.bob, speaker.session), (gateway.ann, speaker.session + "-other")):
        reply = client.chat(text, metadata={"session_id": session})
        assert reply.json["choices"][0]["message"]["content"] == text


def test_the_judge_finds_conversations_out_when_nothing_is_redacted(open_gateway, recorder):
    """Without this, the proof above could hold because nothing was planted or nothing can be found."""
    for seed in range(FIRST_SEED, FIRST_SEED + 20):
        talk, speaker = spoken(seed)
        before = len(recorder.received)
        for turn in talk.turns:
            assert speaker.ask(open_gateway.ann, turn)[0].status == 200
        record = Record([r.body for r in recorder.received[before:]])
        sent = [v for v, _ in talk.values if speaker.dialect != "openai.completions" or any(v.core in "".join(c for c in t.lower() if c.isalnum()) for turn in talk.turns for t in turn.texts)]
        assert all(record.holds(value) for value in sent), seed


# -- at home (last: it looks for all that was planted above)

def test_nothing_that_was_planted_is_in_our_own_log_data_or_metrics(gateway, tmp_path):
    (tmp_path / "metrics").write_text(gateway.get("/metrics").text)
    (tmp_path / "audit").write_text(gateway.cli("audit", "ls", "--json", "-n", "100000").stdout)
    forms = tmp_path / "forms"
    kept = {form for value, shown in gateway.planted for form in (value.text, shown, value.core) if len(form) > 10 and "\n" not in form}
    forms.write_text("\n".join(sorted(kept)) + "\n")

    def found_in(*places):
        return subprocess.run(["grep", "-r", "-a", "-o", "-m", "5", "-F", "-f", forms, *places], env={**os.environ, "LC_ALL": "C"}, capture_output=True, text=True).stdout

    assert len(kept) > 3 and found_in(forms), "nothing was looked for"
    assert sum(f.stat().st_size for f in gateway.data.rglob("*") if f.is_file()) > 10_000
    assert not found_in(gateway.folder, tmp_path / "metrics", tmp_path / "audit")
