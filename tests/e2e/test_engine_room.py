"""The engine room: what is in memory when, what becomes of an engine that hangs, dies or is replaced, and what its monitoring tells."""

import http.client
import json
import os
import re
import signal
import socket
import threading
import time

import pytest

import scripted_engine
from harness import Gateway, wait_for
from test_local import CHAT, upstreams, wait_up
from test_scheduling import POLICY, STORY, Asked, engine

CHAT_UPSTREAM = f"  - {{name: chat-local, tier: local, engine: llama, model: {CHAT}, serves: [chat], context_tokens: 2048, slots: 2}}\n"


def scripted(tmp_path, models, config="", upstream=CHAT_UPSTREAM, **settings):
    folder = scripted_engine.folder_of(tmp_path, **settings)
    gateway = Gateway("upstreams:\n" + upstream + config, policy=POLICY, models=models, binary=folder / "demarc")
    gateway.programs = folder
    return gateway


# ---- memory


def test_two_models_that_do_not_fit_beside_each_other_take_turns_and_what_they_took_is_remembered(models):
    config = f"""upstreams:
  - {{name: chat-local, tier: local, engine: llama, model: {CHAT}, serves: [chat], context_tokens: 1024, slots: 1, load: demand}}
  - {{name: vectors-local, tier: local, engine: llama, model: all-minilm-l6-v2, serves: [embedding], context_tokens: 256, load: demand}}
memory: {{limit_mib: 1100, stay_s: 0}}
limits: {{room_ms: 300000}}
"""
    with Gateway(config, policy=POLICY, models=models) as gateway:
        assert upstreams(gateway)["chat-local"]["models"][0]["state"] == "unloaded", "nobody has asked"
        assert gateway.chat("Say hello.", max_tokens=2).status == 200
        chat = engine(gateway)
        assert chat["memory"]["weights_bytes"] > 400 << 20 and chat["memory"]["kv_bytes"] == 12 << 20 and chat["memory"]["compute_bytes"] > 0, chat
        assert chat["memory"]["measured"] and chat["memory"]["ledger_bytes"] > chat["memory"]["weights_bytes"]
        vectors = gateway.post("/v1/embeddings", {"model": "auto", "input": "hello"}, timeout=300)
        assert vectors.status == 200, vectors.text
        assert engine(gateway)["state"] == "unloaded" and upstreams(gateway)["chat-local"]["models"][0]["usable"]
        assert "put aside: vectors-local needs its memory" in gateway.log_text()
        kept = json.loads((gateway.data / "engines.json").read_text())
        assert sum("context=1024 slots=1" in key for key in kept) == 1 and len(kept) == 2, kept


def test_what_does_not_fit_is_refused_and_says_so(tmp_path, models):
    gateway = scripted(tmp_path, models, config="memory: {limit_mib: 200}\n").start(wait=False)
    try:
        wait_for(lambda: "serving on" in gateway.log_text() and "not loaded" in gateway.log_text())
        reply = gateway.chat("hello")
        assert reply.status == 503 and int(reply.headers["retry-after"]) >= 1, reply.text
        model = upstreams(gateway)["chat-local"]["models"][0]
        assert "all engines together may take 0.2 GiB" in model["why"], model
    finally:
        gateway.stop()


# ---- hangs, deaths


def test_an_engine_that_hangs_is_killed_for_making_no_progress_and_who_waited_is_served(models):
    config = f"upstreams:\n{CHAT_UPSTREAM}limits: {{engine_hang_ms: 4000}}\n"
    with Gateway(config, policy=POLICY, models=models) as gateway:
        wait_up(gateway, 1)
        asked = Asked(gateway, STORY, max_tokens=30)
        wait_for(lambda: engine(gateway)["in_use"] == 1)
        os.kill(engine(gateway)["pid"], signal.SIGSTOP)
        asked.join()
        assert asked.reply.status == 200, asked.reply.text
        attempts = gateway.receipt(asked.reply)["attempts"]
        assert [a["outcome"] for a in attempts] == ["error", "served"], attempts
        assert re.search(r"made no progress for \d+ ms with 1 requests in flight", gateway.log_text())


def test_an_engine_that_answers_health_but_does_not_get_on_is_killed(tmp_path, models):
    with scripted(tmp_path, models, config="limits: {engine_hang_ms: 1500}\n") as gateway:
        wait_up(gateway, 1)
        hung = Asked(gateway, "hang")
        fine = Asked(gateway, "slow")
        fine.join(), hung.join()
        assert fine.reply.status == 200
        assert hung.reply.status == 502 and "sent again" in hung.reply.json["error"]["demarc"]["hint"], hung.reply.text


def test_a_request_that_kills_its_engine_twice_is_quarantined_and_nobody_else_pays(tmp_path, models):
    with scripted(tmp_path, models) as gateway:
        wait_up(gateway, 1)
        beside = Asked(gateway, "slow, and innocent")
        wait_for(lambda: engine(gateway)["in_use"] == 1)
        bad = Asked(gateway, "poison")
        bad.join(), beside.join()
        assert beside.reply.status == 200, "suspected too, tried alone, and served: " + beside.reply.text
        assert bad.reply.status == 502, bad.reply.text
        wait_for(lambda: engine(gateway)["restarts"] >= 2 and engine(gateway)["state"] == "ready")  # the second one may still be under way
        restarts = engine(gateway)["restarts"]
        again = gateway.chat("poison")
        assert again.status == 422 and again.json["error"]["code"] == "request_quarantined", again.text
        assert "demarc status --release" in again.json["error"]["demarc"]["hint"]
        anthropic = gateway.post("/v1/messages", {"model": "auto", "max_tokens": 9, "messages": [{"role": "user", "content": "hello"}]})
        assert anthropic.status == 200, anthropic.text
        assert engine(gateway)["restarts"] == restarts, "it did not get there again"
        listed = json.loads(gateway.cli("status", "--json").stdout)["quarantine"]
        assert len(listed) == 1 and listed[0]["deaths"] == 2 and listed[0]["upstream"] == "chat-local"
        assert "poison" not in (gateway.data / "quarantine.json").read_text()
        gateway.stop(), gateway.start()
        wait_up(gateway, 1)
        assert gateway.chat("poison").status == 422, "also after a restart"
        assert gateway.cli("status", "--release", listed[0]["request"]).stdout == "1 released\n"
        assert not json.loads(gateway.cli("status", "--json").stdout)["quarantine"]


def test_an_engine_that_ends_again_and_again_rests_and_the_policy_sees_it_down(tmp_path, models):
    with scripted(tmp_path, models) as gateway:
        wait_up(gateway, 1)
        for _ in range(5):
            wait_for(lambda: engine(gateway)["state"] == "ready")
            before = engine(gateway)["pid"]
            os.kill(before, signal.SIGKILL)
            wait_for(lambda: engine(gateway)["pid"] != before)
        wait_for(lambda: engine(gateway)["state"] == "resting")
        reply = gateway.chat("hello")
        assert reply.status == 503 and int(reply.headers["retry-after"]) >= 1, reply.text
        assert "ended too often, tried again in" in upstreams(gateway)["chat-local"]["models"][0]["why"]


# ---- replacing


class Traffic(threading.Thread):
    """One request after the other until it is stopped; what was not answered well."""

    def __init__(self, gateway):
        super().__init__()
        self.gateway, self.bad, self.count, self.over, self.said = gateway, [], 0, False, set()
        self.start()

    def run(self):
        while not self.over:
            reply = self.gateway.chat("slow" if self.count % 5 == 0 else "hello", max_tokens=4)
            self.count += 1
            if reply.status != 200:
                self.bad.append(reply.text)
            else:
                self.said.add(reply.json["choices"][0]["message"]["content"].split(" from ")[0])

    def stop(self):
        self.over = True
        self.join()


def change(gateway, before, after):
    text = gateway.config_file.read_text()
    assert before in text
    gateway.config_file.write_text(text.replace(before, after))


@pytest.mark.parametrize("limit_mib, mib", [(4000, 100), (1500, 1000)], ids=["beside", "one-after-the-other"])
def test_an_engine_is_replaced_under_traffic_without_losing_a_request(tmp_path, models, limit_mib, mib):
    with scripted(tmp_path, models, config=f"memory: {{limit_mib: {limit_mib}, stay_s: 0}}\n", mib=mib, says="blue") as gateway:
        wait_up(gateway, 1)
        old = engine(gateway)["pid"]
        traffic = [Traffic(gateway) for _ in range(3)]
        wait_for(lambda: all(t.count > 3 for t in traffic))
        scripted_engine.say(gateway.programs, mib=mib, says="green", load_s=0.5)
        change(gateway, "context_tokens: 2048", "context_tokens: 2000")
        assert gateway.cli("reload").returncode == 0
        counts = [t.count for t in traffic]
        wait_for(lambda: all(t.count > n + 5 for t, n in zip(traffic, counts)), timeout_s=40)
        for t in traffic:
            t.stop()
        assert not [bad for t in traffic for bad in t.bad]
        assert set().union(*(t.said for t in traffic)) == {"blue", "green"}
        wait_for(lambda: not os.path.exists(f"/proc/{old}"))


def test_a_replacement_that_does_not_start_leaves_the_old_one_in_service(tmp_path, models):
    with scripted(tmp_path, models) as gateway:
        wait_up(gateway, 1)
        old = engine(gateway)["pid"]
        scripted_engine.say(gateway.programs, exit=3)
        change(gateway, "context_tokens: 2048", "context_tokens: 2000")
        refused = gateway.cli("reload", check=False)
        assert refused.returncode == 1 and "exit status 3" in refused.stderr, refused.stderr
        assert gateway.chat("hello").status == 200 and engine(gateway)["pid"] == old


# ---- prompt cache


def test_batch_work_that_was_put_aside_finds_its_prompt_again(models):
    config = f"""upstreams:
  - {{name: chat-local, tier: local, engine: llama, model: {CHAT}, serves: [chat], context_tokens: 2048, slots: 1}}
workloads:
  - {{name: nightly, operation: chat, class: batch}}
"""
    with Gateway(config, policy=POLICY, models=models) as gateway:
        wait_up(gateway, 1)
        long_text = " ".join(f"Chapter {i}: the keeper counts his {i} lamps and goes home." for i in range(25))
        batch = Asked(gateway, long_text, model="workload/nightly", max_tokens=60, temperature=0)
        wait_for(lambda: engine(gateway)["in_use"] == 1)
        pid = engine(gateway)["pid"]
        before = batches(gateway)
        wait_for(lambda: batches(gateway) > before + 3, timeout_s=120)  # it has read its prompt
        person = gateway.chat("Say hello.", stream=True, max_tokens=4)
        assert person.status == 200
        batch.join()
        assert batch.reply.status == 200 and engine(gateway)["pid"] == pid
        attempts = gateway.receipt(batch.reply)["attempts"]
        assert [a.get("reason") for a in attempts][0] == "displaced", attempts
        usage = batch.reply.json["usage"]
        cached = usage["prompt_tokens_details"]["cached_tokens"]
        assert cached > usage["prompt_tokens"] * 0.8, usage


def batches(gateway):
    """How many batches the engine has computed, by its own count: one for a prompt, one for each token."""
    connection = http.client.HTTPConnection("localhost", timeout=60)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.settimeout(60)
    connection.sock.connect(str(next((gateway.data / "run").glob("chat-local-*.sock"))))
    connection.request("GET", "/metrics")
    return int(re.search(r"^llamacpp:n_decode_total (\d+)", connection.getresponse().read().decode(), re.M)[1])


# ---- monitoring


def test_metrics_and_status_tell_of_each_engine(tmp_path, models):
    with scripted(tmp_path, models) as gateway:
        wait_up(gateway, 1)
        for _ in range(3):
            assert gateway.chat("hello").status == 200
        text = gateway.get("/metrics").text
        label = f'{{engine="chat-local",model_name="{CHAT}"}}'
        for line in ("vllm:num_requests_running" + label + " 0", "vllm:num_requests_waiting" + label + " 0", "vllm:prompt_tokens_total" + label + " 9",
                     "vllm:generation_tokens_total" + label + " 6", "demarc_engine_restarts_total" + label + " 0", "demarc_engine_served_total" + label + " 3"):
            assert line + "\n" in text, line
        assert f'demarc_engine_state{{engine="chat-local",model_name="{CHAT}",state="ready"}} 1\n' in text
        assert re.search(r'gen_ai_client_token_usage_bucket\{[^}]*gen_ai_token_type="output",le="4"\} 3\n', text)
        assert re.search(r'demarc_device_memory_total_bytes\{device="ram"\} \d', text)
        families = re.findall(r"^# TYPE (\S+) ", text, re.M)
        assert len(families) == len(set(families))
        status = gateway.cli("status").stdout
        assert re.search(r"^chat-local +ready +0\+0 +[\d.]+ +- +[\d.]+ of [\d.]+ +0$", status, re.M), status
        table = status[status.index("ENGINE"):]
        assert all(len(line) <= 80 for line in table.splitlines()), table
