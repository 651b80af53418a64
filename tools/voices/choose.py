#!/usr/bin/env python3
"""Where to draw the line between one voice and two (kAlike in src/core/voices.hpp): conversations of known speakers, grouped at every threshold.

    choose.py campplus.onnx FOLDER [--speakers NAME,…] [--seed N] [--conversations N]        needs numpy and onnxruntime

FOLDER holds WAV files (16 kHz, mono, 16 bits) of one speaker each, in folders named after the speakers, at any depth. Each conversation has two to four of
them, some turns each, windows of 1.6 s every 0.8 s over the whole, those that straddle a change of speaker included. Printed for each threshold: in how many
conversations the number of speakers is right (after groups of fewer than three windows went to the others), and the share of windows in a wrong group.
"""
import argparse
import pathlib
import random
import wave

import numpy as np
import onnxruntime

WINDOW, HOP, LEAST = 25_600, 12_800, 3


def samples_of(path):
    with wave.open(str(path)) as clip:
        assert (clip.getframerate(), clip.getnchannels(), clip.getsampwidth()) == (16_000, 1, 2), path
        return np.frombuffer(clip.readframes(clip.getnframes()), dtype="<i2").astype(np.float32) / 32768


def conversation(rng, clips):
    """Turns of 2 to 12 s, no two in a row by one speaker: the samples, and who speaks at each of them."""
    speakers = rng.sample(sorted(clips), min(len(clips), rng.randint(2, 4)))
    parts, who, last = [], [], None
    for _ in range(rng.randint(3, 5) * len(speakers)):
        last = rng.choice([s for s in speakers if s != last])
        clip = rng.choice(clips[last])
        length = min(len(clip), rng.randint(2 * 16_000, 12 * 16_000))
        at = rng.randint(0, len(clip) - length)
        parts.append(clip[at : at + length])
        who.append(np.full(length, speakers.index(last)))
    return np.concatenate(parts), np.concatenate(who)


def merges_of(vectors):
    """Average linkage: (likeness, members of one, members of the other), most alike first."""
    sums, members, out = {i: v.astype(np.float64) for i, v in enumerate(vectors)}, {i: [i] for i in range(len(vectors))}, []
    while len(sums) > 1:
        keys = list(sums)
        means = np.stack([sums[k] / len(members[k]) for k in keys])
        alike = means @ means.T
        np.fill_diagonal(alike, -2)
        a, b = np.unravel_index(alike.argmax(), alike.shape)
        a, b = keys[min(a, b)], keys[max(a, b)]
        out.append((float(alike.max()), members[a][:], members[b][:]))
        sums[a] += sums.pop(b)
        members[a] += members.pop(b)
    return out


def groups_at(count, vectors, merges, threshold):
    label = np.arange(count)
    for likeness, a, b in merges:
        if likeness < threshold:
            break
        label[a + b] = min(a)
    sizes = {k: int((label == k).sum()) for k in set(label)}
    large = [k for k in sizes if sizes[k] >= LEAST] or list(sizes)
    means = {k: vectors[label == k].mean(0) for k in sizes}
    for k in sizes:
        if k not in large:
            label[label == k] = max(large, key=lambda other: float(means[k] @ means[other] / np.linalg.norm(means[other])))
    return label


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("graph"), parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--speakers"), parser.add_argument("--seed", type=int, default=1), parser.add_argument("--conversations", type=int, default=30)
    options = parser.parse_args()
    session, clips = onnxruntime.InferenceSession(options.graph), {}
    for path in sorted(options.folder.rglob("*.wav")):
        if options.speakers is None or path.parent.name in options.speakers.split(","):
            if len(samples := samples_of(path)) >= 2 * 16_000:
                clips.setdefault(path.parent.name, []).append(samples)
    rng, rows = random.Random(options.seed), {round(t, 2): [0, 0, 0] for t in np.arange(0.2, 0.66, 0.05)}
    for _ in range(options.conversations):
        samples, who = conversation(rng, clips)
        places = range(0, len(samples) - WINDOW + 1, HOP)
        vectors = np.concatenate([session.run(None, {"samples": np.stack([samples[p : p + WINDOW] for p in places[i : i + 16]])})[0] for i in range(0, len(places), 16)])
        truth = np.array([np.bincount(who[p : p + WINDOW]).argmax() for p in places])
        merges = merges_of(vectors)
        for threshold, row in rows.items():
            label = groups_at(len(vectors), vectors, merges, threshold)
            right = sum(np.bincount(truth[label == k]).max() for k in set(label))
            row[0] += len(set(label)) == len(set(who)); row[1] += len(label) - right; row[2] += len(label)
    print(f"{len(clips)} speakers, {options.conversations} conversations, {rows[0.2][2]} windows")
    for threshold, (exact, wrong, windows) in rows.items():
        print(f"{threshold:.2f}  number right in {exact:3}  windows in a wrong group {100 * wrong / windows:5.2f} %")


if __name__ == "__main__":
    main()
