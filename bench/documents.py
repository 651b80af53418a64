#!/usr/bin/env python3
"""Documents: character errors, table cells and pages a second of demarc beside Tesseract alone and RapidOCR, on documents whose contents are known.

usage: bench/documents.py [--pages N] [--only SET,…] [--no-peers]

Everybody gets the same pages in one run, one after the other, each with one thread. The documents are made here (tests/e2e/documents.py; the seed is fixed), so
the truth is exact:

  print      pages of headings and prose as PDF with a text layer (Tesseract and RapidOCR read no PDF: they get it drawn at 200 dpi, which is counted as theirs)
  scan       the same pages as clean pictures of 200 dpi
  crooked    turned by up to 3 degrees, grainy, out of focus, JPEG
  sideways   turned by 90 or 180 degrees
  columns    two columns of prose, as pictures: what is read in the wrong order counts as wrong
  ruled      tables with lines, some cells merged, as pictures
  aligned    tables without lines, as pictures

CER: edit distance by the length of the truth, Markdown's marks and white space set aside. Cells: F1 of (row, column, text) over all cells. Docling, which needs
models from a hub at its first run, is not in the table. Needs build/release, the model tesseract-eng, the tools of the end-to-end tests (./test sets them up), the
program tesseract; network once for RapidOCR.
"""

import argparse
import base64
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
if os.environ.get("DEMARC_E2E_PYTHON") and os.environ["DEMARC_E2E_PYTHON"] != sys.executable:
    os.execv(os.environ["DEMARC_E2E_PYTHON"], [os.environ["DEMARC_E2E_PYTHON"], *sys.argv])

import documents as made  # noqa: E402
from distance import edits  # noqa: E402
from harness import Gateway  # noqa: E402

POLICY = "version: 1\nrules:\n  - {id: local-is-ours, permit: local}\n"
CONFIG = "upstreams:\n  - {name: documents, tier: local, engine: document, model: tesseract-eng, slots: 1, threads: 1}\n"


def page_of_prose(rng):
    blocks, truth = [], []
    for level, words in ((1, 120), (2, 140), (2, 60)):
        title, body = made.sentence(rng, 3).rstrip("."), made.prose(rng, words)
        blocks += [made.heading(title, level), made.text(body)]
        truth += [title, body]
    return blocks, " ".join(truth)


def page_of_table(rng, ruled):
    columns = rng.randint(3, 5)
    names = ["Item", "Price", "Count", "Place", "Date"][:columns]
    kinds = [lambda: rng.choice(made.WORDS).capitalize() + " " + rng.choice(made.WORDS), lambda: f"{rng.randint(1, 999)}.{rng.randint(0, 99):02}", lambda: str(rng.randint(1, 400)),
             lambda: rng.choice(["Graz", "Linz", "Wien", "Bern", "Rome"]), lambda: f"20{rng.randint(10, 29)}-0{rng.randint(1, 9)}-1{rng.randint(0, 9)}"]
    rows = [names] + [[kinds[c]() for c in range(columns)] for _ in range(rng.randint(4, 8))]
    spans = []
    if ruled:
        rows.append(["Total", ""] + [kinds[c]() for c in range(2, columns)])
        spans = [((0, len(rows) - 1), (1, len(rows) - 1))]
    cells = {(r, c, text) for r, row in enumerate(rows) for c, text in enumerate(row) if text}
    intro = made.prose(rng, 40)
    return [made.text(intro), made.table(rows, ruled=ruled, spans=spans)], cells


def sets(folder, count):
    """name → list of (file, is a picture, truth as text or None, truth as cells or None)."""
    out = {name: [] for name in ("print", "scan", "crooked", "sideways", "columns", "ruled", "aligned")}

    def keep(name, number, picture, truth, cells=None, form="PNG", **more):
        path = folder / f"{name}-{number}.{form.lower()}"
        path.write_bytes(made.bytes_of(picture, form, **more))
        out[name].append((path, truth, cells))

    for i in range(count):
        rng = random.Random(1_000 + i)
        blocks, truth = page_of_prose(rng)
        pdf = made.make_pdf(folder / f"print-{i}.pdf", [blocks])
        out["print"].append((pdf, truth, None))
        picture = made.scan(pdf)[0]
        keep("scan", i, picture, truth)
        keep("crooked", i, made.photo(picture, skew=rng.uniform(-3, 3), noise=12, blur=0.7, shadow=rng.uniform(0, 0.5), seed=i), truth, form="JPEG", quality=75)
        keep("sideways", i, made.photo(picture, turn=rng.choice([90, 180, 270])), truth)
        prose = made.prose(rng, 560)
        keep("columns", i, made.scan(made.make_pdf(folder / f"columns-{i}.pdf", [[made.text(prose)]], columns=2))[0], prose)
        for name in ("ruled", "aligned"):
            blocks, cells = page_of_table(rng, name == "ruled")
            keep(name, i, made.scan(made.make_pdf(folder / f"{name}-{i}.pdf", [blocks]))[0], None, cells)
    return out


class Demarc:
    name = "demarc"

    def __init__(self, models):
        self.gateway = Gateway(CONFIG, POLICY, models=models).start()
        end = time.monotonic() + 120
        while not json.loads(self.gateway.cli("status", "--json").stdout)["upstreams"][0]["models"][0]["usable"]:
            assert time.monotonic() < end, "the engine did not come up"
            time.sleep(0.1)

    def read(self, path):
        body = {"model": "auto", "document": {"type": "document_url", "document_url": "data:;base64," + base64.b64encode(path.read_bytes()).decode()}}
        began = time.monotonic()
        reply = self.gateway.request("POST", "/v1/ocr", body, timeout=300)
        took = time.monotonic() - began
        if reply.status != 200:
            raise SystemExit(f"{path}: {reply.status} {reply.text}")
        page = reply.json["pages"][0]
        cells = {(cell["row"], cell["column"], cell["text"]) for block in page["blocks"] for cell in block.get("cells", []) if cell["text"]}
        return page["markdown"], cells, took

    def close(self):
        self.gateway.stop()


def picture_of(path, folder):
    """A PDF's page as a picture, for those who read none."""
    if path.suffix != ".pdf":
        return path
    picture = folder / (path.stem + ".drawn.png")
    picture.write_bytes(made.bytes_of(made.scan(path)[0]))
    return picture


class Tesseract:
    name = "Tesseract alone"

    def __init__(self, folder, data):
        self.folder, self.data = folder, data

    def read(self, path):
        began = time.monotonic()
        picture = picture_of(path, self.folder)
        done = subprocess.run(["tesseract", picture, "-", "--tessdata-dir", self.data, "-l", "eng", "--psm", "3"], capture_output=True, text=True, env={**os.environ, "OMP_THREAD_LIMIT": "1"})
        return done.stdout, None, time.monotonic() - began

    def close(self):
        pass


class Rapid:
    name = "RapidOCR"

    def __init__(self, folder):
        self.folder = folder
        place = pathlib.Path(os.environ.get("DEMARC_CACHE", pathlib.Path.home() / ".cache" / "demarc")) / "bench-documents"
        if not (place / ".complete").exists():
            print("installing RapidOCR (once) …", file=sys.stderr)
            subprocess.run([sys.executable, "-m", "venv", "--clear", place], check=True)
            subprocess.run([place / "bin" / "pip", "install", "--quiet", "--no-deps", "--only-binary=:all:", "-r", ROOT / "bench" / "documents-requirements.txt"], check=True)
            (place / ".complete").touch()
        self.process = subprocess.Popen([place / "bin" / "python", ROOT / "bench" / "documents_peer.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                        env={**os.environ, "OMP_NUM_THREADS": "1"})

    def read(self, path):
        began = time.monotonic()
        picture = picture_of(path, self.folder)
        self.process.stdin.write(f"{picture}\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        return answer["text"], None, time.monotonic() - began

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def bare(text):
    return "".join(made.plain(text).split())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=10, help="of each set")
    parser.add_argument("--only", default="", help="these sets, with commas")
    parser.add_argument("--no-peers", action="store_true")
    order = parser.parse_args()
    models = os.environ.get("DEMARC_E2E_MODELS") or str(pathlib.Path.home() / ".cache" / "demarc" / "test-models")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        chosen = {key: value for key, value in sets(folder, order.pages).items() if not order.only or key in order.only.split(",")}
        readers = [Demarc(models)]
        if not order.no_peers:
            data = next(pathlib.Path(models).glob("models/**/eng.traineddata")).parent
            readers += [Tesseract(folder, data), Rapid(folder)]
        for reader in readers:
            reader.read(next(iter(chosen.values()))[0][0])  # what is loaded at the first page is not the pages'
        print("| set | " + " | ".join(f"{reader.name}: CER, cell F1, pages/s" for reader in readers) + " |")
        print("| --- |" + " --- |" * len(readers))
        for key, pages in chosen.items():
            columns = []
            for reader in readers:
                wrong = letters = hits = guessed = real = 0
                seconds = 0.0
                for path, truth, cells in pages:
                    text, found, took = reader.read(path)
                    seconds += took
                    if truth is not None:
                        wanted = bare(truth)
                        wrong += edits(bare(text), wanted)
                        letters += len(wanted)
                    if cells is not None and found is not None:
                        hits += len(found & cells)
                        guessed += len(found)
                        real += len(cells)
                cer = f"{100 * wrong / letters:.2f} %" if letters else "-"
                f1 = f"{2 * hits / (guessed + real):.3f}" if guessed + real else "-"
                columns.append(f"{cer}, {f1}, {len(pages) / seconds:.2f}")
            print(f"| {key} | " + " | ".join(columns) + " |", flush=True)
        for reader in readers:
            reader.close()


if __name__ == "__main__":
    main()
