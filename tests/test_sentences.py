"""The training sentences: enough of them, none twice, none in two folders."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import mkdtemp

import pytest
import yaml

import intents
from intents.check import faults
from intents.features import CONCEPTS
from intents.kinds import SLOTS
from intents.sentences import read_kinds, read_labelled, read_marked, read_sentences
from intents.stamp import read_by, stamp

LINES = read_sentences()
LEAST = {
    "faq": 220,
    "human": 120,
    "smalltalk": 120,
    "out_of_scope": 160,
    "inform": 120,
    "affirm": 60,
    "deny": 50,
    "cancel": 50,
    "pickup_booking": 150,
    "pickup_change": 150,
    "tracking_query": 150,
    "delivery_change": 150,
    "complaint": 150,
    "claim": 150,
    "case_progress": 150,
}


@pytest.mark.parametrize("label", LEAST)
def test_every_intent_has_enough_sentences(label: str) -> None:
    assert Counter(label for label, _ in LINES)[label] >= LEAST[label]


def test_no_sentence_repeats_or_contradicts_another() -> None:
    assert faults(LINES) == []


def test_a_repetition_is_found_though_its_signs_differ() -> None:
    [fault] = faults([("claim", "赔我吧!!"), ("claim", "赔我吧"), ("claim", "还钱")])
    assert fault == "claim: nearly the same twice: 赔我吧!! | 赔我吧"


def test_a_sentence_under_two_labels_is_found() -> None:
    [fault] = faults([("cancel", "取消"), ("pickup_change", "取消！")])
    assert fault.startswith("cancel, pickup_change:")


def test_comments_and_empty_lines_are_no_sentences(tmp_path: Path) -> None:
    (tmp_path / "claim").mkdir()
    (tmp_path / "claim" / "sentences.txt").write_text("# 赔偿\n\n 赔我 \n我要理赔\n", "utf-8")
    assert read_sentences(tmp_path) == [("claim", "赔我"), ("claim", "我要理赔")]


def test_the_stamp_changes_with_a_label_a_sentence_and_a_heading(tmp_path: Path) -> None:
    texts = [
        stamp(folder(tmp_path, "claim", "赔")),
        stamp(folder(tmp_path, "complaint", "赔")),
        stamp(folder(tmp_path, "claim", "赔我")),
        stamp(folder(tmp_path, "claim", "## loss\n赔")),
    ]
    assert len(set(texts)) == 4


def folder(parent: Path, label: str, text: str) -> Path:
    made = Path(mkdtemp(dir=parent))
    (made / label).mkdir()
    (made / label / "sentences.txt").write_text(text, "utf-8")
    return made


def test_every_sentence_with_a_sub_label_stands_under_one_of_the_vocabulary() -> None:
    known = {
        "complaint": {
            "none",
            *["attitude", "delay", "damage", "shortage", "loss", "false_delivery", "charge", "other"],
        },
        "claim": {"none", *["delay", "loss", "damage", "mismatch"]},
        "faq": {
            "price",
            "transit_time",
            "service_area",
            "prohibited_goods",
            "insurance",
            "packaging",
            "claim_policy",
            "service_hours",
            "other",
        },
    }
    found = {label: {kind for kind, _ in read_kinds(label, slot)} for label, slot in SLOTS.items()}
    assert found == known


def test_chinese_words_of_concepts_are_short_enough_to_be_found() -> None:
    words = yaml.safe_load(CONCEPTS.read_text("utf-8"))["words"]
    listed = [word for each in words.values() for word in each]
    assert [word for word in listed if len(word) > 4 and not word.isascii()] == []


def test_concepts_of_the_trade_are_concepts() -> None:
    data = yaml.safe_load(CONCEPTS.read_text("utf-8"))
    assert set(data["trade"]) - set(data["words"]) == set()


SLOTS_SAID = {
    *["waybills", "phone", "name", "receiver_name", "receiver_phone", "origin", "destination", "place"],
    *["goods", "pieces", "weight_kg", "size_cm", "volume_m3", "pickup_time", "ship_date"],
    *["insured_value", "amount", "fee"],
}


def test_labelled_messages_have_slots_of_the_vocabulary_only() -> None:
    strange = [
        (each.text, name)
        for each in read_labelled()
        for name in each.slots
        if name not in SLOTS_SAID and name != SLOTS.get(each.intent)
    ]
    assert strange == []


def test_an_article_stands_in_its_message_as_it_is_labelled() -> None:
    assert [each.text for each in read_labelled() if each.slots.get("goods", "") not in each.text] == []


def test_no_mark_is_left_in_a_sentence() -> None:
    assert [each.text for each in read_marked() if "](" in each.text] == []


def test_a_marked_article_is_known_by_its_place(tmp_path: Path) -> None:
    made = folder(tmp_path, "pickup_booking", "寄两箱[茶叶](goods)到北京")
    [sentence] = read_marked(made)
    assert (sentence.text, sentence.article) == ("寄两箱茶叶到北京", (3, 5))


def test_a_bad_labelled_line_is_named(tmp_path: Path) -> None:
    made = folder(tmp_path, "claim", "赔我")
    (made / "claim" / "labelled.jsonl").write_text('{"text": "赔"}\n{"slots": {}}\n', "utf-8")
    with pytest.raises(ValueError, match=r"labelled\.jsonl:2: expected JSON with text"):
        read_labelled(made)


def test_a_labelled_line_makes_the_model_stale(tmp_path: Path) -> None:
    made = folder(tmp_path, "claim", "赔我")
    before = stamp(made)
    (made / "claim" / "labelled.jsonl").write_text('{"text": "赔"}\n', "utf-8")
    assert stamp(made) != before


@pytest.mark.parametrize(
    "name", ["slots/when.py", "slots/articles/common.txt", "features.py", "topics/weather.txt"]
)
def test_another_way_of_reading_makes_the_model_stale(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is changed in a copy that stands in for it."""
    original = Path(intents.__file__).parent / name
    copy = tmp_path / name
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_bytes(original.read_bytes())
    files = tuple(copy if path == original else path for path in read_by())
    monkeypatch.setattr("intents.stamp.read_by", lambda: files)
    before = stamp()
    copy.write_text("another", "utf-8")
    assert stamp() != before
