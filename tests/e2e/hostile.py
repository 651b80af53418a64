"""Files made by hand, byte by byte, so that they can be made wrong: PDF, PNG, Office.

    page_with(b"0 0 m 600 700 l S")              # a PDF of one page that draws this
    png(31_000, 31_000)                          # what it says it is, with as little behind it as one likes
    word("<w:p>…</w:p>"), office({"word/document.xml": …})
"""

import io
import struct
import zipfile
import zlib


def pdf(objects, trailer="/Root 1 0 R"):
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode() + b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    return bytes(out + f"trailer\n<< /Size {len(objects) + 1} {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode())


def stream(content, head=b""):
    return b"<< /Length %d %s >>\nstream\n" % (len(content), head) + content + b"\nendstream"


def page_with(content, resources=b"<< >>", box=b"0 0 612 792", more=(), packed=None):
    """`packed`: the content as zlib has it, instead."""
    drawn = stream(content) if packed is None else stream(packed, b"/Filter /FlateDecode")
    return pdf([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
                b"<< /Type /Page /Parent 2 0 R /MediaBox [" + box + b"] /Contents 4 0 R /Resources " + resources + b" >>", drawn, *more])


def png(width, height, data=b""):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


def office(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def word(body, before=""):
    return office({"word/document.xml": f'<?xml version="1.0"?>{before}<w:document xmlns:w="w"><w:body>{body}</w:body></w:document>'})


# -- the committed corpus, tests/data/hostile: `python3 tests/e2e/hostile.py FOLDER` writes it anew, the same bytes

def picture_in_pdf(head, data, box=b"0 0 612 792"):
    return page_with(b"612 0 0 792 0 0 cm /I Do", b"<< /XObject << /I 5 0 R >> >>", box, more=[stream(data, b"/Type /XObject /Subtype /Image " + head)])


def jbig2_segment(number, kind, body):
    return struct.pack(">IBBBI", number, kind, 0, 1, len(body)) + body


def jbig2_bomb(width=65_000, height=65_000, regions=64):
    """A page of 4 thousand million pixels that generic regions fill over and over, each from a few bytes."""
    page = jbig2_segment(0, 48, struct.pack(">IIIIBH", width, height, 0, 0, 0, 0))
    region = struct.pack(">IIIIB", width, height, 0, 0, 0) + b"\x00" + bytes([3, 255, 253, 255, 2, 254, 254, 254]) + bytes(range(32)) + b"\xff\xac"
    data = page + b"".join(jbig2_segment(1 + i, 38, region) for i in range(regions))
    return picture_in_pdf(b"/Width %d /Height %d /BitsPerComponent 1 /ColorSpace /DeviceGray /Filter /JBIG2Decode" % (width, height), data)


def jpx_of_many_pixels():
    """JPEG 2000 whose head says 2^31 pixels on a side, in as many tiles as may be."""
    size = struct.pack(">HHIIIIIIIIH", 0xff51, 38 + 3 * 3, 0x7fffffff, 0x7fffffff, 0, 0, 64, 64, 0, 0, 3)[:-2]
    codestream = b"\xff\x4f" + struct.pack(">HHH", 0xff51, 47, 0) + size[4:] + struct.pack(">H", 3) + b"\x07\x01\x01" * 3 + b"\xff\xd9"
    return picture_in_pdf(b"/Width 30000 /Height 30000 /Filter /JPXDecode", codestream)


def xref_that_turns_in_circles():
    body = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>\nendobj\n"
    first = len(body)
    one = b"xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 4 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n"
    again = first + len(one % (99999, 99999))
    return body + one % (10_000 + again, first) + one % (first, again)


def object_streams_that_hold_each_other():
    inner = b"5 0 << /Type /Catalog /Pages 6 0 R >>"
    return pdf([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R 3 0 R] /Count 2 >>", b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents [4 0 R 4 0 R] >>",
                stream(inner, b"/Type /ObjStm /N 1 /First 4 /Extends 4 0 R"), stream(inner, b"/Type /ObjStm /N 100000 /First 4 /Extends 4 0 R")])


def deep_page_tree(depth):
    kids = [b"<< /Type /Pages /Kids [%d 0 R] /Count 1 %s >>" % (i + 3, b"/Parent %d 0 R" % (i + 1) if i else b"") for i in range(depth)]
    return pdf([b"<< /Type /Catalog /Pages 2 0 R >>", *kids, b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 200 200] >>" % (depth + 1)])


def deep_arrays(depth):
    return pdf([b"<< /Type /Catalog /Pages 2 0 R /X " + b"[" * depth + b"]" * depth + b" >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>"])


def content_packed_twice():
    """64 KB that are 64 MB that are 64 GB: zlib of zlib of spaces."""
    once = zlib.compress(b" " * (8 << 20), 9)
    twice = zlib.compress(once * 900, 9)
    return page_with(b"", more=[stream(twice, b"/Filter [/FlateDecode /FlateDecode]")]).replace(b"/Contents 4 0 R", b"/Contents 5 0 R")


def fonts_within_fonts():
    """A Type 3 font whose letter is drawn with that font."""
    font = b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 9 9] /FontMatrix [1 0 0 1 0 0] /CharProcs << /a 6 0 R >> /Encoding << /Differences [97 /a] >> /FirstChar 97 /LastChar 97 /Widths [9] /Resources << /Font << /F 5 0 R >> >> >>"
    return page_with(b"BT /F 9 Tf (aaaa) Tj ET", b"<< /Font << /F 5 0 R >> >>", more=[font, stream(b"9 0 d0 BT /F 9 Tf (aaaa) Tj ET")])


def patterns_within_patterns():
    head = b"/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 1 1] /XStep .01 /YStep .01 /Resources << /Pattern << /P 5 0 R >> >>"
    return page_with(b"/Pattern cs /P scn 0 0 612 792 re f", b"<< /Pattern << /P 5 0 R >> >>", more=[stream(b"/Pattern cs /P scn 0 0 1 1 re f", head)])


def jpeg_of(width, height):
    return (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xc0\x00\x0b\x08" + struct.pack(">HH", height, width) + b"\x01\x01\x11\x00\xff\xda\x00\x08\x01\x01\x00\x00?\x00" + b"\0" * 40 + b"\xff\xd9")


def gif_of(width, height):
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\x80\0\0\0\0\0\xff\xff\xff\x2c\0\0\0\0" + struct.pack("<HH", width, height) + b"\0\x02\x02\x44\x01\0\x3b" + b"\0" * 40


def webp_of(width, height):
    def little(number):
        return struct.pack("<I", number - 1)[:3]
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + little(width) + little(height) + b"VP8 " + struct.pack("<I", 20) + b"\x30\x01\x00\x9d\x01\x2a" + struct.pack("<HH", 16383, 16383) + b"\0" * 10
    return b"RIFF" + struct.pack("<I", len(body)) + body + b"\0" * 40


def bmp_of(width, height):
    return b"BM" + struct.pack("<IHHI", 94, 0, 0, 54) + struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 2835, 2835, 0, 0) + b"\0" * 40


def tiff_of_pages(count, link=None):
    """So many pages of 8 × 8 pixels that all are the same bytes; `link`: the last one's next is that page again."""
    out = bytearray(b"II*\0" + struct.pack("<I", 72) + bytes(64))
    tags = [(256, 4, 1, 8), (257, 4, 1, 8), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8), (279, 4, 1, 64)]
    page = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags)
    size = len(page) + 4
    for number in range(count):
        last = number + 1 == count
        out += page + struct.pack("<I", (72 + link * size if link is not None else 0) if last else 72 + (number + 1) * size)
    return bytes(out)


def entity_bomb(letters=12):
    doctype = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(letters)) + "]>"
    return word("<w:p><w:r><w:t>&m;</w:t></w:r></w:p>", doctype)


def sheet_of_everything():
    """A cell in the last row and column, and merges over the whole of the sheet."""
    merges = "".join(f'<mergeCell ref="A{i + 1}:XFD1048576"/>' for i in range(1000))
    return office({"xl/workbook.xml": '<workbook xmlns:r="r"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
                   "xl/_rels/workbook.xml.rels": '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>',
                   "xl/worksheets/sheet1.xml": '<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
                                               f"<mergeCells>{merges}</mergeCells></worksheet>"})


def zip_whose_members_overlap(count=200):
    """One body of 4 MB that every entry of the directory points to (David Fifield, "A better zip bomb", 2019, in its simplest form)."""
    raw = b"<w:document>" + b" " * (4 << 20)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(raw) + packer.flush()
    name, crc = b"word/document.xml", zlib.crc32(raw)
    out = bytearray(struct.pack("<IHHHHHIIIHH", 0x04034b50, 20, 0, 8, 0, 0, crc, len(packed), len(raw), len(name), 0) + name + packed)
    start = len(out)
    for i in range(count):
        entry = b"word/document%d.xml" % i if i else name
        out += struct.pack("<IHHHHHHIIIHHHHHII", 0x02014b50, 20, 20, 0, 8, 0, 0, crc, len(packed), len(raw), len(entry), 0, 0, 0, 0, 0, 0) + entry
    return bytes(out + struct.pack("<IHHHHIIH", 0x06054b50, 0, 0, count, count, len(out) - start, start, 0))


def mails_within_mails(depth):
    return b"From: a@b.c\r\nSubject: x\r\nContent-Type: message/rfc822\r\n\r\n" * depth + b"words"


def multiparts_of_one_boundary(depth):
    head = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
    return b"From: a@b.c\r\nSubject: x\r\nMIME-Version: 1.0\r\n" + head * depth + b"Content-Type: text/plain\r\n\r\nwords\r\n" + b"--b--\r\n" * depth


CORPUS = {
    "jbig2_bomb.pdf": jbig2_bomb, "jpx_pixels.pdf": jpx_of_many_pixels, "xref_circle.pdf": xref_that_turns_in_circles, "object_streams.pdf": object_streams_that_hold_each_other,
    "deep_pages.pdf": lambda: deep_page_tree(400), "deep_arrays.pdf": lambda: deep_arrays(4_000), "packed_twice.pdf": content_packed_twice, "font_in_font.pdf": fonts_within_fonts,
    "pattern_in_pattern.pdf": patterns_within_patterns, "page_of_5_km.pdf": lambda: page_with(b"", box=b"0 0 14400000 14400000"),
    "pixels.png": lambda: png(60_000, 60_000), "truncated.png": lambda: png(500, 500, b"\xaa" * 31_500)[:70], "pixels.jpg": lambda: jpeg_of(65_500, 65_500), "truncated.jpg": lambda: jpeg_of(64, 64)[:60],
    "pixels.gif": lambda: gif_of(65_535, 65_535), "pixels.webp": lambda: webp_of(1 << 24, 1 << 24), "pixels.bmp": lambda: bmp_of(0x7fffffff, -0x7fffffff), "circle.tiff": lambda: tiff_of_pages(3, link=1),
    "entities.docx": entity_bomb, "overlap.docx": zip_whose_members_overlap, "spaces.docx": lambda: word("<w:p/>" + " " * (24 << 20)), "everything.xlsx": sheet_of_everything,
    "mail_in_mail.eml": lambda: mails_within_mails(200), "one_boundary.eml": lambda: multiparts_of_one_boundary(300), "deep.html": lambda: b"<html><body>" + b"<div>" * 3_000 + b"words",
}

if __name__ == "__main__":
    import pathlib
    import sys
    for name, make in CORPUS.items():
        (pathlib.Path(sys.argv[1]) / name).write_bytes(make())
