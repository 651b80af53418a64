"""Turns a folder of invoices (PDF, scans, photos, Office files) into a table, and says which rows a person should look at.

    ./run [FOLDER]      writes invoices.csv

The model may only choose among what stands in the document, and the sums must add up: net + tax = total.
"""
import base64
import csv
import itertools
import json
import os
import pathlib
import re
import sys
from decimal import Decimal

from mistralai.client import Mistral, errors

MODEL = "workload/invoices"
AMOUNT = r"(?<![\d.,-])\d{1,3}(?:[.,]?\d{3})*[.,]\d{2}(?![\d.,-]|\s?%)"
DATE = r"\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{4}|\d{1,2}\.? (?:January|February|March|April|May|June|July|August|September|October|November|December) \d{4}"
client = Mistral(api_key="unused-on-loopback", server_url=os.environ["DEMARC_ADDRESS"])


def read(path):
    data = "data:application/octet-stream;base64," + base64.b64encode(path.read_bytes()).decode()
    answer = client.ocr.process(model=MODEL, document={"type": "document_url", "document_url": data}, include_blocks=False)
    return "\n".join(page.markdown for page in answer.pages)


def number(amount):
    return Decimal(re.sub(r"[.,]", "", amount)).scaleb(-2)


def choose(text, choices):
    """What the model takes for each field, out of the field's own choices."""
    fields = {name: {"type": "string", "enum": values} for name, values in choices.items() if values}
    schema = {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
    answer = client.chat.complete(model=MODEL, temperature=0, max_tokens=200, messages=[
        {"role": "system", "content": "You read invoices. Answer with JSON: the vendor who sends the invoice, its invoice number, and the day of the invoice."},
        {"role": "user", "content": text[:6000]}],
        response_format={"type": "json_schema", "json_schema": {"name": "invoice", "schema": schema}})
    return json.loads(answer.choices[0].message.content)


def sums(text):
    """(net, tax, total): the largest amount, and the one pair of others that makes it up; None where no pair or several do."""
    amounts = sorted({number(found) for found in re.findall(AMOUNT, text)}, reverse=True)
    pairs = [(net, tax, amounts[0]) for net, tax in itertools.combinations(amounts[1:], 2) if net + tax == amounts[0]]
    return pairs[0] if len(pairs) == 1 else None


def row_of(path):
    try:
        text = read(path)
    except errors.MistralError as error:
        return {"file": path.name, "net": None, "tax": None, "total": None, "check": f"look: {json.loads(error.body)['error']['message']}"}
    plain = re.sub(r"[#*|]+", " ", text)
    lines = [line.strip() for line in plain.splitlines() if 3 < len(line.strip()) < 60 and not re.search(AMOUNT, line)]
    dates = sorted(set(re.findall(DATE, plain)), key=plain.index)
    numbers = sorted(set(re.findall(r"(?<![\w./-])(?=[\w/-]*\d)[A-Z0-9][\w/-]{3,}(?![\w.,])", plain)) - set(dates), key=plain.index)
    row = {"file": path.name, **choose(plain, {"vendor": lines[:6], "number": numbers[:20], "date": dates})}
    found = sums(plain)
    row.update(zip(("net", "tax", "total"), found or (None, None, None)))
    return {**row, "check": "ok" if found else "look: the sums do not add up"}


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "invoices")
    rows = [row_of(path) for path in sorted(folder.iterdir()) if path.is_file() and not path.name.startswith(".")]
    with open("invoices.csv", "w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, ["file", "vendor", "number", "date", "net", "tax", "total", "check"])
        table.writeheader()
        table.writerows(rows)
    for row in rows:
        print(f"{row['file']:<24} {row.get('vendor', ''):<26} {row.get('number', ''):<12} {row.get('date', ''):<16} {row['total'] or '':>9}  {row['check']}")
    print(f"{'sum of what is ok':<81} {sum(row['total'] or 0 for row in rows):>9}")


if __name__ == "__main__":
    main()
