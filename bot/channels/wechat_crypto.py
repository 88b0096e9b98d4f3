"""What WeChat and WeCom callbacks share: signatures, the AES envelope, and XML read safely."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping
from datetime import datetime, timedelta
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import escape

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

MAX_AGE = timedelta(minutes=5)
"""How far a callback's time may be from ours; a retry comes within 15 seconds."""
RANDOM, LENGTH, BLOCK = 16, 4, 32


class Forged(Exception):
    """The callback is not from the platform, or is too old to be believed."""


class Unreadable(ValueError):
    """The callback's body is not what the platform sends."""


def sign(*parts: str) -> str:
    """The platform's signature over a token, a time, a nonce and, where there is one, the ciphertext."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


class Envelope:
    """Checks and opens what a platform sends to one account, and seals the answer."""

    def __init__(self, token: str, aes_key: str, receiver: str) -> None:
        self.token = token
        self.receiver = receiver.encode()
        self.key = b64decode(f"{aes_key}=") if aes_key else b""

    def check(self, query: Mapping[str, str], now: datetime, encrypted: str = "") -> None:
        """Raises Forged unless the signature is right and the time is now.

        `encrypted`: the ciphertext, whose signature is another one.
        """
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        signature = query.get("msg_signature" if encrypted else "signature", "")
        expected = sign(self.token, timestamp, nonce, *([encrypted] if encrypted else []))
        if not self.token or not hmac.compare_digest(expected.encode(), signature.encode()):
            raise Forged("the signature is not valid")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
            raise Forged("the timestamp is no time")
        if abs(now.timestamp() - int(timestamp)) > MAX_AGE.total_seconds():
            raise Forged("the timestamp is not within 5 minutes of now")

    def open(self, encrypted: str) -> str:
        """The text inside; raises Unreadable, or Forged where it is meant for another account."""
        try:
            sealed = b64decode(encrypted, validate=True)
        except (Base64Error, ValueError):
            raise Unreadable("the ciphertext is not base64") from None
        if not self.key or not sealed or len(sealed) % 16:
            raise Unreadable("the ciphertext does not fit the key")
        decryptor = self._cipher().decryptor()
        plain = decryptor.update(sealed) + decryptor.finalize()
        padding = plain[-1]
        if not 1 <= padding <= BLOCK or plain[-padding:] != bytes([padding]) * padding:
            raise Unreadable("the ciphertext does not fit the key")
        plain = plain[RANDOM:-padding]
        length = int.from_bytes(plain[:LENGTH], "big")
        text, receiver = plain[LENGTH : LENGTH + length], plain[LENGTH + length :]
        if not hmac.compare_digest(receiver, self.receiver):
            raise Forged("the message is for another account")
        return _decoded(text)

    def seal(self, text: str, random: bytes = b"") -> str:
        """The ciphertext of a text; `random`: 16 bytes, drawn where none are given."""
        body = text.encode()
        plain = (random or secrets.token_bytes(RANDOM)) + len(body).to_bytes(LENGTH, "big")
        plain += body + self.receiver
        padding = BLOCK - len(plain) % BLOCK
        encryptor = self._cipher().encryptor()
        sealed = encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()
        return b64encode(sealed).decode()

    def sealed_reply(self, text: str, timestamp: str, nonce: str) -> str:
        """A passive reply as the encrypted modes expect it."""
        encrypted = self.seal(text)
        signature = sign(self.token, timestamp, nonce, encrypted)
        fields = {"Encrypt": encrypted, "MsgSignature": signature, "TimeStamp": timestamp, "Nonce": nonce}
        return to_xml(fields)

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES256(self.key), modes.CBC(self.key[:16]))


def read_xml(text: str | bytes) -> dict[str, str]:
    """The leaves of a callback's XML by name; raises Unreadable, also for entities and other tricks."""
    try:
        root = fromstring(_decoded(text) if isinstance(text, bytes) else text)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise Unreadable(f"the XML cannot be read: {type(error).__name__}") from None
    return {each.tag: (each.text or "").strip() for each in root.iter() if len(each) == 0}


def to_xml(fields: Mapping[str, str]) -> str:
    """A flat XML document; what customers or rules put into it stays text."""
    inside = "".join(f"<{name}>{escape(_printable(value))}</{name}>" for name, value in fields.items())
    return f"<xml>{inside}</xml>"


def _printable(text: str) -> str:
    """Without the control characters that XML cannot hold."""
    return "".join(each for each in text if each >= " " or each in "\t\n\r")


def _decoded(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError:
        raise Unreadable("the text is not UTF-8") from None
