"""Where mails go: to a mail server, or into a folder that the operator may look into."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from flask import current_app

from server.core.secrets import make_private, write_private
from server.post.addresses import default_sender
from server.post.models import Mail

TIMEOUT_S = 15.0


class NotDelivered(Exception):
    """A mail was not taken. `for_good`: trying again would change nothing. `all`: it is not about this mail."""

    def __init__(self, why: str, *, for_good: bool = False, all: bool = False) -> None:
        super().__init__(why)
        self.for_good, self.all = for_good, all


class Postbox(Protocol):
    """Something that takes mails."""

    def put(self, mail: Mail, letter: EmailMessage) -> str:
        """Hand a mail over and say where it went. Raises NotDelivered."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where mails come from, and by which server or into which folder they go."""

    sender: str
    smtp_url: str
    folder: Path


def read_settings() -> Settings:
    """Read what is configured."""
    config = current_app.config["STREETWISE"]
    address = parseaddr(config.mail_from)[1] or default_sender(config.base_url)
    return Settings(address, config.smtp_url, config.instance / "mail")


def letter_of(mail: Mail, city: str, settings: Settings) -> EmailMessage:
    """Write a mail as it travels (RFC 5322): plain text first, HTML for who prefers it, nothing fetched from anywhere."""
    letter = EmailMessage(policy=SMTP)
    local, _, host = settings.sender.rpartition("@")
    letter["From"] = Address(" ".join(city.split()), local, host)
    letter["To"] = Address(addr_spec=mail.to)
    letter["Subject"] = mail.subject
    letter["Date"] = format_datetime(mail.created_at)
    letter["Message-ID"] = (
        f"<{mail.id}@{host}>"  # the same at each try, so that a mail that came twice shows once
    )
    letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday answers it
    letter["X-Auto-Response-Suppress"] = "All"
    if mail.unsubscribe:
        letter["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
        letter["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    letter.set_content(mail.text, cte="quoted-printable")
    letter.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    letter["Content-Language"] = mail.lang  # last: content that is set takes such headers away
    return letter


@contextmanager
def open_postbox(settings: Settings, trust: ssl.SSLContext | None = None) -> Iterator[Postbox]:
    """Open what is configured. Raises NotDelivered when the mail server cannot be reached."""
    if not settings.smtp_url:
        yield Folder(settings.folder)
        return
    server = read_server(settings.smtp_url)
    connection = _connect(server, trust or ssl.create_default_context())
    try:
        yield Server(connection, settings.sender, server.host)
    finally:
        with suppress(smtplib.SMTPException, OSError):
            connection.quit()


@dataclass(frozen=True, slots=True)
class Folder:
    """Mails as files, one each, readable by us alone: for trying out, and until there is a mail server."""

    path: Path

    def put(self, mail: Mail, letter: EmailMessage) -> str:
        make_private(self.path)
        file = self.path / f"{mail.created_at:%Y-%m-%dT%H-%M-%S}-{mail.id}.eml"
        with suppress(FileExistsError):  # it was written before, and only the word of it got lost
            write_private(file, letter.as_bytes())
        return str(file)


@dataclass(frozen=True, slots=True)
class MailServer:
    """What STREETWISE_SMTP_URL says."""

    host: str
    port: int
    user: str
    password: str
    secured: bool  # TLS from the first byte
    may_be_open: bool  # a relay that offers no TLS is taken as it is


def read_server(url: str) -> MailServer:
    """Read `smtp://user:password@host:587` or `smtps://…`; `?starttls=no` for a relay in one's own network."""
    parts = urlsplit(url)
    secured, host = parts.scheme == "smtps", parts.hostname or "localhost"
    return MailServer(
        host=host,
        port=parts.port or (465 if secured else 587),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        secured=secured,
        may_be_open=parse_qs(parts.query).get("starttls") == ["no"] or _is_here(host),
    )


def _is_here(host: str) -> bool:
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"


def _connect(server: MailServer, trust: ssl.SSLContext) -> smtplib.SMTP:
    """Reach the mail server, secured, signed in. Raises NotDelivered."""
    try:
        if server.secured:
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=TIMEOUT_S, context=trust
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)
            connection.ehlo()
            if connection.has_extn("starttls"):
                connection.starttls(context=trust)
            elif not server.may_be_open:
                connection.close()
                raise NotDelivered("it offers no TLS; add ?starttls=no for a relay that you trust", all=True)
        if server.user:
            connection.login(server.user, server.password)
        return connection
    except (smtplib.SMTPException, OSError) as error:
        raise NotDelivered(_say(error), all=True) from error


@dataclass(frozen=True, slots=True)
class Server:
    """A connection to a mail server that is ready for mails."""

    connection: smtplib.SMTP
    sender: str
    host: str

    def put(self, mail: Mail, letter: EmailMessage) -> str:
        try:
            self.connection.send_message(letter, self.sender, [mail.to])
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            raise NotDelivered(f"refused with {code}", for_good=code >= 500) from error
        except smtplib.SMTPDataError as error:
            raise NotDelivered(f"refused with {error.smtp_code}", for_good=error.smtp_code >= 500) from error
        except (smtplib.SMTPException, OSError) as error:
            raise NotDelivered(_say(error), all=True) from error
        return self.host


def _say(error: Exception) -> str:
    """Say what went wrong without what the server wrote: it likes to repeat addresses, and logs are kept."""
    code = getattr(error, "smtp_code", None)
    if code is not None:
        return f"{type(error).__name__} {code}"
    return f"{type(error).__name__}: {error}" if isinstance(error, OSError) else type(error).__name__
