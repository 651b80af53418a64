#!/usr/bin/env python3
"""Presidio's pattern recognisers, those of every country switched on in every language, on the same texts as demarc's: JSON lines {"text", "language"} in, {"findings"} out.

usage: presidio_find.py < LINES | presidio_find.py --speed PIECE FILE…

Run by bench/privacy.py in an environment of its own (presidio-requirements.txt). Words are split by spaCy's tokenizer, which needs no model; a word's lemma
is the word in small letters, so context counts as far as it can without a model. What needs a model (PERSON, LOCATION, …) is not asked.
"""

import json
import logging
import sys
import time

import spacy
from presidio_analyzer import AnalyzerEngine, PatternRecognizer, RecognizerRegistry, predefined_recognizers
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

LANGUAGES = ["en", "de", "fr", "es"]


class WordsOnly(NlpEngine):
    def __init__(self):
        self.tokenizers = {language: spacy.blank(language) for language in LANGUAGES}

    def load(self):
        pass

    def is_loaded(self):
        return True

    def process_text(self, text, language):
        doc = self.tokenizers[language](text)
        return NlpArtifacts(entities=[], tokens=doc, tokens_indices=[t.idx for t in doc], lemmas=[t.text.lower() for t in doc], nlp_engine=self, language=language)

    def process_batch(self, texts, language, **_):
        for text in texts:
            yield text, self.process_text(text, language)

    def is_stopword(self, word, language):
        return word.lower() in self.tokenizers[language].Defaults.stop_words

    def is_punct(self, word, language):
        return not any(c.isalnum() for c in word)

    def get_supported_entities(self):
        return []

    def get_supported_languages(self):
        return LANGUAGES


def engine():
    logging.disable(logging.ERROR)
    registry = RecognizerRegistry(recognizers=[], supported_languages=LANGUAGES)
    for name in sorted(dir(predefined_recognizers)):
        kind = getattr(predefined_recognizers, name)
        if not isinstance(kind, type) or kind is PatternRecognizer or not (issubclass(kind, PatternRecognizer) or name == "PhoneRecognizer"):
            continue
        for language in LANGUAGES:
            registry.add_recognizer(kind(supported_language=language))
    return AnalyzerEngine(registry=registry, nlp_engine=WordsOnly(), supported_languages=LANGUAGES)


def main():
    presidio = engine()
    if sys.argv[1:2] == ["--types"]:
        print("\n".join(sorted({e for r in presidio.registry.recognizers for e in r.supported_entities})))
    elif sys.argv[1:2] == ["--speed"]:
        piece = int(sys.argv[2])
        for name in sys.argv[3:]:
            text, done, begin = open(name, encoding="utf-8", errors="replace").read(), 0, time.process_time()
            while time.process_time() < begin + 2:
                for at in range(0, len(text), piece):
                    presidio.analyze(text[at:at + piece], "en")
                    done += len(text[at:at + piece].encode())
                    if time.process_time() >= begin + 2:
                        break
            print(json.dumps({"file": name, "piece_bytes": piece, "bytes_per_s": done / (time.process_time() - begin)}), flush=True)
    else:
        for line in sys.stdin:
            row = json.loads(line)
            found = presidio.analyze(row["text"], row.get("language", "en"))
            print(json.dumps({"findings": [{"type": f.entity_type, "start": f.start, "end": f.end, "score": f.score} for f in found]}))


if __name__ == "__main__":
    main()
