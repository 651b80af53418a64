"""Answers questions from a folder of documents: each statement with its file, page, line and the sentence itself, or "Not in these documents."

    ./run ["QUESTION" …]      without one: those of questions.txt

PDFs, scans and Office files become text first (official SDK, /v1/ocr); then demarc keeps the index and holds each answer against its source.
"""
import base64
import json
import os
import pathlib
import subprocess
import sys

from mistralai.client import Mistral, errors

WORKLOAD = "handbook"
FOLDER, TEXTS = pathlib.Path("documents"), pathlib.Path("data/texts")


def demarc(*arguments):
    done = subprocess.run([os.environ["DEMARC"], *arguments, "--workload", WORKLOAD, "--json"], capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout)


def text_of(path):
    """Markdown, with a form feed between pages: so citations know the page."""
    if path.suffix in (".md", ".txt"):
        return path.read_text(encoding="utf-8")
    client = Mistral(api_key="unused-on-loopback", server_url=os.environ["DEMARC_ADDRESS"])
    data = "data:application/octet-stream;base64," + base64.b64encode(path.read_bytes()).decode()
    answer = client.ocr.process(model="workload/" + WORKLOAD, document={"type": "document_url", "document_url": data}, include_blocks=False)
    return "\n\f".join(page.markdown for page in answer.pages) + "\n"


def read_documents():
    """Only what is new or changed is read again, and what is gone goes."""
    TEXTS.mkdir(parents=True, exist_ok=True)
    documents = {path.name if path.suffix in (".md", ".txt") else path.name + ".md": path for path in FOLDER.iterdir() if path.is_file() and path.name[0] != "."}
    for old in TEXTS.iterdir():
        if old.name not in documents:
            old.unlink()
    for name, path in documents.items():
        text = TEXTS / name
        if not text.exists() or text.stat().st_mtime < path.stat().st_mtime:
            try:
                text.write_text(text_of(path), encoding="utf-8")
            except errors.MistralError as error:
                print(f"left out: {path.name}: {json.loads(error.body)['error']['message']}", file=sys.stderr)
    return {name: path.name for name, path in documents.items()}


def main():
    names = read_documents()
    demarc("index", str(TEXTS), "--label", "confidential")
    for question in sys.argv[1:] or pathlib.Path("questions.txt").read_text(encoding="utf-8").splitlines():
        answer = demarc("ask", question, "--index", TEXTS.name)
        print(f"\n{question}")
        for statement in answer["statements"]:
            source = statement["citation"]
            page = f", page {source['page']}" if source["page"] else ""
            print(f"  {statement['text']}\n    {names[source['path']]}{page}, line {source['first_line']}: “{source['quote'].strip()}”")
        if not answer["found"]:
            print("  Not in these documents.")


if __name__ == "__main__":
    main()
