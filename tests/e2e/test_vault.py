"""What stands for a value, and for how long it can be given back: surrogates, tools that get none, and a vault that outlives the process."""

import json
import os

import pytest

from conftest import POLICY, cloud_upstream
from harness import Gateway

CARD = "4111 1111 1111 1111"
MAIL = "ada@lovelace.org"
NAME_OF_CONVERSATION = "case-of-ada-7"


def sealed(provider, ca, key="key: {file: vault.key}"):
    return "upstreams:\n" + cloud_upstream(provider, ca[0]) + f"vault: {{keep: file, {key}}}\n"


def write_key(gateway, key):
    (gateway.folder / "vault.key").write_text(key + "\n")
    (gateway.folder / "vault.key").chmod(0o600)


def redact(gateway, text, **more):
    return gateway.post("/v1/redactions", {"input": [text], "mode": "redact", "conversation": NAME_OF_CONVERSATION, **more}).json["results"][0]["output"]


def restore(gateway, text):
    return gateway.post("/v1/redactions", {"input": [text], "mode": "restore", "conversation": NAME_OF_CONVERSATION}).json["results"][0]["output"]


@pytest.fixture
def gateway(provider, ca):
    made = Gateway(sealed(provider, ca), policy=POLICY)
    write_key(made, "00112233445566778899aabbccddeeff" * 2)
    with made as gateway:
        yield gateway


def test_what_was_hidden_before_a_kill_is_given_back_after_it(gateway):
    hidden = redact(gateway, f"{MAIL}, {CARD}")
    stand_in = redact(gateway, MAIL, operator="surrogate")
    assert MAIL not in hidden + stand_in
    gateway.kill()
    gateway.start()
    assert restore(gateway, f"{hidden} {stand_in}") == f"{MAIL}, {CARD} {MAIL}"
    assert redact(gateway, f"{MAIL}, {CARD}") == hidden


def test_the_data_folder_holds_no_value_in_clear(gateway):
    hidden = redact(gateway, f"{MAIL}, {CARD}")
    answer = gateway.chat(f"write to {MAIL} about {CARD}", model="echo")
    assert MAIL in answer.json["choices"][0]["message"]["content"]
    assert gateway.stop() == 0
    files = [path for path in gateway.data.rglob("*") if path.is_file()]
    assert any(path.name == "values.sealed" for path in files)
    for path in files:
        content = path.read_bytes()
        for plain in (MAIL, "lovelace", CARD, CARD.replace(" ", ""), hidden.split(",")[0]):
            assert plain.encode() not in content, (path, plain)
    assert oct((gateway.data / "vault" / "values.sealed").stat().st_mode & 0o777) == "0o600"


def test_a_wrong_or_missing_key_stops_the_start_and_says_what_to_do(gateway):
    redact(gateway, MAIL)
    gateway.stop()
    for key, said in (("ff" * 32, "Give the former key again"), ("short", "32 bytes in hex or base64")):
        write_key(gateway, key)
        gateway.start(wait=False)
        assert gateway.process.wait(20) != 0
        assert said in gateway.log_text()
    os.remove(gateway.folder / "vault.key")
    gateway.start(wait=False)
    assert gateway.process.wait(20) != 0
    assert "vault: {keep: memory}" in gateway.log_text()
    write_key(gateway, "00112233445566778899aabbccddeeff" * 2)
    gateway.start()


def test_the_key_may_come_from_a_command(provider, ca):
    with Gateway(sealed(provider, ca, "key: {command: [printf, '%s', '" + "ab" * 32 + "']}"), policy=POLICY) as gateway:
        hidden = redact(gateway, MAIL)
        gateway.kill()
        gateway.start()
        assert restore(gateway, hidden) == MAIL


def test_a_record_that_was_changed_is_dropped_and_said(gateway):
    hidden = redact(gateway, MAIL)
    gateway.stop()
    path = gateway.data / "vault" / "values.sealed"
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(content)
    gateway.start()
    assert restore(gateway, hidden) == hidden
    assert "1 records did not open and were dropped" in gateway.log_text()


def test_an_erasure_takes_a_callers_values_and_is_on_record(gateway):
    key = json.loads(gateway.cli("keys", "create", "--name", "ada", "--json").stdout)
    headers = {"authorization": "Bearer " + key["secret"]}
    ask = {"input": [MAIL], "mode": "redact", "conversation": "c"}
    theirs = gateway.post("/v1/redactions", ask, headers=headers).json["results"][0]["output"]
    mine = redact(gateway, MAIL)
    before = (gateway.data / "vault" / "values.sealed").stat().st_size
    done = gateway.cli("audit", "erase", key["id"])
    assert "1 conversations" in done.stdout
    assert (gateway.data / "vault" / "values.sealed").stat().st_size < before
    back = gateway.post("/v1/redactions", {"input": [theirs], "mode": "restore", "conversation": "c"}, headers=headers)
    assert back.json["results"][0]["output"] == theirs
    assert restore(gateway, mine) == MAIL
    records = [json.loads(line)["record"] for line in gateway.cli("audit", "export").stdout.splitlines()]
    assert [r["details"]["subject"] for r in records if r["kind"] == "ERASE"] == [key["id"]]
    assert gateway.cli("audit", "verify").returncode == 0
    assert gateway.cli("audit", "erase", "dmc_live_nobody00", check=False).returncode != 0


def test_the_cloud_sees_surrogates_and_the_caller_values(provider, ca):
    with Gateway("upstreams:\n" + cloud_upstream(provider, ca[0]) + "redaction: {style: surrogate}\n", policy=POLICY) as gateway:
        text = f"Write to {MAIL} about the card {CARD}, please."
        for stream in (False, True):
            provider.received.clear()
            reply = gateway.chat(text, model="echo", stream=stream)
            sent = provider.received[-1].body.decode()
            assert MAIL not in sent and "4111" not in sent
            assert "@example." in sent and "4000 00" in sent
            if not stream:
                assert reply.json["choices"][0]["message"]["content"] == text


def test_a_tool_that_policy_keeps_values_from_gets_the_placeholder(provider, ca):
    ask = {"model": "echo-tool", "messages": [{"role": "user", "content": f"mail {MAIL}"}],
           "tools": [{"type": "function", "function": {"name": "lookup", "parameters": {"type": "object"}}}]}
    for never, kept in (("[lookup]", True), ("[other]", False)):
        with Gateway("upstreams:\n" + cloud_upstream(provider, ca[0]) + f"redaction: {{tools: {{never: {never}}}}}\n", policy=POLICY) as gateway:
            for stream in (False, True):
                answer = gateway.post("/v1/chat/completions", {**ask, "stream": stream}).text
                assert (MAIL in answer) != kept, (never, stream, answer)
                assert not stream or kept == ("EMAILX" in answer)


def test_hashes_under_a_key_of_ones_own_are_the_same_everywhere(provider, ca):
    made = Gateway("upstreams:\n" + cloud_upstream(provider, ca[0]) + "redaction: {hash_key: {file: hash.key}}\n", policy=POLICY)
    (made.folder / "hash.key").write_text("0123456789abcdef0123\n")
    (made.folder / "hash.key").chmod(0o600)
    with made as gateway:
        one = gateway.post("/v1/redactions", {"input": [MAIL], "mode": "redact", "operator": "hash", "conversation": "a"}).json["results"][0]["output"]
        gateway.kill()
        gateway.start()
        other = gateway.post("/v1/redactions", {"input": [MAIL], "mode": "redact", "operator": "hash", "conversation": "b"}).json["results"][0]["output"]
        assert one == other and one.startswith("[EMAIL_ADDRESS:")
