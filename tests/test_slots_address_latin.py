"""Places and addresses in Latin letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.slots.address_latin import find_latin


@pytest.mark.parametrize(
    ("text", "area", "detail"),
    [
        ("ship it to Ankang, Shaanxi", "陕西省安康市", ""),
        (
            "pick up from Room 1203, Building 5, 88 Century Avenue, Pudong, Shanghai please",
            "上海市浦东新区",
            "Room 1203, Building 5, 88 Century Avenue",
        ),
        (
            "We're at 12F, Tower B, 9 Guanghua Road, Chaoyang District, Beijing.",
            "北京市朝阳区",
            "12F, Tower B, 9 Guanghua Road",
        ),
        (
            "Flat 6B, 1038 Nanjing West Road, Jing'an, Shanghai",
            "上海市静安区",
            "Flat 6B, 1038 Nanjing West Road",
        ),
        ("No. 66 Renmin Middle Road, Zhangjiagang", "江苏省苏州市张家港市", "No. 66 Renmin Middle Road"),
        ("寄到Hangzhou的Xihu District", "浙江省杭州市西湖区", ""),
        ("Shanghai Pudong", "上海市浦东新区", ""),
        ("how much to urumqi", "新疆维吾尔自治区乌鲁木齐市", ""),
    ],
)
def test_an_address_in_latin_letters_is_the_official_place(text: str, area: str, detail: str) -> None:
    ((place, start, end),) = find_latin(text)
    assert (place.area, place.detail) == (area, detail)
    assert text[start:end].startswith(detail)


@pytest.mark.parametrize(
    "text",
    [
        "Please guide me, I will be home in a while",
        "my friend Guan Yu and Mr. Taiping",
        "Chaoyang",  # of several one cannot tell which
        "15 Weihai Road",
    ],
)
def test_words_names_and_streets_are_no_places(text: str) -> None:
    assert find_latin(text) == []


@given(st.text(alphabet="Shanghai Pudong District,Road 12 的No.", max_size=60))
def test_what_is_found_stands_in_the_text_in_order(text: str) -> None:
    found = find_latin(text)
    assert all(0 <= start < end <= len(text) for _, start, end in found)
    assert all(text[start:end].startswith(place.detail) for place, start, end in found)
