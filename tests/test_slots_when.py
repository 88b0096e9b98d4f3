"""When somebody shall come, and when a parcel was sent. Said on Monday, 23 November 2026, at ten."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents.slots.clock import CHINA
from intents.slots.when import wished_time
from tests.slots_at import NOW, slot, slots_of


def said(text: str, now: datetime = NOW) -> str | None:
    """`11-24 15:00` for a point, `11-24 13:00 – 11-24 18:00` for a stretch."""
    value = slots_of(text, now).get("pickup_time")
    if value is None:
        return None
    start, end = (datetime.fromisoformat(value[side]).strftime("%m-%d %H:%M") for side in ("start", "end"))
    return start if start == end else f"{start} – {end}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("明天下午三点来取件", "11-24 15:00"),
        ("她说明天下午两点", "11-24 14:00"),
        ("听日朝早九点啦", "11-24 09:00"),
        ("明早九点", "11-24 09:00"),
        ("早上十点来", "11-24 10:00"),
        ("后天上午10点半上门", "11-25 10:30"),
        ("大后天中午十二点", "11-26 12:00"),
        ("今晚八点来取", "11-23 20:00"),
        ("今天下午五点一刻", "11-23 17:15"),
        ("明天15:30过来拿", "11-24 15:30"),
        ("明天下午3:30", "11-24 15:30"),
        ("三点来取", "11-23 15:00"),
        ("八点来取", "11-23 20:00"),
        ("九点来取", "11-24 09:00"),
        ("明天八点来取件", "11-24 08:00"),
        ("明天三点来取件", "11-24 15:00"),
        ("七点半上门取", "11-23 19:30"),
        ("下周三上午九点", "12-02 09:00"),
        ("周三下午两点", "11-25 14:00"),
        ("周一下午两点", "11-23 14:00"),
        ("25号下午4点来收", "11-25 16:00"),
        ("二十五号上午十点", "11-25 10:00"),
        ("11月25日14点", "11-25 14:00"),
        ("2026-11-25 14:00", "11-25 14:00"),
        ("半小时后来取", "11-23 10:30"),
        ("一个半小时后过来", "11-23 11:30"),
        ("两个小时之后来拿", "11-23 12:00"),
        ("40分钟后来", "11-23 10:40"),
        ("现在就来取", "11-23 10:00"),
        ("明天下午三点中吧", "11-24 15:00"),
        ("马上来人吧", "11-23 10:00"),
        ("晚上12点", "11-24 00:00"),
        ("中午一点来", "11-23 13:00"),
        ("傍晚六点来取", "11-23 18:00"),
        ("明天 10点", "11-24 10:00"),
        ("明兒下午三點來取", "11-24 15:00"),
        ("明天3pm来取", "11-24 15:00"),
    ],
)
def test_a_clock_time_is_a_point(text: str, expected: str) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("明天来取", "11-24 00:00 – 11-25 00:00"),
        ("今天来取件", "11-23 00:00 – 11-24 00:00"),
        ("后天上午", "11-25 09:00 – 11-25 12:00"),
        ("明早来取", "11-24 06:00 – 11-24 09:00"),
        ("今天下午有空", "11-23 13:00 – 11-23 18:00"),
        ("下午来取", "11-23 13:00 – 11-23 18:00"),
        ("明天中午来拿", "11-24 11:00 – 11-24 13:00"),
        ("明天傍晚", "11-24 17:00 – 11-24 19:00"),
        ("明晚来收", "11-24 18:00 – 11-24 22:00"),
        ("明天凌晨来车拉走", "11-24 00:00 – 11-24 06:00"),
        ("周三", "11-25 00:00 – 11-26 00:00"),
        ("周一来取", "11-23 00:00 – 11-24 00:00"),
        ("下周一上午来", "11-30 09:00 – 11-30 12:00"),
        ("礼拜五来取", "11-27 00:00 – 11-28 00:00"),
        ("这周日", "11-29 00:00 – 11-30 00:00"),
        ("周末来取", "11-28 00:00 – 11-30 00:00"),
        ("下周末", "12-05 00:00 – 12-07 00:00"),
        ("25号", "11-25 00:00 – 11-26 00:00"),
        ("3号来取", "12-03 00:00 – 12-04 00:00"),
        ("12月1号上午", "12-01 09:00 – 12-01 12:00"),
        ("三天后来取", "11-26 00:00 – 11-27 00:00"),
        ("下午2-4点来", "11-23 14:00 – 11-23 16:00"),
        ("明天两点到四点", "11-24 14:00 – 11-24 16:00"),
        ("后天下午两点到四点", "11-25 14:00 – 11-25 16:00"),
        ("明天上午9:30-11:30上门", "11-24 09:30 – 11-24 11:30"),
        ("上午十点到下午两点都在家", "11-23 10:00 – 11-23 14:00"),
        ("九点到十一点之间来", "11-24 09:00 – 11-24 11:00"),
        ("明天下午两三点", "11-24 14:00 – 11-24 15:00"),
        ("下午五点前来取", "11-23 10:00 – 11-23 17:00"),
        ("明天下午五点前", "11-24 00:00 – 11-24 17:00"),
        ("今天五点之前", "11-23 00:00 – 11-23 17:00"),
        ("中午12点以前", "11-23 10:00 – 11-23 12:00"),
        ("晚上七点以后都在家", "11-23 19:00 – 11-23 22:00"),
        ("明天下午三点后来取", "11-24 15:00 – 11-24 22:00"),
        ("两小时内来取", "11-23 10:00 – 11-23 12:00"),
        ("王芳 13800138555 明天上午", "11-24 09:00 – 11-24 12:00"),
        ("13800138123李四明天上午", "11-24 09:00 – 11-24 12:00"),
        ("明天全天都行", "11-24 00:00 – 11-25 00:00"),
        ("全天都可以", "11-23 00:00 – 11-24 00:00"),
        ("明后天都可以来取", "11-24 00:00 – 11-26 00:00"),
        ("周一到周五都行", "11-23 00:00 – 11-28 00:00"),
        ("明天来取件,下午三点以后在家", "11-24 15:00 – 11-24 22:00"),
        ("就11月24日(周二)09:00-12:00吧", "11-24 09:00 – 11-24 12:00"),
        ("11月24日(周二)上午来取", "11-24 09:00 – 11-24 12:00"),
    ],
)
def test_a_part_of_day_a_day_or_a_limit_is_a_stretch(text: str, expected: str) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("改到后天上午来取", "11-25 09:00 – 11-25 12:00"),
        ("约的明天上午,改后天吧", "11-25 00:00 – 11-26 00:00"),
        ("今天来不了就明天下午吧", "11-24 13:00 – 11-24 18:00"),
        ("不是明天,是后天", "11-25 00:00 – 11-26 00:00"),
        ("原来约三点,改成五点", "11-23 17:00"),
        ("提前到今天行吗,本来约的明天", "11-23 00:00 – 11-24 00:00"),
        ("取件时间由9点改为14点", "11-23 14:00"),
        ("我约的六点,能不能现在就来", "11-23 10:00"),
    ],
)
def test_of_a_change_only_the_new_time_counts(text: str, expected: str) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "明天能到吗",
        "今天能送到吗",
        "怎么还没到啊,都三天了",
        "你们几点下班",
        "晚两个小时再来拿",
        "快一点行不行",
        "取消今天的上门",
        "今天不寄了",
        "一点消息都没有",
        "3号楼2单元",
        "2月30号来取",
        "昨天没人来取件",
        "越快越好",
    ],
)
def test_what_is_no_time_to_come_is_left_out(text: str) -> None:
    assert said(text) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("上周五寄的", "2026-11-20"),
        ("周五寄的还没到", "2026-11-20"),
        ("周一寄的", "2026-11-16"),
        ("昨天寄的", "2026-11-22"),
        ("前天发的货", "2026-11-21"),
        ("11月2号发的", "2026-11-02"),
        ("12月20号寄的", "2025-12-20"),
        ("18号寄出的件到哪了", "2026-11-18"),
        ("25号寄的", "2026-10-25"),
        ("寄了五天了", "2026-11-18"),
        ("都寄出去一周了", "2026-11-16"),
        ("三天前寄的", "2026-11-20"),
        ("一个礼拜前发的货", "2026-11-16"),
        ("寄件时间11月18号", "2026-11-18"),
        ("上上周三寄的", "2026-11-11"),
        ("上个月20号寄的", "2026-10-20"),
        ("今天早上寄的", "2026-11-23"),
        ("昨天你们取走的那箱", "2026-11-22"),
        ("贵司于11月14日收寄本人油画", "2026-11-14"),
        ("本人本月16日在贵司寄件", "2026-11-16"),
        ("十一月十八日已由貴公司收走寄出", "2026-11-18"),
        ("我 20 号从昆明寄的", "2026-11-20"),
        ("前天在菜市场边上那个代收点寄了包笋干", "2026-11-21"),
        ("寄咗五日啦仲未到", "2026-11-18"),
        ("花椒寄起走了四天了", "2026-11-19"),
        ("I sent it on Nov 18", "2026-11-18"),
        ("shipped last Friday", "2026-11-20"),
    ],
)
def test_the_day_on_which_a_parcel_was_sent(text: str, day: str) -> None:
    assert slots_of(text).get("ship_date") == day
    assert said(text) is None


@pytest.mark.parametrize("text", ["明天寄个快递到上海", "今天寄明天能到吗", "寄几天能到", "晚了五天了"])
def test_a_day_to_come_is_no_ship_date(text: str) -> None:
    assert slot("ship_date", text) is None


def test_on_a_friday_evening_the_next_three_oclock_is_tomorrow() -> None:
    assert said("三点来取", datetime.fromisoformat("2026-11-27T19:00:00+08:00")) == "11-28 15:00"


def test_an_hour_that_comes_after_midnight_is_of_the_next_day() -> None:
    assert said("今天晚上一点来车", datetime.fromisoformat("2026-11-27T19:00:00+08:00")) == "11-28 01:00"


def test_the_clock_of_the_customer_is_chinas_wherever_the_server_stands() -> None:
    assert said("明天下午三点来取", datetime.fromisoformat("2026-11-23T17:30:00+00:00")) == "11-25 15:00"


def test_the_time_of_a_redelivery_is_found_when_asked_for() -> None:
    assert slot("pickup_time", "昨天没在家,明天下午再送一次") is None
    assert wished_time("昨天没在家,明天下午再送一次", NOW) == {
        "start": "2026-11-24T13:00:00+08:00",
        "end": "2026-11-24T18:00:00+08:00",
    }


@settings(max_examples=150)
@given(
    st.integers(-600, 600).map(lambda days: NOW + timedelta(days=days)),
    st.integers(1, 300),
    st.integers(0, 23),
    st.sampled_from([0, 15, 30, 59]),
)
def test_a_date_written_out_in_full_means_itself(base: datetime, days: int, hour: int, minute: int) -> None:
    now = base.astimezone(CHINA)
    wished = (now + timedelta(days=days)).replace(hour=hour, minute=minute, second=0, microsecond=0)
    text = f"{wished.year}年{wished.month}月{wished.day}日{wished.hour:02}:{wished.minute:02}来取件"
    assert slots_of(text, now)["pickup_time"] == {"start": wished.isoformat(), "end": wished.isoformat()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pickup tmr下午", "11-24 13:00 – 11-24 18:00"),
        ("取件改到Thu上午", "11-26 09:00 – 11-26 12:00"),
        ("next Friday afternoon来取件", "12-04 13:00 – 12-04 18:00"),
        ("Saturday morning上门收件", "11-28 09:00 – 11-28 12:00"),
        ("取件改到礼拜五下半日好伐", "11-27 13:00 – 11-27 18:00"),
        ("礼拜三上半天来拿件", "11-25 09:00 – 11-25 12:00"),
        ("今天取件不要了,干脆后天上午吧", "11-25 09:00 – 11-25 12:00"),
        ("别约今天,要不就11月30号吧", "11-30 00:00 – 12-01 00:00"),
        ("sunglasses和monitor各一件", None),
        ("the day after tomorrow下午来收件", "11-25 13:00 – 11-25 18:00"),
        ("change pickup to Friday 上午 10 点", "11-27 10:00"),
        ("pick up on 28th November at 3pm", "11-28 15:00"),
        ("can it be sent on Friday?", None),
        ("please collect separate 2 boxes at the market 5", None),
        ("collect on the 3rd of December", "12-03 00:00 – 12-04 00:00"),
        ("聽晚八點嚟收件", "11-24 20:00"),
    ],
)
def test_english_and_dialect_name_days_too(text: str, expected: str | None) -> None:
    assert said(text) == expected


def test_an_order_is_no_parcel_sent_and_a_parcel_handed_over_is() -> None:
    assert slot("ship_date", "昨天下的单还没揽收") is None
    assert slot("ship_date", "前天给你们快递员的,查不到") == "2026-11-21"
