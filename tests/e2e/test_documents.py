"""Documents: /v1/ocr and `demarc parse` through the real gateway, the real worker, and files that other people's libraries wrote."""

import base64
import contextlib
import datetime
import io
import json
import random
import re
import subprocess
import zlib
from email.message import EmailMessage

import docx
import openpyxl
import pptx
import pypdfium2
import pytest
from PIL import Image, ImageDraw, ImageFont
from reportlab.pdfgen import canvas

import documents as made
from distance import edits
from harness import Gateway
from test_local import wait_up

POLICY = """
version: 1
rules:
  - {id: local-is-ours, permit: local}
"""
CONFIG = """
upstreams:
  - {name: documents, tier: local, engine: document, model: tesseract-eng}
"""


@pytest.fixture(scope="module")
def gateway(models):
    with Gateway(CONFIG, POLICY, models=models) as running:
        wait_up(running, 1)
        yield running


def order(data, kind="application/octet-stream", **more):
    url = f"data:{kind};base64," + base64.b64encode(data).decode()
    return {"model": "auto", "document": {"type": "document_url", "document_url": url}, **more}


def read(gateway, data, **more):
    reply = gateway.post("/v1/ocr", order(data, **more))
    assert reply.status == 200, reply.text
    return reply.json


def error(gateway, data, **more):
    reply = gateway.post("/v1/ocr", order(data, **more))
    assert reply.status in (400, 413), (reply.status, reply.text)
    return reply.json["error"]


def kinds(page):
    return [block["type"] for block in page["blocks"]]


def cells(page):
    return [{(cell["row"], cell["column"]): cell["text"] for cell in block["cells"]} for block in page["blocks"] if block["type"] == "table"]


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    rng = random.Random(7)
    truth = [made.prose(rng, 60), made.prose(rng, 80)]
    pages = [[made.heading("Annual Report"), made.text(truth[0]), made.items(["first entry", "second entry"]),
              made.table([["Item", "Price", "Count"], ["Paper", "12.50", "4"], ["Total", "", "138"]], spans=[((0, 2), (1, 2))])],
             [made.heading("Second part"), made.text(truth[1])]]
    return made.make_pdf(tmp_path_factory.mktemp("made") / "report.pdf", pages), truth


def test_a_pdf_with_text_is_read_from_its_text_layer(gateway, report):
    path, truth = report
    answer = read(gateway, path.read_bytes())
    assert [page["route"] for page in answer["pages"]] == ["text_layer", "text_layer"]
    assert made.plain(truth[0]) in made.plain(answer["pages"][0]["markdown"])
    assert answer["pages"][0]["markdown"].startswith("# Annual Report")
    assert "- first entry\n- second entry" in answer["pages"][0]["markdown"]
    assert answer["usage_info"] == {"pages_processed": 2, "doc_size_bytes": path.stat().st_size}


def test_a_table_keeps_its_cells_and_the_merged_one(gateway, report):
    page = read(gateway, report[0].read_bytes())["pages"][0]
    assert cells(page) == [{(0, 0): "Item", (0, 1): "Price", (0, 2): "Count", (1, 0): "Paper", (1, 1): "12.50", (1, 2): "4", (2, 0): "Total", (2, 2): "138"}]
    merged = [cell for block in page["blocks"] for cell in block.get("cells", []) if cell["text"] == "Total"][0]
    assert merged["column_span"] == 2
    html = read(gateway, report[0].read_bytes(), table_format="html")["pages"][0]["markdown"]
    assert '<td colspan="2">Total</td>' in html


def test_a_scan_is_recognised_with_confidence(gateway, report):
    path, truth = report
    page = read(gateway, made.bytes_of(made.scan(path)[1]))["pages"][0]
    assert page["route"] == "ocr" and page["dimensions"]["dpi"] == 200
    text = made.plain(page["markdown"])
    wanted = made.plain("Second part " + truth[1])
    assert edits(text, wanted) <= len(wanted) * 0.01
    assert 0.8 < page["average_page_confidence_score"] <= 1
    assert all(0 < block["confidence"] <= 1 for block in page["blocks"])


def test_a_pdf_of_pictures_is_recognised_page_by_page(gateway, report, tmp_path):
    path, truth = report
    answer = read(gateway, made.picture_pdf(tmp_path / "scan.pdf", made.scan(path)).read_bytes(), pages="1")
    assert [(page["index"], page["route"], page["reason"]) for page in answer["pages"]] == [(1, "ocr", "no text layer")]
    assert answer["pages_total"] == 2


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_page_on_its_side_is_turned_upright(gateway, report, turn):
    path, truth = report
    page = read(gateway, made.bytes_of(made.photo(made.scan(path)[1], turn=turn)))["pages"][0]
    assert page["turned_degrees"] == (360 - turn) % 360
    assert "Second part" in page["markdown"]


def test_a_crooked_grainy_photo_is_straightened_and_read(gateway, report):
    path, truth = report
    picture = made.photo(made.scan(path)[1], skew=3.0, noise=10, blur=0.6, shadow=0.4)
    page = read(gateway, made.bytes_of(picture, "JPEG", quality=80))["pages"][0]
    assert abs(abs(page["straightened_degrees"]) - 3.0) < 0.4
    wanted = made.plain("Second part " + truth[1])
    assert edits(made.plain(page["markdown"]), wanted) <= len(wanted) * 0.03


def test_a_photo_is_upright_by_its_exif_alone(gateway, report):
    picture = made.scan(report[0])[1]
    exif = Image.Exif()
    exif[0x0112] = 8
    page = read(gateway, made.bytes_of(picture.rotate(-90, expand=True), "JPEG", exif=exif))["pages"][0]
    assert "Second part" in page["markdown"] and "turned_degrees" not in page


def test_every_page_of_a_tiff_is_read(gateway, report):
    pages = read(gateway, made.tiff(made.scan(report[0])))["pages"]
    assert [page["index"] for page in pages] == [0, 1]
    assert "Annual Report" in pages[0]["markdown"] and "Second part" in pages[1]["markdown"]


def test_two_columns_are_read_one_after_the_other(gateway, tmp_path):
    rng = random.Random(3)
    words = made.prose(rng, 700)
    page = read(gateway, made.make_pdf(tmp_path / "two.pdf", [[made.text(words)]], columns=2).read_bytes())["pages"][0]
    assert made.plain(page["markdown"]) == made.plain(words)


def test_an_uploaded_file_is_named_by_its_id(gateway, report):
    boundary = "b0undary"
    body = (f'--{boundary}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nuser_data\r\n--{boundary}\r\n'
            f'Content-Disposition: form-data; name="file"; filename="r.pdf"\r\n\r\n').encode() + report[0].read_bytes() + f"\r\n--{boundary}--\r\n".encode()
    file = gateway.post("/v1/files", body, headers={"content-type": f"multipart/form-data; boundary={boundary}"}).json
    reply = gateway.post("/v1/ocr", {"model": "auto", "document": {"type": "file", "file_id": file["id"]}})
    assert reply.status == 200, reply.text
    assert "Annual Report" in reply.json["pages"][0]["markdown"]
    assert gateway.post("/v1/ocr", {"document": {"type": "file", "file_id": "file-nobodys"}}).json["error"]["param"] == "document.file_id"


def test_an_address_elsewhere_is_not_fetched(gateway):
    reply = gateway.post("/v1/ocr", {"document": {"type": "document_url", "document_url": "http://127.0.0.1:9/a.pdf"}})
    assert reply.status == 400 and "not fetched" in reply.json["error"]["message"]


def test_the_receipt_says_what_was_found_and_how_many_pages(gateway, tmp_path):
    pdf = made.make_pdf(tmp_path / "mail.pdf", [[made.text("Please write to ada@example.org or call.")]])
    reply = gateway.post("/v1/ocr", order(pdf.read_bytes()))
    receipt = gateway.receipt(reply)
    assert receipt["operation"] == "ocr" and receipt["tier"] == "local"
    assert receipt["answer_findings"] == {"EMAIL_ADDRESS": 1}
    assert receipt["usage"]["pages"] == 1


def test_parse_prints_markdown_and_json(gateway, report):
    assert gateway.cli("parse", report[0]).stdout.startswith("# Annual Report")
    assert json.loads(gateway.cli("parse", "--json", "--pages", "1", report[0]).stdout)["pages"][0]["index"] == 1


def test_parse_of_a_folder_goes_on_where_it_stood(gateway, report, tmp_path):
    (tmp_path / "in" / "below").mkdir(parents=True)
    (tmp_path / "out").mkdir()
    (tmp_path / "in" / "a.pdf").write_bytes(report[0].read_bytes())
    (tmp_path / "in" / "below" / "b.png").write_bytes(made.bytes_of(made.scan(report[0])[1]))
    (tmp_path / "in" / "bad.pdf").write_bytes(b"%PDF-1.4 nothing")
    first = gateway.cli("parse", tmp_path / "in", "-o", tmp_path / "out", check=False)
    assert first.returncode == 1 and "2 read, 0 were there already, 1 failed" in first.stderr and "bad.pdf: " in first.stderr
    assert (tmp_path / "out" / "below" / "b.md").read_text().startswith("# Second part")
    again = gateway.cli("parse", tmp_path / "in", "-o", tmp_path / "out", check=False)
    assert "0 read, 2 were there already, 1 failed" in again.stderr


def test_a_batch_holds_documents(gateway, report):
    url = "data:application/pdf;base64," + base64.b64encode(report[0].read_bytes()).decode()
    line = json.dumps({"custom_id": "one", "method": "POST", "url": "/v1/ocr", "body": {"model": "auto", "document": {"type": "document_url", "document_url": url}}})
    (gateway.folder / "batch.jsonl").write_text(line + "\n")
    done = gateway.cli("batch", "run", gateway.folder / "batch.jsonl", check=False)
    assert "Annual Report" in done.stdout, (done.stdout, done.stderr)


def test_word_keeps_headings_lists_and_merged_cells(gateway, tmp_path):
    document = docx.Document()
    document.add_heading("Chapter", 1)
    document.add_paragraph("Plain words.")
    document.add_paragraph("a bullet", style="List Bullet")
    document.add_paragraph("a number", style="List Number")
    grid = document.add_table(rows=2, cols=2)
    grid.cell(0, 0).merge(grid.cell(0, 1)).text = "wide"
    grid.cell(1, 0).text, grid.cell(1, 1).text = "left", "right"
    document.save(tmp_path / "w.docx")
    answer = read(gateway, (tmp_path / "w.docx").read_bytes())
    page = answer["pages"][0]
    assert answer["format"] == "docx" and page["route"] == "native" and page["dimensions"] is None
    assert page["markdown"].startswith("# Chapter\n\nPlain words.\n\n- a bullet\n1. a number\n\n| wide | |")
    assert page["blocks"][-1]["cells"][0]["column_span"] == 2


def test_excel_shows_what_excel_shows(gateway, tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Costs"
    book.active.append(["Item", "When", "Amount"])
    book.active.append(["Paper", datetime.date(2026, 3, 4), 0.1 + 0.2])
    book.create_sheet("Second")["B2"] = "x & <y>"
    book.save(tmp_path / "x.xlsx")
    pages = read(gateway, (tmp_path / "x.xlsx").read_bytes())["pages"]
    assert [page["name"] for page in pages] == ["Costs", "Second"]
    assert pages[0]["markdown"] == "| Item | When | Amount |\n| --- | --- | --- |\n| Paper | 2026-03-04 | 0.3 |"


def test_powerpoint_is_a_page_a_slide(gateway, tmp_path):
    show = pptx.Presentation()
    for title in ("First", "Second"):
        slide = show.slides.add_slide(show.slide_layouts[1])
        slide.shapes.title.text, slide.placeholders[1].text_frame.text = title, "a point"
    show.save(tmp_path / "p.pptx")
    assert [page["markdown"] for page in read(gateway, (tmp_path / "p.pptx").read_bytes())["pages"]] == ["# First\n\n- a point", "# Second\n\n- a point"]


def test_a_mails_attachments_are_read_as_what_they_are(gateway, report):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Äda <ada@example.org>", "b@example.org", "Grüße"
    mail.set_content("Plain words")
    mail.add_alternative("<p>Rich <b>words</b></p>", subtype="html")
    mail.add_attachment(report[0].read_bytes(), maintype="application", subtype="pdf", filename="report.pdf")
    mail.add_attachment(made.bytes_of(made.scan(report[0])[1]), maintype="image", subtype="png", filename="scan.png")
    answer = read(gateway, mail.as_bytes())
    assert answer["format"] == "eml"
    assert [(page.get("name", ""), page["route"]) for page in answer["pages"]] == [("", "native"), ("report.pdf", "text_layer"), ("report.pdf", "text_layer"), ("scan.png", "ocr")]
    assert answer["pages"][0]["markdown"].startswith("# Grüße\n\nFrom: Äda") and "Rich words" in answer["pages"][0]["markdown"]
    assert "Second part" in answer["pages"][3]["markdown"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252", "iso-8859-1"])
def test_a_text_is_read_in_its_encoding(gateway, encoding):
    assert read(gateway, "Café in Zürich\n\nnaïve".encode(encoding))["pages"][0]["markdown"] == "Café in Zürich\n\nnaïve"


@pytest.mark.parametrize("encoding", ["windows-1251", "koi8-r"])
def test_russian_is_told_by_its_letters(gateway, encoding):
    assert read(gateway, "Привет, это обычный русский текст.".encode(encoding))["pages"][0]["markdown"] == "Привет, это обычный русский текст."


def test_redact_hides_in_all_texts_and_tells_where(gateway, tmp_path):
    pdf = made.make_pdf(tmp_path / "r.pdf", [[made.text("Write to ada@example.org today."), made.table([["Name", "Mail"], ["Bob", "bob@example.org"]])]])
    answer = read(gateway, pdf.read_bytes(), redact="mask", page_images=True)
    assert "example" not in json.dumps(answer)
    assert [(found["page"], found["type"], len(found["boxes"])) for found in answer["redactions"]] == [(0, "EMAIL_ADDRESS", 1), (0, "EMAIL_ADDRESS", 1)]
    assert "page_image_base64" not in answer["pages"][0] and any("pictures are left out" in note for note in answer["notes"])
    placeholder = read(gateway, pdf.read_bytes(), redact=True, redact_types=["EMAIL_ADDRESS"])
    assert "example" not in placeholder["pages"][0]["markdown"]
    assert gateway.post("/v1/ocr", order(b"x", redact="nonsense")).json["error"]["param"] == "redact"
    assert gateway.post("/v1/ocr", order(b"x", redact=True, redact_types=["NOTHING"])).json["error"]["param"] == "redact_types"


def test_page_images_and_figures_come_on_wish(gateway, tmp_path, report):
    answer = read(gateway, report[0].read_bytes(), page_images=True, pages=[0])
    picture = Image.open(io.BytesIO(base64.b64decode(answer["pages"][0]["page_image_base64"])))
    assert picture.size == (1700, 2200)


def test_the_policy_can_forbid_documents(models):
    policy = POLICY + "  - {id: no-documents, forbid: local, when: {operation: ocr}}\n"
    with Gateway(CONFIG, policy, models=models) as running:
        reply = running.post("/v1/ocr", order(b"words"))
        assert reply.status == 403 and reply.json["error"]["code"] == "policy_denied"


def test_outputs_mask_hides_in_every_answer(models):
    with Gateway(CONFIG, POLICY + "outputs: {mask: [EMAIL_ADDRESS]}\n", models=models) as running:
        wait_up(running, 1)
        answer = read(running, b"mail ada@example.org")
        assert answer["pages"][0]["markdown"] == "mail [EMAIL_ADDRESS]"
        longer = b"token = Vt7qLm2Xw9Rk/ada@example.org"  # nor as a part of what a client may restore
        for more in ({}, {"redact_types": ["SECRET"]}):
            shown = json.dumps(read(running, longer, redact=True, conversation="c", **more))
            assert "[EMAIL_ADDRESS]" in shown and "SECRET" not in shown and "example.org" not in shown, shown


def letter(tmp_path):
    """Values in the text layer, in a picture on the page, in a note, in the metadata; one page, and its scan."""
    out = io.BytesIO()
    drawn = canvas.Canvas(out, pagesize=(612, 792))
    drawn.setTitle("Letter of ada@example.org"), drawn.setAuthor("ada@example.org")
    drawn.setFont("Times-Roman", 14)
    drawn.drawString(72, 700, "Please write to ada@example.org about the order.")
    drawn.drawString(72, 670, "Everything else of this letter stays as it is.")
    picture = Image.new("L", (1200, 200), 255)
    ImageDraw.Draw(picture).text((20, 60), "or call bob@example.org today", fill=0, font=ImageFont.load_default(60))
    drawn.drawInlineImage(picture, 72, 500, 360, 60)
    drawn.textAnnotation("a note by carol@example.org", Rect=[72, 400, 300, 440])
    drawn.save()
    path = tmp_path / "letter.pdf"
    path.write_bytes(out.getvalue())
    return path


def streams_of(data):
    """Everything in a PDF that could be text, unpacked."""
    found = [data]
    for match in re.finditer(rb"stream\r?\n", data):
        with contextlib.suppress(zlib.error):
            found.append(zlib.decompressobj().decompress(data[match.end():]))
    return b"\n".join(found)


def text_of(path):
    document = pypdfium2.PdfDocument(str(path))
    return "".join(document[i].get_textpage().get_text_range() for i in range(len(document)))


def seen_on(path, tmp_path):
    """What somebody else's recognition sees on its pages."""
    seen = ""
    for number, picture in enumerate(made.scan(path, dpi=200)):
        picture.save(tmp_path / f"seen-{number}.png", dpi=(200, 200))
        seen += subprocess.run(["tesseract", tmp_path / f"seen-{number}.png", "-", "-l", "eng"], capture_output=True, text=True, check=True).stdout
    return seen


def test_a_redacted_pdf_holds_nothing_of_what_was_hidden(gateway, tmp_path):
    path = letter(tmp_path)
    assert "ada@example.org" in text_of(path) and "bob@example.org" in seen_on(path, tmp_path)  # the judge sees them where they are
    done = gateway.cli("parse", "--redact", tmp_path / "clean.pdf", path)
    clean = tmp_path / "clean.pdf"
    assert "example.org" not in done.stdout
    assert "example.org" not in text_of(clean) and b"example.org" not in streams_of(clean.read_bytes())
    seen = seen_on(clean, tmp_path)
    assert "example.org" not in seen and "ada@" not in seen and "bob@" not in seen
    assert "Everything else of this letter stays" in seen and "Everything else of this letter stays" in " ".join(text_of(clean).split())


def test_a_redacted_scan_holds_nothing_of_what_was_hidden(gateway, tmp_path):
    path = tmp_path / "scan.png"
    path.write_bytes(made.bytes_of(made.photo(made.scan(letter(tmp_path))[0], skew=1.5)))
    gateway.cli("parse", "--redact", tmp_path / "clean.pdf", path)
    seen = seen_on(tmp_path / "clean.pdf", tmp_path)
    assert "example.org" not in seen and "Everything else of this letter stays" in seen
    assert "example.org" not in text_of(tmp_path / "clean.pdf")


def test_what_has_no_places_is_not_redacted_as_pdf(gateway, tmp_path):
    (tmp_path / "a.txt").write_text("mail ada@example.org")
    done = gateway.cli("parse", "--redact", tmp_path / "clean.pdf", tmp_path / "a.txt", check=False)
    assert done.returncode == 1 and not (tmp_path / "clean.pdf").exists()


def test_nothing_of_a_document_stays_in_what_the_gateway_writes(models, tmp_path):
    planted = "quoxavielbrint"
    pdf = made.make_pdf(tmp_path / "p.pdf", [[made.text(f"{planted} is what it says, and again {planted} to ada.{planted}@example.org.")]])
    mail = f"From: {planted} <a@example.org>\nSubject: {planted}\nContent-Type: multipart/mixed; boundary={planted}\n\n--{planted}\n\n{planted}\n".encode()
    broken = [pdf.read_bytes()[:700], b"%PDF-1.7 " + planted.encode() * 9, b"PK\x03\x04" + planted.encode() * 9, b"\x89PNG\r\n\x1a\n" + planted.encode() * 9]
    with Gateway(CONFIG, POLICY, models=models) as running:
        wait_up(running, 1)
        assert planted in read(running, pdf.read_bytes())["pages"][0]["markdown"]
        assert planted in read(running, mail)["pages"][0]["markdown"]
        read(running, pdf.read_bytes(), redact=True)
        errors = [running.post("/v1/ocr", order(data)).text for data in broken]
        errors.append(running.post("/v1/ocr", order(pdf.read_bytes(), pages=planted)).text)
        assert planted not in "".join(errors)
        running.stop()
        written = [path for path in running.folder.rglob("*") if path.is_file() and "models" not in path.relative_to(running.folder).parts]
        assert any(path.name == "serve.log" for path in written)
        for path in written:
            data = path.read_bytes()
            for form in (planted.encode(), base64.b64encode(planted.encode())[:16], planted.encode("utf-16-le")):
                assert form not in data, path
