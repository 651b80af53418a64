"""The local tier with its real models: chat, completion, fill-in-the-middle, embeddings and two-stage transcription; and what a killed engine costs."""

import json
import os
import re
import signal
import subprocess
import time
import wave

import anthropic
import openai
import pytest

from conftest import cloud_upstream
from distance import edits
from harness import BINARY, Gateway, ROOT, node

SPEECH = ROOT / "tests" / "data" / "speech"
CHAT = "qwen2.5-coder-0.5b-instruct"


@pytest.fixture(scope="session")
def gateway(models):
    config = f"""upstreams:
  - {{name: chat-local, tier: local, engine: llama, model: {CHAT}, serves: [chat, completion, fim], context_tokens: 4096}}
  - {{name: speech-local, tier: local, engine: speech, model: whisper-base, serves: [transcription]}}
  - {{name: vectors-local, tier: local, engine: llama, model: all-minilm-l6-v2, serves: [embedding], context_tokens: 256}}
costs: {{hardware: {{usd: 6000, months: 36}}, watts: {{idle: 80, busy: 450}}, usd_per_kwh: 0.22}}
"""
    with Gateway(config, policy="version: 1\nrules:\n  - {id: local-is-ours, permit: local}\n", models=models) as gateway:
        wait_up(gateway, 3)
        yield gateway


def upstreams(gateway):
    return {u["name"]: u for u in json.loads(gateway.cli("status", "--json").stdout)["upstreams"]}


def wait_up(gateway, count, timeout_s=150):
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if sum(u["models"][0]["usable"] for u in upstreams(gateway).values()) >= count:
            return
        time.sleep(0.05)
    raise AssertionError(gateway.cli("status").stdout)


def sdk(gateway):
    return openai.OpenAI(base_url=gateway.url + "/v1", api_key="sk-unused", max_retries=0)


def words(text):
    return re.sub(r"[^a-z' ]", " ", text.lower().replace("-", " ")).split()


def word_errors(reference, heard):
    return edits(words(reference), words(heard))


def references():
    return dict(line.split("\t", 1) for line in (SPEECH / "references.tsv").read_text().splitlines() if "\t" in line)


def test_status_says_why_for_every_model_that_cannot_serve_yet(models):
    config = f"upstreams:\n  - {{name: chat-local, tier: local, engine: llama, model: {CHAT}, context_tokens: 4096}}\n"
    with Gateway(config, policy="version: 1\nrules:\n  - {id: home, permit: local}\n", models=models) as gateway:
        seen = {upstreams(gateway)["chat-local"]["models"][0]["state"]}
        while "up" not in seen:
            model = upstreams(gateway)["chat-local"]["models"][0]
            assert model["state"] == "up" or (model["state"] == "loading" and model["why"]), model
            seen.add(model["state"])
        assert re.search(r"^chat-local .* up ", gateway.cli("status").stdout, re.M)


LONG_WORDS = "international organization representatives " * 50  # 2150 bytes, far fewer tokens than bytes / 4
DENSE = "q z j x " * 200  # 1600 bytes, a token to two of them


@pytest.fixture(scope="module")
def short(models, provider, ca):
    """A local model with a context of 512 tokens, and a cloud that may have what is not declared confidential."""
    config = f"upstreams:\n  - {{name: chat-local, tier: local, engine: llama, model: {CHAT}, slots: 1, serves: [chat, completion], context_tokens: 512}}\n"
    policy = ("version: 1\nrules:\n  - {id: home, permit: local}\n  - {id: out, permit: cloud, when: {sensitivity: {at_most: internal}}}\n"
              "  - {id: here, prefer: local}\n")
    with Gateway(config + cloud_upstream(provider, ca[0], models=["echo"]), policy=policy, models=models) as gateway:
        wait_up(gateway, 2)
        yield gateway


def test_a_request_that_only_looks_too_long_is_counted_by_the_engine_and_served_at_home(short):
    reply = short.chat(LONG_WORDS, max_tokens=3)
    receipt = short.receipt(reply)
    assert reply.status == 200 and receipt["tier"] == "local"
    attempt = receipt["attempts"][0]
    assert attempt["context_tokens_by"] == "tokenizer" and attempt["context_tokens"] == reply.json["usage"]["prompt_tokens"] < 512 < len(LONG_WORDS) / 4


def test_a_request_that_is_longer_than_it_looks_goes_where_it_fits(short):
    reply = short.chat(DENSE, max_tokens=3)
    receipt = short.receipt(reply)
    assert reply.status == 200 and receipt["tier"] == "cloud" and receipt["attempts"][0]["context_tokens_by"] == "bytes"
    reply = short.post("/v1/completions", {"model": "auto", "prompt": DENSE, "max_tokens": 3})
    assert short.receipt(reply)["tier"] == "cloud"


def test_a_request_too_long_for_all_who_may_have_it_is_refused_as_such_in_the_callers_dialect(short):
    confidential = {"demarc-sensitivity": "confidential"}
    reply = short.chat(DENSE, max_tokens=3, headers=confidential)
    assert reply.status == 400 and reply.json["error"]["code"] == "context_length_exceeded"
    assert short.receipt(reply)["decision"]["effect"] == "deny"
    message = {"model": "auto", "max_tokens": 3, "messages": [{"role": "user", "content": DENSE}]}
    reply = short.post("/v1/messages", message, headers=confidential)
    assert reply.status == 400 and reply.json["error"]["type"] == "invalid_request_error" and "longer than the context" in reply.json["error"]["message"]


def test_a_short_request_is_not_counted(short):
    receipt = short.receipt(short.chat("Say hi", max_tokens=3))
    assert receipt["tier"] == "local" and receipt["attempts"][0]["context_tokens_by"] == "bytes"


def test_ask_answers_and_prints_its_receipt_line(gateway):
    done = gateway.cli("ask", "What is the capital of France?")
    answer, line = done.stdout.strip().rsplit("\n", 1)
    assert "Paris" in answer
    assert re.fullmatch(r"local · \S+ · rule local-is-ours · \d+→\d+ tokens · \$[\d.]+ here( · |, .* · )record \d+", line), line


def test_the_openai_sdk_chats_streams_and_lists(gateway):
    client = sdk(gateway)
    reply = client.chat.completions.create(model="auto", temperature=0, max_tokens=20, messages=[{"role": "user", "content": "What is the capital of France?"}])
    assert "Paris" in reply.choices[0].message.content and reply.model == CHAT
    stream = client.chat.completions.create(model="auto", temperature=0, max_tokens=20, stream=True, stream_options={"include_usage": True},
                                            messages=[{"role": "user", "content": "What is the capital of France?"}])
    chunks = list(stream)
    assert "Paris" in "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) and chunks[-1].usage.prompt_tokens > 0
    assert CHAT in [m.id for m in client.models.list()]


def test_a_json_schema_holds_the_local_model_to_it(gateway):
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False}
    reply = sdk(gateway).chat.completions.create(model="auto", max_tokens=40, messages=[{"role": "user", "content": "Capital of France as JSON"}],
                                                 response_format={"type": "json_schema", "json_schema": {"name": "c", "schema": schema}})
    assert set(json.loads(reply.choices[0].message.content)) == {"city"}


def test_the_anthropic_sdk_is_answered_by_the_local_model(gateway):
    client = anthropic.Anthropic(base_url=gateway.url, api_key="sk-unused", max_retries=0)
    reply = client.messages.create(model="auto", max_tokens=30, messages=[{"role": "user", "content": "What is the capital of France?"}])
    assert "Paris" in reply.content[0].text and reply.usage.output_tokens > 0
    with client.messages.stream(model="auto", max_tokens=30, messages=[{"role": "user", "content": "What is the capital of France?"}]) as stream:
        assert "Paris" in "".join(stream.text_stream)


def test_the_node_sdk_chats_and_streams(gateway):
    texts = node(gateway, """
        const messages = [{role: 'user', content: 'What is the capital of France?'}];
        const whole = await client.chat.completions.create({model: 'auto', max_tokens: 20, messages});
        let text = ''; for await (const chunk of await client.chat.completions.create({model: 'auto', max_tokens: 20, messages, stream: true})) text += chunk.choices[0]?.delta?.content ?? '';
        return [whole.choices[0].message.content, text];""")
    assert all("Paris" in text for text in texts)


def test_the_node_sdk_transcribes(gateway):
    heard, segments = node(gateway, """
        const ask = form => client.audio.transcriptions.create({model: 'whisper-base', file: fs.createReadStream(args[0]), response_format: form});
        return [(await ask('json')).text, (await ask('verbose_json')).segments.length];""", SPEECH / "austen-0880.wav")
    assert "young man" in heard.lower() and segments >= 1


def test_the_node_sdk_embeds(gateway):
    assert node(gateway, "return (await client.embeddings.create({model: 'auto', input: ['hello', 'world']})).data.map(d => d.embedding.length);") == [384, 384]


def test_the_middle_is_filled_in_knowing_what_follows(gateway):
    reply = sdk(gateway).completions.create(model="auto", prompt="def add(a, b):\n    return ", suffix="\n\nprint(add(1, 2))\n", max_tokens=12, temperature=0)
    assert "a + b" in reply.choices[0].text
    assert gateway.get("/v1/receipts/" + sdk(gateway).completions.with_raw_response.create(
        model="auto", prompt="x = ", suffix="\n", max_tokens=3).headers["demarc-request-id"]).json["operation"] == "fim"


def test_embeddings_are_the_same_in_float_and_base64(gateway):
    client = sdk(gateway)
    plain = client.embeddings.create(model="auto", input=["hello", "world"], encoding_format="float")
    packed = client.embeddings.create(model="auto", input=["hello", "world"])  # the SDK asks for base64 and unpacks it
    assert len(plain.data) == 2 and len(plain.data[0].embedding) == 384
    assert max(abs(a - b) for a, b in zip(plain.data[0].embedding, packed.data[0].embedding)) < 1e-3


def test_transcription_by_the_sdk_in_every_form(gateway):
    client, clip = sdk(gateway), SPEECH / "austen-0880.wav"
    ask = lambda form: client.audio.transcriptions.create(model="whisper-base", file=clip.open("rb"), response_format=form)
    assert word_errors(references()["austen-0880"] if "austen-0880" in references() else references()["austen-0880.wav"], ask("json").text) <= 1
    assert "young man" in ask("text").lower()
    verbose = ask("verbose_json")
    assert 2 < verbose.duration < 5 and verbose.segments[0].end > verbose.segments[0].start
    assert re.match(r"1\n00:00:0\d,\d{3} --> 00:00:0\d,\d{3}\n", ask("srt"))


def test_the_clean_text_has_no_more_word_errors_than_the_raw_one(gateway):
    raw_errors = clean_errors = 0
    for name, reference in references().items():
        clip = SPEECH / (name if name.endswith(".wav") else name + ".wav")
        raw_errors += word_errors(reference, gateway.cli("transcribe", "--raw", clip).stdout)
        clean_errors += word_errors(reference, gateway.cli("transcribe", clip).stdout)
    assert clean_errors <= raw_errors <= 5, (clean_errors, raw_errors)


@pytest.fixture(scope="module")
def broken_off(tmp_path_factory):
    """Two seconds of a sentence: it is heard without a mark at its end."""
    path = tmp_path_factory.mktemp("speech") / "broken_off.wav"
    with wave.open(str(path), "wb") as cut, wave.open(str(SPEECH / "austen-0870.wav")) as clip:
        cut.setparams(clip.getparams())
        cut.writeframes(clip.readframes(2 * clip.getframerate()))
    return path


def test_the_cleaning_is_a_sub_request_with_records_of_its_own(gateway, broken_off):
    with broken_off.open("rb") as clip:
        reply = sdk(gateway).audio.transcriptions.with_raw_response.create(model="whisper-base", file=clip, response_format="verbose_json")
    answer = json.loads(reply.text)
    assert answer["cleaning"]["asked"] == answer["cleaning"]["answered"] == 1, answer
    receipt = gateway.get("/v1/receipts/" + reply.headers["demarc-request-id"]).json
    assert receipt["operation"] == "transcription" and len(receipt["sub_requests"]) == 1
    child = gateway.get("/v1/receipts/" + receipt["sub_requests"][0]).json
    assert child["parent"] == receipt["id"] and child["operation"] == "chat" and child["tier"] == "local"


def test_what_was_heard_well_costs_no_model_call(gateway):
    with (SPEECH / "austen-0880.wav").open("rb") as clip:
        reply = sdk(gateway).audio.transcriptions.with_raw_response.create(model="whisper-base", file=clip, response_format="json")
    assert json.loads(reply.text)["cleaning"] == {"pieces": 1, "asked": 0, "answered": 0, "reverted": 0}
    assert not gateway.get("/v1/receipts/" + reply.headers["demarc-request-id"]).json.get("sub_requests")


def test_what_is_not_audio_is_a_clear_error_and_costs_nobody_else_anything(gateway):
    with pytest.raises(openai.BadRequestError):
        sdk(gateway).audio.transcriptions.create(model="whisper-base", file=("a.wav", b"this is no recording"))
    assert gateway.chat("Say hi", max_tokens=5).status == 200


@pytest.mark.parametrize("engine", ["chat-local", "speech-local"])
def test_a_killed_engine_is_back_and_its_caller_gets_a_clean_error_or_answer(gateway, engine):
    before = upstreams(gateway)[engine]["engine"]
    os.kill(before["pid"], signal.SIGKILL)
    end = time.monotonic() + 30
    while time.monotonic() < end:
        now = upstreams(gateway)[engine]
        if now["engine"]["restarts"] > before["restarts"] and now["models"][0]["usable"]:
            break
        time.sleep(0.02)
    assert now["models"][0]["usable"] and now["engine"]["pid"] != before["pid"]
    if engine == "chat-local":
        assert gateway.chat("What is the capital of France?", max_tokens=20).status == 200


def test_an_engine_killed_in_the_middle_of_a_stream_ends_it_with_an_error_event(gateway):
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=60)
    body = json.dumps({"model": "auto", "stream": True, "max_tokens": 2000, "messages": [{"role": "user", "content": "Write a very long story about the sea."}]})
    connection.request("POST", "/v1/chat/completions", body, {"content-type": "application/json"})
    response = connection.getresponse()
    text = response.read(600)
    before = upstreams(gateway)["chat-local"]["engine"]
    os.kill(before["pid"], signal.SIGKILL)
    text += response.read()
    assert b'"error"' in text and b"[DONE]" not in text
    end = time.monotonic() + 60
    while upstreams(gateway)["chat-local"]["engine"]["restarts"] == before["restarts"]:  # else the one that was killed may still count as up
        assert time.monotonic() < end
        time.sleep(0.02)
    wait_up(gateway, 3)


def test_a_client_that_leaves_frees_the_slot(gateway):
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=60)
    connection.request("POST", "/v1/chat/completions", json.dumps({"model": "auto", "stream": True, "max_tokens": 2000, "messages": [{"role": "user", "content": "Count to a thousand."}]}),
                       {"content-type": "application/json"})
    response = connection.getresponse()
    response.read(300)
    assert upstreams(gateway)["chat-local"]["engine"]["in_use"] == 1
    response.close()
    connection.close()
    end = time.monotonic() + 5
    while time.monotonic() < end and upstreams(gateway)["chat-local"]["engine"]["in_use"] > 0:
        time.sleep(0.01)
    assert upstreams(gateway)["chat-local"]["engine"]["in_use"] == 0


def test_local_work_is_charged_by_the_second(gateway):
    charge = gateway.receipt(gateway.chat("Say hi", max_tokens=5))["charge"]
    assert charge["kind"] == "local" and float(charge["usd"]) > 0


def test_models_verify_reads_every_byte(models):
    done = subprocess.run([BINARY, "--data", models, "models", "verify"], capture_output=True, text=True, timeout=120, env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"})
    assert done.returncode == 0 and "intact" in done.stdout, done.stderr
