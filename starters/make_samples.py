#!/usr/bin/env python3
"""Makes the starters' sample documents and recording, which are committed: invented companies and people, our own words.

    python3 starters/make_samples.py        needs reportlab, pypdfium2 and pillow (tests/e2e/requirements.txt), espeak-ng and ffmpeg
"""
import io
import pathlib
import random
import subprocess
import tempfile

import pypdfium2
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

HERE = pathlib.Path(__file__).resolve().parent
SPEAKERS = {"Mara": ("en-gb", 40), "Jonas": ("en-us", 60)}


def pdf(pages):
    """Each page a list of (x, y from the top, size, text)."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    for page in pages:
        for x, y, size, text in page:
            canvas.setFont("Helvetica-Bold" if size > 11 else "Helvetica", size)
            canvas.drawString(x, A4[1] - y, text)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def invoice(vendor, street, number, date, lines, net, tax, total, words):
    page = [(60, 70, 16, vendor), (60, 88, 9, street), (60, 140, 12, words["invoice"]), (60, 165, 10, f"{words['number']} {number}"), (60, 181, 10, f"{words['date']} {date}"),
            (60, 215, 10, words["item"]), (430, 215, 10, words["amount"])]
    y = 235
    for text, amount in lines:
        page += [(60, y, 10, text), (430, y, 10, amount)]
        y += 17
    for name, amount in zip(words["sums"], (net, tax, total)):
        y += 20
        page += [(300, y, 10, name), (430, y, 10, amount)]
    return page + [(60, 760, 8, words["foot"])]


PLAIN = {"invoice": "INVOICE", "number": "Invoice no.:", "date": "Date:", "item": "Description", "amount": "EUR", "sums": ("Net amount", "VAT 19 %", "Total due"),
         "foot": "Payable within 14 days without deduction."}
BRITISH = {"invoice": "Tax invoice", "number": "Reference", "date": "Issued", "item": "Work done", "amount": "GBP", "sums": ("Subtotal", "VAT at 20%", "Amount payable"),
           "foot": "Thank you for your custom. Please quote the reference with your payment."}


def scan(data):
    """The page as an office scanner gives it: a little askew, grey, with dust."""
    page = pypdfium2.PdfDocument(data)[0].render(scale=150 / 72).to_pil().convert("L")
    page = page.rotate(0.8, expand=False, fillcolor=250, resample=Image.Resampling.BICUBIC)
    dust = random.Random(7)
    for _ in range(400):
        page.putpixel((dust.randrange(page.width), dust.randrange(page.height)), dust.randrange(90, 200))
    return page


def make_invoices(folder):
    (folder / "2026-10-brandt.pdf").write_bytes(pdf([invoice(
        "Brandt & Daughters Joinery", "Mill Lane 8, 24103 Kiel", "BD-2291", "06.10.2026", [("Oak counter, 3.2 m, oiled", "1.480,00"), ("Fitting, two people, one day", "640,00")],
        "2.120,00", "402,80", "2.522,80", PLAIN)]))
    (folder / "2026-10-northlight.pdf").write_bytes(pdf([invoice(
        "Northlight Cleaning Ltd", "4 Wharf Road, Leith", "NL/0388", "19 October 2026", [("Windows, both floors", "310.00"), ("Stairwell, weekly, October", "184.50")],
        "494.50", "98.90", "593.40", BRITISH)]))
    (folder / "2026-11-wrong-sum.pdf").write_bytes(pdf([invoice(
        "Halvorsen Print Works", "Quay 3, 20457 Hamburg", "HP-7714", "02.11.2026", [("Catalogue, 500 copies", "1.950,00"), ("Delivery by van", "60,00")],
        "2.010,00", "381,90", "2.931,90", PLAIN)]))
    scan(pdf([invoice("Seaview Electric", "Harbour Street 21, 18055 Rostock", "SE-1043", "11.11.2026", [("Exchange of fuse box", "890,00"), ("Cable, 60 m", "126,00")],
                      "1.016,00", "193,04", "1.209,04", PLAIN)])).save(folder / "2026-11-scan.png", optimize=True)


def make_safety(path):
    first = ["Workshop rules", "", "Ear protection is worn wherever a machine runs.", "Long hair is tied back and gloves come off before a spindle turns.", "The emergency stops are tested every Monday."]
    second = ["The lathe", "", "The lathe may be used only by people whom Ines Faber has instructed for two hours.", "The chuck key never stays in the chuck, not even for a moment."]
    path.write_bytes(pdf([[(60, 80 + 20 * i, 14 if i == 0 else 10, line) for i, line in enumerate(page) if line] for page in (first, second)]))


def make_meeting(script, path):
    with tempfile.TemporaryDirectory() as folder:
        parts = []
        for i, line in enumerate(script.read_text(encoding="utf-8").splitlines()):
            speaker, text = line.split(": ", 1)
            voice, pitch = SPEAKERS[speaker]
            parts.append(f"{folder}/{i}.wav")
            subprocess.run(["espeak-ng", "-v", voice, "-p", str(pitch), "-s", "135", "-w", parts[-1], text], check=True)
        inputs = [argument for part in parts for argument in ("-i", part)]
        joined = "".join(f"[{i}:a]apad=pad_dur=1.2[a{i}];" for i in range(len(parts))) + "".join(f"[a{i}]" for i in range(len(parts))) + f"concat=n={len(parts)}:v=0:a=1"
        subprocess.run(["ffmpeg", "-loglevel", "error", "-y", *inputs, "-filter_complex", joined, "-ar", "16000", "-ac", "1", "-c:a", "libopus", "-b:a", "24k", "-bitexact", path], check=True)


if __name__ == "__main__":
    make_invoices(HERE / "invoices" / "invoices")
    make_safety(HERE / "questions" / "documents" / "safety.pdf")
    make_meeting(HERE / "minutes" / "meeting.txt", HERE / "minutes" / "meeting.ogg")
