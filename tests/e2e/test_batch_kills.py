"""Kill −9 at random moments while a batch runs: each line is in the output once, none that counted is lost, and every receipt says which run it was.
DEMARC_BATCH_KILLS sets how often."""

import os
import random
import sqlite3
import time

from batches import TERMINAL, chat_line, lines_of, sdk, start
from conftest import POLICY, cloud_upstream
from harness import Gateway


def finished_on_disk(gateway):
    with sqlite3.connect(f"file:{gateway.data}/jobs/jobs.sqlite?mode=ro", uri=True) as db:
        return db.execute("SELECT coalesce(sum(completed + failed), 0) FROM jobs").fetchone()[0]


def run_through_kills(gateway, kills, make_lines, endpoint, seed, more=0.7):
    """Until `kills` kills hit a batch under way; returns the batches and how many lines each had."""
    rng = random.Random(seed)
    batches, hits = [], 0
    while hits < kills:
        gateway.start()
        client = sdk(gateway)
        if not batches or client.batches.retrieve(batches[-1][0]).status in TERMINAL:
            lines = make_lines()
            batches.append((start(client, lines, endpoint=endpoint).id, len(lines)))
        before = finished_on_disk(gateway)
        time.sleep(rng.uniform(0.0, more))  # the random moment
        under_way = client.batches.retrieve(batches[-1][0])
        gateway.kill()
        hits += under_way.status not in TERMINAL
        after = finished_on_disk(gateway)
        assert after >= before and (under_way.request_counts is None or after >= under_way.request_counts.completed)
    gateway.start()
    return batches


def check(gateway, batches, timeout_s=300):
    client = sdk(gateway)
    runs = []
    for batch_id, lines in batches:
        end = time.monotonic() + timeout_s
        while (batch := client.batches.retrieve(batch_id)).status not in TERMINAL:
            assert time.monotonic() < end, batch
            time.sleep(0.05)
        assert batch.status == "completed", batch
        output, errors = lines_of(client, batch.output_file_id), lines_of(client, batch.error_file_id)
        assert (len(output), len(errors)) == (batch.request_counts.completed, batch.request_counts.failed) == (lines, 0), (batch, errors[:1])
        assert sorted(int(line["custom_id"]) for line in output) == list(range(lines))  # each once
        for line in output:
            receipt = gateway.get(f"/v1/receipts/{line['response']['request_id']}").json
            assert receipt["job"]["id"] == batch_id and receipt["job"]["piece"] == int(line["custom_id"]) + 1
            assert receipt["attempts"][-1]["outcome"] == "served"
            runs.append(receipt["job"]["run"])
    return runs


def test_whatever_moment_the_gateway_is_killed_each_line_is_in_the_output_once(provider, ca):
    kills = int(os.environ.get("DEMARC_BATCH_KILLS", "5"))
    gateway = Gateway("upstreams:\n" + cloud_upstream(provider, ca[0], models=["unhurried"]), policy=POLICY)
    try:
        batches = run_through_kills(gateway, kills, lambda: [chat_line(str(i), f"token {i}", model="unhurried") for i in range(60)], "/v1/chat/completions", 20261128)
        runs = check(gateway, batches)
        assert max(runs) > 1  # a line that was in flight was run again, and its receipt says so
        assert gateway.cli("audit", "verify").returncode == 0
    finally:
        gateway.kill()


def test_a_batch_on_a_model_of_our_own_goes_on_where_the_kill_left_it(models):
    kills = max(2, int(os.environ.get("DEMARC_BATCH_KILLS", "5")) // 3)
    config = "upstreams:\n  - {name: vectors-local, tier: local, engine: llama, model: all-minilm-l6-v2, serves: [embedding], context_tokens: 256}\n"
    gateway = Gateway(config, policy="version: 1\nrules:\n  - {id: local-is-ours, permit: local}\n", models=models)
    text = "the quick brown fox jumps over the lazy dog " * 8
    lines = [{"custom_id": str(i), "method": "POST", "url": "/v1/embeddings", "body": {"model": "all-minilm-l6-v2", "input": f"{i} {text}"}} for i in range(30)]
    try:
        batches = run_through_kills(gateway, kills, lambda: lines, "/v1/embeddings", 7, more=1.0)
        check(gateway, batches)
        client = sdk(gateway)
        vector = lines_of(client, client.batches.retrieve(batches[0][0]).output_file_id)[0]["response"]["body"]["data"][0]["embedding"]
        assert len(vector) == 384
    finally:
        gateway.kill()
