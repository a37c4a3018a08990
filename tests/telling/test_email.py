"""Mail, on a real mail server."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channel import Channel, NotTold
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels import KINDS, smtp_session

from tests.telling.mail_server import LOGIN, MailServer, serving
from tests.telling.messages import COMMITTED, DRILL, PROGRESS, STAGES, STARTED

pytestmark = [pytest.mark.once, pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")]


@pytest.fixture(scope="session")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of 127.0.0.1 that nobody else trusts, with its key."""
    path = tmp_path_factory.mktemp("tls") / "mail.pem"
    made = path.with_name("key.pem"), path.with_name("cert.pem")
    names = ["-subj", "/CN=mail.test", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", *names]
    subprocess.run([*command, "-keyout", made[0], "-out", made[1]], check=True, capture_output=True)
    path.write_text(made[0].read_text() + made[1].read_text())
    return path


@pytest.fixture(params=["starttls", "tls", "none"])
def security(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(pem: Path) -> Iterator[MailServer]:
    with serving(pem, "starttls") as found:
        yield found


def channel(server: MailServer, pem: Path, security: str = "starttls", **options: Any) -> Channel:
    usual = {"host": "127.0.0.1", "port": server.port, "security": security, "ca_file": str(pem.with_name("cert.pem"))}
    login = {"username": LOGIN[0], "password": LOGIN[1], "sender": "RachelFoods <status@rachelfoods.test>"}
    return KINDS["email"]({"name": "mail", "kind": "email", **usual, **login, "to": ["stakeholders@rachelfoods.test"], **options})


def users(count: int) -> list[str]:
    return [f"user{number}@example.test" for number in range(count)]


def test_each_stage_is_a_mail_of_one_thread(pem: Path, security: str) -> None:
    with serving(pem, security) as server:
        memory: Any = {}
        for message in STAGES:
            told = channel(server, pem, security).tell(message, memory)
            memory = json.loads(json.dumps(dict(told.memory)))
        assert [mail["Subject"] for _, mail in server.sent] == [STARTED.title] * 4
        assert len({mail["References"] for _, mail in server.sent}) == 1
        assert len(set(server.ids)) == 4
        recipients, mail = server.sent[0]
        assert recipients == ["stakeholders@rachelfoods.test"]
        assert mail["From"] == "RachelFoods <status@rachelfoods.test>"
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail.get_content().split() == f"{STARTED.text} Lead: alex ETA: 02:48 UTC".split()
        channel(server, pem, security).tell(STARTED, memory)
        channel(server, pem, security).tell(replace(PROGRESS, number=7), memory)
        assert len(server.sent) == 4


def test_users_do_not_see_each_other(server: MailServer, pem: Path) -> None:
    channel(server, pem, to=[], bcc=users(5), batch=2).tell(STARTED, {})
    assert [recipients for recipients, _ in server.sent] == [users(5)[:2], users(5)[2:4], users(5)[4:]]
    assert not any("@example.test" in str(mail) for _, mail in server.sent)
    assert len(set(server.ids)) == 3


def test_a_repeat_can_be_recognised(server: MailServer, pem: Path) -> None:
    for _ in range(2):
        channel(server, pem).tell(STARTED, {})
    assert len(server.ids) == 2
    assert len(set(server.ids)) == 1


def test_any_text_goes_through(server: MailServer, pem: Path) -> None:
    message = replace(STARTED, title="Zahlung gestört\r\nBcc: evil@example.test", text="Größe: 5 €\n.\nQUIT\n" + "x" * 2000)
    channel(server, pem).tell(message, {})
    [(recipients, mail)] = server.sent
    assert recipients == ["stakeholders@rachelfoods.test"]
    assert (mail["Bcc"], mail["Subject"]) == (None, "Zahlung gestört Bcc: evil@example.test")
    assert "Größe: 5 €\n.\nQUIT\nxxx" in mail.get_content().replace("\r\n", "\n")


def test_a_drill_says_that_it_is_one(server: MailServer, pem: Path) -> None:
    channel(server, pem).tell(DRILL, {})
    assert server.sent[0][1]["Subject"].startswith("[TEST] ")
    assert "This is a drill" in server.sent[0][1].get_content()


def test_a_lost_answer_does_not_send_twice(server: MailServer, pem: Path) -> None:
    """What is in doubt is not sent again, the batches behind it are."""
    server.lost = 1
    mail = channel(server, pem, to=[], bcc=users(3), batch=1)
    with pytest.raises(NotTold) as problem:
        mail.tell(STARTED, {})
    assert problem.value.again
    mail.tell(STARTED, problem.value.memory or {})
    assert [recipients for recipients, _ in server.sent] == [[user] for user in users(3)]
    server.lost = 1
    with pytest.raises(NotTold) as problem:
        channel(server, pem).tell(STARTED, {})
    assert not problem.value.again


@pytest.mark.parametrize(
    ("answers", "again"),
    [
        ({"MAIL": "451 later"}, True),
        ({"MAIL": "553 not you"}, False),
        ({"RCPT": "450 greylisted"}, True),
        ({"RCPT": "550 nobody"}, False),
        ({"END": "452 full"}, True),
        ({"END": "554 spam"}, False),
        ({"RCPT": "250 OK", "END": "421 going down"}, True),
    ],
    ids=str,
)
def test_what_the_server_refuses(server: MailServer, pem: Path, answers: dict[str, str], again: bool) -> None:
    server.answers = answers
    with pytest.raises(NotTold) as problem:
        channel(server, pem).tell(STARTED, {})
    assert problem.value.again == again
    server.answers = {}
    if again:
        channel(server, pem).tell(STARTED, problem.value.memory or {})
        assert len(server.sent) == 1


def test_one_address_that_is_refused_keeps_nobody_else_from_it(server: MailServer, pem: Path) -> None:
    server.answers = {users(3)[1]: "550 nobody"}
    channel(server, pem, to=users(3)).tell(STARTED, {})
    assert server.sent[0][0] == [users(3)[0], users(3)[2]]


@pytest.mark.parametrize(("command", "again"), [("MAIL", True), ("END", False)])
def test_a_slow_server_is_not_waited_for(
    server: MailServer, pem: Path, monkeypatch: pytest.MonkeyPatch, command: str, again: bool
) -> None:
    monkeypatch.setattr(smtp_session, "SECONDS", 0.5)
    server.hangs = command
    with pytest.raises(NotTold) as problem:
        channel(server, pem).tell(STARTED, {})
    assert problem.value.again == again


def test_nobody_there(pem: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = MailServer(port=taken.getsockname()[1])
        for security in ("starttls", "tls", "none"):
            with pytest.raises(NotTold) as problem:
                channel(nobody, pem, security).tell(STARTED, {})
            assert problem.value.again


@pytest.mark.parametrize(
    ("wrong", "option"),
    [
        ({"password": "nobody-knows-this"}, "password"),
        ({"ca_file": None}, "ca_file"),
        ({"security": "tls"}, "security"),
        ({"security": "none"}, "username"),
    ],
    ids=str,
)
def test_a_wrong_setting_is_told_of_with_its_option(server: MailServer, pem: Path, wrong: dict[str, Any], option: str) -> None:
    mail = channel(server, pem, **wrong)
    with pytest.raises(NotTold) as problem:
        mail.tell(STARTED, {})
    assert not problem.value.again
    assert option in problem.value.message
    assert not any(word in f"{problem.value!r} {mail!r} {vars(mail).get('_server')}" for word in (LOGIN[1], "nobody-knows-this"))
    assert server.sent == []


def test_somebody_has_to_get_it(server: MailServer, pem: Path) -> None:
    with pytest.raises(Refused):
        channel(server, pem, to=[])


def test_an_end_without_a_beginning_is_told(server: MailServer, pem: Path) -> None:
    assert channel(server, pem).tell(COMMITTED, {}).memory["over"]
