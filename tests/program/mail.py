#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Mail as it leaves: a real SMTP server takes it, with and without TLS; the program is killed in the
middle of sending."""
import email.utils
import re
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from program_mail import SECRET, Sink, World, certificate, stop_sinks
from program_server import EMAIL, ORG, good, main, new_path, refused, test

LATER = {"CAIRN_CLOCK_SHIFT": "7200"}


def secret_file():
    path = new_path(".password")
    path.write_text(SECRET + "\n")
    path.chmod(0o600)
    return path


def give_work(world, name):
    """Somebody else than Ada gives her an asset."""
    good("import", "assets", "-", "--data", world.data, "--org", ORG,
         stdin=f"name,type,owner\n\"{name}\",customer-data,{EMAIL}\n")


@test("work that is given comes as one mail by STARTTLS with a login, in text and HTML, with links "
      "that ask to sign in")
def _():
    cert, key = certificate()
    sink = Sink("--cert", cert, "--key", key, "--user", "cairn", "--password", SECRET)
    world = World(sink, "--smtp-ca", cert, "--smtp-password-file", secret_file(),
                  url=f"smtp://cairn@localhost:{sink.port}")
    world.start({"CAIRN_CLOCK_SHIFT": "-300"})
    give_work(world, "Buchungs-System für Gäste")
    world.until(lambda: world.query("select 1 from notice where kind = 'assigned' and record in"
                                    " (select id from asset)"))
    world.server.stop()
    world.start()
    sink.wait_mails(1)
    sent, m = sink.mails[0], sink.parsed()
    assert sent["secure"] and sent["to"] == [EMAIL] and sent["from"] == "cairn@acme.example", sent
    assert any(e.get("good") and e["secure"] for e in sink.events), sink.events
    assert m["Message-ID"].endswith("@acme.example>") and m["Auto-Submitted"] == "auto-generated"
    assert "notices.acme.acme.example" in m["List-Id"], m["List-Id"]
    assert m["List-Unsubscribe"] == "<http://127.0.0.1:8080/o/acme/notices/settings>"
    assert abs(email.utils.parsedate_to_datetime(m["Date"]).timestamp() - time.time()) < 120
    assert m.get_content_type() == "multipart/alternative", m.get_content_type()
    text = m.get_body(("plain",)).get_content()
    html = m.get_body(("html",)).get_content()
    assert "“Buchungs-System für Gäste” is yours now (Owner)." in text, text
    link = re.search(r"http://127\.0\.0\.1:8080(/o/acme/assets/A-\d+)", text)
    assert link and link.group(0) in html, text
    assert max(len(x) for x in sent["mail"].split("\r\n")) <= 998
    request = urllib.request.Request(world.server.url + link.group(1),
                                     headers={"Host": "127.0.0.1:8080"})
    with opened(request) as answer:
        assert answer.status == 303 and "/login?next=" in answer.headers["Location"]
    sink.quiet(8)
    assert world.states() == ["sent"]


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


def opened(request):
    try:
        return urllib.request.build_opener(NoRedirect()).open(request, timeout=20)
    except urllib.error.HTTPError as e:
        return e


@test("a server without STARTTLS, or with a certificate that is not trusted, gets neither mail nor "
      "password")
def _():
    cert, key = certificate()
    other, _ = certificate()
    for sink, ca in ((Sink(), cert), (Sink("--cert", cert, "--key", key), other)):
        world = World(sink, "--smtp-ca", ca, "--smtp-password-file", secret_file(),
                      url=f"smtp://cairn@localhost:{sink.port}")
        world.queue(1)
        world.start()
        world.until(lambda: int(world.query("select failures from job where kind = 'notice.mail'")
                                [0][0]) > 0)
        sink.pump()
        assert not sink.mails and not any("login" in e for e in sink.events), sink.events
        assert world.states() == ["waiting"]
        world.server.stop()


@test("names, titles and subjects cannot add a header or a recipient")
def _():
    sink = Sink()
    world = World(sink)
    evil = 'Ada "x" <eve@evil.example>,\tBcc: eve@evil.example'
    world.queue(1)
    world.query("update mail set to_name = ?, subject = ?", evil + "\r\nBcc: eve@evil.example",
                "Hi\r\nBcc: eve@evil.example\r\n\r\nbody")
    world.start()
    sink.wait_mails(1)
    m = sink.parsed()
    assert sink.mails[0]["to"] == [EMAIL]
    assert m["Bcc"] is None and m["Cc"] is None
    assert [a for _, a in email.utils.getaddresses([str(m["To"])])][-1] == EMAIL
    assert len(m["To"].addresses) == 1 and m["To"].addresses[0].addr_spec == EMAIL, m["To"]
    assert "eve@evil.example" in m["Subject"]


@test("a recipient whom the mail server refuses is a dead letter; one it is too busy for comes later")
def _():
    sink = Sink()
    world = World(sink)
    world.queue(1, "refused@example.com")
    world.queue(1, "busy@example.com", first=2)
    world.queue(1, "ada@example.com\r\nRCPT TO:<eve@evil.example>", first=3)
    world.queue(1, first=4)
    world.start()
    sink.wait_mails(1)
    world.until(lambda: world.states() == ["refused", "waiting", "refused", "sent"])
    states = dict(world.query("select key, state from job where kind = 'notice.mail'"))
    assert states == {"1": "dead", "2": "ready", "3": "dead"}, states
    assert sink.mails[0]["to"] == [EMAIL]
    assert not any("eve" in str(e) for e in sink.events), sink.events


@test("while the mail server is away nothing is lost, and it comes when the server is back")
def _():
    sink = Sink()
    port = sink.port
    sink.stop()
    world = World(sink)
    world.queue(3)
    world.start()
    world.until(lambda: len(world.query("select 1 from job where failures > 0")) == 3)
    world.server.stop()
    back = Sink(port=port)
    world.start(LATER)
    back.wait_mails(3)
    world.until(lambda: world.states() == ["sent"] * 3)


def slow_world(to, delay):
    sink = Sink("--delay", delay)
    world = World(sink)
    world.queue(1, to)
    world.start()
    return sink, world


@test("killed before the last byte of a mail has left: it comes exactly once")
def _():
    sink, world = slow_world("slow-rcpt@example.com", 3000)
    sink.until(lambda: any("rcpt" in e for e in sink.events))
    world.server.kill()
    assert world.states() == ["waiting"]
    world.address("ada@example.com")
    world.start()
    sink.wait_mails(1)
    world.until(lambda: world.states() == ["sent"])
    sink.quiet(5)
    assert len(sink.mails) == 1


@test("killed while the answer to the last byte is on its way: nothing is lost, and what comes again "
      "has the same Message-ID")
def _():
    sink, world = slow_world("slow-end@example.com", 3000)
    sink.wait_mails(1)
    world.server.kill()
    assert world.states() == ["sending"]
    world.start()
    sink.wait_mails(2)
    world.until(lambda: world.states() == ["sent"])
    ids = {sink.parsed(i)["Message-ID"] for i in range(len(sink.mails))}
    assert len(ids) == 1, ids
    assert "sent again under the same Message-ID" in world.log()


@test("killed three times while two hundred mails are sent: all come, and only what was in the "
      "window comes twice")
def _():
    sink = Sink()
    world = World(sink)
    world.queue(200)
    unsure = 0
    for kill in range(3):
        world.start()
        seen = len(sink.mails)
        sink.until(lambda: len(sink.mails) > seen + 30)
        world.server.kill()
        unsure += world.states().count("sending")
    world.start(LATER)
    world.until(lambda: world.states() == ["sent"] * 200, 60)
    sink.pump(1)
    got = Counter(sink.parsed(i)["Message-ID"] for i in range(len(sink.mails)))
    assert len(got) == 200, len(got)
    again = sum(got.values()) - 200
    print(f"     200 mails, 3 kills: {unsure} in the window, {again} came twice")
    assert again <= unsure, (again, unsure)


@test("the password of the mail server is nowhere that others can read")
def _():
    refused("serve", "--data", new_path(), "--smtp-url", "smtp://u:secret@mail.example.com",
            "--smtp-from", "a@b.example", says="--smtp-password-file")
    refused("serve", "--data", new_path(), "--smtp-url", "smtp://u@mail.example.com", "--smtp-from",
            "a@b.example", "--base-url", "http://127.0.0.1:1", says="--smtp-password-file")
    refused("serve", "--data", new_path(), "--smtp-url", "smtp://mail.example.com", "--smtp-from",
            "a@b.example", says="--base-url")
    cert, key = certificate()
    sink = Sink("--cert", cert, "--key", key, "--user", "cairn", "--password", "another")
    world = World(sink, "--smtp-ca", cert, "--smtp-password-file", secret_file(), "--log-level",
                  "debug", url=f"smtp://cairn@localhost:{sink.port}")
    world.queue(1)
    world.start()
    world.until(lambda: int(world.query("select failures from job where kind = 'notice.mail'")
                            [0][0]) > 0)
    proc = Path(f"/proc/{world.server.process.pid}")
    for name in ("cmdline", "environ"):
        assert SECRET.encode() not in (proc / name).read_bytes(), name
    assert SECRET not in world.log()
    world.server.stop()
    for path in Path(world.data).rglob("*"):
        if path.is_file():
            assert SECRET.encode() not in path.read_bytes(), path


try:
    main("mail")
finally:
    stop_sinks()
