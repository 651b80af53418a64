#!/usr/bin/env python3
"""How much memory a recording of many hours takes in demarc-speech, against one of ten minutes.

usage: bench/long_file.py [--data FOLDER] [--model MODEL] [--hours 7]

Both are the same ten minutes (a committed clip of read speech, then noise of a quiet room) once and over and over, as µ-law WAV of 8 kHz, so that seven hours
fit the limit of 200 MiB. Each goes to a worker of its own as batch work; the high-water marks of their memory are compared, less the file's own bytes, which
the worker holds as it got them. The models must be in the data folder. Needs build/release.
"""

import argparse
import array
import json
import math
import os
import pathlib
import random
import socket
import struct
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "bench"))
import speech_sets as sets  # noqa: E402

BUILD = pathlib.Path(os.environ.get("DEMARC_BUILD", ROOT / "build" / "release"))
MINUTES = 10


def mu_law(sample):
    """ITU-T G.711."""
    sign, magnitude = (0x80, -sample) if sample < 0 else (0, sample)
    magnitude = min(magnitude, 32_635) + 0x84
    exponent = max(0, magnitude.bit_length() - 8)
    return ~(sign | exponent << 4 | magnitude >> exponent + 3 & 0x0f) & 0xff


def ten_minutes():
    rng = random.Random(9)
    said = sets.samples_of(sets.SPEECH / "austen-0870.wav")[::2]
    room = array.array("h", (int(rng.gauss(0, 12)) for _ in range(20 * 8_000)))
    samples = said + room * (MINUTES * 3)
    table = {value: mu_law(value) for value in set(samples)}
    return bytes(table[s] for s in samples[:MINUTES * 60 * 8_000])


def wav(data):
    form = struct.pack("<HHIIHH", 7, 1, 8_000, 8_000, 1, 8)
    return b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(data)) + data


def ask(path, request):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        connection.sendall(request)
        answer = b""
        while piece := connection.recv(1 << 20):
            answer += piece
    return answer


def hear(wish, file):
    """The worker's high-water mark in MiB, the seconds, and how often the clip was heard."""
    with tempfile.TemporaryDirectory() as made:
        folder = pathlib.Path(made)
        settings = {"socket": str(folder / "speech.sock"), "model": {"name": wish.model, "path": str(pathlib.Path(wish.data) / "models" / "by-name" / wish.model), "digest": ""},
                    "threads": os.cpu_count(), "slots": 1, "context_tokens": 0, "memory_limit_bytes": 0, "role": "speech"}
        (folder / "settings.json").write_text(json.dumps(settings))
        worker = subprocess.Popen([BUILD / "demarc-speech", folder / "settings.json"])
        try:
            while not (folder / "speech.sock").exists() or b'"ready"' not in ask(folder / "speech.sock", b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"):
                time.sleep(0.2)
            body = b'--b\r\nContent-Disposition: form-data; name="language"\r\n\r\nen\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n' + file + b"\r\n--b--\r\n"
            head = (f"POST /v1/audio/transcriptions HTTP/1.1\r\nHost: x\r\nConnection: close\r\nDemarc-Class: batch\r\nDemarc-Deadline-Ms: 3000000\r\n"
                    f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {len(body)}\r\n\r\n").encode()
            began = time.monotonic()
            answer = ask(folder / "speech.sock", head + body)
            assert b" 200 " in answer.split(b"\r\n", 1)[0], answer[:500]
            status = pathlib.Path(f"/proc/{worker.pid}/status").read_text()
            mib = int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024
            return mib, time.monotonic() - began, answer.lower().count(b"dashwood")
        finally:
            worker.terminate()
            worker.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.environ.get("DEMARC_E2E_MODELS", pathlib.Path.home() / ".cache" / "demarc" / "test-models"))
    parser.add_argument("--model", default="whisper-base")
    parser.add_argument("--hours", type=float, default=7)
    wish = parser.parse_args()
    block = ten_minutes()
    print(f"| {wish.model} | file, MiB | peak memory, MiB | seconds | sentences heard |\n| --- | --- | --- | --- | --- |")
    for name, times in (("10 minutes", 1), (f"{wish.hours:g} hours", math.floor(wish.hours * 60 / MINUTES))):
        file = wav(block * times)
        mib, seconds, heard = hear(wish, file)
        print(f"| {name} | {len(file) / 2**20:.0f} | {mib:.0f} | {seconds:.0f} | {heard} of {times} |", flush=True)


if __name__ == "__main__":
    main()
