#!/usr/bin/env python3
"""Writes the Parquet files of orchestrator/src/test/resources/parquet, and the rows that pyarrow reads from them.

    pip install pyarrow==25.0.1 datasets==5.0.1
    orchestrator/src/test/golden/make_parquet.py

The data sets have the columns of the repositories on the Hub, with made-up texts. The files `all-*` have every kind of
column, in several row groups and pages. They differ in compression, page version and encoding.
"""
import json
import pathlib

import pyarrow as pa
import pyarrow.parquet as pq
from datasets import Dataset, Features, Sequence, Value

OUT = pathlib.Path(__file__).resolve().parents[1] / "resources" / "parquet"


def expect(name: str) -> None:
    rows = pq.read_table(OUT / f"{name}.parquet").to_pylist()
    (OUT / f"{name}.json").write_text(json.dumps(rows, ensure_ascii=False, separators=(",", ":")) + "\n")


def published(name: str, rows: list, features: Features) -> None:
    Dataset.from_list(rows, features=features).to_parquet(OUT / f"{name}.parquet")
    expect(name)


def hotpotqa() -> None:
    text = Value("string")
    published(
        "hotpotqa",
        [
            {
                "id": f"5a8b57f25542995d1e6f137{i}",
                "question": question,
                "answer": answer,
                "type": kind,
                "level": "hard",
                "supporting_facts": {"title": [titles[0], titles[1]], "sent_id": [0, 1]},
                "context": {"title": titles, "sentences": [[f"{t} opens.", f" {t} closes — ü."] for t in titles]},
            }
            for i, (question, answer, kind, titles) in enumerate(
                [
                    ("Are Alder and Birch trees?", "yes", "comparison", ["Alder", "Birch", "Stone"]),
                    ("Which river passes Elm?", "Rill", "bridge", ["Elm", "Rill"]),
                ]
            )
        ],
        Features(
            {
                **{name: text for name in ("id", "question", "answer", "type", "level")},
                "supporting_facts": {"title": Sequence(text), "sent_id": Sequence(Value("int32"))},
                "context": {"title": Sequence(text), "sentences": Sequence(Sequence(text))},
            }
        ),
    )


def musique() -> None:
    text = Value("string")
    paragraphs = [
        {"idx": i, "title": f"Title {i}", "paragraph_text": f"Paragraph {i}.", "is_supporting": i == 1} for i in range(3)
    ]
    published(
        "musique",
        [
            {
                "id": "2hop__1_2",
                "paragraphs": paragraphs,
                "question": "Who?",
                "question_decomposition": [{"id": 1, "question": "a >> b", "paragraph_support_idx": 1}],
                "answer": "Ada",
                "answer_aliases": ["Ada L.", "Countess"],
                "answerable": True,
            },
            {
                "id": "3hop1__3_4",
                "paragraphs": paragraphs[:2],
                "question": "Where?",
                "question_decomposition": [],
                "answer": "Here",
                "answer_aliases": [],
                "answerable": True,
            },
            {
                "id": "2hop__5_6",
                "paragraphs": paragraphs[:1],
                "question": "When?",
                "question_decomposition": [],
                "answer": "Then",
                "answer_aliases": [],
                "answerable": False,
            },
        ],
        Features(
            {
                "id": text,
                "paragraphs": [
                    {"idx": Value("int64"), "title": text, "paragraph_text": text, "is_supporting": Value("bool")}
                ],
                "question": text,
                "question_decomposition": [
                    {"id": Value("int64"), "question": text, "paragraph_support_idx": Value("int64")}
                ],
                "answer": text,
                "answer_aliases": Sequence(text),
                "answerable": Value("bool"),
            }
        ),
    )


def wikimqa() -> None:
    """The columns of xanhho/2WikiMultihopQA: lists are JSON texts."""
    names = ("_id", "type", "question", "context", "supporting_facts", "evidences", "answer")
    rows = [
        {
            "_id": "8813f87c0bdd11eba7f7acde48001122",
            "type": "comparison",
            "question": "Which film is older?",
            "context": json.dumps([["Film A", ["Film A is of 1950.", "It is short."]], ["Film B", ["Film B is of 1960."]]]),
            "supporting_facts": json.dumps([["Film A", 0]]),
            "evidences": json.dumps([["Film A", "publication date", "1950"]]),
            "answer": "Film A",
        }
    ]
    published("2wikimqa", rows, Features({name: Value("string") for name in names}))


def samsum() -> None:
    rows = [
        {"id": f"1381{i}", "dialogue": f"Ann: Hello {i}!\r\nBob: Hi, {i} it is.", "summary": f"Ann greets Bob {i}."}
        for i in range(4)
    ]
    published("samsum", rows, Features({name: Value("string") for name in ("id", "dialogue", "summary")}))


def multi_news() -> None:
    rows = [
        {"document": "First report.\nIt rains. ||||| Second report. |||||", "summary": "– It rains, two reports say."},
        {"document": "One report.", "summary": "– One report."},
    ]
    published("multi_news", rows, Features({name: Value("string") for name in ("document", "summary")}))


def rows_of_all_kinds(count: int) -> pa.Table:
    def some(i, every, value):
        return None if i % every == 0 else value

    columns = {
        "flag": (pa.bool_(), [some(i, 7, i % 3 == 0) for i in range(count)]),
        "small": (pa.int32(), [some(i, 5, i - 50) for i in range(count)]),
        "large": (pa.int64(), [some(i, 11, i * 10_000_000_019) for i in range(count)]),
        "single": (pa.float32(), [some(i, 6, i / 4) for i in range(count)]),
        "double": (pa.float64(), [some(i, 13, i / 3) for i in range(count)]),
        "text": (pa.string(), [some(i, 9, "äöü€𝄞"[: i % 6] + str(i)) for i in range(count)]),
        "repeating": (pa.string(), ["long runs of one value" if i < count // 2 else f"v{i % 3}" for i in range(count)]),
        "required": (pa.int32(), list(range(count))),
        "nothing": (pa.string(), [None] * count),
        "list": (pa.list_(pa.string()), [some(i, 4, [some(j, 3, f"{i}.{j}") for j in range(i % 5)]) for i in range(count)]),
        "lists": (
            pa.list_(pa.list_(pa.int32())),
            [some(i, 8, [some(j, 2, list(range(j))) for j in range(i % 4)]) for i in range(count)],
        ),
        "group": (
            pa.struct({"name": pa.string(), "values": pa.list_(pa.float64()), "inner": pa.struct({"flag": pa.bool_()})}),
            [
                some(i, 3, {"name": some(i, 2, f"n{i}"), "values": [0.5] * (i % 3), "inner": some(i, 5, {"flag": True})})
                for i in range(count)
            ],
        ),
        "groups": (
            pa.list_(pa.struct({"title": pa.string(), "sentences": pa.list_(pa.string())})),
            [[{"title": f"t{j}", "sentences": [f"s{k}" for k in range(j)]} for j in range(i % 4)] for i in range(count)],
        ),
    }
    schema = pa.schema(
        [pa.field(name, kind, nullable=name != "required") for name, (kind, _) in columns.items()]
    )
    return pa.table({name: pa.array(values, kind) for name, (kind, values) in columns.items()}, schema=schema)


def all_kinds() -> None:
    table = rows_of_all_kinds(100)
    for compression in ("none", "snappy", "zstd", "gzip", "lz4"):
        for version in ("1.0", "2.0"):
            for dictionary in (True, False):
                if compression != "snappy" and dictionary != (version == "1.0"):
                    continue
                name = f"all-{compression}-v{version[0]}-{'dictionary' if dictionary else 'plain'}"
                pq.write_table(
                    table,
                    OUT / f"{name}.parquet",
                    compression=compression,
                    data_page_version=version,
                    use_dictionary=dictionary,
                    row_group_size=60,
                    data_page_size=256,
                    write_batch_size=16,
                    write_statistics=False,
                    store_schema=False,
                )
                assert pq.read_table(OUT / f"{name}.parquet").to_pylist() == table.to_pylist(), name
    (OUT / "all.json").write_text(
        json.dumps(table.to_pylist(), ensure_ascii=False, separators=(",", ":")) + "\n"
    )


def unreadable() -> None:
    numbers = pa.table({"number": pa.array([1, 2, 3], pa.int32())})
    pq.write_table(numbers, OUT / "delta.parquet", use_dictionary=False, column_encoding={"number": "DELTA_BINARY_PACKED"})
    pq.write_table(numbers, OUT / "brotli.parquet", compression="brotli")


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    for make in (hotpotqa, musique, wikimqa, samsum, multi_news, all_kinds, unreadable):
        make()
