"""An approval counts for one plan, once, from somebody else, with the role, in time; with real keys of the real ssh-keygen."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import signature
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.signature import BadSignature
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.ssh_people import NOW, PLAN, People, judged, request, signed

OTHER = "77777777" * 8


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> People:
    made = People(tmp_path_factory.mktemp("people"))
    for name in ("anna@x.com", "ben@x.com", "dora@x.com"):
        made.add(name)
    made.add("eve@x.com", listed=False)
    return made


def key(people: People, name: str) -> Path:
    return people.directory / f"{name}.key"


def test_it_counts_for_the_roles_of_its_signer(people: People) -> None:
    counted = judged(people, *signed("anna@x.com", key(people, "anna@x.com")))

    assert (counted.approver, counted.roles) == ("anna@x.com", ("engineering-lead", "cto"))
    assert counted.key.startswith("SHA256:")


def test_ssh_keygen_itself_verifies_it(people: People, tmp_path: Path) -> None:
    content, armoured = signed("anna@x.com", key(people, "anna@x.com"))
    (tmp_path / "sig").write_bytes(armoured)
    call = ["ssh-keygen", "-Y", "verify", "-n", "lastgood", "-I", "anna@x.com", "-f", str(people.signers), "-s", str(tmp_path / "sig")]
    told = subprocess.run(call, input=content, check=True, capture_output=True).stdout
    assert told.startswith(b'Good "lastgood" signature for anna@x.com')


def replaced(content: bytes, armoured: bytes, old: bytes, new: bytes) -> tuple[bytes, bytes]:
    assert old in content
    return content.replace(old, new), armoured


REFUSED: dict[str, tuple[Callable[[People], tuple[bytes, bytes]], str]] = {
    "forged: another's key under her name": (
        lambda people: signed("anna@x.com", key(people, "eve@x.com")),
        "was signed with a key that allowed_signers does not list for anna@x.com",
    ),
    "forged: one of another approver": (
        lambda people: (signed("anna@x.com", key(people, "anna@x.com"))[0], signed("ben@x.com", key(people, "ben@x.com"))[1]),
        "says something else than what was signed: it is altered or forged",
    ),
    "altered: another approver's name": (
        lambda people: replaced(*signed("anna@x.com", key(people, "anna@x.com")), b"anna@x.com", b"ben@x.com"),
        "says something else than what was signed: it is altered or forged",
    ),
    "altered: valid for longer": (
        lambda people: replaced(*signed("anna@x.com", key(people, "anna@x.com")), b"2026-11-22T03:45", b"2026-11-23T03:45"),
        "says something else than what was signed: it is altered or forged",
    ),
    "replayed: from another incident": (
        lambda people: signed("anna@x.com", key(people, "anna@x.com"), request(incident="2026-11-21-checkout")),
        "was given for the incident 2026-11-21-checkout, and is replayed here",
    ),
    "replayed: from another environment": (
        lambda people: signed("anna@x.com", key(people, "anna@x.com"), request(environment="staging")),
        "was given for the environment staging, and is replayed here",
    ),
    "replayed: an earlier request for the same plan": (
        lambda people: signed("anna@x.com", key(people, "anna@x.com"), request(nonce="aa" * 16)),
        "answers an earlier request, and is replayed here",
    ),
    "wrong plan": (
        lambda people: signed("anna@x.com", key(people, "anna@x.com"), request(plan=OTHER)),
        f"is for another plan, 77777777; this one is {PLAN[:8]}",
    ),
    "expired": (
        lambda people: signed("anna@x.com", key(people, "anna@x.com"), request(expires=NOW), at=NOW - timedelta(hours=1)),
        "has expired at 2026-11-22T02:45:00.000Z",
    ),
    "not yet valid": (
        lambda people: signed("anna@x.com", key(people, "anna@x.com"), at=NOW + timedelta(minutes=5)),
        "is not valid before 2026-11-22T02:50:00.000Z",
    ),
    "wrong role": (
        lambda people: signed("dora@x.com", key(people, "dora@x.com")),
        "was signed by somebody without the role: none of engineering-lead, cto",
    ),
    "no signature": (
        lambda people: (signed("anna@x.com", key(people, "anna@x.com"))[0], b""),
        "has no signature that can be read",
    ),
    "no approval": (
        lambda people: (b'{"type": "lastgood approval 1"}', signed("anna@x.com", key(people, "anna@x.com"))[1]),
        "is no approval that can be read",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_it_is_refused_in_words_of_its_own(people: People, kind: str) -> None:
    make, told = REFUSED[kind]
    with pytest.raises(BadSignature) as refused:
        judged(people, *make(people))
    assert told in str(refused.value)


def test_a_request_expires_whatever_the_approval_says(people: People) -> None:
    given_for_a_day = signed("anna@x.com", key(people, "anna@x.com"), request(expires=NOW + timedelta(days=1)))
    with pytest.raises(BadSignature, match=r"has expired at 2026-11-22T03:45:00\.000Z"):
        judged(people, *given_for_a_day, at=NOW + timedelta(hours=2))


def test_one_for_another_purpose(people: People) -> None:
    content, _armoured = signed("anna@x.com", key(people, "anna@x.com"))
    call = ["ssh-keygen", "-q", "-Y", "sign", "-n", "git", "-f", str(key(people, "anna@x.com"))]
    for_git = subprocess.run(call, input=content, check=True, capture_output=True).stdout
    with pytest.raises(BadSignature, match="was signed for 'git', not for 'lastgood'"):
        judged(people, content, for_git)


def test_a_revoked_key(people: People, tmp_path: Path) -> None:
    revoked = tmp_path / "revoked"
    revoked.write_text(key(people, "ben@x.com").with_name("ben@x.com.key.pub").read_text())
    with pytest.raises(BadSignature, match="was signed with a key that is revoked, SHA256:"):
        judged(people, *signed("ben@x.com", key(people, "ben@x.com")), revoked=revoked)
    assert judged(people, *signed("anna@x.com", key(people, "anna@x.com")), revoked=revoked)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ('valid-after="20270101"', "a key that is not valid yet"),
        ('valid-before="20260101"', "a key that is no longer valid"),
        ('namespaces="git"', "a key that allowed_signers does not permit for 'lastgood'"),
    ],
)
def test_what_allowed_signers_says_of_a_key(tmp_path: Path, options: str, told: str) -> None:
    people = People(tmp_path)
    anna = people.add("anna@x.com", options)
    with pytest.raises(BadSignature, match=told):
        judged(people, *signed("anna@x.com", anna))


@pytest.mark.parametrize("who", ["by name", "by account", "by key", "by another key of the same person"])
def test_nobody_approves_their_own_run(people: People, who: str, tmp_path: Path) -> None:
    anna = key(people, "anna@x.com")
    second = People(tmp_path)
    second.list("anna@x.com", anna)
    other = second.add("anna2").with_name("anna2.key.pub")
    second.list("anna@x.com", second.directory / "anna2.key")
    requesters = {
        "by name": {"anna@x.com"},
        "by account": {"anna"},
        "by key": set(signature.fingerprints(anna.with_name(anna.name + ".pub").read_text())),
        "by another key of the same person": set(signature.fingerprints(other.read_text())),
    }[who]
    asked = request(requesters=frozenset(requesters))
    with pytest.raises(BadSignature, match="was signed by whoever runs this: somebody else must approve"):
        judged(second, *signed("anna@x.com", anna, asked), asked)


@given(place=st.integers(0, 400), byte=st.integers(0, 255))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_byte_of_what_was_signed_that_is_changed_is_noticed(people: People, place: int, byte: int) -> None:
    content, armoured = signed("anna@x.com", key(people, "anna@x.com"))
    place %= len(content)
    changed = content[:place] + bytes([byte]) + content[place + 1 :]
    if changed != content:
        with pytest.raises(BadSignature):
            judged(people, changed, armoured)


def test_a_key_that_only_an_agent_has(people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "anna"
    secret.write_bytes(key(people, "anna@x.com").read_bytes())
    secret.chmod(0o600)
    public = tmp_path / "anna.pub"
    public.write_bytes(key(people, "anna@x.com").with_name("anna@x.com.key.pub").read_bytes())
    socket = str(tmp_path / "agent")
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.DEVNULL)
    try:
        monkeypatch.setenv("SSH_AUTH_SOCK", socket)
        while not os.path.exists(socket):
            assert agent.poll() is None
        subprocess.run(["ssh-add", "-q", str(secret)], check=True, capture_output=True)
        secret.unlink()

        assert judged(people, *signed("anna@x.com", public)).approver == "anna@x.com"
        assert set(signature.fingerprints(public.read_text())) <= set(signature.own_keys())
    finally:
        agent.terminate()
        agent.wait()
