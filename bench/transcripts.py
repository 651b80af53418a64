#!/usr/bin/env python3
"""How good are the transcripts, raw and cleaned, per speech model and per language model that cleans?

usage: bench/transcripts.py [--data FOLDER] [--speech MODEL,…] [--cleaner MODEL,…] [--json FILE]

Two sets: the five committed clips of read speech (tests/data/speech), and sentences with hesitations, repeats, numbers, negations and names
(bench/data/spoken.tsv), spoken by espeak-ng. Word error rates are against what a careful typist would write, after lowering case and dropping
punctuation and numbers. "prot" counts numbers, negations and names of the raw transcript that the clean one lacks or has more often: it must be 0.
The models must be in the data folder: demarc --data FOLDER models pull whisper-tiny.en smollm2-135m-instruct. Needs build/release and espeak-ng.
"""

import argparse
import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
from harness import Gateway  # noqa: E402

NUMBERS = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty "
           "forty fifty sixty seventy eighty ninety hundred thousand million first second third half quarter percent minus").split()
NEGATIONS = "no not never none nor neither nobody nothing cannot without unless".split()
POLICY = "version: 1\nrules:\n  - {id: local-is-ours, permit: local}\n"


def words(text):
    text = re.sub(r"\b(mr|dr|mrs)\b\.?", lambda m: {"mr": "mister", "dr": "doctor", "mrs": "missis"}[m[1]], text.lower())
    return re.sub(r"[^a-z0-9' ]", " ", text.replace("-", " ")).split()


def plain_words(text):
    """Without numbers: "412" and "four hundred twelve" are both right, and protected_changes() watches them."""
    return [w for w in words(text) if w not in NUMBERS and not any(c.isdigit() for c in w)]


def word_errors(reference, heard):
    a, b = plain_words(reference), plain_words(heard)
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (x != y))
    return row[-1]


def is_fixed(word):
    return word in NUMBERS or word in NEGATIONS or any(c.isdigit() for c in word)


def protected_changes(raw, clean):
    """How many numbers, negations and names (a capital inside a sentence) of `raw` `clean` lacks; numbers and negations that it adds count too."""
    names = {name.lower() for before, name in re.findall(r"(\S+) ([A-Z][a-z]+)", raw) if not before.endswith((".", "?", "!"))}
    before, after = collections.Counter(words(raw)), collections.Counter(words(clean))
    lost = sum(n for w, n in (before - after).items() if is_fixed(w) or w in names)
    return lost + sum(n for w, n in (after - before).items() if is_fixed(w))


def clips(folder):
    speech = ROOT / "tests" / "data" / "speech"
    read = []
    for line in (speech / "references.tsv").read_text().splitlines():
        if "\t" in line:
            name, reference = line.split("\t", 1)
            read.append((speech / (name if name.endswith(".wav") else name + ".wav"), reference))
    spoken = []
    for number, line in enumerate((ROOT / "bench" / "data" / "spoken.tsv").read_text().splitlines()):
        if "\t" not in line:
            continue
        said, reference = line.split("\t", 1)
        clip = folder / f"spoken-{number}.wav"
        subprocess.run(["espeak-ng", "-v", "en-us", "-s", "130", "-w", clip, said], check=True)
        spoken.append((clip, reference))
    return {"read": read, "hesitant": spoken}


def transcribe(gateway, clip):
    boundary = uuid.uuid4().hex
    body = b""
    for name, value in (("model", "auto"), ("language", "en"), ("response_format", "verbose_json")):
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    body += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{clip.name}"\r\n\r\n'.encode() + clip.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
    reply = gateway.request("POST", "/v1/audio/transcriptions", body, {"content-type": f"multipart/form-data; boundary={boundary}"}, timeout=300)
    if reply.status != 200:
        raise SystemExit(f"{clip.name}: {reply.status} {reply.text}")
    return reply.json


def wait_up(gateway, timeout_s=180):
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        upstreams = json.loads(gateway.cli("status", "--json").stdout)["upstreams"]
        if all(u["models"][0]["usable"] for u in upstreams):
            return
        time.sleep(0.2)
    raise SystemExit("the engines did not come up:\n" + gateway.cli("status").stdout)


def measure(data, speech, cleaner, sets):
    config = (f"upstreams:\n  - {{name: speech-local, tier: local, engine: speech, model: {speech}, serves: [transcription]}}\n"
              f"  - {{name: chat-local, tier: local, engine: llama, model: {cleaner}, serves: [chat], context_tokens: 4096}}\n")
    rows = []
    with Gateway(config, policy=POLICY, models=data) as gateway:
        wait_up(gateway)
        for name, members in sets.items():
            row = collections.Counter(speech=0)
            began = time.monotonic()
            for clip, reference in members:
                reply = transcribe(gateway, clip)
                clean, raw = reply["text"], reply.get("raw_text", reply["text"])
                row["words"] += len(plain_words(reference))
                row["raw"] += word_errors(reference, raw)
                row["clean"] += word_errors(reference, clean)
                row["worse"] += word_errors(reference, clean) > word_errors(reference, raw)
                row["edits"] += len(reply.get("edits", []))
                row["protected"] += protected_changes(raw, clean)
                row["audio_ms"] += int(reply["duration"] * 1000)
            rows.append({"speech": speech, "cleaner": cleaner, "set": name, "clips": len(members), "words": row["words"], "wer_raw": row["raw"] / row["words"],
                         "wer_clean": row["clean"] / row["words"], "clips_worse": row["worse"], "edits": row["edits"], "protected_changes": row["protected"],
                         "real_time_factor": (time.monotonic() - began) * 1000 / row["audio_ms"]})
            show(rows[-1])
    return rows


def show(row):
    print(f"{row['speech']:<16} {row['cleaner']:<27} {row['set']:<9} {row['wer_raw']:6.1%} {row['wer_clean']:6.1%} {row['edits']:5} {row['protected_changes']:4} "
          f"{row['real_time_factor']:5.2f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.environ.get("DEMARC_E2E_MODELS", pathlib.Path.home() / ".cache" / "demarc" / "test-models"), help="data folder that holds the models")
    parser.add_argument("--speech", default="whisper-base,whisper-tiny.en")
    parser.add_argument("--cleaner", default="qwen2.5-coder-0.5b-instruct,smollm2-135m-instruct")
    parser.add_argument("--json", type=pathlib.Path, help="write the rows here too")
    arguments = parser.parse_args()
    if not shutil.which("espeak-ng"):
        raise SystemExit("espeak-ng is missing: apt-get install espeak-ng")
    rows = []
    print(f"{'speech':<16} {'cleaner':<27} {'set':<9} {'WER':>6} {'clean':>6} {'edits':>5} {'prot':>4} {'RTF':>5}")
    with tempfile.TemporaryDirectory() as folder:
        sets = clips(pathlib.Path(folder))
        for speech in arguments.speech.split(","):
            for cleaner in arguments.cleaner.split(","):
                rows += measure(arguments.data, speech, cleaner, sets)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n")
    bad = [r for r in rows if r["protected_changes"] or r["wer_clean"] > r["wer_raw"]]
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
