"""Who says what, with the real engine: a conversation of three voices in every form, in ranges, as a job, cleaned, redacted and by the command line."""

import array
import json
import re
import subprocess
import wave

import openai
import pytest

from conftest import UPSTREAM_KEY
from harness import Gateway
from provider import Provider
from test_jobs import SPEECH_LOCAL, body_of, job_wait, transcription_job
from test_local import SPEECH, sdk, wait_up

RATE = 16_000
HOME = "version: 1\nrules:\n  - {id: home, permit: local}\n"
ENGINE = "upstreams:\n  - {name: speech-local, tier: local, engine: speech, model: whisper-base, serves: [transcription], slots: 1%s}\n"
READER, MAN, WOMAN = "austen-0870.wav", ("en-us", 50, 120), ("en-us+f3", 60, 140)
# Who speaks, and a word that nobody else says.
TURNS = [(READER, "austen-0870.wav", None), (MAN, "The meeting about the new building is on Monday morning at the library.", "meeting"),
         (WOMAN, "I will bring the plans for the garden and the kitchen to your office.", "garden"), (READER, "austen-0920.wav", None),
         (MAN, "My card number is four two four two, four two four two, four two four two, four two four two.", "card"),
         (WOMAN, "Then we should write to the school and ask them for the money again.", "school")]


def samples_of(path):
    with wave.open(str(path)) as clip:
        return array.array("h", clip.readframes(clip.getnframes()))


def spoken(folder, voice, text):
    name, pitch, speed = voice
    path = folder / "spoken.wav"
    subprocess.run(["espeak-ng", "-v", name, "-p", str(pitch), "-s", str(speed), "-w", str(path), text], check=True)
    with wave.open(str(path)) as clip:
        step = clip.getframerate() / RATE
    samples = samples_of(path)
    # Between neighbours in a straight line: good enough for who speaks, and needs no other program.
    places = (k * step for k in range(int((len(samples) - 1) / step)))
    return array.array("h", (round(samples[int(p)] + (p % 1) * (samples[int(p) + 1] - samples[int(p)])) for p in places))


def said(folder, voice, what):
    return samples_of(SPEECH / what) if voice == READER else spoken(folder, voice, what)


class Conversation:
    """A recording, and which letter speaks at which second."""

    def __init__(self, folder, turns, gap_s=0.4):
        samples, self.truth, letters = array.array("h"), [], {}
        for voice, what, _ in turns:
            letter = letters.setdefault(voice, "ABCD"[len(letters)])
            more = said(folder, voice, what)
            self.truth.append((len(samples) / RATE, (len(samples) + len(more)) / RATE, letter))
            samples += more + array.array("h", bytes(2 * int(gap_s * RATE)))
        self.path = folder / "conversation.wav"
        with wave.open(str(self.path), "wb") as made:
            made.setnchannels(1), made.setsampwidth(2), made.setframerate(RATE)
            made.writeframes(samples.tobytes())

    def speaker_at(self, seconds):
        return min(self.truth, key=lambda t: max(t[0] - seconds, seconds - t[1], 0))[2]

    def check(self, timed):
        assert timed
        wrong = [t for t in timed if t["speaker"] != self.speaker_at((t["start"] + t["end"]) / 2)]
        assert not wrong, wrong


@pytest.fixture(scope="module")
def conversation(tmp_path_factory):
    return Conversation(tmp_path_factory.mktemp("conversation"), TURNS)


@pytest.fixture(scope="module")
def gateway(models):
    with Gateway(ENGINE % ", speakers: campplus", policy=HOME, models=models) as gateway:
        wait_up(gateway, 1)
        yield gateway


def ask(gateway, path, form="verbose_json", units=openai.NOT_GIVEN, **more):
    with open(path, "rb") as recording:
        reply = sdk(gateway).audio.transcriptions.with_raw_response.create(model="auto", file=("conversation.wav", recording), response_format=form, language="en", timestamp_granularities=units,
                                                                          extra_body={"demarc_clean": "false", **more})
    return reply.text


def test_every_word_and_segment_has_the_right_speaker(gateway, conversation):
    answer = json.loads(ask(gateway, conversation.path, units=["word", "segment"], demarc_speakers="true"))
    conversation.check(answer["segments"])
    conversation.check(answer["words"])
    assert {s["speaker"] for s in answer["segments"]} == {"A", "B", "C"}
    assert "speakers" not in answer  # nobody's voice leaves as numbers
    assert "".join(s["text"] for s in answer["segments"]).strip() == answer["text"]


def test_openais_form_tells_them(gateway, conversation):
    answer = json.loads(ask(gateway, conversation.path, "diarized_json"))
    assert set(answer) == {"task", "duration", "text", "segments", "usage"}
    assert [s["id"] for s in answer["segments"]] == [f"seg_{i + 1:03}" for i in range(len(answer["segments"]))]
    assert {tuple(s) for s in answer["segments"]} == {("type", "id", "start", "end", "text", "speaker")}
    assert {s["type"] for s in answer["segments"]} == {"transcript.text.segment"}
    conversation.check(answer["segments"])


def letters_of(conversation):
    out = [letter for _, _, letter in conversation.truth]
    return [letter for i, letter in enumerate(out) if i == 0 or out[i - 1] != letter]


def test_text_and_cues_tell_them(gateway, conversation):
    turns = letters_of(conversation)
    text = ask(gateway, conversation.path, "text", demarc_speakers="true")
    assert [line[:3] for line in text.splitlines()] == [f"{letter}: " for letter in turns]
    for line, (_, _, word) in zip(text.splitlines(), TURNS):
        assert word is None or word in line.lower()
    vtt = ask(gateway, conversation.path, "vtt", demarc_speakers="true")
    voices = re.findall(r"-->.*\n<v ([A-C])>", vtt)
    assert len(voices) == vtt.count("-->") and [v for i, v in enumerate(voices) if i == 0 or voices[i - 1] != v] == turns


def test_a_caller_may_say_how_many_there_are_at_most(gateway, conversation):
    answer = json.loads(ask(gateway, conversation.path, demarc_speakers="2"))
    assert {s["speaker"] for s in answer["segments"]} == {"A", "B"}


def test_one_voice_is_one_speaker(gateway):
    answer = json.loads(ask(gateway, SPEECH / "austen-0870.wav", "diarized_json"))
    assert {s["speaker"] for s in answer["segments"]} == {"A"}


def test_clean_and_hidden_transcripts_keep_them(gateway, conversation):
    answer = json.loads(ask(gateway, conversation.path, "diarized_json", demarc_clean="true", redact="true", redact_types="CREDIT_CARD"))
    conversation.check(answer["segments"])
    assert "raw_text" in answer and "4242" not in json.dumps(answer)
    hidden = [s for s in answer["segments"] if re.search("CARDX[0-9A-Z]{9}", s["text"])]
    assert [s["speaker"] for s in hidden] == ["B"] and len(answer["mutes"]) == 1


def test_names_stay_the_same_over_the_ranges_of_a_job(models, tmp_path):
    """Later ranges hear other people first."""
    turns = [TURNS[0], TURNS[3], TURNS[1], TURNS[2], TURNS[5], TURNS[4], TURNS[2], TURNS[1], TURNS[5], TURNS[2], TURNS[0], TURNS[1]] * 2
    long = Conversation(tmp_path, turns, gap_s=2.5)
    with Gateway(ENGINE % ", speakers: campplus" + "limits: {job_part_s: 10}\n", policy=HOME, models=models) as gateway:
        wait_up(gateway, 1)
        part = json.loads(ask(gateway, long.path, demarc_speakers="true", demarc_for="10", demarc_voices="true"))
        assert part["next"] < long.truth[-4][0]  # four windows at a time: there is a second range
        assert [s["name"] for s in part["speakers"]] == ["A", "B", "C"][: len(part["speakers"])] and part["speakers"][0]["windows"] >= 3
        done = job_wait(gateway, transcription_job(gateway, long.path, response_format="diarized_json", language="en"))
        body = body_of(gateway, done)
        long.check(body["segments"])
        assert "speakers" not in body and {s["speaker"] for s in body["segments"]} == {"A", "B", "C"}


def test_the_command_line_asks_for_them(gateway, conversation, tmp_path):
    done = gateway.cli("transcribe", "--speakers", "--raw", "-l", "en", str(conversation.path))
    assert [line[:3] for line in done.stdout.splitlines()] == [f"{letter}: " for letter in letters_of(conversation)]
    done = gateway.cli("transcribe", "--speakers=1", "--raw", "-f", "vtt", "-l", "en", str(conversation.path), "-o", str(tmp_path))
    vtt = (tmp_path / "conversation.vtt").read_text()
    assert "<v A>" in vtt and "<v B>" not in vtt
    assert gateway.cli("transcribe", "--speakers=0", str(conversation.path), check=False).returncode == 2


@pytest.mark.parametrize("fields, says", [({"demarc_speakers": "many"}, "from 1 to 26"), ({"demarc_speakers": "27"}, "from 1 to 26"),
                                          ({"demarc_speakers": "true", "stream": "true"}, "stream")])
def test_what_cannot_be_asked_is_said(gateway, conversation, fields, says):
    with pytest.raises(openai.BadRequestError, match=says):
        ask(gateway, conversation.path, "json", **fields)


def test_an_engine_without_the_model_says_what_to_do(speech, conversation):
    wait_up(speech, 1)
    for form, fields in (("diarized_json", {}), ("text", {"demarc_speakers": "true"})):
        with pytest.raises(openai.BadRequestError) as refused:
            ask(speech, conversation.path, form, **fields)
        assert "tells speakers apart" in refused.value.message and "speakers: campplus" in json.dumps(refused.value.body)
    assert "speaker" not in ask(speech, conversation.path)


@pytest.fixture(scope="module")
def speech(models):
    with Gateway(SPEECH_LOCAL, policy=HOME, models=models) as gateway:
        yield gateway


DIARIZED = {"task": "transcribe", "duration": 8.0, "text": "Hello there. My mail is ada@example.org.",
            "segments": [{"type": "transcript.text.segment", "id": "seg_001", "start": 0.0, "end": 3.0, "text": " Hello there.", "speaker": "agent"},
                         {"type": "transcript.text.segment", "id": "seg_002", "start": 3.0, "end": 7.5, "text": " My mail is ada@example.org.", "speaker": "B"}],
            "usage": {"type": "duration", "seconds": 8}}


def test_an_upstream_elsewhere_is_asked_in_openais_form_and_its_names_pass(ca):
    provider = Provider(tls=(str(ca[1]), str(ca[2])))
    provider.transcript = DIARIZED
    config = (f'upstreams:\n  - {{name: cloud, tier: cloud, dialect: openai, base_url: "{provider.base_url}", key: {UPSTREAM_KEY}, ca_file: {ca[0]}, '
              "models: [gpt-4o-transcribe-diarize], serves: [transcription]}\nunexamined: {audio: internal}\n")
    try:
        with Gateway(config, policy="version: 1\nrules:\n  - {id: any, permit: cloud}\n") as gateway:
            assert json.loads(ask(gateway, SPEECH / "austen-0880.wav", "diarized_json", chunking_strategy="auto")) == DIARIZED
            assert ask(gateway, SPEECH / "austen-0880.wav", "text", demarc_speakers="true") == "agent: Hello there.\nB: My mail is ada@example.org.\n"
            assert b"demarc_speakers" not in provider.everything() and provider.everything().count(b"diarized_json") == 2
            hidden = json.loads(ask(gateway, SPEECH / "austen-0880.wav", "diarized_json", redact="true"))
            assert [s["speaker"] for s in hidden["segments"]] == ["agent", "B"] and "ada@" not in json.dumps(hidden)
    finally:
        provider.stop()
