"""Kill −9 at random moments under load: what a client received whole is on record, the log verifies, usage equals the receipts. DEMARC_KILLS sets how often."""

import json
import os
import random
import threading
import time

from conftest import POLICY, cloud_upstream
from harness import Gateway


def load(gateway, whole, stop, seed):
    """Mixed requests; notes the id and the text of every answer that came whole."""
    pick = random.Random(seed)
    while not stop.is_set():
        stream = pick.random() < 0.5
        text = f"token {pick.random()}" if pick.random() < 0.8 else "mail ada@example.org"
        try:
            reply = gateway.chat(text, model=pick.choice(["gpt-5-mini", "echo", "status-429", "reset"]), stream=stream)
        except OSError:
            continue
        except Exception:  # noqa: BLE001  a cut answer shows in many ways
            continue
        if reply.status == 200 and (not stream or "data: [DONE]" in reply.text):
            whole.append(reply.headers["demarc-request-id"])


def test_whatever_moment_the_gateway_is_killed_every_whole_answer_is_on_record(provider, ca):
    kills = int(os.environ.get("DEMARC_KILLS", "8"))
    rng = random.Random(20261124)
    gateway = Gateway("upstreams:\n" + cloud_upstream(provider, ca[0]), policy=POLICY)
    whole = []
    try:
        for kill in range(kills):
            gateway.start()
            stop = threading.Event()
            threads = [threading.Thread(target=load, args=(gateway, whole, stop, kill * 10 + i)) for i in range(4)]
            for thread in threads:
                thread.start()
            time.sleep(rng.uniform(0.05, 0.7))  # the random moment
            gateway.kill()
            stop.set()
            for thread in threads:
                thread.join(30)
        gateway.start()
        assert len(whole) > kills
        for request_id in whole:
            receipt = gateway.get(f"/v1/receipts/{request_id}").json
            assert receipt["attempts"][-1]["outcome"] == "served", receipt
        usage = json.loads(gateway.cli("usage", "--by", "model", "--json").stdout)
        records, start = [], 0
        while True:
            page = json.loads(gateway.cli("audit", "ls", "--json", "--from", str(start), "-n", "1000").stdout)
            records += [r["record"] for r in page["records"]]
            start += len(page["records"])
            if start >= page["size"]:
                break
        outcomes = [r for r in records if r["kind"] == "OUTCOME"]
        assert len(outcomes) == sum(r["kind"] == "INTENT" for r in records)
        pico = sum(int(r["charge"]["usd"].replace(".", "")) for r in outcomes if r["charge"]["usd"])
        assert sum(int(row["usd"].replace(".", "")) for row in usage["rows"]) == pico
        assert gateway.stop() == 0
        assert gateway.cli("audit", "verify").returncode == 0
    finally:
        if gateway.process and gateway.process.poll() is None:
            gateway.kill()
