"""The callbacks' envelope: against the platforms' published examples and wechatpy, and against forgers."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto
from wechatpy.enterprise.crypto import WeChatCrypto as WorkCrypto
from wechatpy.exceptions import InvalidAppIdException
from wechatpy.utils import check_signature

from bot.channels.wechat_crypto import Envelope, Forged, Unreadable, read_xml, sign, to_xml

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
"""The key, token and account of the sample code that the platform published for Official Accounts."""
ACCOUNT = Envelope("pamtest", KEY, "wxb11529c136998cb6")
WORK = Envelope("QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7")
"""The example of WeCom's documentation."""
WORK_MESSAGE = (
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/"
    "sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZ"
    "fJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LA"
    "VGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H"
    "3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q=="
)
NOW = datetime.fromtimestamp(1409659813, UTC)
BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><xml><Content>&b;</Content></xml>'


def test_the_published_official_account_example_is_sealed_and_opened() -> None:
    text = "我是中文abcd123"
    expected = "jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg=="
    assert ACCOUNT.seal(text, b"aaaabbbbccccdddd") == expected
    assert ACCOUNT.open(expected) == text


def test_the_published_wecom_message_is_believed_and_opened() -> None:
    signature = "477715d11cdb4164915debcba66cb864d751f3e6"
    query = {"msg_signature": signature, "timestamp": "1409659813", "nonce": "1372623149"}
    WORK.check(query, NOW, WORK_MESSAGE)
    message = read_xml(WORK.open(WORK_MESSAGE))
    assert message["FromUserName"] == "mycreate"
    assert message["Content"] == "hello"
    assert message["MsgId"] == "4561255354251345929"


def test_the_published_wecom_echo_is_opened() -> None:
    echo = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="
    signature = "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3"
    query = {"msg_signature": signature, "timestamp": "1409659589", "nonce": "263014780"}
    WORK.check(query, NOW, echo)
    assert WORK.open(echo) == "1616140317555161061"


@given(st.text(max_size=200).filter(lambda text: text.isprintable()))
def test_wechatpy_opens_what_we_seal_and_we_open_what_it_seals(text: str) -> None:
    for ours, theirs in (
        (ACCOUNT, WeChatCrypto("pamtest", KEY, "wxb11529c136998cb6")),
        (WORK, WorkCrypto("QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7")),
    ):
        sealed = read_xml(ours.sealed_reply(to_xml({"Content": text}), "1409659813", "n"))
        opened = theirs.decrypt_message(
            to_xml({"Encrypt": sealed["Encrypt"]}), sealed["MsgSignature"], "1409659813", "n"
        )
        assert read_xml(opened)["Content"] == text.strip()
        answer = read_xml(theirs.encrypt_message(text, "n", "1409659813"))
        query = {"msg_signature": answer["MsgSignature"], "timestamp": "1409659813", "nonce": "n"}
        ours.check(query, NOW, answer["Encrypt"])
        assert ours.open(answer["Encrypt"]) == text


def test_wechatpy_believes_our_signature() -> None:
    check_signature("pamtest", sign("pamtest", "1409659813", "n"), "1409659813", "n")


def test_another_accounts_message_is_refused_as_wechatpy_refuses_it() -> None:
    sealed = Envelope("pamtest", KEY, "wxother").seal("您好")
    with pytest.raises(Forged, match="another account"):
        ACCOUNT.open(sealed)
    with pytest.raises(InvalidAppIdException):
        WeChatCrypto("pamtest", KEY, "wxb11529c136998cb6").decrypt_message(
            to_xml({"Encrypt": sealed}), sign("pamtest", "1", "n", sealed), "1", "n"
        )


@pytest.mark.parametrize(
    "query",
    [
        {"signature": sign("pamtest", "1409659813", "n"), "timestamp": "1409659813", "nonce": "m"},
        {"signature": sign("pamtest", "1409659512", "n"), "timestamp": "1409659512", "nonce": "n"},
        {"signature": sign("pamtest", "1409660114", "n"), "timestamp": "1409660114", "nonce": "n"},
        {"signature": sign("pamtest", "今天", "n"), "timestamp": "今天", "nonce": "n"},
        {"signature": "é", "timestamp": "1409659813", "nonce": "n"},
        {},
    ],
    ids=["wrong nonce", "too old", "too new", "no time", "no hex", "nothing"],
)
def test_a_forged_or_old_callback_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(Forged):
        ACCOUNT.check(query, NOW)


def test_without_a_token_nothing_is_believed() -> None:
    query = {"signature": sign("", "1409659813", "n"), "timestamp": "1409659813", "nonce": "n"}
    with pytest.raises(Forged):
        Envelope("", "", "wx").check(query, NOW)


@given(st.binary(max_size=96))
def test_any_bytes_are_refused_with_a_reason(sealed: bytes) -> None:
    with pytest.raises((Unreadable, Forged)):
        ACCOUNT.open(b64encode(sealed).decode())


@pytest.mark.parametrize("xml", [BOMB, "<xml>", "", "<xml>\x00</xml>", b"\xff<xml/>"])
def test_an_entity_bomb_and_broken_xml_are_refused(xml: str | bytes) -> None:
    with pytest.raises(Unreadable):
        read_xml(xml)


def test_text_cannot_break_out_of_the_reply() -> None:
    text = "]]></Content><MsgType>news</MsgType>&amp;\x0b"
    assert read_xml(to_xml({"Content": text})) == {"Content": "]]></Content><MsgType>news</MsgType>&amp;"}
