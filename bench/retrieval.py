#!/usr/bin/env python3
"""Answers from documents: is the right passage found, does the answer cite it, and is it said when the documents do not hold an answer?

usage: bench/retrieval.py FOLDER [--unrelated FILE.csv] [--data FOLDER] [--model MODEL] [--questions N] [--answers N] [--json FILE]

FOLDER holds documents (*.md) and question sets (*-questions.jsonl): {id, question, references: [{start, end, text}]}, code points of the document of the
same name. --unrelated: a CSV with a column `text`, questions to which the documents hold no answer (a bank's, say).

Found: recall@k is the share of a question's references of which at least half stands in the first k passages. By words, by meaning, by both, all with
`demarc ask --index --passages`; the peer is what common frameworks do unless told otherwise: windows of 1,000 characters that overlap by 200, by
meaning alone, same embedding model, made here over the same gateway. Passages differ in size, so the characters that five of them hold stand beside.
Abstention: the least cosine is chosen on the questions with even numbers (best mean of both kinds told rightly), and counted on the odd ones.
Answers: `demarc ask --index --json` for questions with odd numbers; right is an answer of which a cited line is one of a reference's lines. All in
one run. Needs build/release and the starter models.
"""

import argparse
import csv
import json
import os
import pathlib
import shutil
import statistics
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
from harness import Gateway, wait_for  # noqa: E402

POLICY = "version: 1\nrules:\n  - {id: local-is-ours, permit: local}\n"


def covered(references, spans):
    """How many of the references stand at least half in the spans."""
    found = 0
    for reference in references:
        inside = set()
        for begin, end in spans:
            inside.update(range(max(begin, reference["start"]), min(end, reference["end"])))
        found += 2 * len(inside) >= reference["end"] - reference["start"]
    return found


def recall(questions, spans_of, k):
    wanted = sum(len(question["references"]) for question in questions)
    return sum(covered(question["references"], spans_of[question["id"]][:k]) for question in questions) / wanted


def embed(gateway, texts):
    vectors = []
    for at in range(0, len(texts), 32):
        reply = gateway.post("/v1/embeddings", {"model": "auto", "input": texts[at:at + 32], "encoding_format": "float"})
        assert reply.status == 200, reply.text
        for each in reply.json["data"]:
            size = sum(x * x for x in each["embedding"]) ** 0.5
            vectors.append([x / size for x in each["embedding"]])
    return vectors


def windows(gateway, text, questions):
    """The peer: for each question the spans of its windows, the nearest first."""
    spans = [(begin, min(begin + 1000, len(text))) for begin in range(0, max(1, len(text) - 200), 800)]
    vectors = embed(gateway, [text[begin:end] for begin, end in spans])
    found = {}
    for question, vector in zip(questions, embed(gateway, [question["question"] for question in questions])):
        near = sorted(range(len(spans)), key=lambda i: -sum(x * y for x, y in zip(vector, vectors[i])))
        found[question["id"]] = [spans[i] for i in near]
    return found


def threshold(right, wrong):
    """The least cosine with the best mean of what is kept of `right` and left out of `wrong`."""
    return max(sorted({*right, *wrong}), key=lambda t: (statistics.mean(x >= t for x in right) + statistics.mean(x < t for x in wrong), -t))


def lines_of(text, reference):
    return set(range(text.count("\n", 0, reference["start"]) + 1, text.count("\n", 0, reference["end"]) + 2))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--unrelated", type=pathlib.Path)
    parser.add_argument("--data", default=os.environ.get("DEMARC_E2E_MODELS"), help="a data folder with the models")
    parser.add_argument("--model", default="qwen2.5-coder-0.5b-instruct", help="the chat model")
    parser.add_argument("--questions", type=int, default=1000)
    parser.add_argument("--answers", type=int, default=1000, help="so many of them are answered")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of each engine")
    parser.add_argument("--show", action="store_true", help="each answer")
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    (questions_file,) = sorted(options.folder.glob("*-questions.jsonl"))
    document = questions_file.with_name(questions_file.name.replace("-questions.jsonl", ".md"))
    text = document.read_text()
    questions = [json.loads(line) for line in questions_file.read_text().splitlines()][:options.questions]
    config = (f"upstreams:\n  - {{name: chat, tier: local, engine: llama, model: {options.model}, serves: [chat], slots: 1, context_tokens: 4096, threads: {options.threads}}}\n"
              f"  - {{name: vectors, tier: local, engine: llama, model: all-minilm-l6-v2, serves: [embedding], context_tokens: 512, threads: {options.threads}}}\n")
    work = pathlib.Path(tempfile.mkdtemp(prefix="demarc-retrieval-"))
    (work / "documents").mkdir()
    shutil.copy(document, work / "documents")
    report = {}
    with Gateway(config, policy=POLICY, models=options.data) as gateway:
        wait_for(lambda: all(u["models"][0]["usable"] for u in json.loads(gateway.cli("status", "--json").stdout)["upstreams"]), 300)
        began = time.monotonic()
        made = json.loads(gateway.cli("index", work / "documents", "--name", "set", "--json").stdout)
        index_s = time.monotonic() - began

        def ask(question, *more):
            return json.loads(gateway.cli("ask", question, "--index", "set", "--json", *more).stdout)

        spans, best, seconds = {"words": {}, "meaning": {}, "both": {}}, {}, []
        for count, question in enumerate(questions):
            for by in spans:
                began = time.monotonic()
                told = ask(question["question"], "--passages", "--search", by, "--passages-shown", "10")
                seconds.append(time.monotonic() - began)
                spans[by][question["id"]] = [(passage["begin"], passage["end"]) for passage in told["passages"]]
                reranked = told["reranked"]
            best[question["id"]] = max(passage["cosine"] for passage in told["passages"])
            print(f"\rfound {count + 1}/{len(questions)}", end="", file=sys.stderr, flush=True)
        spans["windows of 1,000, by meaning (peer)"] = windows(gateway, text, questions)
        print(file=sys.stderr)
        print(f"{len(questions)} questions on {document.name}: {made['pieces']} pieces, indexed in {index_s:.1f} s; all-minilm-l6-v2; reranked: {'yes' if reranked else 'no'}\n")
        print("| found | recall@1 | @3 | @5 | @10 | characters in 5 |\n| --- | --- | --- | --- | --- | --- |")
        for name, found in spans.items():
            size = statistics.mean(sum(end - begin for begin, end in found[question["id"]][:5]) for question in questions)
            report[name] = [recall(questions, found, k) for k in (1, 3, 5, 10)]
            print(f"| {name} | {' | '.join(f'{100 * part:.0f} %' for part in report[name])} | {size:.0f} |")
        print(f"\nA question with its embedding and search: {1000 * statistics.median(seconds):.0f} ms (p50), the command's start included.")

        least = 0.0
        if options.unrelated:
            with options.unrelated.open() as file:
                unrelated = [row["text"] for row in csv.DictReader(file)]
            unrelated = unrelated[::max(1, len(unrelated) // len(questions))][:len(questions)]
            others = [max(passage["cosine"] for passage in ask(each, "--passages")["passages"]) for each in unrelated]
            ours = [best[question["id"]] for question in questions]
            least = threshold(ours[::2], others[::2])
            kept, refused = statistics.mean(x >= least for x in ours[1::2]), statistics.mean(x < least for x in others[1::2])
            report["abstention"] = {"least_cosine": least, "kept": kept, "refused": refused}
            print(f"\nLeast cosine {least:.3f}, chosen on {len(ours[::2]) + len(others[::2])} questions. On the other {len(ours[1::2]) + len(others[1::2])}: "
                  f"{100 * kept:.0f} % of those with an answer are looked at further, {100 * refused:.0f} % of those without are \"not in these documents\".")

        tally = {"right": 0, "other place": 0, "not in these documents": 0}
        held, answer_s = 0, []
        asked = questions[1::2][:options.answers]
        for count, question in enumerate(asked):
            began = time.monotonic()
            told = ask(question["question"], "--least-cosine", f"{least:.4f}")
            answer_s.append(time.monotonic() - began)
            wanted = set().union(*(lines_of(text, reference) for reference in question["references"]))
            cited = [statement["citation"] for statement in told["statements"]]
            right = any(wanted & set(range(each["first_line"], each["last_line"] + 1)) for each in cited)
            tally["right" if right else "other place" if cited else "not in these documents"] += 1
            held += all(" ".join(each["quote"].split()) in " ".join(text.split()) for each in cited)
            if options.show:
                print(json.dumps({"question": question["question"], "right": right, "statements": told["statements"]}, ensure_ascii=False))
            print(f"\ranswered {count + 1}/{len(asked)}", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
        refused = 0
        if options.unrelated:
            for each in unrelated[1::2][:options.answers]:
                refused += not ask(each, "--least-cosine", f"{least:.4f}")["found"]
        report["answers"] = {**tally, "asked": len(asked), "quotes_held": held, "refused_unrelated": refused}
        print(f"\n| answers by {options.model} | of {len(asked)} |\n| --- | --- |")
        for name, count in tally.items():
            print(f"| {name} | {count} ({100 * count / len(asked):.0f} %) |")
        print(f"| every quote stands in the document | {held} |")
        if options.unrelated:
            print(f"| \"not in these documents\" for questions without an answer | {refused} of {len(unrelated[1::2][:options.answers])} |")
        print(f"\nAn answer takes {statistics.median(answer_s):.1f} s (p50).")
    shutil.rmtree(work)
    if options.json:
        options.json.write_text(json.dumps(report))


if __name__ == "__main__":
    main()
