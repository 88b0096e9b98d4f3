"""`python -m intents`: parse, train, check, evaluate, review, explain, claim."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from intents.__main__ import main
from intents.evaluate import report_on_own
from intents.sentences import read_sentences

LEARNED = [
    ("我要寄快递", "send"),
    ("寄个包裹", "send"),
    ("来取件寄走", "send"),
    ("想寄东西", "send"),
    ("到哪了", "track"),
    ("查一下物流", "track"),
    ("我的快递到哪里了", "track"),
    ("查快递", "track"),
]


class Desk:
    """The command line with its input and output at hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[bytes]) -> None:
        self.monkeypatch, self.capture = monkeypatch, capture

    def parse(self, given: str) -> tuple[int, list[dict[str, Any]]]:
        typed = io.TextIOWrapper(io.BytesIO(given.encode("utf-8")))
        self.monkeypatch.setattr(sys, "stdin", typed)
        status = main(["parse"])
        return status, [json.loads(line) for line in self.capture.readouterr().out.splitlines()]

    def run(self, *arguments: str) -> tuple[int, str, str]:
        status = main(list(arguments))
        said = self.capture.readouterr()
        return status, said.out.decode(), said.err.decode()


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> Desk:
    return Desk(monkeypatch, capsysbinary)


def test_a_message_comes_back_with_its_id_intent_and_slots(desk: Desk) -> None:
    asked = {
        "id": "t1",
        "text": "明天下午三点来西湖区文三路90号取件,寄到上海",
        "now": "2026-11-23T10:00:00+08:00",
    }
    status, [answer] = desk.parse(json.dumps(asked))
    assert status == 0
    assert set(answer) == {"id", "intent", "confidence", "also", "slots"}
    assert (answer["id"], answer["intent"], answer["also"]) == ("t1", "pickup_booking", [])
    assert answer["confidence"] > 0.8
    assert answer["slots"]["pickup_time"] == dict.fromkeys(("start", "end"), "2026-11-24T15:00:00+08:00")
    assert answer["slots"]["destination"] == {"province": "上海市", "city": "上海市"}


def test_a_sub_label_stands_in_the_slots(desk: Desk) -> None:
    status, [complaint, claim, question] = desk.parse(
        '{"id":1,"text":"派送员态度恶劣,我要投诉"}\n{"id":2,"text":"手机屏碎了赔我3000"}\n{"id":3,"text":"白酒能寄吗"}\n'
    )
    assert status == 0
    assert complaint["slots"]["complaint_kind"] == "attitude"
    assert claim["slots"]["claim_kind"] == "damage"
    assert question["slots"]["faq_topic"] == "prohibited_goods"


def test_a_bad_line_gets_an_error_in_its_place_and_the_run_goes_on(desk: Desk) -> None:
    status, answers = desk.parse(
        '{"id":"a","text":"转人工"}\nnot json\n{"id":"b"}\n[1]\n{"id":"c","text":7}\n'
        '{"id":"d","text":"你好","now":"tomorrow"}\n{"id":"e","text":"谢谢"}\n'
    )
    assert status == 1
    assert [answer["id"] for answer in answers] == ["a", None, "b", None, "c", "d", "e"]
    assert [answer.get("intent") for answer in answers] == ["human", *[None] * 5, "smalltalk"]
    assert ["error" in answer for answer in answers] == [False, True, True, True, True, True, False]


def test_no_lines_are_no_error(desk: Desk) -> None:
    assert desk.parse("") == (0, [])


def test_a_line_with_broken_characters_is_answered(desk: Desk) -> None:
    status, [answer] = desk.parse('{"id":"\\ud800","text":"\\ud800转人工"}\n')
    assert (status, answer["intent"]) == (0, "human")


def test_a_time_without_zone_is_chinas(desk: Desk) -> None:
    _, [answer] = desk.parse('{"text":"明天上午十点来取件","now":"2026-11-23T10:00:00"}')
    assert answer["slots"]["pickup_time"]["start"] == "2026-11-24T10:00:00+08:00"


def test_evaluate_on_files_prints_the_figures(desk: Desk, tmp_path: Path) -> None:
    lines = [json.dumps({"text": text, "intent": label}) for text, label in LEARNED]
    (tmp_path / "train.jsonl").write_text("\n".join(lines), "utf-8")
    (tmp_path / "test.jsonl").write_text("\n".join(lines[::3]) + "\n", "utf-8")
    status, said, _ = desk.run(
        "evaluate", "--train", str(tmp_path / "train.jsonl"), "--test", str(tmp_path / "test.jsonl")
    )
    assert status == 0
    assert "accuracy  1.0000" in said
    assert "macro-F1  1.0000" in said
    assert "send" in said


def test_evaluate_names_the_line_that_it_cannot_read(desk: Desk, tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"text": "好", "intent": "affirm"}\n{"text": "不"}\n', "utf-8")
    status, _, said = desk.run("evaluate", "--train", str(bad), "--test", str(bad))
    assert status == 1
    assert f"{bad}:2" in said


def test_evaluate_with_one_file_asks_for_both(desk: Desk, tmp_path: Path) -> None:
    status, _, said = desk.run("evaluate", "--train", str(tmp_path / "none.jsonl"))
    assert status == 1
    assert "--test" in said


def test_held_back_sentences_are_told_apart_well_and_confidence_can_be_believed() -> None:
    said = report_on_own(read_sentences()[::6])
    macro = re.search(r"macro-F1 +([\d.]+)", said)
    error = re.search(r"expected calibration error +([\d.]+)", said)
    assert macro
    assert error
    assert float(macro[1]) > 0.7
    assert float(error[1]) < 0.06


def test_explain_shows_the_words_what_spoke_and_where_each_slot_stands(desk: Desk) -> None:
    status, said, _ = desk.run("explain", "我要投诉，三零零一二三四五六七八九还没到")
    assert status == 0
    assert "words   我 要 投诉" in said
    assert "intent  complaint" in said
    assert "@complain +" in said
    assert '["300123456789"] ← 三零零一二三四五六七八九' in said


def test_check_finds_no_fault_in_the_sentences(desk: Desk) -> None:
    status, said, _ = desk.run("check")
    assert (status, said.splitlines()[-1]) == (0, f"{len(read_sentences())} sentences, 0 faults")


def test_review_shows_corrected_messages_first_with_what_is_nearest(desk: Desk, tmp_path: Path) -> None:
    rows = [
        {"text": "我的快递到哪了呀呀", "meant": ""},
        {"text": "我的快递到哪了呀呀", "meant": ""},
        {"text": "叫你们领导来", "meant": "human"},
    ]
    file = tmp_path / "doubts.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    status, said, _ = desk.run("review", str(file))
    first, second, last = said.strip().split("\n\n")
    assert status == 0
    assert first.startswith("叫你们领导来\n  meant human\n  taken for ")
    assert second.startswith("我的快递到哪了呀呀  (×2)\n  taken for tracking_query")
    assert "tracking_query: " in second.splitlines()[-1]
    assert last.startswith("2 to review")


def test_review_names_a_line_that_it_cannot_read(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text('{"words": "好"}\n', "utf-8")
    status, _, said = desk.run("review", str(tmp_path / "bad.jsonl"))
    assert (status, "bad.jsonl:1" in said) == (1, True)


def test_claim_shows_what_a_loss_comes_to_line_by_line(desk: Desk) -> None:
    status, said, _ = desk.run("claim", "--factor", "loss", "--fee", "20", "--weight", "3")
    assert status == 0
    assert [cell.strip() for cell in said.splitlines()[2].split("│")][:9] == [
        "丢失",
        "20.00",
        "3",
        "未保价",
        "100%",
        "可赔",
        "20.00",
        "100.00",
        "120.00",
    ]
    assert "按本公司规定预计合计120.00元" in said.splitlines()[-1]


def test_claim_has_a_row_for_each_combination(desk: Desk) -> None:
    given = ("--fee", "20", "35", "--weight", "1", "--insured", "0", "2000", "--value", "300", "--lost", "90")
    status, said, _ = desk.run("claim", *given)
    assert (status, len(said.splitlines())) == (0, 2 + 4 * 2 * 2)
    assert "606.00" in said


def test_claim_tells_what_is_wrong_with_a_figure(desk: Desk) -> None:
    with pytest.raises(SystemExit):
        desk.run("claim", "--fee", "many")
    assert "--fee: expected a number such as 12.50, found many" in desk.capture.readouterr().err.decode()
