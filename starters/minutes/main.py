"""Turns the recording of a meeting into minutes: what was decided, who does what, what is open. Each line is a sentence that was said, with its time.

    ./run [RECORDING]      writes minutes.md

The model never writes the minutes: it says of each sentence which kind it is, so nothing stands in them that nobody said.
"""
import json
import pathlib
import re
import sys

from openai import OpenAI

MODEL = "workload/minutes"
KINDS = {"decision": "Decided", "task": "To do", "open": "Open"}
HOW = ("Say what one sentence of a meeting is. decision: the group decided or agreed on something. task: a person says what they, or somebody they name, will do. "
       "open: a question, or something not settled yet. talk: anything else, such as facts, news, prices, dates, thanks.")
SHOTS = [("I will call the landlord tomorrow.", "task"), ("Omar sends the list to all of us by Monday.", "task"), ("We agreed to move the release to May.", "decision"),
         ("So we decided to buy the second one.", "decision"), ("Whether we rent it is still not settled.", "open"), ("It remains open.", "open"), ("Hello, everybody.", "talk"),
         ("The printer was broken for two days.", "talk"), ("On our list are the budget and the garden.", "talk"), ("The windows come in the first week of March.", "talk"),
         ("The red car costs nine thousand euros and the blue one seven.", "talk"), ("For the move there have to be six of us.", "talk"), ("Thank you.", "talk")]
client = OpenAI()  # its address is in OPENAI_BASE_URL, which ./run sets


def hear(recording):
    """[(seconds, sentence)]"""
    with recording.open("rb") as file:
        heard = client.audio.transcriptions.create(model=MODEL, file=file, response_format="verbose_json", timestamp_granularities=["segment"])
    sentences, begun = [], ""
    for segment in heard.segments:
        for part in re.split(r"(?<=[.?!])\s+", segment.text.strip()):
            start, begun = (start, f"{begun} {part}") if begun else (segment.start, part)
            if begun[-1:] in ".?!":
                sentences.append((start, begun))
                begun = ""
    return sentences + ([(start, begun)] if begun else [])


def kind_of(sentence):
    if sentence.endswith("?"):
        return "open"
    schema = {"type": "object", "properties": {"kind": {"enum": [*KINDS, "talk"]}}, "required": ["kind"], "additionalProperties": False}
    messages = [{"role": "system", "content": HOW}]
    for text, kind in SHOTS:
        messages += [{"role": "user", "content": text}, {"role": "assistant", "content": json.dumps({"kind": kind})}]
    answer = client.chat.completions.create(model=MODEL, temperature=0, max_tokens=20, messages=[*messages, {"role": "user", "content": sentence}],
                                            response_format={"type": "json_schema", "json_schema": {"name": "kind", "schema": schema}})
    return json.loads(answer.choices[0].message.content)["kind"]


def main():
    recording = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "meeting.ogg")
    said = [(start, sentence, kind_of(sentence)) for start, sentence in hear(recording)]
    lines = [f"# Minutes: {recording.name}"]
    for kind, title in KINDS.items():
        lines += ["", f"## {title}", ""] + [f"- [{int(start) // 60}:{int(start) % 60:02}] {sentence}" for start, sentence, its in said if its == kind]
    lines += ["", "## All that was said", "", " ".join(sentence for _, sentence, _ in said)]
    pathlib.Path("minutes.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
