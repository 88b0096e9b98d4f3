"""Text in, meaning out: the label, the slots that belong to it, and the kind."""

import pytest

from faq.segment import trade_words, words
from intents.understand import labelled, understand
from tests.slots_at import NOW


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("13800138000", "inform"),
        ("明天下午三点", "inform"),
        ("杭州西湖区文三路90号", "inform"),
        ("茶叶两公斤，一箱", "inform"),
        ("我要寄个快递", "pickup_booking"),
        ("帮我查下 300123456789", "tracking_query"),
        ("我要投诉快递员", "complaint"),
        ("手机碎了赔我3000", "claim"),
        ("转人工", "human"),
        ("白酒能寄吗", "faq"),
        ("你好", "smalltalk"),
    ],
)
def test_the_label_of_a_plain_message(text: str, intent: str) -> None:
    assert understand(text, NOW).intent == intent


def test_a_meaning_is_in_simplified_and_half_width_characters() -> None:
    assert understand(" 幫我查下３００１２３４５６７８９ ", NOW).text == "帮我查下300123456789"


def test_a_complaint_names_its_kind() -> None:
    assert understand("箱子送来烂了，我要投诉", NOW).slots["complaint_kind"] == "damage"


def test_a_question_has_a_topic() -> None:
    assert understand("白酒能寄吗", NOW).slots["faq_topic"] == "prohibited_goods"


def test_a_time_in_a_complaint_is_no_pickup() -> None:
    assert "pickup_time" not in understand("约了下午三点来取件没人来，我要投诉", NOW).slots


def test_the_form_hears_the_time_of_a_redelivery_and_the_label_does_not() -> None:
    meaning = understand("昨天没在家，明天下午再送一次", NOW)
    assert meaning.intent == "delivery_change"
    assert meaning.slots["pickup_time"]["start"] == "2026-11-24T13:00:00+08:00"
    assert "pickup_time" not in labelled(meaning)


def test_a_house_number_is_no_day_of_a_redelivery() -> None:
    slots = understand("收件地址改成江苏省苏州市星湖街1号", NOW).slots
    assert slots["destination"]["detail"] == "星湖街1号"
    assert "pickup_time" not in slots


@pytest.mark.parametrize(
    ("text", "role", "city"),
    [
        ("我在苏州园区星湖街328号,明天上午来拿个件", "origin", "苏州市"),
        ("师傅来一趟吧,地址是成都武侯区天府大道100号,有两箱衣服", "origin", "成都市"),
        ("帮我去我妈家取个件,在沈阳铁西区建设路12号", "origin", "沈阳市"),
        ("我妈住在沈阳铁西区建设路12号,我想给她寄点药,帮我叫个人来拿", "destination", "沈阳市"),
        ("鞋不合适要退回去,商家地址福建莆田荔城区东园路1号,上门取一下", "destination", "莆田市"),
        ("预约的取件换个地方吧,广州天河区体育西路10号", "origin", "广州市"),
        ("300123456789 别送家里了转送长沙岳麓区麓山南路5号", "destination", "长沙市"),
        ("我已经搬家了,件送新家,西安雁塔区小寨东路3号", "destination", "西安市"),
    ],
)
def test_the_wish_gives_an_address_its_role(text: str, role: str, city: str) -> None:
    slots = understand(text, NOW).slots
    assert slots[role]["city"] == city
    assert "place" not in slots


def test_a_detail_alone_waits_for_the_address_that_it_mends() -> None:
    assert "place" in understand("地址也改一下，文三路92号", NOW).slots


def test_small_talk_has_no_slots() -> None:
    assert labelled(understand("你好", NOW)) == {}


def test_words_joined_give_the_text_again() -> None:
    text = "我要寄快递,书3公斤一箱 ANE300123456789\n谢谢"
    assert "".join(words(text)) == text


@pytest.mark.parametrize("word", trade_words()[::10])
def test_a_word_of_the_trade_is_kept_whole(word: str) -> None:
    assert word in words(f"请问{word}呢")
