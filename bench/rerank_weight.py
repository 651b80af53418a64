#!/usr/bin/env python3
"""The one weight in /v1/rerank that was chosen on data: chosen on half of the questions, and what it is worth on the other half, both ways round.

    bench/rerank_weight.py DATA [--data FOLDER]      DATA: a folder with retrieval/*.md and *-questions.jsonl, as bench/vectors.py reads it

FOLDER has minilm-l6 (demarc models pull). Prints a table."""

import argparse
import json
import os
import pathlib
import random
import subprocess

from vectors import ROOT, ndcg, passages_and_questions

WEIGHTS = ["0", "0.05", "0.1", "0.2", "0.3", "0.5", "1", "2", "5", "1000"]  # the last: all words alike


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=pathlib.Path)
    parser.add_argument("--data", default=os.environ.get("DEMARC_E2E_VECTORS"), help="a data folder with the model")
    order = parser.parse_args()
    assert order.data, "--data: a data folder in which minilm-l6 was pulled"
    passages, questions = passages_and_questions(order.texts)
    model = pathlib.Path(order.data) / "models" / "by-name" / "minilm-l6"
    program = pathlib.Path(os.environ.get("DEMARC_BUILD", ROOT / "build" / "release")) / "rerank_weight"
    done = subprocess.run([program, model, str(os.cpu_count()), *WEIGHTS], input=json.dumps({"passages": passages, "questions": [question for question, _ in questions]}), capture_output=True, text=True, check=True)
    gains = {weight: [ndcg(sorted(range(len(passages)), key=lambda i: -scores[i]), questions[q][1]) for q, scores in enumerate(by_question)]
             for weight, by_question in json.loads(done.stdout).items()}
    numbers = list(range(len(questions)))
    random.Random(20261129).shuffle(numbers)
    halves = numbers[:len(numbers) // 2], numbers[len(numbers) // 2:]

    def mean(weight, chosen):
        return sum(gains[weight][i] for i in chosen) / len(chosen)

    print(f"{len(questions)} questions over {len(passages)} paragraphs, halved by a fixed seed; nDCG@10\n")
    print("| least weight | first half | second half | all |\n| --- | --- | --- | --- |")
    for weight in WEIGHTS:
        print(f"| {weight} | {mean(weight, halves[0]):.3f} | {mean(weight, halves[1]):.3f} | {mean(weight, numbers):.3f} |")
    for chosen, told in ((0, 1), (1, 0)):
        best = max(WEIGHTS, key=lambda weight: mean(weight, halves[chosen]))
        print(f"\nchosen on the {('first', 'second')[chosen]} half: {best}; on the other half: {mean(best, halves[told]):.3f}")


if __name__ == "__main__":
    main()
