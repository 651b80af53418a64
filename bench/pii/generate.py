#!/usr/bin/env python3
"""Labelled texts with planted values: JSON lines {"text", "language", "family", "spans": [{"start", "end", "type"}]}, offsets in code points.

usage: bench/pii/generate.py train|dev|heldout [--count N] [--out FILE] [--digest]

The same split and count always give the same bytes. A family (a file of templates/SPLIT/) belongs to one split only, and so do names, towns and companies.
No one who tunes a detector reads templates/heldout or looks at what was missed there; heldout.sha256 is the digest of the 2,000 texts it was committed with.

A template is one line: {{TYPE}} plants a labelled value, {{kind}} a harmless look-alike (forms.json), {{word}} and then {{value}} what an identifier is
called and one of that type (words.json), [[a|b]] is a choice, \\n a new line.
"""

import argparse
import hashlib
import json
import pathlib
import random
import re
import sys

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))
from values import Values  # noqa: E402

COUNTS = {"train": 4000, "dev": 1000, "heldout": 2000}
TYPES = {"GIVEN": "PERSON", "SURNAME": "PERSON", "PASSWORD": "SECRET", "PEM": "SECRET"}  # slots that are a part or a sort of a type


def families(split):
    """{family: (language, templates)}"""
    out = {}
    for path in sorted((HERE / "templates" / split).glob("*.txt")):
        first, *lines = path.read_text().splitlines()
        out[path.stem] = (first.removeprefix("# language: "), [line for line in lines if line])
    return out


def fill(template, values):
    text, spans, kind = "", [], None
    template = re.sub(r"\[\[(.*?)\]\]", lambda m: values.pick(m[1].split("|")), template.replace("\\n", "\n"))
    for piece in re.split(r"(\{\{\w+\}\})", template):
        slot = re.fullmatch(r"\{\{(\w+)\}\}", piece)
        label = None
        if slot and slot[1] == "word":
            piece, kind = values.word_and_type()
        elif slot and slot[1] == "value":
            piece, label = values.of(kind), kind
        elif slot and slot[1].isupper():
            piece, label = values.of(slot[1]), TYPES.get(slot[1], slot[1])
        elif slot:
            piece = values.harmless(slot[1])
        if label:
            spans.append({"start": len(text), "end": len(text) + len(piece), "type": label})
        text += piece
    return text, spans


def rows(split, count=None):
    templates = [(family, language, line) for family, (language, lines) in families(split).items() for line in lines]
    turns = {}
    for i in range(COUNTS[split] if count is None else count):
        family, language, line = templates[i % len(templates)]  # in turn, so that every template and so every type has its share
        text, spans = fill(line, Values(random.Random(f"{split} {i}"), split, language, turns))
        yield {"text": text, "language": language, "family": family, "spans": spans}


def lines(split, count=None):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows(split, count))


def checked(split):
    """The rows of a split; the held-out one only if it is still the one that was committed."""
    text = lines(split)
    if split == "heldout" and hashlib.sha256(text.encode()).hexdigest() != (HERE / "heldout.sha256").read_text().split()[0]:
        raise SystemExit("bench/pii: the held-out texts are not those whose digest is committed in bench/pii/heldout.sha256")
    return [json.loads(line) for line in text.splitlines()]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("split", choices=COUNTS)
    parser.add_argument("--count", type=int)
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--digest", action="store_true", help="print only the SHA-256 of the texts")
    arguments = parser.parse_args()
    text = lines(arguments.split, arguments.count)
    if arguments.digest:
        print(hashlib.sha256(text.encode()).hexdigest())
    elif arguments.out:
        arguments.out.write_text(text)
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
