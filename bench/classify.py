#!/usr/bin/env python3
"""Classification beside scikit-learn on the same vectors, and a local language model asked directly: accuracy, calibration, what is answered at a wished
precision, what becomes of texts that belong to no label, and texts a second.

    bench/classify.py DATA [--data FOLDER] [--chat FOLDER] [--questions 60]
        DATA: a folder with banking77-train.csv (text,label) and clinc150-small-dev.csv (text,label,domain,split; label oos: out of scope)
        --data: minilm-l6 was pulled there; --chat: a data folder with qwen2.5-coder-0.5b-instruct

Prints a table; needs the network once for scikit-learn. Every fifth text of banking77 is held out; of clinc150 the split `val` is."""

import argparse
import csv
import json
import math
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
sys.path.insert(0, str(ROOT / "bench"))
from harness import Gateway, wait_for  # noqa: E402
from vectors import Client, peer_python  # noqa: E402

CONFIG = "upstreams:\n  - {name: vectors, tier: local, engine: tensor, model: minilm-l6}\n"
CHAT = "upstreams:\n  - {name: chat, tier: local, engine: llama, model: qwen2.5-coder-0.5b-instruct, serves: [chat], context_tokens: 4096}\n"
POLICY = "version: 1\nrules:\n  - {id: local-is-ours, permit: local}\n"

SKLEARN = """
import json, sys, time, numpy
from sklearn.linear_model import LogisticRegressionCV
from sklearn.neighbors import NearestCentroid
d = json.load(sys.stdin)
x, t = numpy.array(d["train"]), numpy.array(d["test"])
begin = time.time()
model = LogisticRegressionCV(Cs=[1, 10, 100], cv=5, max_iter=300, n_jobs=2, scoring="neg_log_loss", l1_ratios=(0,), use_legacy_attributes=False).fit(x, d["labels"])
took = time.time() - begin
p = model.predict_proba(t)
few = NearestCentroid().fit(numpy.array(d["few"]), d["few_labels"]) if d["few"] else None
print(json.dumps({"seconds": took, "said": model.classes_[p.argmax(1)].tolist(), "confidence": p.max(1).tolist(), "few": few.predict(t).tolist() if few else []}))
"""


def read(path, label="label"):
    return [(row["text"], row[label], row.get("split", "")) for row in csv.DictReader(path.open())]


def accuracy(said, truth):
    return sum(a == b for a, b in zip(said, truth)) / len(truth)


def calibration_error(said, confidence, truth):
    bins = [[0, 0.0, 0] for _ in range(10)]
    for one, sure, label in zip(said, confidence, truth):
        at = min(9, int(sure * 10))
        bins[at][0] += 1
        bins[at][1] += sure
        bins[at][2] += one == label
    return sum(abs(sure - right) for _, sure, right in bins) / len(truth)


def ours(client, texts, **more):
    said, confidence, best = [], [], []
    for at in range(0, len(texts), 256):
        for result in client.post("/v1/classifications", {"input": texts[at:at + 256], **more})["results"]:
            one = result["label"]
            said.append(one["label"])
            confidence.append(one["confidence"])
            best.append(max(one["scores"], key=one["scores"].get))
    return said, confidence, best


def ask_a_model(folder, texts, truth, labels):
    """Each text with the list of labels; the answer is taken by its first words, as people do who have no grammar at hand."""
    right = 0
    with Gateway(CHAT, policy=POLICY, models=folder) as gateway:
        wait_for(lambda: gateway.chat("hi", model="auto", max_tokens=1).status == 200, 120)
        begin = time.monotonic()
        for text, label in zip(texts, truth):
            prompt = "Answer with one of these labels and nothing else: " + ", ".join(labels) + f"\n\nText: {text}\nLabel:"
            answer = gateway.chat(prompt, model="auto", max_tokens=12, temperature=0).json["choices"][0]["message"]["content"].strip().lower()
            right += answer.split()[0].strip(".,\"'`*") == label.lower() if answer else False
        return right / len(texts), len(texts) / (time.monotonic() - begin)


def show(name, how, right, error, silent_from, training):
    print(f"| {name} | {how} | {right * 100:.1f} % | {'' if math.isnan(error) else f'{error * 100:.1f} %'} | {silent_from} | {training} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=pathlib.Path)
    parser.add_argument("--data", default=os.environ.get("DEMARC_E2E_VECTORS"))
    parser.add_argument("--chat", default=os.environ.get("DEMARC_E2E_MODELS"))
    parser.add_argument("--questions", type=int, default=60)
    order = parser.parse_args()
    banking = read(order.texts / "banking77-train.csv")
    clinc = read(order.texts / "clinc150-small-dev.csv")
    held = [row for i, row in enumerate(banking) if i % 5 == 0]
    sets = {"banking77": ([row for i, row in enumerate(banking) if i % 5], held),
            "clinc150": ([row for row in clinc if row[2] == "train" and row[1] != "oos"], [row for row in clinc if row[2] != "train" and row[1] != "oos"])}
    strangers = [text for text, label, split in clinc if label == "oos"]
    python, rows = peer_python(), []
    with Gateway(CONFIG, policy=POLICY, models=order.data) as gateway, tempfile.TemporaryDirectory() as folder:
        wait_for(lambda: gateway.post("/v1/embeddings", {"model": "minilm-l6", "input": "a"}).status == 200, 60)
        client = Client(gateway.port, "minilm-l6")
        for name, (learn, test) in sets.items():
            texts, truth = [row[0] for row in test], [row[1] for row in test]
            labels = sorted({row[1] for row in learn})
            rng = random.Random(3)
            few = []
            for label in labels:
                few += rng.sample([row for row in learn if row[1] == label], 5)
            data = pathlib.Path(folder) / f"{name}.csv"
            with data.open("w", newline="") as file:
                csv.writer(file).writerows([("text", "label"), *[row[:2] for row in learn]])
            begin = time.monotonic()
            report = json.loads(gateway.cli("classify", "train", data, "-p", "0.95", "-m", "minilm-l6", "--json").stdout)
            took = time.monotonic() - begin
            classifier = json.loads(data.with_suffix(".classifier.json").read_text())
            said, sure, best = ours(client, texts, classifier=classifier)
            answered = [(a, b) for a, b in zip(said, truth) if a is not None]
            rows.append((name, "trained", accuracy(best, truth), calibration_error(best, sure, truth), f"{accuracy(*zip(*answered)) * 100:.1f} % right, {len(answered) / len(truth) * 100:.1f} % answered", f"{took:.0f} s with the vectors"))
            if name == "clinc150":
                silent = sum(one is None for one in ours(client, strangers, classifier=classifier)[0]) / len(strangers)
            for method, more in (("five examples a label", {"examples": [{"text": row[0], "label": row[1]} for row in few]}), ("labels only", {"labels": labels})):
                said, sure, best = ours(client, texts, **more)
                rows.append((name, method, accuracy(best, truth), calibration_error(best, sure, truth), "", ""))
            begin = time.monotonic()
            ours(client, texts, classifier=classifier)
            speed = len(texts) / (time.monotonic() - begin)
            done = subprocess.run([python, "-c", SKLEARN], text=True, capture_output=True, check=True, input=json.dumps(
                {"train": client.vectors([row[0] for row in learn]), "labels": [row[1] for row in learn], "test": client.vectors(texts),
                 "few": client.vectors([row[0] for row in few]), "few_labels": [row[1] for row in few]}))
            theirs = json.loads(done.stdout)
            rows.append((name, "scikit-learn, LogisticRegressionCV", accuracy(theirs["said"], truth), calibration_error(theirs["said"], theirs["confidence"], truth), "", f"{theirs['seconds']:.0f} s without them"))
            rows.append((name, "scikit-learn, NearestCentroid, five examples", accuracy(theirs["few"], truth), math.nan, "", ""))
    print("| texts | how | right | confidence off by | wished: 95 % of answers right | training |\n| --- | --- | --- | --- | --- | --- |")
    for row in rows:
        show(*row)
    if order.chat:
        sample = random.Random(5).sample(held, order.questions)
        right, per_second = ask_a_model(order.chat, [row[0] for row in sample], [row[1] for row in sample], sorted({row[1] for row in banking}))
        show("banking77", f"qwen2.5-coder-0.5b asked directly ({order.questions} texts, {per_second:.1f} a second)", right, math.nan, "", "")
    print(f"\nOf {len(strangers)} texts of clinc150 that belong to no label the trained classifier keeps silent on {silent * 100:.0f} %. It classifies {speed:.0f} texts a second (four files of 256 texts one after the other).")


if __name__ == "__main__":
    main()
