"""Who is served when by a local engine: classes of work, and batch work that gives its place to others and gets its answer all the same."""

import threading
import time

import pytest

from harness import Gateway, stream_text, wait_for
from test_local import CHAT, upstreams, wait_up

POLICY = "version: 1\nclasses:\n  - {id: sealed-waits, class: batch, when: {sensitivity: restricted}}\nrules:\n  - {id: local-is-ours, permit: local}\n"
STORY = "Write a long story about a lighthouse keeper and his three dogs."


@pytest.fixture(scope="module")
def gateway(models):
    config = f"""upstreams:
  - {{name: chat-local, tier: local, engine: llama, model: {CHAT}, serves: [chat, completion, fim], context_tokens: 2048, slots: 1}}
  - {{name: vectors-local, tier: local, engine: llama, model: all-minilm-l6-v2, serves: [embedding], slots: 1}}
workloads:
  - {{name: nightly, operation: chat, class: batch}}
limits: {{queued: 2}}
"""
    with Gateway(config, policy=POLICY, models=models) as gateway:
        wait_up(gateway, 2)
        yield gateway


class Asked(threading.Thread):
    """A request beside the test, and when its answer was whole."""

    def __init__(self, gateway, text, headers=None, **more):
        super().__init__()
        self.gateway, self.text, self.headers, self.more, self.reply = gateway, text, headers, more, None
        self.start()

    def run(self):
        body = {"model": "auto", "messages": [{"role": "user", "content": self.text}], **self.more}
        self.reply = self.gateway.post("/v1/chat/completions", body, headers=self.headers, timeout=300)
        self.done = time.monotonic()


def engine(gateway):
    return upstreams(gateway)["chat-local"]["engine"]


def test_batch_work_gives_its_place_to_a_person_and_is_answered_after(gateway):
    batch = Asked(gateway, STORY, model="workload/nightly", max_tokens=80, temperature=0)
    wait_for(lambda: engine(gateway)["in_use"] == 1)
    reply = gateway.chat("Say hello.", stream=True, max_tokens=8)
    answered = time.monotonic()
    assert reply.status == 200 and stream_text(reply)
    batch.join()
    assert batch.reply.status == 200 and batch.reply.json["usage"]["completion_tokens"] > 20
    assert batch.done > answered, "the person waited for the batch work"
    attempts = gateway.receipt(batch.reply)["attempts"]
    assert [a["outcome"] for a in attempts] == ["error", "served"] and attempts[0]["reason"] == "displaced", attempts


def test_batch_work_waits_for_normal_work(gateway):
    first = Asked(gateway, STORY, max_tokens=40)
    wait_for(lambda: engine(gateway)["in_use"] == 1)
    batch = Asked(gateway, "Say hello.", model="workload/nightly", max_tokens=4)
    wait_for(lambda: engine(gateway)["waiting_by_class"]["batch"] == 1)
    second = Asked(gateway, "Say hello.", max_tokens=4)
    for asked in (first, second, batch):
        asked.join()
        assert asked.reply.status == 200, asked.reply.text
    assert first.done < second.done < batch.done


def test_the_policy_says_who_stands_aside(gateway):
    first = Asked(gateway, STORY, max_tokens=40)
    wait_for(lambda: engine(gateway)["in_use"] == 1)
    aside = Asked(gateway, "Say hello. My social security number is 521-44-9382.", headers={"demarc-sensitivity": "restricted"}, max_tokens=4)
    wait_for(lambda: engine(gateway)["waiting_by_class"]["batch"] == 1)
    for asked in (first, aside):
        asked.join()
        assert asked.reply.status == 200, asked.reply.text
    assert "sealed-waits" in gateway.receipt(aside.reply)["decision"]["matched"]


def test_a_full_queue_says_when_to_come_again(gateway):
    running = [Asked(gateway, STORY, max_tokens=40) for _ in range(3)]
    wait_for(lambda: engine(gateway)["waiting"] == 2)
    refused = gateway.chat("Say hello.", max_tokens=4)
    for asked in running:
        asked.join()
        assert asked.reply.status == 200
    assert refused.status == 429 and refused.json["error"]["code"] == "rate_limit_exceeded", refused.text
    assert 1 <= int(refused.headers["retry-after"]) <= 120


def test_a_caller_may_stand_further_back_only(gateway):
    def ask(wanted, **more):
        return gateway.post("/v1/chat/completions", {"model": "auto", "max_tokens": 2, "messages": [{"role": "user", "content": "Hello"}], **more},
                            headers={"demarc-class": wanted})

    assert ask("batch").status == 200 and ask("normal").status == 200
    assert ask("interactive", stream=True).status == 200
    ahead = ask("interactive")
    assert ahead.status == 400 and "further back" in ahead.text and "classes" in ahead.text
    assert ask("urgent").status == 400


def test_a_short_embedding_goes_between_the_pieces_of_a_long_one(gateway):
    texts = [f"Line {i}: the harbour master wrote about storms, ropes and the price of coal in {1800 + i % 90}." for i in range(600)]

    def embed(inputs):
        reply = gateway.post("/v1/embeddings", {"model": "auto", "input": inputs}, timeout=300)
        assert reply.status == 200, reply.text
        return time.monotonic(), reply

    done = {}
    long = threading.Thread(target=lambda: done.update(zip(("at", "reply"), embed(texts))))
    long.start()
    wait_for(lambda: upstreams(gateway)["vectors-local"]["engine"]["in_use"] == 1)
    short_at, short = embed([texts[7]])
    long.join()
    assert short_at < done["at"], "one text waited for six hundred"
    data, usage = done["reply"].json["data"], done["reply"].json["usage"]
    assert [one["index"] for one in data] == list(range(600))
    alone = short.json["data"][0]["embedding"]
    assert sum(a * b for a, b in zip(alone, data[7]["embedding"])) > 0.999, "another text's vector stands in its place"
    assert usage["prompt_tokens"] > 600 * 10
    receipt = gateway.receipt(done["reply"])
    assert len(receipt["attempts"]) == 1 and receipt["usage"]["input_tokens"] == usage["prompt_tokens"]
