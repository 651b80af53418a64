"""The cloud tier: passed through faithfully, redacted where the policy says so, failed over before the first content and never after."""

import json

import anthropic
import openai
import pytest

from conftest import UPSTREAM_KEY, cloud_upstream
from harness import Gateway, events, node, stream_text

CARD = "4111 1111 1111 1111"


def client(gateway, **more):
    return openai.OpenAI(base_url=gateway.url + "/v1", api_key="sk-unused", max_retries=0, **more)


def test_the_openai_sdk_chats_and_unknown_fields_pass(gateway):
    reply = client(gateway).chat.completions.create(model="echo", messages=[{"role": "user", "content": "hello there"}])
    assert reply.choices[0].message.content == "hello there"
    assert reply.model_extra["x_unknown"] == {"kept": True}
    assert reply.usage.completion_tokens == 2


def test_the_openai_sdk_streams_with_usage(gateway):
    stream = client(gateway).chat.completions.create(model="echo", stream=True, stream_options={"include_usage": True}, messages=[{"role": "user", "content": "one two three"}])
    chunks = list(stream)
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == "one two three"
    assert chunks[-1].usage.completion_tokens == 3


def test_usage_is_not_shown_to_who_did_not_ask_but_is_metered(gateway):
    reply = gateway.chat("one two", model="echo", stream=True)
    assert '"usage": {' not in reply.text
    assert gateway.receipt(reply)["usage"]["output_tokens"] == 2


def test_parallel_tool_calls_stream_with_exact_arguments(gateway):
    stream = client(gateway).chat.completions.create(model="echo-tools", stream=True, messages=[{"role": "user", "content": "say \"it\""}],
                                                     tools=[{"type": "function", "function": {"name": "lookup", "parameters": {"type": "object"}}}])
    arguments = {}
    for chunk in stream:
        for choice in chunk.choices:
            for call in choice.delta.tool_calls or []:
                arguments[call.index] = arguments.get(call.index, "") + (call.function.arguments or "")
    assert json.loads(arguments[0]) == {"q": "say \"it\""}
    assert json.loads(arguments[1]) == {"q": "Ünïcode \"quoted\"\n🙂"}


def test_the_node_sdk_calls_tools_whole_and_streamed(gateway):
    whole, streamed = node(gateway, """
        const ask = {model: 'echo-tools', messages: [{role: 'user', content: 'go'}], tools: [{type: 'function', function: {name: 'lookup', parameters: {type: 'object'}}}]};
        const reply = await client.chat.completions.create(ask);
        const parts = []; for await (const chunk of await client.chat.completions.create({...ask, stream: true}))
          for (const call of chunk.choices[0]?.delta?.tool_calls ?? []) parts[call.index] = (parts[call.index] ?? '') + (call.function?.arguments ?? '');
        return [reply.choices[0].message.tool_calls.map(call => call.function.arguments), parts];""")
    expected = [{"q": "go"}, {"q": "Ünïcode \"quoted\"\n🙂"}]
    assert [json.loads(part) for part in whole] == expected == [json.loads(part) for part in streamed]


def test_the_node_sdk_tells_errors_by_their_class(gateway):
    assert node(gateway, """
        const ask = async model => { try { await client.chat.completions.create({model, messages: [{role: 'user', content: 'x'}]}); } catch (e) { return [e.constructor.name, e.status, e.code]; } };
        return [await ask('no-such-model'), await ask('status-429')];""") == [["NotFoundError", 404, "model_not_found"], ["RateLimitError", 429, None]]


def test_the_anthropic_sdk_is_answered_by_an_openai_upstream(gateway):
    sdk = anthropic.Anthropic(base_url=gateway.url, api_key="sk-unused", max_retries=0)
    reply = sdk.messages.create(model="echo", max_tokens=50, messages=[{"role": "user", "content": "bonjour"}])
    assert reply.content[0].text == "bonjour"
    with sdk.messages.stream(model="echo-tools", max_tokens=50, messages=[{"role": "user", "content": "go"}], tools=[{"name": "lookup", "input_schema": {"type": "object"}}]) as stream:
        final = stream.get_final_message()
    assert [b.input for b in final.content] == [{"q": "go"}, {"q": "Ünïcode \"quoted\"\n🙂"}]
    assert final.stop_reason == "tool_use"


def test_the_openai_sdk_is_answered_by_an_anthropic_upstream(gateway, provider):
    reply = client(gateway).chat.completions.create(model="claude-echo", messages=[{"role": "system", "content": "be brief"}, {"role": "user", "content": "hola"}], max_tokens=20)
    assert reply.choices[0].finish_reason == "stop"
    sent = provider.received[-1]
    assert sent.path == "/v1/messages" and sent.headers["x-api-key"] == UPSTREAM_KEY and "anthropic-version" in sent.headers


def test_a_wrong_model_is_not_found(gateway):
    with pytest.raises(openai.NotFoundError) as error:
        client(gateway).chat.completions.create(model="no-such-model", messages=[{"role": "user", "content": "x"}])
    assert error.value.code == "model_not_found"


@pytest.mark.parametrize("stream", [False, True])
def test_a_card_in_a_tool_result_never_reaches_the_provider_and_comes_back_restored(gateway, provider, stream):
    messages = [
        {"role": "user", "content": "what is on file?"},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": json.dumps({"card": CARD})}}]},
        {"role": "tool", "tool_call_id": "c1", "content": f"card {CARD}, mail ada@example.org"},
    ]
    reply = gateway.post("/v1/chat/completions", {"model": "letters", "stream": stream, "messages": messages, "metadata": {"note": "4111-1111-1111-1111"}})
    assert reply.status == 200
    text = stream_text(reply) if stream else reply.json["choices"][0]["message"]["content"]
    assert text == f"card {CARD}, mail ada@example.org"
    seen = provider.everything()
    for secret in (b"4111", b"1111 1111", b"ada@example.org"):
        assert secret not in seen
    receipt = gateway.receipt(reply)
    assert receipt["decision"]["rules"] == ["redacted"] and receipt["redactions"]["CREDIT_CARD"] >= 2


GOSSIP_POLICY = """
version: 1
labels:
  - {id: personal, sensitivity: confidential, when: {findings: any}}
rules:
  - {id: open-data, permit: cloud, when: {sensitivity: {at_most: internal}}}
"""


def test_what_an_answer_brought_in_holds_for_the_later_turns_of_that_conversation_and_of_no_other(provider, ca):
    with Gateway("keys: required\nupstreams:\n" + cloud_upstream(provider, ca[0], models=["echo", "gossip"]), policy=GOSSIP_POLICY) as gateway:
        keys = [{"authorization": "Bearer " + json.loads(gateway.cli("keys", "create", "--name", n, "--json").stdout)["secret"]} for n in ("ann", "bob")]

        def ask(model, text, session, key=keys[0], stream=False):
            return gateway.chat(text, model=model, stream=stream, metadata={"session_id": session} if session else {}, headers=key)

        for stream in (False, True):
            session = f"s-{stream}"
            assert ask("gossip", "who knows?", session, stream=stream).status == 200
            refused = ask("echo", "thanks", session)
            assert refused.status == 403
            receipt = gateway.get("/v1/receipts/" + refused.headers["demarc-request-id"], headers=keys[0]).json
            assert receipt["sensitivity"] == "confidential" and receipt["declared"] == "internal" and receipt["findings"] == {}
            assert "builtin:conversation" in receipt["decision"]["matched"]
            assert ask("echo", "thanks", session, key=keys[1]).status == 200, "another caller's conversation of the same name"
        assert ask("echo", "thanks", "other").status == 200

        # Known by its first messages: the same question anew begins a conversation, an answer in the request goes on with one.
        assert ask("gossip", "who knows?", None).status == 200
        assert ask("gossip", "who knows?", None).status == 200
        turns = [{"role": "user", "content": "who knows?"}, {"role": "assistant", "content": "somebody"}, {"role": "user", "content": "who?"}]
        assert gateway.post("/v1/chat/completions", {"model": "echo", "messages": turns}, headers=keys[0]).status == 403


def test_a_card_written_with_dots_never_reaches_the_provider(gateway, provider):
    reply = gateway.chat("card 5555.5555.5555.4444", model="echo")
    assert reply.json["choices"][0]["message"]["content"] == "card 5555.5555.5555.4444"
    assert b"5555.5555" not in provider.everything()


def test_a_card_split_over_content_parts_never_reaches_the_provider(gateway, provider):
    content = [{"type": "text", "text": "my card is 4111 1111"}, {"type": "text", "text": " 1111 1111 thanks"}]
    reply = gateway.post("/v1/chat/completions", {"model": "echo", "messages": [{"role": "user", "content": content}]})
    assert b"4111 1111" not in provider.everything()
    assert reply.status in (200, 403)


def test_what_nobody_examined_does_not_slip_out(gateway, provider):
    before = len(provider.received)
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg=="}}
    reply = gateway.post("/v1/chat/completions", {"model": "echo", "messages": [{"role": "user", "content": [image]}]})
    assert reply.status == 403 and reply.json["error"]["code"] == "policy_denied"
    remote = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
    assert gateway.post("/v1/chat/completions", {"model": "echo", "messages": [{"role": "user", "content": [remote]}]}).status == 403
    assert len(provider.received) == before


def test_a_secret_is_denied_and_the_refusal_recorded(gateway):
    reply = gateway.chat("use key AKIAIOSFODNN7EXAMPLE please and ghp_16C7e42F292c6912E7710c838347Ae178B4a", model="echo")
    assert reply.status == 403
    receipt = gateway.receipt(reply)
    assert receipt["decision"]["effect"] == "deny" and receipt["sensitivity"] == "restricted"


@pytest.mark.parametrize("alias", ["broken-then-good", "limited-then-good", "early"])
@pytest.mark.parametrize("stream", [False, True])
def test_failure_before_the_first_content_moves_to_the_next_attempt(gateway, alias, stream):
    if alias == "early" and not stream:
        alias = "broken-then-good"
    reply = gateway.chat("still here", model=alias, stream=stream)
    assert reply.status == 200, reply.text
    text = stream_text(reply) if stream else reply.json["choices"][0]["message"]["content"]
    assert text == "still here"
    outcomes = [a["outcome"] for a in gateway.receipt(reply)["attempts"]]
    assert outcomes[-1] == "served"


def test_failure_after_the_first_content_is_an_error_event_and_never_a_fake_end(gateway):
    reply = gateway.chat("x", model="late", stream=True)
    data = [d for _, d in events(reply)]
    assert "one" in data[1] and '"error"' in data[-1]
    assert "[DONE]" not in reply.text and '"finish_reason": "stop"' not in reply.text
    receipt = gateway.receipt(reply)
    assert [a["outcome"] for a in receipt["attempts"]] == ["error"] and receipt["attempts"][0]["reason"] == "reset"


@pytest.mark.parametrize("model", ["reset", "garbage", "huge-headers", "garbage-json"])
def test_a_broken_provider_is_a_clean_502(gateway, model):
    reply = gateway.chat("x", model=model)
    assert reply.status in (502, 503) and reply.json["error"]["type"] == "server_error"


def test_the_providers_own_errors_pass_and_retry_after_too(gateway):
    reply = gateway.chat("x", model="status-400")
    assert reply.status == 400 and reply.json["error"]["message"] == "scripted 400"


def test_a_refused_credential_of_ours_is_not_the_callers_401(gateway):
    assert gateway.chat("x", model="status-401").status == 502


def test_half_a_character_at_a_time_arrives_whole(gateway):
    assert stream_text(gateway.chat("x", model="half-utf8", stream=True)) == "grün 🙂"


def test_a_provider_that_does_not_count_is_estimated_and_said_so(gateway):
    reply = gateway.chat("tell me", model="no-usage")
    assert gateway.receipt(reply)["usage"]["estimated"] is True


def test_a_client_that_leaves_is_charged_for_what_was_produced_and_the_upstream_let_go(gateway):
    import http.client
    import time

    connection = http.client.HTTPConnection("127.0.0.1", gateway.port)
    connection.request("POST", "/v1/chat/completions", json.dumps({"model": "slow", "stream": True, "messages": [{"role": "user", "content": "w " * 200}]}), {"content-type": "application/json"})
    response = connection.getresponse()
    response.read(200)
    request_id = response.headers["demarc-request-id"]
    connection.sock.close() if connection.sock else response.close()
    response.close()
    end = time.monotonic() + 5
    while time.monotonic() < end:
        attempts = gateway.get(f"/v1/receipts/{request_id}").json.get("attempts", [])
        if attempts and attempts[0]["outcome"] == "cancelled":
            break
        time.sleep(0.02)
    assert attempts[0]["outcome"] == "cancelled" and attempts[0]["reason"] == "client_gone"
    assert gateway.get(f"/v1/receipts/{request_id}").json["usage"]["estimated"] is True


def test_no_credential_shows_anywhere(gateway, provider):
    gateway.post("/v1/chat/completions", {"model": "echo", "messages": [{"role": "user", "content": "x"}]}, headers={"x-api-key": "sk-ant-callers-own"})
    assert b"callers-own" not in provider.everything()
    assert provider.received[-1].headers["authorization"] == f"Bearer {UPSTREAM_KEY}"
    shown = gateway.log_text() + gateway.cli("status", "--json").stdout + gateway.cli("audit", "ls", "--json", "-n", "500").stdout + gateway.cli("doctor", check=False).stdout
    assert UPSTREAM_KEY not in shown


def test_the_receipt_comment_stands_directly_before_the_end_marker(gateway):
    found = events(gateway.chat("x y", model="echo", stream=True))
    assert found[-1][1] == "[DONE]"
    assert found[-2][0] == ":" and found[-2][1].startswith("demarc-receipt {")


def test_real_prices_make_exact_charges(gateway):
    reply = gateway.chat("a b c d", model="gpt-5-mini")
    charge = gateway.receipt(reply)["charge"]
    assert charge["kind"] == "billed" and len(charge["usd"].split(".")[1]) == 12 and float(charge["usd"]) > 0
    assert reply.headers["demarc-cost-usd"] == charge["usd"]


def test_usage_equals_the_receipts(gateway):
    replies = [gateway.chat(f"word {i}", model="gpt-5-mini") for i in range(50)]
    receipts = {r.headers["demarc-request-id"]: gateway.receipt(r) for r in replies}
    rows = json.loads(gateway.cli("usage", "--by", "model", "--json").stdout)
    listed = json.loads(gateway.cli("audit", "ls", "--json", "-n", "1000").stdout)["records"]
    pico = sum(int(r["record"]["charge"]["usd"].replace(".", "")) for r in listed
               if r["record"]["kind"] == "OUTCOME" and r["record"].get("charge", {}).get("usd") and r["record"]["served_model"] == "gpt-5-mini")
    row = next(r for r in rows["rows"] if "gpt-5-mini" in json.dumps(r))
    assert int(row["usd"].replace(".", "")) == pico
    assert all(r["charge"]["kind"] == "billed" for r in receipts.values())
