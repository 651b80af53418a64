"""Documents of which it is known what stands in them: made by other people's libraries, printed, scanned and photographed by arithmetic.

    make_pdf(path, [[heading("Report"), text("…"), items([...]), table([[...]])], …])
    scan(path, dpi=200)                      # its pages as pictures
    photo(picture, turn=90, skew=2.0, …)     # as a camera or a bad scanner would give it
"""

import io
import random
import struct

import pypdfium2
from PIL import Image, ImageChops, ImageDraw, ImageFilter
from reportlab.lib import colors
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import BaseDocTemplate, Frame, ListFlowable, ListItem, PageBreak, PageTemplate, Paragraph, Spacer, Table, TableStyle

BODY = ParagraphStyle("body", fontName="Times-Roman", fontSize=11, leading=14, spaceAfter=8)
HEADINGS = [ParagraphStyle(f"h{i + 1}", fontName="Helvetica-Bold", fontSize=size, leading=size * 1.25, spaceBefore=8, spaceAfter=8) for i, size in enumerate((22, 16, 13))]

WORDS = ("the of and a in that is was for with as on be at by this had not are but from or have an they which one you were all her she there would their we him been has "
         "when who will no more if out so said what up its about into than them can only other new some could time these two may then do first any my now such like our over "
         "man me even most made after also did many before must through years where much your way well down should because each just those people state good very make world "
         "still own see men work long get here between both life being under never day same another know while last might us great old year off come since against go came "
         "right used take three contract invoice payment delivery supplier notice period party agreement service customer order quality measure result figure value amount").split()


def sentence(rng, words):
    chosen = [rng.choice(WORDS) for _ in range(words)]
    return " ".join(chosen).capitalize() + "."


def prose(rng, words):
    """Sentences of about so many words together."""
    out = []
    while words > 0:
        count = min(words, rng.randint(6, 14))
        out.append(sentence(rng, max(count, 3)))
        words -= count
    return " ".join(out)


def heading(words, level=1):
    return ("heading", words, level)


def text(words):
    return ("text", words)


def items(entries, numbered=False):
    return ("items", entries, numbered)


def table(rows, ruled=True, spans=()):
    """`spans`: ((column, row), (column, row)) of merged cells, as ReportLab counts them."""
    return ("table", rows, ruled, spans)


def flowable(block):
    kind = block[0]
    if kind == "heading":
        return Paragraph(block[1], HEADINGS[block[2] - 1])
    if kind == "text":
        return Paragraph(block[1], BODY)
    if kind == "items":
        bullet = "1" if block[2] else "bullet"
        return ListFlowable([ListItem(Paragraph(entry, BODY)) for entry in block[1]], bulletType=bullet, start=1 if block[2] else "•")
    rows, ruled, spans = block[1:]
    style = [("FONT", (0, 0), (-1, 0), "Helvetica-Bold", 10), ("FONT", (0, 1), (-1, -1), "Helvetica", 10), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]
    if ruled:
        style.append(("GRID", (0, 0), (-1, -1), 0.8, colors.black))
    style += [("SPAN", first, last) for first, last in spans]
    return Table(rows, style=TableStyle(style), spaceBefore=6, spaceAfter=10)


def make_pdf(path, pages, columns=1):
    document = BaseDocTemplate(str(path), pagesize=LETTER, title="Made for a test")
    width, height, edge, gutter = *LETTER, 60, 24
    wide = (width - 2 * edge - (columns - 1) * gutter) / columns
    frames = [Frame(edge + i * (wide + gutter), edge, wide, height - 2 * edge, leftPadding=0, rightPadding=0) for i in range(columns)]
    document.addPageTemplates([PageTemplate(id="all", frames=frames)])
    story = []
    for i, page in enumerate(pages):
        if i:
            story.append(PageBreak())
        for block in page:
            story += [flowable(block), Spacer(1, 2)]
    document.build(story)
    return path


def scan(pdf, dpi=200):
    """The pages as clean grey pictures."""
    document = pypdfium2.PdfDocument(str(pdf))
    out = []
    for i in range(len(document)):
        picture = document[i].render(scale=dpi / 72, grayscale=True).to_pil().convert("L")
        picture.info["dpi"] = (dpi, dpi)
        out.append(picture)
    document.close()
    return out


def photo(picture, turn=0, skew=0.0, noise=0, blur=0.0, shadow=0.0, seed=1):
    """As a camera or an old scanner gives it: turned by quarters, crooked, grainy, out of focus, darker towards a corner."""
    if skew:
        picture = picture.rotate(skew, resample=Image.BICUBIC, expand=False, fillcolor=255)
    if blur:
        picture = picture.filter(ImageFilter.GaussianBlur(blur))
    if shadow:
        gradient = Image.linear_gradient("L").rotate(35, expand=True).resize(picture.size)
        picture = ImageChops.multiply(picture, gradient.point(lambda v: int(255 - v * shadow)))
    if noise:
        rng = random.Random(seed)
        grain = Image.frombytes("L", (256, 256), bytes(min(255, max(0, int(128 + rng.gauss(0, noise)))) for _ in range(65536)))
        tiled = Image.new("L", picture.size)
        for x in range(0, picture.size[0], 256):
            for y in range(0, picture.size[1], 256):
                tiled.paste(grain, (x, y))
        picture = ImageChops.add(picture, tiled, 1, -128)
    if turn:
        picture = picture.rotate(-turn, expand=True)
    return picture


def bytes_of(picture, form="PNG", dpi=200, **more):
    out = io.BytesIO()
    picture.save(out, form, dpi=(dpi, dpi), **more)
    return out.getvalue()


def picture_pdf(path, pictures, dpi=200):
    """A PDF of nothing but pictures, as scanners write it."""
    pictures[0].save(str(path), "PDF", resolution=dpi, save_all=True, append_images=pictures[1:])
    return path


def tiff(pictures, dpi=200):
    """Grey pictures as the pages of one TIFF, uncompressed."""
    out = bytearray(b"II*\0" + struct.pack("<I", 0))
    link = 4
    for picture in pictures:
        width, height = picture.size
        strip = len(out)
        out += picture.convert("L").tobytes()
        out += b"\0" * (len(out) % 2)
        rational = len(out)
        out += struct.pack("<II", dpi, 1)
        directory = len(out)
        tags = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, strip), (277, 3, 1, 1), (278, 4, 1, height),
                (279, 4, 1, width * height), (282, 5, 1, rational), (283, 5, 1, rational), (296, 3, 1, 2)]
        out += struct.pack("<H", len(tags))
        for tag, kind, count, value in tags:
            out += struct.pack("<HHII", tag, kind, count, value)
        struct.pack_into("<I", out, link, directory)
        link = len(out)
        out += struct.pack("<I", 0)
    return bytes(out)


def plain(markdown):
    """Words alone: without Markdown's marks, spaces as one."""
    for mark in ("#", "*", "|", "-", "•", "\\"):
        markdown = markdown.replace(mark, " ")
    return " ".join(markdown.split())


def ring(picture, box):
    ImageDraw.Draw(picture).ellipse(box, outline=0, width=3)
    return picture


__all__ = [name for name in dir() if not name.startswith("_") and name not in ("io", "struct")]
