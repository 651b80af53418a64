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
