#!/usr/bin/env python3
"""Pictures a second on one core and how well labels by a few examples do, beside ONNX Runtime and Pillow in Python with the same network.

    bench/images.py [--data FOLDER] [--rounds 3]       FOLDER: a data folder in which open-nsfw was pulled

The pictures are made here (photograph-like noise and shapes, 640 to 4,000 pixels wide), the damaged parts too: a test of speed and of the way, not of the model. Prints a table; needs the network once
for Pillow and the peer's packages."""

import argparse
import base64
import http.client
import io
import json
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
from harness import Gateway, wait_for  # noqa: E402

CONFIG = "upstreams:\n  - {name: images, tier: local, engine: tensor, model: open-nsfw, serves: [image_classification], threads: 1}\n"
POLICY = "version: 1\nrules:\n  - {id: local-is-ours, permit: local}\n"

PEER = '''
import base64, io, json, sys, time
import numpy, onnxruntime
from PIL import Image, ImageOps
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
def look(data):
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    image.draft("RGB", (512, 512))
    image = image.convert("RGB").resize((256, 256), Image.Resampling.BILINEAR).crop((16, 16, 240, 240))
    values = numpy.asarray(image, numpy.float32)[:, :, ::-1] - numpy.array([104, 117, 123], numpy.float32)
    return session.run(None, {"input:0": values[None]})[0][0]
sets = json.load(sys.stdin)
out = {}
for name, pictures in sets.items():
    pictures = [base64.b64decode(one) for one in pictures]
    look(pictures[0])
    best = 1e9
    for _ in range(int(sys.argv[2])):
        begin = time.monotonic()
        told = [float(look(one)[0]) for one in pictures]
        best = min(best, time.monotonic() - begin)
    out[name] = [len(pictures) / best, told]
print(json.dumps(out))
'''

MAKE = '''
import base64, io, json, random, numpy
from PIL import Image, ImageDraw, ImageFilter
def photograph(width, height, seed):
    rng = numpy.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 255, (height // 40 + 2, width // 40 + 2, 3), dtype=numpy.uint8)).resize((width, height), Image.Resampling.BICUBIC)
    grain = rng.normal(0, 6, (height, width, 1))
    return Image.fromarray(numpy.clip(numpy.asarray(small) + grain, 0, 255).astype(numpy.uint8))
def part(damaged, seed):
    r = random.Random(seed)
    image = Image.new("RGB", (640, 480), (150 + r.randrange(60),) * 3)
    draw = ImageDraw.Draw(image)
    x, y = 320 + r.randrange(-30, 30), 240 + r.randrange(-30, 30)
    draw.ellipse([x - 160, y - 160, x + 160, y + 160], fill=(90 + r.randrange(30), 100, 120), outline=(40, 40, 40), width=8)
    if damaged:
        for _ in range(r.randrange(1, 4)):
            a, b = x + r.randrange(-100, 100), y + r.randrange(-100, 100)
            draw.line([a, b, a + r.randrange(-90, 90), b + r.randrange(-90, 90)], fill=(230, 220, 210), width=r.randrange(3, 7))
    noise = numpy.random.default_rng(seed).normal(0, 8, (480, 640, 1))
    return Image.fromarray(numpy.clip(numpy.asarray(image) + noise, 0, 255).astype(numpy.uint8))
def packed(image, kind, **more):
    out = io.BytesIO(); image.save(out, kind, **more); return base64.b64encode(out.getvalue()).decode()
speed = {"JPEG 640 x 480": [packed(photograph(640, 480, i), "JPEG", quality=90) for i in range(20)], "JPEG 4000 x 3000": [packed(photograph(4000, 3000, i), "JPEG", quality=90) for i in range(4)],
         "PNG 640 x 480": [packed(photograph(640, 480, i), "PNG") for i in range(8)]}
parts = {kind: [(packed(part(damaged, 1000 * damaged + i), "JPEG", quality=90), damaged) for damaged in (0, 1) for i in numbers] for kind, numbers in (("few", range(8)), ("test", range(100, 200)))}
print(json.dumps({"speed": speed, "parts": parts}))
'''


def peer_python():
    folder = pathlib.Path(os.environ.get("DEMARC_CACHE", pathlib.Path.home() / ".cache" / "demarc")) / "bench" / "images-peer"
    if not (folder / ".complete").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--only-binary=:all:", "onnxruntime==1.24.4", "numpy==2.4.6", "pillow==13.0.0"], check=True)
        (folder / ".complete").touch()
    return folder / "bin" / "python"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.environ.get("DEMARC_E2E_VECTORS"))
    parser.add_argument("--rounds", type=int, default=3)
    order = parser.parse_args()
    assert order.data, "--data: a data folder in which open-nsfw was pulled"
    python = peer_python()
    made = json.loads(subprocess.run([python, "-c", MAKE], capture_output=True, text=True, check=True).stdout)
    rows, apart = [], 0.0
    with Gateway(CONFIG, policy=POLICY, models=order.data) as gateway:
        def ask(pictures, **more):
            connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=300)
            connection.request("POST", "/v1/images/classifications", json.dumps({"model": "open-nsfw", "input": ["data:image/x;base64," + one for one in pictures], **more}), {"content-type": "application/json"})
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status == 200, body[:300]
            return [one["label"] for one in json.loads(body)["results"]]

        wait_for(lambda: gateway.post("/v1/images/classifications", {"model": "open-nsfw", "input": "data:image/x;base64," + made["speed"]["PNG 640 x 480"][0]}).status == 200, 60)
        ours = {}
        for name, pictures in made["speed"].items():
            best = 1e9
            for _ in range(order.rounds):
                begin = time.monotonic()
                told = [one["scores"]["sfw"] for at in range(0, len(pictures), 4) for one in ask(pictures[at:at + 4])]
                best = min(best, time.monotonic() - begin)
            ours[name] = (len(pictures) / best, told)
        few = [{"image": "data:image/x;base64," + one, "label": "scratched" if damaged else "good"} for one, damaged in made["parts"]["few"]]
        test = made["parts"]["test"]
        said = [one for at in range(0, len(test), 50) for one in ask([picture for picture, _ in test[at:at + 50]], examples=few)]
    model = pathlib.Path(order.data) / "models" / "by-name" / "open-nsfw" / "open-nsfw.onnx"
    done = subprocess.run([python, "-c", PEER, model, str(order.rounds)], input=json.dumps(made["speed"]), capture_output=True, text=True, check=True)
    theirs = json.loads(done.stdout)
    for name, (speed, told) in ours.items():
        apart = max(apart, max(abs(a - b) for a, b in zip(told, theirs[name][1])))
        rows.append((name, speed, theirs[name][0]))
    print("| one core | demarc, pictures/s over HTTP | Pillow and ONNX Runtime in one Python process |\n| --- | --- | --- |")
    for name, a, b in rows:
        print(f"| {name} | {a:.1f} | {b:.1f} |")
    right = sum((one["label"] == "scratched") == bool(damaged) for one, (_, damaged) in zip(said, test))
    off = sum(one["confidence"] for one in said) / len(said) - right / len(said)
    print(f"\nThe two differ by at most {apart:.3f} in a probability (they scale differently). Made-up parts, scratched or good, by {len(few) // 2} examples of each: {right} of {len(test)} right, mean confidence {off * 100:+.1f} points from that.")


if __name__ == "__main__":
    main()
