"""Classification of pictures: the model's own labels, labels of one's own by examples, every kind of picture right or refused with a reason, and a worker
that no hostile file takes down."""

import base64
import io
import json
import random
import struct
import threading
import time
import zlib

import pytest
from PIL import Image, ImageDraw

from harness import ROOT, Gateway, wait_for
from test_vectors import POLICY, vector_models  # noqa: F401

CONFIG = "upstreams:\n  - {name: images-local, tier: local, engine: tensor, model: open-nsfw, serves: [image_classification]}\n"


def uri(data, kind="png"):
    return f"data:image/{kind};base64," + base64.b64encode(data).decode()


def saved(image, kind="PNG", **more):
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def scene(size=(320, 240), mode="RGB", seed=1):
    """Something that is not the same upside down or mirrored."""
    rng = random.Random(seed)
    image = Image.new("RGB", size, (rng.randrange(120, 200), rng.randrange(120, 200), 220))
    draw = ImageDraw.Draw(image)
    w, h = size
    draw.rectangle([0, h * 2 // 3, w, h], fill=(60, 120, 40))
    draw.polygon([(w // 8, h * 2 // 3), (w // 4, h // 4), (w // 2, h * 2 // 3)], fill=(120, 60, 40))
    draw.ellipse([w * 3 // 4, h // 10, w * 9 // 10, h // 4], fill=(250, 230, 90))
    return image.convert(mode)


@pytest.fixture(scope="module")
def gateway(vector_models):  # noqa: F811
    with Gateway(CONFIG, policy=POLICY, models=vector_models) as gateway:
        wait_for(lambda: ask(gateway, uri(saved(scene()))).status == 200, 60)
        yield gateway


def ask(gateway, pictures, **more):
    return gateway.post("/v1/images/classifications", {"model": "open-nsfw", "input": pictures, **more})


def scores(gateway, data):
    reply = ask(gateway, uri(data))
    assert reply.status == 200, reply.text
    return reply.json["results"][0]["label"]["scores"]


def engine_restarts(gateway):
    return json.loads(gateway.cli("status", "--json").stdout)["upstreams"][0]["engine"]["restarts"]


def test_a_picture_gets_the_models_label_with_a_receipt(gateway):
    reply = ask(gateway, uri(saved(scene())))
    result = reply.json["results"][0]["label"]
    assert result["label"] == "sfw" and 0.5 < result["confidence"] <= 1 and abs(sum(result["scores"].values()) - 1) < 1e-3
    receipt = gateway.receipt(reply)
    assert receipt["operation"] == "image_classification" and receipt["tier"] == "local" and receipt["model_digest"].startswith("sha256:")


@pytest.mark.parametrize("kind, mode, more", [
    ("PNG", "RGB", {}), ("PNG", "P", {}), ("PNG", "RGBA", {}), ("JPEG", "RGB", {"quality": 95}), ("JPEG", "RGB", {"quality": 95, "progressive": True}),
    ("WEBP", "RGB", {"lossless": True}), ("GIF", "P", {}), ("BMP", "RGB", {}), ("TIFF", "RGB", {}), ("TIFF", "RGB", {"compression": "tiff_lzw"}), ("JPEG", "CMYK", {"quality": 95}),
])
def test_every_kind_of_picture_says_the_same(gateway, kind, mode, more):
    image = scene()
    told = scores(gateway, saved(image.convert("P", palette=Image.Palette.ADAPTIVE) if mode == "P" else image.convert(mode), kind, **more))
    assert abs(told["sfw"] - scores(gateway, saved(image))["sfw"]) < 0.05


def test_sixteen_bits_and_grey_are_read(gateway):
    grey = scene().convert("L")
    wide = Image.new("I;16", grey.size)
    wide.putdata([value * 257 for value in grey.getdata()])
    assert abs(scores(gateway, saved(wide))["sfw"] - scores(gateway, saved(grey))["sfw"]) < 0.02


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_picture_is_turned_as_its_camera_noted(gateway, kind, orientation):
    upright = scene((320, 200))
    undo = {2: [Image.Transpose.FLIP_LEFT_RIGHT], 3: [Image.Transpose.ROTATE_180], 4: [Image.Transpose.FLIP_TOP_BOTTOM], 5: [Image.Transpose.TRANSPOSE],
            6: [Image.Transpose.ROTATE_90], 7: [Image.Transpose.TRANSVERSE], 8: [Image.Transpose.ROTATE_270]}
    stored = upright
    for step in undo.get(orientation, []):
        stored = stored.transpose(step)
    exif = Image.Exif()
    exif[0x0112] = orientation
    more = {"quality": 100} if kind == "JPEG" else {"lossless": True} if kind == "WEBP" else {}
    told, wanted = scores(gateway, saved(stored, kind, exif=exif, **more)), scores(gateway, saved(upright))
    assert abs(told["sfw"] - wanted["sfw"]) < 0.01


def test_what_is_transparent_is_white(gateway):
    image = scene().convert("RGBA")
    hole = Image.new("L", image.size, 255)
    ImageDraw.Draw(hole).rectangle([80, 60, 240, 180], fill=0)
    image.putalpha(hole)
    on_white = Image.new("RGB", image.size, "white")
    on_white.paste(image, mask=hole)
    assert abs(scores(gateway, saved(image))["sfw"] - scores(gateway, saved(on_white))["sfw"]) < 0.01


def test_of_an_animation_the_first_frame_counts(gateway):
    frames = [scene(seed=1), Image.new("RGB", (320, 240), "black")]
    animated = saved(frames[0].convert("P"), "GIF", save_all=True, append_images=[frames[1].convert("P")])
    assert abs(scores(gateway, animated)["sfw"] - scores(gateway, saved(frames[0].convert("P"), "GIF"))["sfw"]) < 0.01


def test_a_large_photograph_is_read(gateway):
    image = scene((6000, 4000))
    assert abs(scores(gateway, saved(image, "JPEG"))["sfw"] - scores(gateway, saved(image.resize((600, 400))))["sfw"]) < 0.05


def product(damaged, seed):
    rng = random.Random(seed)
    image = Image.new("RGB", (256, 256), (200 + rng.randrange(-10, 10),) * 3)
    draw = ImageDraw.Draw(image)
    draw.ellipse([48, 48, 208, 208], fill=(90, 100, 120 + rng.randrange(20)), outline=(40, 40, 40), width=6)
    if damaged:
        for _ in range(3):
            x, y = rng.randrange(70, 180), rng.randrange(70, 180)
            draw.line([x, y, x + rng.randrange(-60, 60), y + rng.randrange(-60, 60)], fill=(240, 230, 220), width=5)
    return saved(image, "JPEG", quality=90)


def test_own_labels_by_a_few_examples(gateway):
    examples = [{"image": uri(product(damaged, seed)), "label": "scratched" if damaged else "good"} for damaged in (False, True) for seed in range(6)]
    fresh = [(damaged, uri(product(damaged, seed))) for damaged in (False, True) for seed in range(100, 110)]
    reply = ask(gateway, [picture for _, picture in fresh], examples=examples)
    assert reply.status == 200, reply.text
    said = [result["label"]["label"] == "scratched" for result in reply.json["results"]]
    assert reply.json["calibration"] == "leave_one_out" and sum(a == b for a, (b, _) in zip(said, fresh)) >= 18


def png_of(width, height, data=b""):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("data, word", [
    (b"", "empty"),
    (b"%PDF-1.4 hello", "no picture"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no picture"),
    (saved(scene())[:1000], "cut off"),
    (saved(scene(), "JPEG")[:1500], "cut off"),
    (png_of(60_000, 60_000), "million pixels"),
    (png_of(100, 100, b"\0" * 50), "damaged"),
    (saved(scene(), "WEBP", save_all=True, append_images=[scene(seed=2)]), "animated"),
])
def test_what_cannot_be_read_is_refused_with_a_reason(gateway, data, word):
    reply = ask(gateway, uri(data))
    error = reply.json["error"]
    assert reply.status == 400 and error["param"] == "input" and word in error["message"], error


def test_one_bad_picture_does_not_spoil_the_others(gateway):
    results = ask(gateway, [uri(saved(scene())), uri(b"GIF89a"), uri(saved(scene(seed=3)))]).json["results"]
    assert [list(result) for result in results] == [["label"], ["error"], ["label"]] and results[1]["error"]["code"] == "invalid_image"


def test_a_picture_is_never_fetched_from_elsewhere(gateway):
    reply = ask(gateway, "https://example.com/a.png")
    assert reply.status == 400 and "not fetched" in reply.json["error"]["message"]


def hostile(count):
    """Real pictures of every kind with bytes changed, cut, doubled or swapped; seeded."""
    rng = random.Random(20261128)
    whole = [saved(scene((64, 48)), kind) for kind in ("PNG", "JPEG", "WEBP", "BMP", "TIFF")] + [saved(scene((64, 48)).convert("P"), "GIF"), saved(scene((64, 48)).convert("CMYK"), "JPEG"),
            saved(scene((64, 48)), "TIFF", compression="tiff_lzw"), saved(scene((64, 48)), "JPEG", progressive=True), png_of(1 << 31 - 1, 2), png_of(1, 1)]
    for number in range(count):
        data = bytearray(rng.choice(whole))
        for _ in range(rng.randrange(1, 12)):
            if not data:
                break
            at = rng.randrange(len(data))
            what = rng.randrange(4)
            if what == 0:
                data[at] = rng.randrange(256)
            elif what == 1:
                data[at:at + 4] = rng.choice([b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", struct.pack("<I", rng.randrange(1 << 32))])
            elif what == 2:
                data[at:at] = data[at:at + rng.randrange(1, 200)]
            else:
                del data[at:at + rng.randrange(1, 60)]
        yield bytes(data)


def test_no_hostile_picture_takes_the_worker_down(gateway):
    refused = 0
    pictures = list(hostile(1280))
    for at in range(0, len(pictures), 64):
        reply = ask(gateway, [uri(data) for data in pictures[at:at + 64]])
        assert reply.status == 200, reply.text
        refused += sum("error" in result for result in reply.json["results"])
    assert refused > 300 and engine_restarts(gateway) == 0
    assert scores(gateway, saved(scene()))["sfw"] > 0.5


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "tests" / "data" / "hostile").iterdir() if path.suffix != ".md"))
def test_the_hostile_corpus_is_refused_with_a_reason(gateway, name):
    began = time.monotonic()
    reply = ask(gateway, uri((ROOT / "tests" / "data" / "hostile" / name).read_bytes()))
    assert time.monotonic() - began < 30
    assert engine_restarts(gateway) == 0
    if name == "circle.tiff":  # whose first page is a picture; nobody asks for the others
        assert reply.status == 200, reply.text
        return
    error = reply.json["error"]
    assert reply.status == 400 and error["param"] == "input" and len(error["message"]) > 20, reply.text


def test_any_body_is_answered(gateway):
    for body in (b"", b"{", b'{"input": 3}', b'{"input": []}', b'{"input": "data:image/png;base64,***"}', b'{"input": {"url": 7}}', json.dumps({"input": ["data:,x"] * 65}).encode()):
        assert gateway.post("/v1/images/classifications", body).status == 400
    assert engine_restarts(gateway) == 0


def test_the_command_line_reads_a_folder_and_watches_it(gateway):
    folder = gateway.folder / "line"
    folder.mkdir()
    (folder / "a.png").write_bytes(saved(scene()))
    (folder / "b.jpg").write_bytes(b"no picture")
    done = gateway.cli("classify", "--image", "-m", "open-nsfw", "--json", folder, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1 and [line["file"].rsplit("/")[-1] for line in lines] == ["a.png", "b.jpg"] and "error" in lines[1]
    out = gateway.folder / "line.csv"

    def add():
        wait_for(lambda: out.exists() and out.read_text().count("\n") >= 3)
        (folder / "c.png").write_bytes(saved(scene(seed=4)))

    later = threading.Thread(target=add)
    later.start()
    gateway.cli("classify", "--image", "-m", "open-nsfw", "--watch", "--until", "3", "-o", out, folder)
    later.join()
    rows = out.read_text().splitlines()
    assert rows[0] == "file,label,confidence,error" and len(rows) == 4 and rows[3].split(",")[0].endswith("c.png") and rows[3].split(",")[1] == "sfw"
