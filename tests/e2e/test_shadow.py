"""A workload's shadow: some of its chats are answered by a local candidate too, after the caller has the answer; both answers are kept for a pilot, and
nothing goes out that did not go out for the request itself."""

import json

import pytest

from conftest import cloud_upstream
from harness import Gateway, wait_for
from provider import Provider

POLICY = """
version: 1
labels:
  - {id: secrets, sensitivity: restricted, when: {findings: [SECRET]}}
  - {id: personal, sensitivity: confidential, when: {findings: any}}
rules:
  - {id: home, permit: local}
  - {id: not-at-home, forbid: local, when: {workload: forbidden}}
  - {id: open-data, permit: cloud, when: {sensitivity: {at_most: internal}}}
  - {id: redacted, permit: cloud, require: [redact], when: {sensitivity: confidential}}
  - {id: cloud-first, prefer: cloud}
"""


def config(provider, ca, room, workloads):
    return ("upstreams:\n" + cloud_upstream(provider, ca[0]) +
            f'  - {{name: room, tier: local, dialect: openai, base_url: "{room.base_url}", models: [gossip], serves: [chat], context_tokens: 100000}}\n'
            f"workloads:\n{workloads}")


MIRRORED = """
  - {name: triage, shadow: {candidate: room/gossip, share: 1, pairs: 6}}
  - {name: seldom, shadow: {candidate: room, share: 0.000001}}
  - {name: forbidden, shadow: {candidate: room, share: 1}}
  - {name: plain}
"""


@pytest.fixture
def room():
    provider = Provider()
    yield provider
    provider.stop()


@pytest.fixture
def gateway(provider, ca, room):
    with Gateway(config(provider, ca, room, MIRRORED), policy=POLICY) as gateway:
        yield gateway


def pairs(gateway, workload="triage"):
    return gateway.get(f"/admin/v1/shadows?workload={workload}").json["pairs"]


def mirrored(gateway, text, **more):
    before = len(pairs(gateway))
    reply = gateway.chat(text, model="echo", headers={"Demarc-Workload": "triage"}, **more)
    assert reply.status == 200, reply.text
    wait_for(lambda: len(pairs(gateway)) > before)
    return reply, pairs(gateway)[-1]


def test_a_mirrored_chat_has_both_answers_and_a_record_of_its_own(gateway, room):
    reply, pair = mirrored(gateway, "Which department?")
    assert pair["present"]["answer"] == "Which department?" and pair["present"]["model"] == "echo" and not pair["present"]["local"]
    assert pair["candidate"]["model"] == "gossip" and "@" in pair["candidate"]["answer"] and pair["candidate"]["local"] and pair["candidate"]["status"] == 200
    assert pair["request"]["messages"] == [{"role": "user", "content": "Which department?"}]
    receipt = gateway.receipt(reply)
    assert [a["kind"] for a in receipt["attempts"]] == ["call"] and len(receipt["sub_requests"]) == 1 and pair["id"] == receipt["id"]
    shadow = gateway.get("/v1/receipts/" + receipt["sub_requests"][0]).json
    assert [(a["kind"], a["upstream"]) for a in shadow["attempts"]] == [("shadow", "room")] and shadow["tier"] == "local" and shadow["workload"] == "triage"


@pytest.mark.parametrize("ask", [lambda g: g.chat("word by word please", model="echo", stream=True, headers={"Demarc-Workload": "triage"}),
                                 lambda g: g.post("/v1/messages", {"model": "echo", "max_tokens": 50, "messages": [{"role": "user", "content": "word by word please"}]}, headers={"Demarc-Workload": "triage"}),
                                 lambda g: g.chat("word by word please", model="workload/triage")])
def test_streams_and_other_dialects_are_kept_as_chats(gateway, ask):
    assert ask(gateway).status == 200
    wait_for(lambda: len(pairs(gateway)) == 1)
    pair = pairs(gateway)[0]
    assert pair["request"]["messages"][-1]["content"] == "word by word please" and pair["candidate"]["status"] == 200 and pair["candidate"]["answer"]


def test_what_was_hidden_from_the_cloud_stays_at_home(gateway, provider, room):
    before = len(provider.received)
    reply, pair = mirrored(gateway, "Write to ada@example.org.")
    sent = b"\n".join(received.raw for received in provider.received[before:])
    assert b"ada@" not in sent and len(provider.received) == before + 1, "the cloud is asked once, and without the address"
    assert b"ada@example.org" in room.received[-1].raw and pair["present"]["answer"] == "Write to ada@example.org."
    restricted = "Key AKIAIOSFODNN7EXAMPLQ and wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEQ"
    assert gateway.chat(restricted, model="auto", headers={"Demarc-Workload": "triage"}).headers["demarc-tier"] == "local"
    assert len(provider.received) == before + 1 and len(pairs(gateway)) == 1, "what the candidate answers itself has no pair"


def test_what_the_policy_keeps_from_the_candidate_has_no_pair(gateway, room):
    reply = gateway.chat("hello", model="echo", headers={"Demarc-Workload": "forbidden"})
    assert reply.status == 200
    wait_for(lambda: gateway.receipt(reply)["sub_requests"])
    denied = gateway.get("/v1/receipts/" + gateway.receipt(reply)["sub_requests"][0]).json
    assert denied["decision"]["effect"] == "deny" and pairs(gateway, "forbidden") == [] and room.received == []


def test_only_the_share_and_only_its_workload_is_mirrored(gateway, room):
    for workload in ("seldom", "plain"):
        for _ in range(5):
            assert gateway.chat("hi", model="echo", headers={"Demarc-Workload": workload}).status == 200
    assert gateway.chat("hi", model="echo").status == 200
    _, pair = mirrored(gateway, "this one")
    assert len(room.received) == 1 and pair["present"]["answer"] == "this one"


def test_no_more_pairs_are_kept_than_was_said_and_erasure_takes_them_away(provider, ca, room):
    with Gateway(config(provider, ca, room, MIRRORED), policy=POLICY) as gateway:
        made = json.loads(gateway.cli("keys", "create", "--name", "ada", "--json").stdout)
        secret, key_id = made["secret"], made["id"] if "id" in made else made["key"]["id"]
        for n in range(9):
            seen = len(room.received)
            assert gateway.chat(f"number {n}", model="echo", headers={"Demarc-Workload": "triage", "Authorization": f"Bearer {secret}"}).status == 200
            wait_for(lambda: len(room.received) > seen)
        wait_for(lambda: len(pairs(gateway)) == 6)
        assert b"number 0" not in b"".join(p.read_bytes() for p in (gateway.data / "jobs").rglob("*") if p.is_file()), "what is kept is sealed"
        files = gateway.get("/v1/files?purpose=shadow", headers={"Authorization": f"Bearer {secret}"}).json["data"]
        assert len(files) == 6 and all(f["expires_at"] for f in files)
        gateway.cli("audit", "erase", key_id)
        assert pairs(gateway) == []


def test_a_pilot_compares_what_the_shadow_kept(gateway, tmp_path):
    for n in range(5):
        mirrored(gateway, f"question {n} " + "word " * n)
    done = gateway.cli("plan", "pilot", "--shadow", "triage", "-o", tmp_path / "live", "--json", "--review", "--terminal", input="b\n1\nn\nq\n")
    told = json.loads(done.stdout)
    assert told["name"] == "triage" and told["pairs"] == 5 and told["judged"]["people"] == 3 and told["judged"]["not_yet"] == 2
    assert told["present"]["model"] == "echo" and told["candidate"]["model"] == "gossip" and told["present"]["p50_ms"] > 0 and "--shadow triage" in told["command"]
    assert oct((tmp_path / "live" / "requests.jsonl").stat().st_mode & 0o777) == "0o600"
    again = json.loads(gateway.cli("plan", "pilot", "--shadow", "triage", "-o", tmp_path / "live", "--json").stdout)
    assert again["pairs"] == 5 and again["judged"]["people"] == 3, "nothing is asked or kept twice"
    assert len((tmp_path / "live" / "rows.jsonl").read_text().splitlines()) == 10
    none = gateway.cli("plan", "pilot", "--shadow", "plain", "-o", tmp_path / "none", check=False)
    assert none.returncode == 1 and "no pair of plain is kept" in none.stderr


@pytest.mark.parametrize("workload,says", [("{name: w, shadow: {candidate: frontier/echo, share: 0.1}}", "is of the cloud"), ("{name: w, shadow: {candidate: romo, share: 0.1}}", "names no upstream"),
                                           ("{name: w, shadow: {candidate: room, share: 0}}", "above 0"), ("{name: w, operation: embedding, shadow: {candidate: room, share: 0.1}}", "operation: chat")])
def test_a_shadow_that_could_not_be_is_refused_at_load(provider, ca, room, workload, says):
    gateway = Gateway(config(provider, ca, room, f"  - {workload}\n"), policy=POLICY)
    done = gateway.cli("policy", "check", check=False)
    done = done if says in done.stderr + done.stdout else gateway.cli("doctor", check=False)
    assert says in done.stderr + done.stdout, done.stderr + done.stdout
