"""Places written as they sound, as voice input does."""

import pytest

from intents.slots.address import find_places


@pytest.mark.parametrize(
    ("text", "said", "place"),
    [
        ("寄到路州江阳区是老棉絮", "路州江阳区", "四川省泸州市江阳区"),
        ("寄到东管长安镇", "东管长安镇", "广东省东莞市长安镇"),
        ("应该是月清柳市镇", "月清柳市镇", "浙江省温州市乐清市柳市镇"),
        ("谈城县马头镇", "谈城县马头镇", "山东省临沂市郯城县马头镇"),
        ("取件在潘鱼区", "潘鱼区", "广东省广州市番禺区"),
        ("寄到五汉多少钱", "五汉", "湖北省武汉市"),
        ("卖给人家了寄琼来", "琼来", "四川省成都市邛崃市"),
    ],
)
def test_a_misheard_place_is_the_one_that_sounds_so(text: str, said: str, place: str) -> None:
    (found,) = find_places(text)
    assert text[found.start : found.end] == said
    assert str(found.place) == place


@pytest.mark.parametrize(
    "text", ["寄到家里多少钱", "到账了吗", "寄一件到公司", "发几天到", "送到小区门口", "蚕丝被到依县"]
)
def test_other_words_behind_to_are_no_places(text: str) -> None:
    assert [found for found in find_places(text) if found.place.area] == []
