"""False alarms on ordinary prose, and how fast the structured detectors read beside Presidio's patterns on the same texts."""

import collections
import csv
import gzip
import json
import pathlib
import re
import subprocess
import tempfile

import privacy_finders as finders


MANUALS = pathlib.Path("/usr/share/man")


def manual_pages():
    """Paragraphs of this machine's manual pages of commands, without their markup and without those that hold an @: addresses in them are real ones."""
    out = []
    for path in sorted(p for section in "18" for p in (MANUALS / f"man{section}").glob("*.gz"))[::7]:
        roff = gzip.decompress(path.read_bytes()).decode(errors="replace") if path.is_file() else ""
        lines = ["" if re.match(r"[.'](PP|P|TP|IP|SH|SS|LP|sp)\\b", line) else re.sub(r"\\f.|\\[&|^]", "", line).replace("\\-", "-") for line in roff.splitlines() if not line.startswith(('.\\"', "'\\\""))]
        out += [re.sub(r"(?m)^[.']\w+ ?", "", part) for part in "\n".join(lines).split("\n\n") if part.strip() and "@" not in part]
    return out


def texts_of(path):
    """The texts of a file: a CSV's column "text", else its paragraphs."""
    if path == MANUALS:
        return manual_pages()
    if path.suffix == ".csv":
        with path.open(newline="") as file:
            return [row["text"] for row in csv.DictReader(file)]
    return [part for part in path.read_text(errors="replace").split("\n\n") if part.strip()]


def false_alarms(paths, show):
    out = []
    for path in [*paths, *([MANUALS] if MANUALS.is_dir() else [])]:
        texts = texts_of(path)
        words, counts, examples = sum(len(text.split()) for text in texts), collections.Counter(), []
        for text, findings in zip(texts, finders.structured([{"text": text} for text in texts])):
            for finding in findings:
                counts[finding["type"]] += 1
                examples.append(f'{finding["type"]} {" ".join(text[max(0, finding["start"] - 20):finding["end"] + 20].split())}')
        for example in examples[:show]:
            print("  ", path.name, example)
        out.append({"file": "manual pages, every seventh" if path == MANUALS else path.name, "words": words, "findings": dict(counts), "per_10000_words": round(sum(counts.values()) * 10000 / max(1, words), 3)})
    return out


def alarms_markdown(result):
    out = ["| text | words | findings | per 10,000 words |", "| --- | --- | --- | --- |"]
    for row in result:
        out.append(f"| {row['file']} | {row['words']:,} | {', '.join(f'{n} {t}' for t, n in sorted(row['findings'].items())) or 'none'} | {row['per_10000_words']:.2f} |")
    prose = [row for row in result if not row["file"].startswith("manual pages")]
    words, found = sum(row["words"] for row in prose), sum(sum(row["findings"].values()) for row in prose)
    return "\n".join([*out, f"| all but manual pages | {words:,} | {found} | {found * 10000 / max(1, words):.2f} |", "", "Manual pages are full of examples: most findings there are addresses that stand in them."]) + "\n"


def speed(paths):
    """[{what, piece_bytes, bytes_per_s, presidio_bytes_per_s}]: prose of the files given, demarc's own C++, a split's texts, and their values alone."""
    import generate
    with tempfile.TemporaryDirectory() as folder:
        rows = list(generate.rows("train"))
        files = {"prose": "\n".join(text for path in paths for text in texts_of(path)),
                 "C++": "\n".join(path.read_text() for path in sorted((finders.ROOT / "src").rglob("*.[ch]pp"))),
                 "texts with planted values": "\n".join(row["text"] for row in rows),
                 "values alone, a line each": "\n".join(row["text"][span["start"]:span["end"]] for row in rows for span in row["spans"])}
        names = []
        for what, text in files.items():
            if text:
                names.append(str(pathlib.Path(folder) / what))
                pathlib.Path(names[-1]).write_text(text)
        out = []
        for piece in (1536, 32768):
            ours = subprocess.run([finders.BUILD / "privacy_find", "--speed", str(piece), *names], capture_output=True, text=True, check=True).stdout
            theirs = subprocess.run(finders.presidio_command("--speed", str(piece), *names), capture_output=True, text=True, check=True).stdout
            for a, b in zip(map(json.loads, ours.splitlines()), map(json.loads, theirs.splitlines()), strict=True):
                out.append({"what": pathlib.Path(a["file"]).name, "piece_bytes": piece, "bytes_per_s": a["bytes_per_s"], "presidio_bytes_per_s": round(b["bytes_per_s"])})
    return out


def speed_markdown(result):
    out = ["| text | pieces of | structured tier | Presidio's patterns | ratio |", "| --- | --- | --- | --- | --- |"]
    for row in result:
        out.append(f"| {row['what']} | {row['piece_bytes'] / 1024:g} KiB | {row['bytes_per_s'] / 1e6:,.0f} MB/s | {row['presidio_bytes_per_s'] / 1e3:,.1f} kB/s | {row['bytes_per_s'] / max(1, row['presidio_bytes_per_s']):,.0f} |")
    return "\n".join(out) + "\n"
