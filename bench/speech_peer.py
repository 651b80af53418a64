"""faster-whisper, for bench/speech.py to stand beside. Run in an environment of its own (speech-requirements.txt).

Reads a line of JSON a recording, {"file", "language"}; answers with {"text", "seconds", "cpu", "duration", "words"}. int8, beam 5, its own voice activity detection on, no
text before a window to steer it, as demarc-speech works.
"""

import json
import sys
import time

from faster_whisper import WhisperModel

model = WhisperModel(sys.argv[1], device="cpu", compute_type="int8", cpu_threads=int(sys.argv[2]))
for line in sys.stdin:
    asked = json.loads(line)
    began, cpu = time.monotonic(), time.process_time()
    segments, info = model.transcribe(asked["file"], language=asked["language"], beam_size=5, vad_filter=True, condition_on_previous_text=False,
                                      word_timestamps=asked.get("words", False))
    segments = list(segments)
    words = [{"word": w.word.strip(), "start": w.start, "end": w.end, "probability": w.probability} for s in segments for w in s.words or []]
    print(json.dumps({"text": "".join(s.text for s in segments).strip(), "seconds": time.monotonic() - began, "cpu": time.process_time() - cpu, "duration": info.duration, "words": words}), flush=True)
