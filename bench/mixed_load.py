#!/usr/bin/env python3
"""What a person waits for a short recording while a long one is being transcribed on the same engine, against what it takes by itself.

usage: bench/mixed_load.py [--data FOLDER] [--model MODEL] [--minutes 10] [--clips 10] [--json FILE]

The clip has about three seconds, the file is made of the five committed clips of read speech over and over (tests/data/speech). Both are ordinary
requests of one caller: nothing says which matters more. First the clip alone, then the file alone, then the file with a clip sent every so often until
it is done. Goal: with the file beside it a clip takes less than twice its time alone. The models must be in the data folder:
demarc --data FOLDER models pull whisper-base. Needs build/release.
"""

import argparse
import io
import json
import os
import pathlib
import random
import statistics
import sys
import threading
import time
import uuid
import wave

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
from harness import Gateway, wait_for  # noqa: E402

SPEECH = ROOT / "tests" / "data" / "speech"
CLIP = SPEECH / "austen-0880.wav"
POLICY = "version: 1\nrules:\n  - {id: local-is-ours, permit: local}\n"


def recording(seconds):
    """So many seconds of the committed clips, one after the other, as WAV."""
    frames, rate = b"", 16_000
    clips = sorted(SPEECH.glob("austen-*.wav"))
    index = 0
    while len(frames) < seconds * rate * 2:
        with wave.open(str(clips[index % len(clips)])) as clip:
            assert (clip.getframerate(), clip.getnchannels(), clip.getsampwidth()) == (rate, 1, 2)
            frames += clip.readframes(clip.getnframes())
        index += 1
    out = io.BytesIO()
    with wave.open(out, "wb") as made:
        made.setnchannels(1), made.setsampwidth(2), made.setframerate(rate)
        made.writeframes(frames[:int(seconds * rate) * 2])
    return out.getvalue()


def transcribe(gateway, audio):
    """The seconds that it took."""
    boundary = uuid.uuid4().hex
    fields = {"model": "auto", "response_format": "verbose_json", "demarc_clean": "false", "language": "en"}
    body = b"".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode() for k, v in fields.items())
    body += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'.encode() + audio + f"\r\n--{boundary}--\r\n".encode()
    began = time.monotonic()
    reply = gateway.request("POST", "/v1/audio/transcriptions", body, {"content-type": f"multipart/form-data; boundary={boundary}"}, timeout=3600)
    assert reply.status == 200, reply.text
    return time.monotonic() - began, reply.json["text"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.environ.get("DEMARC_E2E_MODELS"), help="folder that holds the models")
    parser.add_argument("--model", default="whisper-base")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--clips", type=int, default=10, help="clips alone, and the most beside the file")
    parser.add_argument("--json")
    wish = parser.parse_args()
    if not wish.data:
        parser.error("--data FOLDER: where the models are")
    config = f"upstreams:\n  - {{name: speech-local, tier: local, engine: speech, model: {wish.model}, serves: [transcription], slots: 1}}\n"
    clip, file = CLIP.read_bytes(), recording(wish.minutes * 60)
    rng = random.Random(1)
    with Gateway(config, policy=POLICY, models=wish.data) as gateway:
        wait_for(lambda: "ready" in gateway.log_text(), 120)
        transcribe(gateway, clip)
        alone, texts = zip(*[transcribe(gateway, clip) for _ in range(wish.clips)])
        file_alone, file_text = transcribe(gateway, file)
        beside, done = [], {}
        worker = threading.Thread(target=lambda: done.update(zip(("s", "text"), transcribe(gateway, file))))
        worker.start()
        time.sleep(1)
        while worker.is_alive() and len(beside) < wish.clips:
            took, text = transcribe(gateway, clip)
            if worker.is_alive():
                beside.append(took)
                assert text == texts[0], (text, texts[0])
            time.sleep(rng.uniform(0, 3))
        worker.join()
        assert done["text"] == file_text, "what was said in the file depends on what ran beside it"
    ratio = statistics.median(beside) / statistics.median(alone)
    result = {"model": wish.model, "clip_alone_s": statistics.median(alone), "clip_beside_s": statistics.median(beside), "clip_beside_worst_s": max(beside),
              "clips_beside": len(beside), "ratio": ratio, "worst_ratio": max(beside) / statistics.median(alone), "file_minutes": wish.minutes,
              "file_alone_s": file_alone, "file_beside_s": done["s"]}
    print(f"| {wish.model}, one slot | seconds |\n| --- | --- |")
    print(f"| a clip of 3 s alone, median of {len(alone)} | {result['clip_alone_s']:.2f} |")
    print(f"| a clip beside the file, median of {len(beside)} / worst | {result['clip_beside_s']:.2f} / {result['clip_beside_worst_s']:.2f} |")
    print(f"| so many times as long, median / worst (goal: below 2) | {ratio:.2f} / {result['worst_ratio']:.2f} |")
    print(f"| the file of {wish.minutes:g} min alone / with the clips between | {file_alone:.1f} / {done['s']:.1f} |")
    if wish.json:
        pathlib.Path(wish.json).write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
