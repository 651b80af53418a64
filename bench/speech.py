#!/usr/bin/env python3
"""How well and how fast is speech understood, beside faster-whisper with the same model, threads and minutes; and what does the clean-up make of it?

usage: bench/speech.py [--data FOLDER] [--model MODEL] [--threads N] [--sets SET,…] [--cleaner MODEL] [--no-peer] [--minutes N] [--json FILE]

Sets (bench/speech_sets.py): "read", real read speech; "commands", people in an office; "facts", sentences full of numbers, names and negations; "hesitant",
full of fillers and words said twice, these two spoken by espeak-ng; "long", the read clips over and over with pauses for --minutes, as an ordinary
request and as batch work; "nothing", --minutes of silence, noise and tones altogether, in which every word was invented.

Each recording goes through a whole gateway and then, at once, through faster-whisper (int8, beam 5, its own voice activity detection on): what else the
machine does meets both. Word and character error rates are against what a careful typist would write, after lowering case and dropping punctuation and
numbers ("412" and "four hundred twelve" are both right). With --cleaner a second stage is measured (class Cleaned). The models must be in the data
folder: demarc --data FOLDER models pull whisper-base. Needs build/release, espeak-ng, and the network once.
"""

import argparse
import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
import speech_sets as sets  # noqa: E402
from distance import edits  # noqa: E402
from harness import Gateway  # noqa: E402

NUMBERS = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty "
           "forty fifty sixty seventy eighty ninety hundred thousand million first second third half quarter percent minus").split()
NEGATIONS = "no not never none nor neither nobody nothing cannot without unless".split()
POLICY = "version: 1\nrules:\n  - {id: local-is-ours, permit: local}\n"
SETS = "read,commands,facts,hesitant,long,nothing"


def words(text):
    text = re.sub(r"\b(mr|dr|mrs)\b\.?", lambda m: {"mr": "mister", "dr": "doctor", "mrs": "missis"}[m[1]], text.lower())
    return re.sub(r"[^a-z0-9' ]", " ", text.replace("-", " ")).split()


def plain_words(text):
    return [w for w in words(text) if w not in NUMBERS and not any(c.isdigit() for c in w)]


class Heard:
    """What one of the two made of a set."""

    def __init__(self):
        self.count = collections.Counter()
        self.texts = []

    def add(self, reference, text, seconds, cpu, duration):
        right, heard = plain_words(reference), plain_words(text)
        self.texts.append(text)
        self.count.update(words=len(right), word_errors=edits(right, heard), characters=len(" ".join(right)), character_errors=edits(" ".join(right), " ".join(heard)),
                          invented=0 if reference else len(words(text)), ms=round(seconds * 1000), cpu_ms=round(cpu * 1000), audio_ms=round(duration * 1000))

    def row(self):
        c = self.count
        return {"wer": c["word_errors"] / c["words"] if c["words"] else None, "cer": c["character_errors"] / c["characters"] if c["characters"] else None,
                "real_time_factor": c["ms"] / c["audio_ms"], "cpu_factor": c["cpu_ms"] / c["audio_ms"], "invented_per_hour": c["invented"] * 3_600_000 / c["audio_ms"]}


def is_fixed(word):
    return word in NUMBERS or word in NEGATIONS or any(c.isdigit() for c in word)


def protected_changes(raw, clean):
    """How many numbers, negations and names (a capital inside a sentence) of `raw` `clean` lacks; numbers and negations that it adds count too."""
    names = {name.lower() for before, name in re.findall(r"(\S+) ([A-Z][a-z]+)", raw) if not before.endswith((".", "?", "!"))}
    before, after = collections.Counter(words(raw)), collections.Counter(words(clean))
    lost = sum(n for w, n in (before - after).items() if is_fixed(w) or w in names)
    return lost + sum(n for w, n in (after - before).items() if is_fixed(w))


class Cleaned:
    """The second stage: the columns that it adds to a set's row."""

    def __init__(self):
        self.count = collections.Counter()

    def add(self, reference, reply):
        raw, clean = reply.get("raw_text", reply["text"]), reply["text"]
        right = plain_words(reference)
        raw_errors, clean_errors = edits(right, plain_words(raw)), edits(right, plain_words(clean))
        tally = reply.get("cleaning", {"pieces": 0, "asked": 0, "reverted": 0})
        self.count.update(words=len(right), errors=clean_errors, worse=clean_errors > raw_errors, edits=sum(e["accepted"] for e in reply.get("edits", [])),
                          protected=protected_changes(raw, clean), characters=len(" ".join(right)), character_errors=edits(" ".join(right), " ".join(plain_words(clean))),
                          inserted=sum((collections.Counter(plain_words(clean)) - collections.Counter(plain_words(raw))).values()), reverted=tally["reverted"],
                          pieces=tally["pieces"], asked=tally["asked"])

    def row(self):
        c = self.count
        return {"wer_clean": c["errors"] / c["words"] if c["words"] else None, "cer_clean": c["character_errors"] / c["characters"] if c["characters"] else None,
                "clips_worse": c["worse"], "edits": c["edits"], "reverted": c["reverted"], "protected_changes": c["protected"],
                "added_per_1000": c["inserted"] * 1000 / c["words"] if c["words"] else None, "pieces": c["pieces"], "asked": c["asked"]}


class Peer:
    """faster-whisper, in an environment of its own that is made once."""

    def __init__(self, model_folder, threads):
        folder = sets.CACHE / "peer"
        python = folder / "bin" / "python"
        if not (folder / "complete").exists():
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
            subprocess.run([folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "-r", ROOT / "bench" / "speech-requirements.txt"], check=True)
            (folder / "complete").touch()
        # Without the limit its threads wait by spinning, ten times slower where others use the machine: demarc-speech sets the same.
        env = {**os.environ, "GOMP_SPINCOUNT": "1000", "OMP_WAIT_POLICY": "active", "OMP_NUM_THREADS": str(threads), "HF_HUB_OFFLINE": "1"}
        self.process = subprocess.Popen([python, ROOT / "bench" / "speech_peer.py", model_folder, str(threads)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)

    def hear(self, clip):
        self.process.stdin.write(json.dumps({"file": str(clip), "language": "en"}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        return answer["text"], answer["seconds"], answer["cpu"], answer["duration"]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def cpu_of_engine(gateway):
    """Seconds of processor that the speech engine has had: other work on the machine changes them less than it changes waiting."""
    upstreams = json.loads(gateway.cli("status", "--json").stdout)["upstreams"]
    pid = next(u["engine"]["pid"] for u in upstreams if u["name"] == "speech-local")
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def transcribe(gateway, clip, clean, work_class=None, **more):
    boundary = uuid.uuid4().hex
    fields = {"model": "auto", "language": "en", "response_format": "verbose_json", "demarc_clean": "true" if clean else "false", **more}
    body = b"".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode() for k, v in fields.items())
    body += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{clip.name}"\r\n\r\n'.encode() + clip.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
    headers = {"content-type": f"multipart/form-data; boundary={boundary}", **({"demarc-class": work_class} if work_class else {})}
    began = time.monotonic()
    reply = gateway.request("POST", "/v1/audio/transcriptions", body, headers, timeout=3_600)
    if reply.status != 200:
        raise SystemExit(f"{clip.name}: {reply.status} {reply.text}")
    return reply.json, time.monotonic() - began


def wait_up(gateway, timeout_s=180):
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        upstreams = json.loads(gateway.cli("status", "--json").stdout)["upstreams"]
        if all(u["models"][0]["usable"] for u in upstreams):
            return
        time.sleep(0.2)
    raise SystemExit("the engines did not come up:\n" + gateway.cli("status").stdout)


def measure(name, clips, gateway, peer, cleaner, work_class=None):
    ours, theirs, cleaned = Heard(), Heard(), Cleaned()
    for clip, reference in clips:
        cpu = cpu_of_engine(gateway)
        reply, seconds = transcribe(gateway, clip, clean=False, work_class=work_class)
        ours.add(reference, reply["text"], seconds, cpu_of_engine(gateway) - cpu, reply["duration"])
        if peer:
            theirs.add(reference, *peer.hear(clip))
        if cleaner:
            cleaned.add(reference, transcribe(gateway, clip, clean=True)[0])
    row = {"set": name, "clips": len(clips), "seconds": ours.count["audio_ms"] / 1000, "words": ours.count["words"], "ours": ours.row()}
    if peer:
        row["peer"] = theirs.row()
        row["same_texts"] = sum(words(a) == words(b) for a, b in zip(ours.texts, theirs.texts))
    if cleaner:
        row["cleaned"] = cleaned.row()
    show(row)
    return row


def percent(value):
    return "–" if value is None else f"{value:.1%}"


def show(row):
    cells = [row["set"], str(row["clips"]), f"{row['seconds']:.0f}", str(row["words"])]
    both = [row["ours"]] + ([row["peer"]] if "peer" in row else [])
    for key in ("wer", "cer"):
        cells.append(" / ".join(percent(one[key]) for one in both))
    cells += [" / ".join(f"{one[key]:.3f}" for one in both) for key in ("real_time_factor", "cpu_factor")]
    cells += [" / ".join(f"{one['invented_per_hour']:.0f}" for one in both) if row["words"] == 0 else "–"]
    if "cleaned" in row:
        c = row["cleaned"]
        cells += [percent(c["wer_clean"]), percent(c["cer_clean"]), str(c["clips_worse"]), f"{c['edits']} + {c['reverted']} reverted", str(c["protected_changes"]),
                  "–" if c["added_per_1000"] is None else f"{c['added_per_1000']:.0f}", f"{c['asked']} of {c['pieces']}"]
    print("| " + " | ".join(cells) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.environ.get("DEMARC_E2E_MODELS", pathlib.Path.home() / ".cache" / "demarc" / "test-models"), help="data folder that holds the models")
    parser.add_argument("--model", default="whisper-base")
    parser.add_argument("--cleaner", help="a language model for the second stage")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--sets", default=SETS)
    parser.add_argument("--minutes", type=float, default=7, help="of the sets long and nothing")
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--json", type=pathlib.Path, help="write the rows here too")
    wish = parser.parse_args()
    config = f"upstreams:\n  - {{name: speech-local, tier: local, engine: speech, model: {wish.model}, serves: [transcription], slots: 1, threads: {wish.threads}}}\n"
    if wish.cleaner:
        config += f"  - {{name: chat-local, tier: local, engine: llama, model: {wish.cleaner}, serves: [chat], context_tokens: 4096}}\n"
    peer = None if wish.no_peer else Peer(pathlib.Path(wish.data) / "models" / "by-name" / wish.model, wish.threads)
    rows = []
    both = "" if wish.no_peer else ", ours / faster-whisper"
    heads = ["set", "clips", "seconds", "words", f"word errors{both}", f"character errors{both}", f"real-time factor{both}", f"processor a second{both}", f"invented an hour{both}"]
    heads += ["word errors, cleaned", "character errors, cleaned", "clips made worse", "edits", "protected changed", "words added per 1,000", "pieces asked about"] if wish.cleaner else []
    print(f"{wish.model}, {wish.threads} threads\n\n| " + " | ".join(heads) + " |\n|" + " --- |" * len(heads))
    with tempfile.TemporaryDirectory() as made, Gateway(config, policy=POLICY, models=wish.data) as gateway:
        folder = pathlib.Path(made)
        make = {"read": sets.read, "commands": lambda: sets.commands(folder), "facts": lambda: sets.spoken(folder, "facts"), "hesitant": lambda: sets.spoken(folder, "spoken"),
                "long": lambda: sets.long(folder, wish.minutes), "nothing": lambda: sets.nothing(folder, wish.minutes / 7)}
        wait_up(gateway)
        for warm_up in sets.read()[:1]:
            transcribe(gateway, warm_up[0], clean=False)
            if peer:
                peer.hear(warm_up[0])
        for name in wish.sets.split(","):
            clips = make[name]()
            rows.append(measure(name, clips, gateway, peer, wish.cleaner))
            if name == "long":
                rows.append(measure("long, as batch work", clips, gateway, peer, None, "batch"))
    if peer:
        peer.close()
    if wish.json:
        wish.json.write_text(json.dumps(rows, indent=1) + "\n")
    bad = [r for r in rows if r["ours"]["invented_per_hour"] > 0 or r.get("cleaned", {}).get("protected_changes")
           or (r.get("cleaned") and r["cleaned"]["wer_clean"] is not None and r["cleaned"]["wer_clean"] > r["ours"]["wer"])]
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
