"""Transcripts of the local engine: the units of time, every shape of the answer, streams, silence and noise, a glossary."""

import array
import itertools
import json
import math
import pathlib
import random
import re
import time
import wave

import pytest

from harness import Gateway, events, wait_for
from test_local import SPEECH, sdk, upstreams, wait_up

SPEECH_ENGINE = "upstreams:\n  - {name: speech-local, tier: local, engine: speech, model: whisper-base, serves: [transcription], slots: 1}\n"
HOME = "version: 1\nrules:\n  - {id: home, permit: local}\n"
RATE = 16_000


def samples_of(name):
    with wave.open(str(SPEECH / name)) as clip:
        return array.array("h", clip.readframes(clip.getnframes()))


def wav(folder, name, samples):
    path = folder / name
    with wave.open(str(path), "wb") as made:
        made.setnchannels(1), made.setsampwidth(2), made.setframerate(RATE)
        made.writeframes(array.array("h", (max(-32_768, min(32_767, int(s))) for s in samples)).tobytes())
    return path


@pytest.fixture(scope="module")
def gateway(models):
    with Gateway(SPEECH_ENGINE, policy=HOME, models=models) as gateway:
        wait_up(gateway, 1)
        yield gateway


@pytest.fixture(scope="module")
def two_sentences(tmp_path_factory):
    """One sentence, 50 s of nothing much, another."""
    rng = random.Random(2)
    samples = samples_of("austen-0880.wav") + array.array("h", (int(rng.gauss(0, 15)) for _ in range(50 * RATE))) + samples_of("austen-0930.wav")
    return wav(tmp_path_factory.mktemp("speech"), "two.wav", samples)


def create(gateway, path, **more):
    with path.open("rb") as recording:
        return sdk(gateway).audio.transcriptions.create(model="whisper-base", file=recording, language="en", **more)


def raw(gateway, path, **more):
    with path.open("rb") as recording:
        return sdk(gateway).audio.transcriptions.with_raw_response.create(model="whisper-base", file=recording, language="en", **more)


def test_times_map_back_over_what_was_left_out(gateway, two_sentences):
    answer = create(gateway, two_sentences, response_format="verbose_json", timestamp_granularities=["word", "segment"])
    assert [s.text.strip(" .,").lower() for s in answer.segments] == ["he was not an ill-disposed young man", "he might even have been made amiable himself"]
    assert answer.segments[0].start < 0.6 and answer.segments[0].end < 3.1
    assert answer.segments[1].start > 52.5 and answer.segments[1].end < answer.duration
    assert all(w.end < 3.1 or w.start > 52.5 for w in answer.words)


def test_what_takes_long_and_gets_on_is_not_cut_off(models, two_sentences):
    with Gateway(SPEECH_ENGINE + "limits: {first_byte_ms: 200}\n", policy=HOME, models=models) as gateway:
        wait_up(gateway, 1)
        began = time.monotonic()
        assert "ill-disposed" in create(gateway, two_sentences, response_format="verbose_json").text
        assert time.monotonic() - began > 0.2, "or this would show nothing"


def test_words_come_with_their_times_and_how_surely_they_were_heard(gateway):
    answer = create(gateway, SPEECH / "austen-0880.wav", response_format="verbose_json", timestamp_granularities=["word"])
    assert [w.word.strip(".,").lower() for w in answer.words] == "he was not an ill-disposed young man".split()
    assert all(before.end <= after.start + 0.001 for before, after in itertools.pairwise(answer.words))
    assert all(0 < w.probability <= 1 for w in answer.words)
    assert answer.segments is None


def test_words_are_where_faster_whisper_hears_them(gateway):
    rows = [line.split("\t") for line in (SPEECH / "words.tsv").read_text().splitlines() if not line.startswith("#")]
    far = unlike = 0
    for clip in sorted({row[0] for row in rows}):
        theirs = []
        for word, start, end, probability in (row[1:] for row in rows if row[0] == clip):
            joined = word.startswith("-")  # what it tells apart within a word of the text
            before = theirs.pop() if joined else ("", start, end, probability)
            theirs.append((before[0] + word, float(before[1]), float(end), min(float(before[3]), float(probability))))
        ours = create(gateway, SPEECH / clip, response_format="verbose_json", timestamp_granularities=["word"]).words
        assert [w.word.strip(".,?!") for w in ours] == [w.strip(".,?!") for w, *_ in theirs]  # the marks depend on the processor
        far += sum(abs(w.start - start) > 0.1 or abs(w.end - end) > 0.1 for w, (_, start, end, _) in zip(ours, theirs))
        unlike += sum(abs(w.probability - probability) > 0.3 for w, (_, _, _, probability) in zip(ours, theirs))
    assert unlike <= len(rows) / 20  # a mark more or less after a word moves its probability
    assert far <= len(rows) / 20  # the margins around speech differ by some milliseconds, and with them the spectrum


def test_segments_alone_have_no_words(gateway):
    answer = json.loads(raw(gateway, SPEECH / "austen-0880.wav", response_format="verbose_json", timestamp_granularities=["segment"]).text)
    assert answer["segments"] and "words" not in answer


def test_json_has_the_units_that_are_asked_for(gateway):
    answer = json.loads(raw(gateway, SPEECH / "austen-0880.wav", timestamp_granularities=["word", "segment"]).text)
    assert len(answer["words"]) == 7 and len(answer["segments"]) == 1
    assert set(json.loads(raw(gateway, SPEECH / "austen-0880.wav").text)) <= {"text", "raw_text", "edits", "cleaning", "usage"}


def test_markdown_has_a_paragraph_for_each_stretch(gateway, two_sentences):
    shown = raw(gateway, two_sentences, response_format="markdown")
    assert shown.headers["content-type"].startswith("text/markdown")
    assert re.fullmatch(r"\*\*\[0:00:00\]\*\* He was not .*\n\n\*\*\[0:00:5\d\]\*\* [Hh]e might .*\n", shown.text), shown.text
    done = gateway.cli("transcribe", "-f", "markdown", two_sentences)
    assert done.stdout.startswith("**[0:00:00]** ")


def test_subtitles_are_no_longer_than_what_was_said(gateway, two_sentences):
    shown = raw(gateway, two_sentences, response_format="vtt").text
    times = re.findall(r"(\d\d):(\d\d):(\d\d\.\d{3}) --> (\d\d):(\d\d):(\d\d\.\d{3})", shown)
    assert len(times) >= 2
    for h0, m0, s0, h1, m1, s1 in times:
        assert (int(h1) - int(h0)) * 3600 + (int(m1) - int(m0)) * 60 + float(s1) - float(s0) <= 7.001
    assert all(len(line) <= 42 for line in shown.splitlines())


def test_the_sdk_reads_a_stream_of_segments(gateway, two_sentences):
    with two_sentences.open("rb") as recording:
        stream = list(sdk(gateway).audio.transcriptions.create(model="whisper-base", file=recording, language="en", stream=True))
    assert [e.type for e in stream] == ["transcript.text.delta", "transcript.text.delta", "transcript.text.done"]
    assert stream[1].delta.strip(".").lower() == " he might even have been made amiable himself"
    assert "".join(e.delta for e in stream[:-1]) == stream[-1].text
    assert stream[1].start > 52.5 and stream[-1].usage.seconds > 50


def test_a_stream_ends_with_its_receipt_and_the_text_behind_it(gateway):
    shown = events(ask_for_stream(gateway, SPEECH / "austen-0880.wav"))
    assert shown[-2][0] == ":" and shown[-2][1].startswith("demarc-receipt ")
    assert json.loads(shown[-1][1])["type"] == "transcript.text.done"
    receipt = json.loads(shown[-2][1].removeprefix("demarc-receipt "))
    assert gateway.get("/v1/receipts/" + receipt["id"]).json["usage"]["audio_seconds"] > 2


def ask_for_stream(gateway, path, **fields):
    fields = {"model": "auto", "stream": "true", "language": "en", **fields}
    body = b"".join(f'--b\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode() for k, v in fields.items())
    body += b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n' + path.read_bytes() + b"\r\n--b--\r\n"
    return gateway.request("POST", "/v1/audio/transcriptions", body, {"content-type": "multipart/form-data; boundary=b"}, timeout=120)


def test_what_cannot_be_streamed_says_so_before_anything_else(gateway, tmp_path):
    (tmp_path / "a.wav").write_bytes(b"this is no recording")
    assert ask_for_stream(gateway, tmp_path / "a.wav").status == 400
    hidden = ask_for_stream(gateway, SPEECH / "austen-0880.wav", redact="true")
    assert hidden.status == 400 and hidden.json["error"]["param"] == "stream"


def test_where_the_policy_hides_values_a_stream_has_one_delta(models):
    with Gateway(SPEECH_ENGINE, policy=HOME + "outputs: {mask: [SECRET]}\n", models=models) as gateway:
        wait_up(gateway, 1)
        shown = [e for e in events(ask_for_stream(gateway, SPEECH / "austen-0880.wav"))]
        assert [json.loads(data)["type"] for name, data in shown if name != ":"] == ["transcript.text.delta", "transcript.text.done"]
        assert shown[-2][1].startswith("demarc-receipt ")


@pytest.mark.parametrize("kind", ["silence", "white", "hum"])
def test_nothing_is_heard_where_nobody_speaks(gateway, tmp_path, kind):
    rng = random.Random(4)
    make = {"silence": lambda i: 0, "white": lambda i: rng.gauss(0, 2_000), "hum": lambda i: 4_000 * math.sin(2 * math.pi * 50 * i / RATE) + rng.gauss(0, 100)}[kind]
    answer = create(gateway, wav(tmp_path, "nothing.wav", (make(i) for i in range(40 * RATE))), response_format="verbose_json")
    assert answer.text == "" and not answer.segments and 39 < answer.duration < 41


def test_speech_in_noise_is_heard(gateway, tmp_path):
    rng = random.Random(6)
    noise = array.array("h", (int(rng.gauss(0, 300)) for _ in range(10 * RATE)))
    speech = array.array("h", (s + int(rng.gauss(0, 300)) for s in samples_of("austen-0880.wav")))
    assert "young man" in create(gateway, wav(tmp_path, "noisy.wav", noise + speech + noise)).text.lower()


def test_a_workload_tells_its_glossary(models):
    """The name in the clip, as the reader of the book knows it and as somebody else spells it."""
    speech = "{prompt: A novel is read., glossary: [Jon Dashwoode], language: en}"
    with Gateway(SPEECH_ENGINE + f"workloads: [{{name: novels, speech: {speech}}}]\n", policy=HOME, models=models) as gateway:
        wait_up(gateway, 1)
        path = SPEECH / "austen-0870.wav"
        with path.open("rb") as recording:
            told = sdk(gateway).audio.transcriptions.create(model="whisper-base", file=recording, extra_headers={"demarc-workload": "novels"}).text
        assert "Dashwoode" in told and "Dashwoode" not in create(gateway, path).text


def test_what_a_recording_took_goes_back_when_nobody_asks(models, two_sentences):
    with Gateway(SPEECH_ENGINE, policy=HOME, models=models) as gateway:
        wait_up(gateway, 1)
        pid = upstreams(gateway)["speech-local"]["engine"]["pid"]

        def mib(field):
            return int(re.search(rf"^{field}:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text(), re.M)[1]) // 1024

        ready = mib("VmRSS")
        create(gateway, two_sentences)
        assert mib("VmHWM") > ready + 40, "or this would show nothing"
        wait_for(lambda: mib("VmRSS") < ready + 10)
