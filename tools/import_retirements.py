#!/usr/bin/env python3
"""Writes src/planning/risk/retirements.csv, when models go away and how much notice there was, from a community collection of the providers' own pages.

    tools/import_retirements.py model-retirements.csv > src/planning/risk/retirements.csv

The input has the columns provider, model, aliases, announced, retired, notice_days, sources and verified (facts of modeldeprecations.dev, MIT, and of
leblancfg/deprecations-rss, MIT). Kept: rows with a date of retirement, the first source of each.
"""
import csv
import sys

KEPT = ["provider", "model", "aliases", "announced", "retired", "notice_days", "source", "verified"]


def main():
    with open(sys.argv[1], newline="") as file:
        rows = [row | {"source": (row["sources"].split() or [""])[0]} for row in csv.DictReader(file) if row["retired"]]
    names = {"google": "gemini"}
    for row in rows:
        row["provider"] = names.get(row["provider"], row["provider"])
    out = csv.DictWriter(sys.stdout, KEPT, extrasaction="ignore", lineterminator="\n")
    out.writeheader()
    out.writerows(sorted(rows, key=lambda row: (row["provider"], row["model"])))


if __name__ == "__main__":
    main()
