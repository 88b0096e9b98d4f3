"""The counties near a point on the map."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faq.nearby import NAMED, nearby
from faq.place import Place


@pytest.mark.parametrize(
    ("latitude", "longitude", "place"),
    [
        (30.2741, 120.1551, Place("浙江省", "杭州市", "西湖区")),
        (39.9087, 116.3975, Place("北京市", "北京市", "东城区")),
        (23.02, 113.75, Place("广东省", "东莞市")),
        (22.32, 114.17, Place("香港特别行政区")),
    ],
)
def test_the_nearest_county_comes_first(latitude: float, longitude: float, place: Place) -> None:
    assert nearby(latitude, longitude)[0] == place


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_any_point_has_some_counties_or_none(latitude: float, longitude: float) -> None:
    found = nearby(latitude, longitude)
    assert len(set(found)) == len(found) <= NAMED


def test_a_point_abroad_has_none() -> None:
    assert nearby(48.85, 2.35) == ()
