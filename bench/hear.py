#!/usr/bin/env python3
"""Makes bench/data/heard.tsv: what the speech model hears of the clips and sentences that bench/clean.py measures the second stage with. Minutes; the file is
committed, so that the second stage can be measured again without hearing everything again.

usage: bench/hear.py [--data FOLDER] [--speech MODEL,…]

A line each: set, speech model, language, what a careful typist would write, what was heard, how sure the model was of each word (two digits, spaces between).
Sets: the committed clips of read speech (tests/data/speech), and the sentences of bench/data/*.tsv, spoken by espeak-ng. Needs build/release and the models in the
data folder.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
from harness import Gateway  # noqa: E402

SENTENCES = {"hesitant": ("spoken.tsv", "en", "en-us"), "facts": ("facts.tsv", "en", "en-us"), "hesitant_de": ("spoken_de.tsv", "de", "de"), "hesitant_fr": ("spoken_fr.tsv", "fr", "fr-fr")}
POLICY = "version: 1\nrules:\n  - {id: local-is-ours, permit: local}\n"


def lines(path):
    return [line.split("\t", 1) for line in path.read_text().splitlines() if "\t" in line and not line.startswith("#")]


def clips(folder):
    speech = ROOT / "tests" / "data" / "speech"
    for name, reference in lines(speech / "references.tsv"):
        yield "read", "en", speech / name, reference
    for name, (file, language, voice) in SENTENCES.items():
        for number, (said, reference) in enumerate(lines(ROOT / "bench" / "data" / file)):
            clip = folder / f"{name}-{number}.wav"
            subprocess.run(["espeak-ng", "-v", voice, "-s", "130", "-w", clip, said], check=True)
            yield name, language, clip, reference


def wait_up(gateway, timeout_s=180):
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if json.loads(gateway.cli("status", "--json").stdout)["upstreams"][0]["models"][0]["usable"]:
            return
        time.sleep(0.2)
    raise SystemExit("the engine did not come up:\n" + gateway.cli("status").stdout)


def hear(gateway, clip, language):
    boundary = uuid.uuid4().hex
    fields = {"model": "auto", "language": language, "response_format": "verbose_json", "demarc_clean": "false", "timestamp_granularities[]": "word"}
    body = b"".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode() for k, v in fields.items())
    body += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{clip.name}"\r\n\r\n'.encode() + clip.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
    reply = gateway.request("POST", "/v1/audio/transcriptions", body, {"content-type": f"multipart/form-data; boundary={boundary}"}, timeout=900)
    if reply.status != 200:
        raise SystemExit(f"{clip.name}: {reply.status} {reply.text}")
    text = " ".join(reply.json["text"].split())
    words = [word for word in reply.json.get("words", []) if any(c.isalnum() for c in word["word"])]
    written = [word for word in text.split(" ") if any(c.isalnum() for c in word)]
    sure = " ".join(f"{word['probability']:.2f}" for word in words) if len(words) == len(written) == len(text.split(" ")) else ""
    return text, sure


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.environ.get("DEMARC_E2E_MODELS", pathlib.Path.home() / ".cache" / "demarc" / "test-models"), help="data folder that holds the models")
    parser.add_argument("--speech", default="whisper-base,whisper-tiny.en")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "bench" / "data" / "heard.tsv")
    wish = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, open(wish.output, "w") as out:
        out.write("# Made by bench/hear.py, which says what the columns are.\n")
        for speech in wish.speech.split(","):
            config = f"upstreams:\n  - {{name: speech-local, tier: local, engine: speech, model: {speech}, serves: [transcription], slots: 1, threads: 1}}\n"
            with Gateway(config, policy=POLICY, models=wish.data) as gateway:
                wait_up(gateway)
                for name, language, clip, reference in clips(pathlib.Path(folder)):
                    if speech.endswith(".en") and language != "en":
                        continue
                    text, sure = hear(gateway, clip, language)
                    out.write("\t".join([name, speech, language, reference, text, sure]) + "\n")
                    out.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
