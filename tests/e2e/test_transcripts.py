"""What is personal in transcripts: hidden in every form of the answer and in the recording, by a scripted speech service and by the real models."""

import json
import os
import re
import signal
import subprocess
import uuid
import wave

import pytest

from conftest import UPSTREAM_KEY
from harness import Gateway
from provider import Provider
from test_local import CHAT, wait_up

CARD, MAIL, SPOKEN = "4111 1111 1111 1111", "ada@example.org", "four one one one one one one one one one one one one one one one"
FORMS = ["json", "text", "verbose_json", "srt", "vtt", "markdown"]
OPERATORS = ["true", "placeholder", "surrogate", "mask", "hash", "drop"]
POLICY = "version: 1\nrules:\n  - {id: any, permit: cloud}\n"
NAMES = "detectors: {names: {model: rampart, languages: [en]}}\n"


def segment(number, start, end, text):
    return {"id": number, "start": start, "end": end, "text": text, "avg_logprob": -0.3}


def transcript(*segments, words=None):
    """As OpenAI's whisper-1 answers. `segments`: (start, end, text)."""
    out = {"task": "transcribe", "language": "english", "duration": segments[-1][1] + 1.0, "text": "".join(s[2] for s in segments).strip(),
           "segments": [segment(i, *s) for i, s in enumerate(segments)]}
    if words is not None:
        out["words"] = [{"word": w, "start": start, "end": end} for w, start, end in words]
    return out


ACROSS = transcript((0.0, 3.0, " My card is 4111 1111"), (3.0, 6.0, " 1111 1111, and I am at"), (6.0, 8.0, f" {MAIL}."))
WORDS = [(w, 0.5 * i, 0.5 * i + 0.4) for i, w in enumerate("My card is 4111 1111 1111 1111 and I am at ada@example.org".split())]


@pytest.fixture(scope="module")
def provider(ca):
    provider = Provider(tls=(str(ca[1]), str(ca[2])))
    yield provider
    provider.stop()


def start(provider, ca, more="", policy=POLICY, models=None):
    config = (f'upstreams:\n  - {{name: speech-cloud, tier: cloud, dialect: openai, base_url: "{provider.base_url}", key: {UPSTREAM_KEY}, ca_file: {ca[0]}, '
              "models: [whisper-1], serves: [transcription]}\nunexamined: {audio: internal}\n")
    return Gateway(config + more, policy=policy, models=models)


@pytest.fixture(scope="module")
def gateway(provider, ca):
    with start(provider, ca) as gateway:
        yield gateway


@pytest.fixture(autouse=True)
def heard(provider):
    provider.transcript = ACROSS


def ask(gateway, audio=b"RIFF....WAVE", **fields):
    boundary = uuid.uuid4().hex
    body = b""
    for name, values in fields.items():
        for value in values if isinstance(values, list) else [values]:
            body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    body += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'.encode() + audio + f"\r\n--{boundary}--\r\n".encode()
    return gateway.post("/v1/audio/transcriptions", body, headers={"content-type": f"multipart/form-data; boundary={boundary}"}, timeout=240)


def holds_none(text):
    return not re.search(r"4111|1111|ada@|example\.org", text)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("words", [None, WORDS], ids=["segments", "words"])
def test_no_form_of_the_answer_shows_a_value_over_the_border_of_segments(gateway, provider, form, operator, words):
    provider.transcript = {**ACROSS, **({"words": [{"word": w, "start": s, "end": e} for w, s, e in words]} if words else {})}
    reply = ask(gateway, response_format=form, redact=operator)
    assert reply.status == 200, reply.text
    shown = reply.text.replace("00:00:0", "")
    assert "My card is" in shown and ("ada@" not in shown and "4111" not in shown) and (operator == "surrogate" or holds_none(shown)), shown


def test_without_word_times_whole_segments_are_to_be_silenced(gateway):
    mutes = ask(gateway, response_format="verbose_json", redact="mask").json["mutes"]
    assert mutes == [{"start": 0, "end": 8.25, "type": "CREDIT_CARD,EMAIL_ADDRESS"}]


def test_with_word_times_the_words_are_to_be_silenced(gateway, provider):
    provider.transcript = {**ACROSS, "words": [{"word": w, "start": s, "end": e} for w, s, e in WORDS]}
    for form in ("json", "verbose_json"):
        mutes = ask(gateway, response_format=form, redact="true").json["mutes"]
        assert [(round(m["start"], 3), round(m["end"], 3), m["type"]) for m in mutes] == [(1.25, 3.65, "CREDIT_CARD"), (5.25, 6.15, "EMAIL_ADDRESS")]


def test_words_that_are_not_those_of_the_text_are_left_out(gateway, provider):
    provider.transcript = {**ACROSS, "words": [{"word": w.replace("My", "Our"), "start": s, "end": e} for w, s, e in WORDS]}
    reply = ask(gateway, response_format="verbose_json", redact="mask").json
    assert "words" not in reply and reply["mutes"][0]["end"] == 8.25 and len(reply["segments"]) == 3


def test_segments_that_say_something_else_become_one_and_all_is_to_be_silenced(gateway, provider):
    provider.transcript = {**ACROSS, "segments": [segment(0, 0.0, 4.0, f" My card is {CARD}."), segment(1, 4.0, 8.0, " I live elsewhere.")]}
    reply = ask(gateway, response_format="verbose_json", redact="placeholder").json
    assert len(reply["segments"]) == 1 and reply["segments"][0]["text"] == reply["text"] and holds_none(json.dumps(reply))
    assert reply["mutes"] == [{"start": 0, "end": 9, "type": "CREDIT_CARD,EMAIL_ADDRESS"}]


def test_without_any_times_all_of_the_recording_is_to_be_silenced(gateway, provider):
    provider.transcript = {"text": f"My card is {CARD}"}
    assert ask(gateway, redact="mask").json["mutes"] == [{"start": 0, "end": None, "type": "CREDIT_CARD"}]


@pytest.mark.parametrize("said,kind", [(SPOKEN, "CREDIT_CARD"), ("ada dot lovelace at example dot com", "EMAIL_ADDRESS")])
def test_what_is_spelled_out_in_words_is_found(gateway, provider, said, kind):
    half = len(said) // 2
    provider.transcript = transcript((0.0, 3.0, f" It is {said[:half]}"), (3.0, 7.0, f"{said[half:]}, thank you."))
    reply = ask(gateway, response_format="verbose_json", redact="mask").json
    assert reply["mutes"] == [{"start": 0, "end": 7.25, "type": kind}]
    assert reply["text"] == "It is ***, thank you."  # the lengths of the words would tell the digits


def test_commas_where_the_speaker_paused_hide_nothing_from_us(gateway, provider):
    provider.transcript = transcript((0.0, 3.0, " It is 4111, 1111,"), (3.0, 7.0, " 1111, 1111, thank you."))
    reply = ask(gateway, response_format="verbose_json", redact="drop")
    assert holds_none(reply.text) and reply.json["mutes"] == [{"start": 0, "end": 7.25, "type": "CREDIT_CARD"}]
    assert gateway.receipt(reply)["answer_findings"] == gateway.receipt(ask(gateway))["answer_findings"] == {"CREDIT_CARD": 1}


def test_nothing_found_is_said_so(gateway, provider):
    provider.transcript = transcript((0.0, 3.0, " Good morning."))
    reply = ask(gateway, redact="true").json
    assert reply["mutes"] == [] and reply["text"] == "Good morning."


def test_without_redact_nothing_is_hidden_and_nothing_said_about_it(gateway):
    reply = ask(gateway, response_format="verbose_json").json
    assert reply["text"] == ACROSS["text"] and "mutes" not in reply
    assert ask(gateway, response_format="verbose_json", redact="false").json["text"] == ACROSS["text"]


@pytest.mark.parametrize("types", ["EMAIL_ADDRESS, PHONE_NUMBER", ["EMAIL_ADDRESS", "PHONE_NUMBER"]])
def test_only_the_types_that_are_named_are_hidden(gateway, types):
    reply = ask(gateway, response_format="verbose_json", redact="mask", redact_types=types).json
    assert "4111 1111 1111 1111" in reply["text"] and MAIL not in json.dumps(reply)
    assert [m["type"] for m in reply["mutes"]] == ["EMAIL_ADDRESS"]


def test_a_named_conversation_gives_the_values_back(gateway):
    hidden = ask(gateway, response_format="text", redact="placeholder", conversation="call-7").text
    restore = lambda conversation: gateway.post("/v1/redactions", {"input": [hidden], "mode": "restore", "conversation": conversation}).json["results"][0]["output"]
    assert restore("call-7").strip() == ACROSS["text"] and holds_none(restore("call-8"))
    alone = ask(gateway, response_format="text", redact="true").text
    assert alone != hidden and holds_none(alone)


@pytest.mark.parametrize("fields,param", [({"redact": "paint"}, "redact"), ({"redact": "true", "redact_types": "SHOE_SIZE"}, "redact_types"),
                                          ({"redact_types": "CREDIT_CARD"}, "redact_types"), ({"redact": "true", "stream": "true"}, "stream")])
def test_a_wrong_field_is_named_and_nothing_leaves(gateway, provider, fields, param):
    before = len(provider.received)
    reply = ask(gateway, **fields)
    assert reply.status == 400 and reply.json["error"]["param"] == param and reply.json["error"]["type"] == "invalid_request_error"
    assert len(provider.received) == before


def test_our_own_fields_do_not_leave_and_word_times_are_asked_for(gateway, provider):
    before = len(provider.received)
    ask(gateway, model="whisper-1", response_format="srt", redact="true", redact_types=["EMAIL_ADDRESS", "CREDIT_CARD"], conversation="case-of-ada", demarc_clean="false")
    body = provider.received[before].body
    for own in (b"redact", b"case-of-ada", b"conversation", b"demarc_clean"):
        assert own not in body
    assert b'name="response_format"\r\n\r\nverbose_json' in body
    assert body.count(b'name="timestamp_granularities[]"') == 2 and b"RIFF....WAVE" in body
    ask(gateway, model="whisper-1", response_format="text", redact="true")
    assert b'name="response_format"\r\n\r\njson' in provider.received[before + 1].body


def test_an_upstream_that_gives_no_json_is_an_error_and_nothing_of_its_answer_is_shown(gateway, provider):
    provider.transcript = f"1\n00:00:00,000 --> 00:00:03,000\n{CARD}\n\n"
    reply = ask(gateway, response_format="srt", redact="true")
    assert reply.status == 502 and "4111" not in reply.text
    assert "4111" in ask(gateway, response_format="srt").text


def test_values_are_counted_once(gateway, provider):
    for more in ({}, {"redact": "mask"}, {"redact": "mask", "redact_types": "EMAIL_ADDRESS"}):
        receipt = gateway.receipt(ask(gateway, response_format="verbose_json", **more))
        assert receipt["answer_findings"] == {"CREDIT_CARD": 1, "EMAIL_ADDRESS": 1}, more


@pytest.fixture(scope="module")
def masking(provider, ca):
    with start(provider, ca, policy=POLICY + "outputs: {mask: [CREDIT_CARD]}\n") as gateway:
        yield gateway


@pytest.mark.parametrize("form", FORMS)
def test_what_the_policy_hides_in_answers_is_hidden_in_transcripts(masking, provider, form):
    provider.transcript = {**ACROSS, "words": [{"word": w, "start": s, "end": e} for w, s, e in WORDS]}
    reply = ask(masking, response_format=form)
    shown = reply.text.replace("00:00:0", "").replace("\\", "")  # markdown's signs are escaped there
    assert reply.status == 200 and "[CREDIT_CARD]" in shown and "1111" not in shown and MAIL in shown and "mutes" not in shown


def test_words_that_say_more_than_the_text_do_not_slip_by_the_policy(masking, provider):
    provider.transcript = {**transcript((0.0, 3.0, " My card is my own.")), "words": [{"word": CARD, "start": 0.0, "end": 3.0}]}
    reply = ask(masking, response_format="verbose_json")
    assert reply.json["text"] == "My card is my own." and "1111" not in reply.text


def test_what_the_policy_hides_no_conversation_gives_back(masking):
    reply = ask(masking, redact="placeholder", conversation="c")
    assert "[CREDIT_CARD]" in reply.json["text"] and holds_none(reply.text)
    assert [m["type"] for m in reply.json["mutes"]] == ["CREDIT_CARD,EMAIL_ADDRESS"]


def test_nor_as_a_part_of_something_longer(provider, ca):
    with start(provider, ca, policy=POLICY + "outputs: {mask: [IP_ADDRESS]}\n") as gateway:
        provider.transcript = transcript((0.0, 3.0, " The password is Vt7qLm2@10.20.30.40 and I am at"), (3.0, 6.0, f" {MAIL}."))
        for more in ({}, {"redact_types": "SECRET"}):
            reply = ask(gateway, redact="placeholder", conversation="c", **more)
            assert reply.json["text"].startswith("The password is [IP_ADDRESS] and") and "SECRET" not in reply.text and "10.20" not in reply.text, reply.text


def test_names_are_hidden_and_while_nobody_finds_them_there_is_no_transcript(provider, ca):
    with start(provider, ca, more=NAMES, models=os.environ["DEMARC_E2E_NAMES"]) as gateway:
        provider.transcript = transcript((0.0, 3.0, " I spoke to Margaret"), (3.0, 6.0, " Holloway about her appointment."))
        reply = ask(gateway, response_format="verbose_json", redact="true").json
        assert "Margaret" not in json.dumps(reply) and "Holloway" not in json.dumps(reply), reply
        assert reply["mutes"] == [{"start": 0, "end": 6.25, "type": "PERSON"}]
        pid = json.loads(gateway.cli("status", "--json").stdout)["detectors"]["names"]["engine"]["pid"]
        os.kill(pid, signal.SIGSTOP)
        try:
            provider.transcript = transcript((0.0, 3.0, f" Margaret Holloway pays with {CARD}."))
            reply = ask(gateway, response_format="verbose_json", redact="true")
            assert reply.status == 503 and "Margaret" not in reply.text and reply.json["error"]["message"], reply.text
            reply = ask(gateway, response_format="verbose_json", redact="true", redact_types="CREDIT_CARD")
            assert reply.status == 200 and "1111" not in reply.text
        finally:
            os.kill(pid, signal.SIGKILL)


# The whole lane, with real models.

SENTENCES = ["Good morning. The weather is very nice today, and we met at noon.",
             "My card number is four two four two, four two four two, four two four two, four two four two.",
             "Thank you very much for your help. We will talk again next week."]


@pytest.fixture(scope="module")
def local(models):
    config = f"""upstreams:
  - {{name: chat-local, tier: local, engine: llama, model: {CHAT}, serves: [chat], context_tokens: 4096}}
  - {{name: speech-local, tier: local, engine: speech, model: whisper-base, serves: [transcription]}}
"""
    with Gateway(config, policy="version: 1\nrules:\n  - {id: home, permit: local}\n", models=models) as gateway:
        wait_up(gateway, 2)
        yield gateway


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """Three sentences spoken by espeak-ng, with pauses; the second has the value."""
    folder = tmp_path_factory.mktemp("spoken")
    whole = folder / "call.wav"
    with wave.open(str(whole), "wb") as out:
        for i, sentence in enumerate(SENTENCES):
            piece = folder / f"{i}.wav"
            subprocess.run(["espeak-ng", "-v", "en-us", "-s", "120", "-w", piece, sentence], check=True)
            with wave.open(str(piece)) as said:
                if i == 0:
                    out.setparams(said.getparams())
                out.writeframes(said.readframes(said.getnframes()) + bytes(2 * said.getframerate()))
    return whole


SAID = "4242424242424242"


def digits(text):
    return re.sub(r"\D", "", text)


def said_in(text):
    """Without the numbers and times of cues, over which a value may go."""
    return "\n".join(line for line in text.splitlines() if "-->" not in line and not re.fullmatch(r"\d{1,3}", line))


def shows_none(text):
    return not any(SAID[at:at + 4] in digits(text) for at in range(0, len(SAID) - 3))


def samples(path):
    with wave.open(str(path)) as recording:
        return recording.getframerate(), memoryview(recording.readframes(recording.getnframes())).cast("h")


@pytest.mark.parametrize("form", FORMS)
def test_the_local_lane_hides_what_was_spoken_in_every_form(local, recording, form):
    plain = ask(local, recording.read_bytes(), response_format=form, demarc_clean="false").text
    assert SAID in digits(said_in(plain)), plain
    cleaned = {} if form in ("verbose_json", "srt") else {"demarc_clean": "false"}  # by a language model, which takes its time
    hidden = ask(local, recording.read_bytes(), response_format=form, redact="mask", **cleaned)
    assert hidden.status == 200 and "morning" in hidden.text.lower()
    assert shows_none(hidden.text), hidden.text


def test_the_receipt_of_a_redacted_transcript_counts_its_value_once(local, recording):
    receipt = local.receipt(ask(local, recording.read_bytes(), response_format="verbose_json", redact="true", demarc_clean="false"))
    assert receipt["answer_findings"] == {"CREDIT_CARD": 1}


@pytest.mark.parametrize("form", FORMS)
def test_the_command_line_hides_in_every_form(local, recording, form):
    shown = local.cli("transcribe", "--raw", "--redact" if form == "json" else "--redact=mask", "-f", form, recording).stdout
    assert "orning" in shown and shows_none(shown), shown


def test_a_muted_recording_is_silent_where_it_must_be_and_as_it_was_elsewhere(local, recording, tmp_path):
    target = tmp_path / "quiet.wav"
    mutes = json.loads(local.cli("transcribe", "--raw", "-f", "json", "--mute", target, recording).stdout)["mutes"]
    assert len(mutes) == 1 and mutes[0]["type"] == "CREDIT_CARD"
    rate, before = samples(recording)
    after_rate, after = samples(target)
    assert (after_rate, len(after)) == (rate, len(before))
    first, last = int(mutes[0]["start"] * 1000 + 0.5) * rate // 1000, -(-int(mutes[0]["end"] * 1000 + 0.5) * rate // 1000)
    assert 0 < first < last < len(before)
    assert not any(after[first:last]) and any(before[first:last])
    same = [after[:first] == before[:first], after[last:] == before[last:]]  # not compared in the assertion, which would print half a million samples
    assert same == [True, True]
    assert shows_none(local.cli("transcribe", "--raw", target).stdout)
    assert "morning" in local.cli("transcribe", "--raw", target).stdout.lower()


def test_several_recordings_are_muted_into_a_folder_and_none_over_itself(local, recording, tmp_path):
    other = tmp_path / "other.wav"
    other.write_bytes(recording.read_bytes())
    shown = local.cli("transcribe", "--raw", "--mute", tmp_path, "-f", "srt", recording, other)
    assert (tmp_path / "call.muted.wav").stat().st_size == (tmp_path / "other.muted.wav").stat().st_size == recording.stat().st_size
    assert "-->" in shown.stdout and shows_none(shown.stdout), shown.stdout
    assert local.cli("transcribe", "--mute", other, other, check=False).returncode == 1 and other.read_bytes() == recording.read_bytes()
    assert local.cli("transcribe", "--mute", tmp_path / "x.wav", recording, other, check=False).returncode == 2
