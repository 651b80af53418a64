#!/usr/bin/env python3
"""Embeddings and reranking beside ONNX Runtime in Python, the same network and threads: throughput, what a short question waits beside long lists, what
8 bits cost in neighbours, whether company changes a vector, and how well reranking finds the passage.

    bench/vectors.py DATA [--data FOLDER] [--seconds 10] [--size 1600] [--no-speed]
        DATA: a folder with classification/*.csv and retrieval/*.md, *-questions.jsonl

FOLDER has minilm-l6 and minilm-l6-int8 (demarc models pull). Prints a table; needs the network once for the peer's packages."""

import argparse
import base64
import collections
import concurrent.futures
import csv
import http.client
import json
import math
import os
import pathlib
import random
import re
import struct
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
from harness import Gateway, wait_for  # noqa: E402

CONFIG = """upstreams:
  - {name: f32, tier: local, engine: tensor, model: minilm-l6}
  - {name: int8, tier: local, engine: tensor, model: minilm-l6-int8}
"""
POLICY = "version: 1\nrules:\n  - {id: local-is-ours, permit: local}\n"


def peer_python():
    """An environment of its own, made once."""
    requirements = pathlib.Path(__file__).with_name("vectors-requirements.txt")
    folder = pathlib.Path(os.environ.get("DEMARC_CACHE", pathlib.Path.home() / ".cache" / "demarc")) / "bench" / "vectors-peer"
    if not (folder / ".complete").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--only-binary=:all:", "-r", requirements], check=True)
        (folder / ".complete").touch()
    return folder / "bin" / "python"


def read_texts(data):
    texts = []
    for file in sorted((data / "classification").glob("*.csv")):
        texts += [row["text"] for row in csv.DictReader(file.open())]
    prose = " ".join(line.strip() for file in sorted((data / "retrieval").glob("*.md")) for line in file.read_text().splitlines() if line.strip())
    words = prose.split()
    rng = random.Random(7)
    rng.shuffle(texts)
    pieces = [" ".join(words[at:at + length]) for at, length in ((rng.randrange(len(words) - 250), rng.randrange(20, 250)) for _ in range(400))]
    return texts, pieces


class Client:
    """One connection a thread to one server."""

    def __init__(self, port, model):
        self.port, self.model, self.local = port, model, threading.local()

    def post(self, path, body):
        connection, last = getattr(self.local, "connection", None), getattr(self.local, "last", 0)
        if connection is None or time.monotonic() - last > 30:  # one that was idle for longer may be closed (limits.keep_alive_ms)
            connection = self.local.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        connection.request("POST", path, json.dumps({"model": self.model, **body}), {"content-type": "application/json"})
        answer = connection.getresponse()
        data = answer.read()
        self.local.last = time.monotonic()
        assert answer.status == 200, data[:500]
        return json.loads(data)

    def embed(self, texts, **more):
        return self.post("/v1/embeddings", {"input": texts, **more})

    def vectors(self, texts):
        out = []
        for at in range(0, len(texts), 256):
            for entry in self.embed(texts[at:at + 256], encoding_format="base64")["data"]:
                vector = entry["embedding"]  # the peer's are lists
                out.append(struct.unpack("<384f", base64.b64decode(vector)) if isinstance(vector, str) else tuple(vector))
        return out


def throughput(client, lists, callers=4):
    begin = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(callers) as pool:
        list(pool.map(client.embed, lists))
    return sum(map(len, lists)) / (time.monotonic() - begin)


def mixed(client, short, lists, seconds):
    """Milliseconds of single short texts, five a second from each of four callers, while two others send long lists one after the other."""
    end, waits, lock = time.monotonic() + seconds, [], threading.Lock()

    def long_lists(number):
        while time.monotonic() < end:
            client.embed(lists[number % len(lists)])
            number += 2

    def singles(number):
        rng = random.Random(number)
        while time.monotonic() < end:
            begin = time.monotonic()
            client.embed([rng.choice(short)])
            with lock:
                waits.append((time.monotonic() - begin) * 1e3)
            time.sleep(0.2)

    threads = [threading.Thread(target=long_lists, args=(i,)) for i in range(2)] + [threading.Thread(target=singles, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    waits.sort()
    return waits[len(waits) // 2], waits[min(len(waits) - 1, int(len(waits) * 0.99))]


def speed(clients, lists, short, mix, seconds):
    for name, client in clients.items():
        throughput(client, lists[:4])
    speeds = dict.fromkeys(clients, 0)
    for turn in range(3):  # in turns, the best counts: the machine may be shared
        for name, client in clients.items():
            speeds[name] = max(speeds[name], throughput(client, lists))
    long_lists = [mix[at:at + 250] for at in range(0, max(1, len(mix) - 250), 250)]
    waits = {name: mixed(client, short, long_lists, seconds) for name, client in clients.items()}
    print(f"{len(mix)} texts of 3 to 330 tokens in lists of 50 from 4 callers; then single short ones beside lists of 250; {os.cpu_count()} threads\n")
    print("| | texts/s | a short text beside long lists, p50 | p99 |\n| --- | --- | --- | --- |")
    for name in clients:
        print(f"| {name} | {speeds[name]:.0f} | {waits[name][0]:.0f} ms | {waits[name][1]:.0f} ms |", flush=True)


def dot(a, b):
    return math.fsum(x * y for x, y in zip(a, b))


NEIGHBOURS = """
import json, sys, numpy
names = json.loads(sys.stdin.readline()); n = int(sys.stdin.readline()); d = 384
sets = {name: numpy.frombuffer(bytes.fromhex(sys.stdin.readline().strip()), numpy.float32).reshape(n, d) for name in names}
truth = sets[names[0]]; q = 500
def top(v):
    s = v[:q] @ v.T; s[numpy.arange(q), numpy.arange(q)] = -2; return numpy.argsort(-s, 1)[:, :10]
best = top(truth)
print(json.dumps({name: {"recall": float(numpy.mean([len(set(a) & set(b)) / 10 for a, b in zip(best, top(v))])),
                         "cosine": float((truth * v).sum(1).mean()), "worst": float((truth * v).sum(1).min())} for name, v in sets.items()}))
"""


def neighbours(python, sets):
    packed = {name: b"".join(struct.pack("<384f", *vector) for vector in vectors) for name, vectors in sets.items()}
    lines = json.dumps(list(packed)) + f"\n{len(next(iter(sets.values())))}\n" + "\n".join(data.hex() for data in packed.values()) + "\n"
    done = subprocess.run([python, "-c", NEIGHBOURS], input=lines, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def company(client, texts):
    """The largest difference of any number of a vector, alone and among others."""
    alone = [client.vectors([text])[0] for text in texts[:24]]
    among = client.vectors(texts[:256])[:24]
    return max(abs(x - y) for a, b in zip(alone, among) for x, y in zip(a, b))


def ndcg(order, relevant):
    gain = sum(1 / math.log2(place + 2) for place, passage in enumerate(order[:10]) if passage in relevant)
    return gain / sum(1 / math.log2(place + 2) for place in range(min(10, len(relevant))))


def bm25(question, passages):
    words = [re.findall(r"\w+", text.lower()) for text in passages]
    seen, mean = collections.Counter(word for text in words for word in set(text)), sum(map(len, words)) / len(words)
    scores = []
    for text in words:
        count = collections.Counter(text)
        scores.append(sum(math.log(1 + (len(words) - seen[w] + 0.5) / (seen[w] + 0.5)) * count[w] * 2.2 / (count[w] + 1.2 * (0.25 + 0.75 * len(text) / mean))
                          for w in set(re.findall(r"\w+", question.lower())) if count[w]))
    return scores


def passages_and_questions(data):
    """The paragraphs of the text, the questions, and of each which paragraphs answer it."""
    text = next((data / "retrieval").glob("*.md")).read_text()
    spans = [(m.start(), m.end()) for m in re.finditer(r"[^\n]+", text) if len(m.group().split()) >= 4]
    questions = []
    for line in next((data / "retrieval").glob("*-questions.jsonl")).read_text().splitlines():
        question = json.loads(line)
        relevant = {i for i, (a, b) in enumerate(spans) if any(a < r["end"] and b > r["start"] for r in question["references"])}
        if relevant:
            questions.append((question["question"], relevant))
    return [text[a:b] for a, b in spans], questions


def rerank(client, data):
    """nDCG@10 and the place of the first good passage over all paragraphs of the text, and milliseconds a paragraph."""
    passages, questions = passages_and_questions(data)
    vectors = client.vectors(passages)
    results, took = collections.defaultdict(list), 0
    for question, relevant in questions:
        begin = time.monotonic()
        ranked = [entry["index"] for entry in client.post("/v1/rerank", {"query": question, "documents": passages})["results"]]
        took += time.monotonic() - begin
        asked = client.vectors([question])[0]
        by_vector = sorted(range(len(passages)), key=lambda i: -dot(asked, vectors[i]))
        scores = bm25(question, passages)
        by_words = sorted(range(len(passages)), key=lambda i: -scores[i])
        for name, order in (("/v1/rerank", ranked), ("cosine of the vectors", by_vector), ("BM25", by_words)):
            results[name].append((ndcg(order, relevant), 1 / (1 + min(order.index(i) for i in relevant))))
    questions = len(results["BM25"])
    return {name: (sum(a for a, _ in found) / questions, sum(b for _, b in found) / questions) for name, found in results.items()}, took / questions / len(passages) * 1e3, questions


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=pathlib.Path)
    parser.add_argument("--data", default=os.environ.get("DEMARC_E2E_VECTORS"), help="a data folder with the models")
    parser.add_argument("--seconds", type=float, default=10, help="of mixed load for each")
    parser.add_argument("--size", type=int, default=1600, help="short texts; a quarter as many long ones")
    parser.add_argument("--no-speed", action="store_true", help="only what does not depend on what else the machine does")
    order = parser.parse_args()
    assert order.data, "--data: a data folder in which minilm-l6 and minilm-l6-int8 were pulled"
    short, prose = read_texts(order.texts)
    rng = random.Random(1)
    mix = short[:order.size] + prose[:order.size // 4]
    rng.shuffle(mix)
    lists = [mix[at:at + 50] for at in range(0, len(mix), 50)]
    python, model = peer_python(), pathlib.Path(order.data) / "models" / "by-name" / "minilm-l6"
    sets, changed = {}, {}
    with Gateway(CONFIG, policy=POLICY, models=order.data) as gateway:
        ours = {f"demarc, {kind}": Client(gateway.port, name) for kind, name in (("f32", "minilm-l6"), ("int8", "minilm-l6-int8"))}
        for client in ours.values():
            wait_for(lambda: gateway.post("/v1/embeddings", {"model": client.model, "input": "a"}).status == 200, 60)
        peers = {kind: subprocess.Popen([python, pathlib.Path(__file__).with_name("vectors_peer.py"), model, str(os.cpu_count()), kind],
                                        stdout=subprocess.PIPE, text=True) for kind in ("f32", "int8")}
        try:
            clients = {**ours, **{f"ONNX Runtime in Python, {kind}": Client(int(peer.stdout.readline()), "") for kind, peer in peers.items()}}
            if not order.no_speed:
                speed(clients, lists, short, mix, order.seconds)
            for name, client in clients.items():
                if not name.endswith("in Python, f32"):
                    sets[name], changed[name] = client.vectors(short[:3000]), company(client, mix)
        finally:
            for peer in peers.values():
                peer.kill()
                peer.wait()
        found = neighbours(python, sets)
        ranks, per_document_ms, questions = rerank(ours["demarc, f32"], order.texts)
        ranks8, per_document8_ms, _ = rerank(ours["demarc, int8"], order.texts)
    print("\n| vectors of 3,000 texts against demarc's f32 | of the 10 nearest, found | cosine, mean | cosine, least | change by company |\n| --- | --- | --- | --- | --- |")
    for name, one in found.items():
        print(f"| {name} | {one['recall'] * 100:.1f} % | {one['cosine']:.4f} | {one['worst']:.4f} | {changed[name]:.1e} |")
    print(f"\n| {questions} questions, all paragraphs of one text | nDCG@10 | mean reciprocal rank | ms a paragraph |\n| --- | --- | --- | --- |")
    for name, (gain, place) in ranks.items():
        print(f"| {name}{', f32' if name != 'BM25' else ''} | {gain:.3f} | {place:.3f} | {f'{per_document_ms:.2f}' if name == '/v1/rerank' else ''} |")
    for name in ("/v1/rerank", "cosine of the vectors"):
        print(f"| {name}, int8 | {ranks8[name][0]:.3f} | {ranks8[name][1]:.3f} | {f'{per_document8_ms:.2f}' if name == '/v1/rerank' else ''} |")


if __name__ == "__main__":
    main()
