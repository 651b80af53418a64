#!/usr/bin/env python3
"""What does the second stage make of transcripts that were heard before (bench/data/heard.tsv, made by bench/hear.py)? A minute a language model, no sound.

usage: bench/clean.py [--data FOLDER] [--cleaner MODEL,…] [--json FILE]

A row for each set, speech model and language model ("none": only what needs no model). Sets named "bare" are the same texts in small letters without marks, as some
engines give them; "with terms" have a glossary of the names that are said. Columns: word and character error rates raw → clean, after lowering case and dropping
marks and numbers ("412" and "four hundred twelve" are both right); character error rate as written, case and marks included; words per 1,000 that nobody said (insertions
against what a careful typist would write), raw → clean; numbers, negations, dates, units and names of the raw text that the clean one has otherwise ("locked", to be 0);
edits made and reverted; pieces that a model was asked about, of all. Fails if a set is worse clean than raw, or anything locked changed.
Needs build/release (target clean_texts, and llama-server) and the models in the data folder: demarc --data FOLDER models pull qwen2.5-coder-0.5b-instruct.
"""

import argparse
import collections
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = pathlib.Path(os.environ.get("DEMARC_BUILD", ROOT / "build" / "release"))
TERMS = {"hesitant": ["Alvarez", "Rotterdam", "Priya", "Norwegian"], "facts": ["Schneider", "Harrison", "Fischer", "Hamburg", "Toronto"]}
TITLES = {"mr": "mister", "dr": "doctor", "mrs": "missis"}


def table(kinds):
    """Words by language, of the table that the second stage has; what it makes of them is another matter."""
    words = collections.defaultdict(set)
    for line in (ROOT / "src" / "speech" / "data" / "words.txt").read_text().splitlines():
        if match := re.match(rf"(\w+) ({kinds}): (.*)", line):
            words[match[1]].update(match[3].split())
    return words


LOCKED, NUMBERS = table("number|negation|date|unit"), table("number")


def words(text):
    return [TITLES.get(w, w) for w in re.findall(r"[^\W_]+(?:'[^\W_]+)*", text.lower().replace("’", "'"))]


def plain_words(text, language):
    return [w for w in words(text) if not is_number(w, language)]


def is_number(word, language):
    return any(c.isdigit() for c in word) or word in NUMBERS[language]


def distance(a, b):
    """Levenshtein's, and of the changes how many are insertions into b."""
    row = [(j, j) for j in range(len(b) + 1)]
    for i, x in enumerate(a, 1):
        diagonal, row[0] = row[0], (i, 0)
        for j, y in enumerate(b, 1):
            best = min((row[j][0] + 1, row[j][1]), (row[j - 1][0] + 1, row[j - 1][1] + 1), (diagonal[0] + (x != y), diagonal[1]))
            diagonal, row[j] = row[j], best
    return row[-1]


def locked(text, language):
    return [w for w in words(text) if any(c.isdigit() for c in w) or w in LOCKED[language] or w.endswith("n't")]


def names(text):
    return [w for before, w in zip(text.split(), text.split()[1:]) if re.match(r"\W*[^\W\d_]", w) and re.sub(r"^\W*", "", w)[:1].isupper() and not re.search(r"[.?!…]\W*$", before)
            and not re.match(r"I('|\W|$)", w)]


def locked_changes(raw, clean, language, terms):
    changes = distance(locked(raw, language), locked(clean, language))[0]
    left = iter(words(clean))
    for name in names(raw):
        for word in words(name):
            changes += word not in left and not any(t.lower() in words(clean) for t in terms)
    return changes


def heard():
    for line in (ROOT / "bench" / "data" / "heard.tsv").read_text().splitlines():
        if not line.startswith("#"):
            name, speech, language, reference, text, sure = line.split("\t")
            yield name, speech, language, reference, text, [float(x) for x in sure.split()]


def sets():
    rows = collections.defaultdict(list)
    for name, speech, language, reference, text, sure in heard():
        rows[name, speech].append((language, reference, text, sure, []))
        if name in TERMS:
            rows[name + ", with terms", speech].append((language, reference, text, sure, TERMS[name]))
        rows[name + ", bare", speech].append((language, reference, bare(text), [], []))
    for name, file, language in (("hesitant", "spoken.tsv", "en"), ("hesitant_de", "spoken_de.tsv", "de"), ("hesitant_fr", "spoken_fr.tsv", "fr")):
        for line in (ROOT / "bench" / "data" / file).read_text().splitlines():
            if "\t" in line and not line.startswith("#"):
                text, reference = line.split("\t", 1)
                rows[name, "every word heard"].append((language, reference, text, [], []))
                rows[name + ", bare", "every word heard"].append((language, reference, bare(text), [], []))
    return rows


def bare(text):
    return re.sub(r"\s+", " ", re.sub(r"(?<!\d)[.,;:?!…\"]|[.,;:?!…\"](?!\d)", " ", text.lower())).strip()


class Cleaner:
    """A language model behind llama-server; "none" answers nothing."""

    def __init__(self, model, data):
        self.process, self.seconds, self.tokens = None, 0.0, 0
        if model == "none":
            return
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        weights = next((pathlib.Path(data) / "models" / "by-name" / model).glob("*.gguf"))
        command = [BUILD / "llama-server", "--model", weights, "--port", str(self.port), "-c", "4096", "-np", "1", "-t", "1", "--no-webui"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 300
        while time.monotonic() < end:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5)
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise SystemExit(f"{model} did not come up")

    def answer(self, body):
        if not self.process:
            return ""
        began = time.monotonic()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/v1/chat/completions", json.dumps(body).encode(), {"content-type": "application/json"})
        try:
            reply = json.load(urllib.request.urlopen(request, timeout=600))
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{error}: {error.read()[:500]}\n{json.dumps(body)}") from error
        self.seconds += time.monotonic() - began
        self.tokens += reply["usage"]["completion_tokens"]
        return reply["choices"][0]["message"]["content"]

    def close(self):
        if self.process:
            self.process.terminate()
            self.process.wait()


def measure(name, speech, cleaner_name, members, cleaner, stage):
    def tell(value):
        stage.stdin.write(json.dumps(value) + "\n")
        stage.stdin.flush()
        return stage.stdout.readline()

    c = collections.Counter()
    is_written = any(reference != reference.lower() for _, reference, *_ in members)  # the clips' references are in small letters, without marks
    for language, reference, raw, sure, terms in members:
        ask = json.loads(tell({"text": raw, "language": language, "confidence": sure, "glossary": terms}))["ask"]
        reply = json.loads(tell({"answers": [cleaner.answer(body) for body in ask]}))
        clean, edits, tally = reply["text"], reply["edits"], reply["cleaning"]
        if os.environ.get("SHOW"):
            print(f"  {raw}\n  {clean}\n  " + "; ".join(f"{e['from']}→{e['with']} {e['reason']}" + ("" if e["accepted"] else " REVERTED") for e in edits))
        right = plain_words(reference, language)
        for what, text in (("raw", raw), ("clean", clean)):
            now = plain_words(text, language)
            errors, inserted = distance(right, now)
            c.update({f"{what}_errors": errors, f"{what}_inserted": inserted, f"{what}_characters": distance(" ".join(right), " ".join(now))[0],
                      f"{what}_written": distance(reference, text)[0]})
        c.update(words=len(right), characters=len(" ".join(right)), written=len(reference), locked=locked_changes(raw, clean, language, terms),
                 edits=sum(e["accepted"] for e in edits), reverted=tally["reverted"], pieces=tally["pieces"], asked=tally["asked"], answered=tally["answered"])
    row = {"set": name, "speech": speech, "cleaner": cleaner_name, "texts": len(members), **{f"wer_{w}": c[f"{w}_errors"] / c["words"] for w in ("raw", "clean")},
           **{f"cer_{w}": c[f"{w}_characters"] / c["characters"] for w in ("raw", "clean")}, **{f"cer_written_{w}": c[f"{w}_written"] / c["written"] for w in ("raw", "clean")},
           **{f"insertions_per_1000_{w}": c[f"{w}_inserted"] * 1000 / c["words"] for w in ("raw", "clean")}, "locked_changes": c["locked"], "edits": c["edits"],
           "reverted": c["reverted"], "pieces": c["pieces"], "asked": c["asked"], "answered": c["answered"]}
    rates = [f"{row[f'{k}_raw']:.1%} → {row[f'{k}_clean']:.1%}" for k in ("wer", "cer", "cer_written")]
    cells = [name, speech, cleaner_name, *rates[:2], rates[2] if is_written else "–",
             f"{row['insertions_per_1000_raw']:.0f} → {row['insertions_per_1000_clean']:.0f}", str(c["locked"]), str(c["edits"]),
             f"{c['reverted']} ({c['reverted'] / max(1, c['edits'] + c['reverted']):.0%})", f"{c['asked']} of {c['pieces']}"]
    print("| " + " | ".join(cells) + " |", flush=True)
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.environ.get("DEMARC_E2E_MODELS", pathlib.Path.home() / ".cache" / "demarc" / "test-models"), help="data folder that holds the models")
    parser.add_argument("--cleaner", default="none,qwen2.5-coder-0.5b-instruct,smollm2-135m-instruct")
    parser.add_argument("--json", type=pathlib.Path, help="write the rows here too")
    wish = parser.parse_args()
    heads = ["set", "speech model", "language model", "word errors", "character errors", "as written", "insertions per 1,000 words", "locked changed", "edits", "reverted", "pieces asked"]
    print("| " + " | ".join(heads) + " |\n|" + " --- |" * len(heads))
    rows = []
    for name in wish.cleaner.split(","):
        cleaner = Cleaner(name, wish.data)
        stage = subprocess.Popen([BUILD / "clean_texts"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for (set_name, speech), members in sets().items():
            if name == "none" and "," in set_name:
                continue
            rows.append(measure(set_name, speech, name, members, cleaner, stage))
        stage.stdin.close()
        stage.wait()
        cleaner.close()
        if cleaner.seconds:
            print(f"\n{name}: {cleaner.seconds:.0f} s in the model, {cleaner.tokens} tokens\n", flush=True)
    if wish.json:
        wish.json.write_text(json.dumps(rows, indent=1) + "\n")
    bad = [r for r in rows if r["locked_changes"] or r["wer_clean"] > r["wer_raw"] or r["cer_clean"] > r["cer_raw"]]
    for row in bad:
        print(f"worse than raw, or locked words changed: {row['set']}, {row['speech']}, {row['cleaner']}", file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
