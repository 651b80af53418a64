#!/usr/bin/env python3
"""Writes the data of the example company (src/planning/report/example): usage.csv, invoice.csv and requests.csv.

    tools/make_example_company.py azure-llm-2023-conv.csv azure-llm-2023-code.csv servegen-rates-10min.csv

The company is invented. Its requests are real ones of public traces: arrival times and lengths of the first ten minutes of Azure's conversation trace of
2023 (CC BY 4.0, Microsoft; Patel et al., "Splitwise", ISCA 2024), its daily rhythm that of ServeGen's mid-sized production model (Apache-2.0, Alibaba),
lengths of its coding assistant those of Azure's code trace. Usage and invoice are counted from these for June 2026 at the prices of the built-in book.
"""
import csv
import datetime
import pathlib
import sys

OUT = pathlib.Path(__file__).resolve().parents[1] / "src" / "planning" / "report" / "example"
DAYS = 30
# workload: requests a day in the mean, model, dollars a million (input, cached, output), share cached, multiple of the trace's lengths, batch share
WORKLOADS = {
    "ticket-triage": (150000, "gpt-4.1", (2.0, 0.5, 8.0), 0.0, 1.6, 0.45, "conv", 0.0),
    "claim-extraction": (14000, "gpt-4.1", (2.0, 0.5, 8.0), 0.0, 3.2, 1.6, "conv", 0.6),
    "mail-summaries": (21000, "gpt-4.1-mini", (0.4, 0.1, 1.6), 0.0, 1.2, 0.6, "conv", 0.0),
    "support-assistant": (6500, "gpt-4.1", (2.0, 0.5, 8.0), 0.5, 6.0, 2.2, "conv", 0.0),
    "coding-assistant": (9000, "gpt-5.4", (2.5, 0.25, 15.0), 0.7, 9.0, 22.0, "code", 0.0),
    "contract-review": (160, "gpt-5.4", (2.5, 0.25, 15.0), 0.2, 55.0, 10.0, "conv", 0.0),
}


def lengths(path):
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    return rows, sum(int(r["ContextTokens"]) for r in rows) / len(rows), sum(int(r["GeneratedTokens"]) for r in rows) / len(rows)


def main():
    conv, conv_in, conv_out = lengths(sys.argv[1])
    _, code_in, code_out = lengths(sys.argv[2])
    with open(sys.argv[3], newline="") as file:
        rates = [float(row["m_mid_rps"] or 0) for row in csv.DictReader(file)]
    windows = [[rate for rate in rates[i * 144:(i + 1) * 144] if rate > 0] for i in range(14)]  # 0 is a gap of the source
    per_day = [sum(day) / len(day) for day in windows]
    rhythm = [v / (sum(per_day) / 14) for v in per_day]

    with open(OUT / "requests.csv", "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["TIMESTAMP", "ContextTokens", "GeneratedTokens"])
        start = datetime.datetime.fromisoformat(conv[0]["TIMESTAMP"][:26])
        for row in conv:
            if (datetime.datetime.fromisoformat(row["TIMESTAMP"][:26]) - start).total_seconds() < 600:
                out.writerow([row["TIMESTAMP"][:23], row["ContextTokens"], row["GeneratedTokens"]])

    with open(OUT / "usage.csv", "w", newline="") as usage_file, open(OUT / "invoice.csv", "w", newline="") as invoice_file:
        usage, invoice = csv.writer(usage_file, lineterminator="\n"), csv.writer(invoice_file, lineterminator="\n")
        usage.writerow(["start_time", "end_time", "model", "project_id", "batch", "input_tokens", "input_cached_tokens", "output_tokens", "num_model_requests"])
        invoice.writerow(["start_time", "end_time", "line_item", "project_id", "amount.value", "amount.currency"])
        for day in range(DAYS):
            begin = datetime.datetime(2026, 6, 1, tzinfo=datetime.timezone.utc) + datetime.timedelta(days=day)
            span = [int(begin.timestamp()), int(begin.timestamp()) + 86400]
            bill = {}
            for name, (mean, model, price, cached_share, in_times, out_times, trace, batch_share) in WORKLOADS.items():
                wobble = 1 if trace == "conv" and batch_share == 0 and name != "contract-review" else 1 + 0.9 * ((day * 7919 + len(name) * 31) % 11 - 5) / 5 if name == "contract-review" else 1
                requests = max(1, round(mean * rhythm[day % 14] * wobble))
                per_in, per_out = ((conv_in, conv_out) if trace == "conv" else (code_in, code_out))
                for batch, share in ((False, 1 - batch_share), (True, batch_share)):
                    count = round(requests * share)
                    if count == 0:
                        continue
                    tokens_in, tokens_out = round(count * per_in * in_times), round(count * per_out * out_times)
                    cached = round(tokens_in * cached_share)
                    usage.writerow([*span, model, name, str(batch).lower(), tokens_in, cached, tokens_out, count])
                    half = 0.5 if batch else 1
                    for kind, tokens, usd in (("input", tokens_in - cached, price[0]), ("cached input", cached, price[1]), ("output", tokens_out, price[2])):
                        if tokens:
                            key = f"{model}, {'batch ' if batch else ''}{kind}"
                            bill[key] = bill.get(key, 0) + tokens * usd * half / 1e6
            if day % 6 == 2:
                bill["web search tool calls"] = 31.5
            for item, usd in bill.items():
                invoice.writerow([*span, item, "", f"{usd:.6f}", "usd"])


if __name__ == "__main__":
    main()
