#!/usr/bin/env python3
"""How often is the wrong speaker told, and what does telling them cost?

usage: bench/speakers.py [--data FOLDER] [--model MODEL] [--threads N] [--folder RECORDINGS [--speakers NAME,…]] [--conversations N] [--seed N] [--json FILE]

Conversations are put together from a seed: two to four speakers, some turns of 2 to 12 s each, 0.3 to 1 s of faint noise between them; nobody speaks while
another does. "mixed" is of what the project has: read speech (a woman), President Kennedy, the speaker of pocketsphinx's commands, two voices of
espeak-ng. --folder adds a set of recordings of one speaker each (WAV, 16 kHz, mono, 16 bits) in folders named after the speakers, at any depth.

Counted is the diarisation error rate over hundredths of a second: speech that nobody is told for (missed), a speaker where nobody speaks (false alarm), the
wrong one (confusion), over all speech. Speakers are matched with the letters so that confusion is least. A collar of 0.25 s on both sides of each change of the
reference is left out, as is usual; speech in the reference is what is louder than a hundredth of its clip's loudest, with pauses under half a second.
Each conversation is transcribed with speakers and without, one after the other: the difference in the engine's processor time is what they cost.
"""

import argparse
import array
import collections
import itertools
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
import speech_sets as sets  # noqa: E402
from harness import Gateway  # noqa: E402
from speech import POLICY, cpu_of_engine, transcribe, wait_up  # noqa: E402

RATE, FRAME, COLLAR, PAUSE = sets.RATE, sets.RATE // 100, 25, 50
SYNTHETIC = {"espeak-man": ("en-us", 30, 130), "espeak-woman": ("en-us+f3", 60, 140)}


def mixed(folder):
    """Recordings of each speaker, by name."""
    clips = {"reader": [sets.samples_of(path) for path in sorted(sets.SPEECH.glob("*.wav"))], "commander": [sets.samples_of(path) for path, _ in sets.commands(folder)]}
    president = folder / "president.wav"
    subprocess.run(["ffmpeg", "-y", "-loglevel", "error", "-i", sets.jfk(), "-ar", str(RATE), "-ac", "1", president], check=True)
    clips["president"] = [sets.samples_of(president)]
    lines = [line.split("\t")[0] for line in (ROOT / "bench" / "data" / "facts.tsv").read_text().splitlines() if "\t" in line and not line.startswith("#")]
    for i, (name, (voice, pitch, speed)) in enumerate(SYNTHETIC.items()):
        spoken, made = folder / "spoken.wav", folder / "made.wav"
        for line in lines[8 * i : 8 * i + 8]:
            subprocess.run(["espeak-ng", "-v", voice, "-p", str(pitch), "-s", str(speed), "-w", spoken, line], check=True)
            subprocess.run(["ffmpeg", "-y", "-loglevel", "error", "-i", spoken, "-ar", str(RATE), "-ac", "1", made], check=True)
            clips.setdefault(name, []).append(sets.samples_of(made))
    return clips


def recordings(folder, wanted):
    clips = {}
    for path in sorted(folder.rglob("*.wav")):
        if wanted is None or path.parent.name in wanted:
            clips.setdefault(path.parent.name, []).append(sets.samples_of(path))
    return clips


def speech_in(samples):
    """For each frame whether there is speech."""
    peaks = [max(map(abs, samples[at : at + FRAME])) for at in range(0, len(samples) - FRAME + 1, FRAME)]
    loud = [peak > max(peaks) / 100 for peak in peaks]
    last = None
    for i, is_loud in enumerate(loud):
        if is_loud:
            if last is not None and 1 < i - last <= PAUSE:
                loud[last:i] = [True] * (i - last)
            last = i
    return loud


def conversation(rng, clips):
    """Samples, and for each frame who speaks (None: nobody)."""
    speakers = rng.sample(sorted(clips), min(len(clips), rng.randint(2, 4)))
    samples, who, last = array.array("h"), [], None
    order = speakers + [None] * (rng.randint(2, 4) * len(speakers))
    for turn in order:  # everybody speaks at least once
        last = turn or rng.choice([s for s in speakers if s != last])
        clip = rng.choice(clips[last])
        length = min(len(clip), rng.randint(2 * RATE, 12 * RATE)) // FRAME * FRAME
        at = rng.randint(0, len(clip) - length)
        part = clip[at : at + length]
        samples += part
        who += [last if is_loud else None for is_loud in speech_in(part)]
        pause = rng.randint(30, 100)
        samples += array.array("h", (int(rng.gauss(0, 10)) for _ in range(pause * FRAME)))
        who += [None] * pause
    return samples, who


def is_counted(who):
    """Frames that are no nearer than the collar to a change."""
    counted = [True] * len(who)
    for i in range(1, len(who)):
        if who[i] != who[i - 1]:
            counted[max(0, i - COLLAR) : i + COLLAR] = [False] * len(counted[max(0, i - COLLAR) : i + COLLAR])
    return counted


def errors(who, segments):
    told = [None] * len(who)
    for s in segments:
        begin, end = round(s["start"] * 100), min(len(who), round(s["end"] * 100))
        told[begin:end] = [s["speaker"]] * max(0, end - begin)
    count, pairs = collections.Counter(), collections.Counter()
    for right, letter, counted in zip(who, told, is_counted(who)):
        if not counted:
            continue
        count["speech"] += right is not None
        count["missed"] += right is not None and letter is None
        count["false_alarm"] += right is None and letter is not None
        if right is not None and letter is not None:
            count["both"] += 1
            pairs[right, letter] += 1
    people, letters = sorted({p for p, _ in pairs}), sorted({x for _, x in pairs})
    short, long = (people, letters) if len(people) <= len(letters) else (letters, people)
    pair = (lambda a, b: (a, b)) if short is people else (lambda a, b: (b, a))
    count["confusion"] = count["both"] - max(sum(pairs[pair(a, b)] for a, b in zip(short, chosen)) for chosen in itertools.permutations(long, len(short)))
    count["number_right"] = len({s["speaker"] for s in segments}) == len({w for w in who if w})
    return count


def run(gateway, clips, options, folder):
    rng, total = random.Random(options.seed), collections.Counter()
    for number in range(options.conversations):
        samples, who = conversation(rng, clips)
        path = sets.write(folder / f"conversation-{number}.wav", samples)
        before = cpu_of_engine(gateway)
        transcribe(gateway, path, clean=False, **{"timestamp_granularities[]": "word"})
        between = cpu_of_engine(gateway)
        answer, _ = transcribe(gateway, path, clean=False, demarc_speakers="true", **{"timestamp_granularities[]": "segment"})
        total.update(errors(who, answer["segments"]), seconds=len(who) / 100, cpu_plain=between - before, cpu_speakers=cpu_of_engine(gateway) - between)
    speech = total["speech"]
    return {"speakers": len(clips), "conversations": options.conversations, "minutes": total["seconds"] / 60, "number_right": total["number_right"],
            "der": (total["missed"] + total["false_alarm"] + total["confusion"]) / speech, "missed": total["missed"] / speech, "false_alarm": total["false_alarm"] / speech,
            "confusion": total["confusion"] / speech, "cpu_plain": total["cpu_plain"] / total["seconds"], "cpu_speakers": total["cpu_speakers"] / total["seconds"],
            "load": os.getloadavg()[0]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=pathlib.Path), parser.add_argument("--model", default="whisper-base"), parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--folder", type=pathlib.Path), parser.add_argument("--speakers"), parser.add_argument("--conversations", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1), parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    config = (f"upstreams:\n  - {{name: speech-local, tier: local, engine: speech, model: {options.model}, serves: [transcription], slots: 1, threads: {options.threads}, "
              "speakers: campplus}\n")
    rows = {}
    with tempfile.TemporaryDirectory() as folder, Gateway(config, policy=POLICY, models=options.data) as gateway:
        folder = pathlib.Path(folder)
        wait_up(gateway)
        tests = {"mixed": mixed(folder)}
        if options.folder:
            tests["folder"] = recordings(options.folder, options.speakers and options.speakers.split(","))
        for name, clips in tests.items():
            row = rows[name] = run(gateway, clips, options, folder)
            print(f"{name}: {row['speakers']} speakers, {row['conversations']} conversations, {row['minutes']:.1f} min: error rate {100 * row['der']:.1f} % (missed {100 * row['missed']:.1f}, "
                  f"false alarm {100 * row['false_alarm']:.1f}, confusion {100 * row['confusion']:.1f}), number of speakers right in {row['number_right']}; processor per second of sound "
                  f"{row['cpu_plain']:.3f} without, {row['cpu_speakers']:.3f} with; load {row['load']:.1f}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
