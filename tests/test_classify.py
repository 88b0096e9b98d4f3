"""What a message wants: the model, its confidence, its freshness, and messages with two wishes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents.classify import StaleModel, Trained, classify, load, load_model, save
from intents.features import tokens, with_placeholders
from intents.kinds import evidence
from intents.learn import kind_models, learn
from intents.model import Model
from intents.sentences import HERE, Line, read_sentences
from intents.train import train

SOME = read_sentences()[::12]
"""A small part of the sentences: enough to train on in a test."""
WISHES = [
    ("pickup_booking", ["我要寄个快递", "明天派人来取件", "有两箱书发杭州", "寄", "下单"]),
    ("pickup_change", ["刚才约的取件取消吧", "改到后天上午来取", "快递不寄了,别让人来了"]),
    ("tracking_query", ["帮我查下 300123456789", "我的快递到哪了", "怎么还没到啊"]),
    ("delivery_change", ["改个收货地址", "昨天没在家今天再送一次", "帮我把件拦截退回"]),
    ("complaint", ["我要投诉快递员", "拖了五天了你们太不负责任了", "箱子送来烂了", "没签收却显示签收"]),
    ("complaint", ["我的件300123456789外包装破了,里面杯子碎了"]),
    ("claim", ["丢了怎么赔我", "我要理赔", "手机屏碎了赔我3000", "赔"]),
    ("case_progress", ["我上周的投诉处理得怎么样了", "理赔款什么时候到账"]),
    ("faq", ["寄到新疆多少钱", "白酒能寄吗", "你们几点下班", "丢件一般怎么赔"]),
    ("human", ["转人工", "找你们经理", "别机器人了"]),
    ("smalltalk", ["你好", "👍", "88", "谢谢啦", "你是机器人吗", "你们服务真不错"]),
    ("out_of_scope", ["今天天气怎么样", "帮我写首诗", "asdfgh", "帮我查一下顺丰的快递", "你们公司招人吗"]),
    ("inform", ["13800138000", "明天下午三点", "杭州西湖区文三路90号", "王女士 13800138000", "三公斤左右吧"]),
    ("inform", ["2", "不对,是15公斤", "地址改成西湖区古墩路701号"]),
    ("affirm", ["好的", "确认", "没问题"]),
    ("deny", ["❌", "不是", "不用了", "没有"]),
    ("cancel", ["算了", "不弄了"]),
]
TWO_WISHES = [
    ("寄到新疆多少钱?明天上午来取一箱苹果", "pickup_booking", ("faq",)),
    ("查一下300123456789,另外你们几点关门", "tracking_query", ("faq",)),
    ("你好,我要寄个快递", "pickup_booking", ()),
    ("谢谢你啊,再帮我查下300123456789到哪了", "tracking_query", ()),
    ("改下收货地址,顺便问问要不要加钱", "delivery_change", ("faq",)),
    ("取件改到后天上午,顺便问问我上次的投诉处理得怎么样了", "pickup_change", ("case_progress",)),
    ("手机屏碎了,赔我3000", "claim", ()),
    ("我要寄快递,地址西湖区文三路90号,明天下午三点", "pickup_booking", ()),
    ("说好三天到,今天都第七天了,你们就是骗人", "complaint", ()),
    ('客服回我"我要投诉你",这是什么态度', "complaint", ()),
]


@pytest.fixture(scope="module")
def small() -> Model:
    return train(SOME)


@pytest.mark.parametrize(("label", "texts"), WISHES)
def test_a_message_has_the_intent_that_the_labels_give_it(label: str, texts: list[str]) -> None:
    assert {text: classify(text)[0] for text in texts} == dict.fromkeys(texts, label)


@pytest.mark.parametrize(("text", "first", "also"), TWO_WISHES)
def test_of_two_wishes_the_more_urgent_comes_first(text: str, first: str, also: tuple[str, ...]) -> None:
    label, _, besides = classify(text)
    assert (label, besides) == (first, also)


def test_training_twice_gives_identical_arrays(small: Model) -> None:
    again = train(SOME)
    assert np.array_equal(again.weights, small.weights)
    assert np.array_equal(again.idf, small.idf)
    assert (again.vocabulary, again.temperature, again.floor) == (
        small.vocabulary,
        small.temperature,
        small.floor,
    )


def test_learning_twice_gives_identical_models(tmp_path: Path) -> None:
    for path in [*HERE.glob("*/sentences.txt"), *HERE.glob("*/labelled.jsonl")]:
        lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("# ")]
        (tmp_path / path.parent.name).mkdir(exist_ok=True)
        some = [line for at, line in enumerate(lines) if at % 50 == 0 or line.startswith("##")]
        (tmp_path / path.parent.name / path.name).write_text("\n".join(some), "utf-8")
    one, other = learn(tmp_path), learn(tmp_path)
    assert (one.goods, one.plain) == (other.goods, other.plain)
    for name, model in one.models.items():
        assert np.array_equal(model.weights, other.models[name].weights)


def test_models_say_the_same_after_saving_and_loading(small: Model, tmp_path: Path) -> None:
    write_sentences(tmp_path, SOME)
    save(Trained({"intent": small}, b"tagger", frozenset({"我", "的"})), tmp_path / "model.npz", tmp_path)
    loaded = load(tmp_path / "model.npz", tmp_path)
    model = loaded.models["intent"]
    assert [model.predict(text) for _, text in SOME] == [small.predict(text) for _, text in SOME]
    assert (loaded.goods, loaded.plain) == (b"tagger", {"我", "的"})


def test_models_older_than_their_sentences_are_refused(small: Model, tmp_path: Path) -> None:
    write_sentences(tmp_path, SOME)
    save(Trained({"intent": small}, b"tagger", frozenset({"我", "的"})), tmp_path / "model.npz", tmp_path)
    with (tmp_path / "claim" / "sentences.txt").open("a", encoding="utf-8") as file:
        file.write("\n再添一句要赔的话")
    with pytest.raises(StaleModel, match="python -m intents train"):
        load(tmp_path / "model.npz", tmp_path)


def test_missing_models_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StaleModel, match="python -m intents train"):
        load(tmp_path / "model.npz")


def test_a_sentence_s_kind_is_learnt_from_the_heading_above_it(tmp_path: Path) -> None:
    for label in ("claim", "complaint", "faq"):
        (tmp_path / label).mkdir()
        text = "## none\n投诉你们\n我有意见\n## odd\n箱子里长出了蘑菇\n蘑菇长满了一箱子"
        (tmp_path / label / "sentences.txt").write_text(text, "utf-8")
    model = kind_models(tmp_path)["claim_kind"]
    assert (model.labels, model.best(evidence("箱里有蘑菇", "claim"))) == (("none", "odd"), "odd")


def test_what_is_unlike_everything_is_not_understood() -> None:
    label, _, also = classify("ꙮꙮ ꙮꙮ ꙮꙮ ꙮꙮ")
    assert (label, also) == ("out_of_scope", ())


def test_below_the_floor_a_message_counts_as_not_understood(small: Model) -> None:
    unsure = replace(small, floor=1.01)
    best, *others = unsure.predict("我要理赔")
    assert best[0] == "out_of_scope"
    assert sorted([best, *others]) == sorted(small.predict("我要理赔"))


@settings(max_examples=60)
@given(st.text(max_size=300))
def test_any_text_has_shares_that_add_up_to_one(text: str) -> None:
    ranking = load_model().predict(text)
    assert sum(share for _, share in ranking) == pytest.approx(1, abs=1e-5)
    assert len(ranking) == len(load_model().labels)


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("查300123456789", "查ⓦ"),
        ("ane 3001-2345-6789到哪了", "ⓦ到哪了"),
        ("打13800138000", "打ⓟ"),
        ("五公斤多少钱", "ⓚ多少钱"),
        ("60*40*30的箱子", "ⓢ的箱子"),
        ("赔我3000块", "赔我ⓜ"),
        ("下午3点半来", "下午ⓣ来"),
        ("拖了五天", "拖了ⓓ"),
        ("两箱书", "ⓑ书"),
        ("cl20261116-00023怎样了", "ⓒ怎样了"),
        ("我要打12305", "我要打ⓔ"),
        ("等一下", "等一下"),
        ("万一丢了", "万一丢了"),
    ],
)
def test_figures_are_read_by_their_kind(text: str, marked: str) -> None:
    assert with_placeholders(text) == marked


def test_two_waybills_make_no_difference() -> None:
    assert tokens("查一下300123456789") == tokens("查一下ANE300198765432")


def write_sentences(folder: Path, lines: list[Line]) -> None:
    for label in {label for label, _ in lines}:
        (folder / label).mkdir()
        texts = [text for each, text in lines if each == label]
        (folder / label / "sentences.txt").write_text("\n".join(texts), "utf-8")
