"""RapidOCR, for bench/documents.py to stand beside. Run in an environment of its own (documents-requirements.txt).

Reads a picture's path a line; answers with {"text", "seconds"}: its lines from the top, those of one height from the left. One thread, as the others.
"""

import json
import sys
import time

from rapidocr_onnxruntime import RapidOCR

engine = RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)
for line in sys.stdin:
    began = time.monotonic()
    found, _ = engine(line.strip())
    boxes = [(min(p[1] for p in box), min(p[0] for p in box), max(p[1] for p in box), text) for box, text, _ in found or []]
    boxes.sort()
    rows = []
    for top, left, bottom, text in boxes:
        if rows and top < rows[-1][0] + (rows[-1][1] - rows[-1][0]) / 2:
            rows[-1][2].append((left, text))
        else:
            rows.append([top, bottom, [(left, text)]])
    print(json.dumps({"text": "\n".join(" ".join(text for _, text in sorted(row[2])) for row in rows), "seconds": time.monotonic() - began}), flush=True)
