#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The job queue under real conditions: two servers on one PostgreSQL, one of them killed, clocks that
jump. The work is mail, because a real SMTP server counts what was really done."""
import shutil
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from program_mail import Sink, World, stop_sinks
from program_server import Server, main, new_database, new_path, test

LEASE = 30  # seconds after which another server takes over


def node(world):
    """A data directory of its own for one more server on the same database: the keys are copies."""
    other = new_path()
    shutil.copytree(world.data, other, ignore=shutil.ignore_patterns("*.sock", "control"))
    return other


def second(world, env=None):
    return Server(node(world), *world.mail, env=env)


def sent(sink):
    return Counter(sink.parsed(i)["Message-ID"] for i in range(len(sink.mails)))


@test("two servers share the queue: all of it is done, nothing twice")
def _():
    sink = Sink()
    world = World(sink, database=new_database())
    world.queue(120)
    world.start()
    other = second(world)
    world.until(lambda: world.states() == ["sent"] * 120, 60)
    sink.pump(1)
    assert set(sent(sink).values()) == {1} and len(sent(sink)) == 120
    other.stop()


@test("a server that is killed leaves its jobs to the other one, which takes them over after the lease")
def _():
    sink = Sink("--delay", 20000)
    world = World(sink, database=new_database())
    world.queue(3, "slow-rcpt@example.com")
    world.start()
    sink.until(lambda: sum("rcpt" in e for e in sink.events) >= 1)
    other = second(world)
    world.server.kill()
    killed = time.monotonic()
    world.address("ada@example.com")
    world.query("update mail set to_address = 'ada@example.com'")
    assert world.states() == ["waiting"] * 3
    world.until(lambda: world.states() == ["sent"] * 3, LEASE + 40)
    took = time.monotonic() - killed
    sink.pump(1)
    assert set(sent(sink).values()) == {1}, sent(sink)
    assert took > LEASE - 10, f"taken over after {took:.0f} s, before the lease was over"
    print(f"     taken over and done after {took:.0f} s")
    other.stop()


@test("a job that takes longer than the lease is not taken over while its server lives, though the "
      "other server's clock is a day ahead or a day behind")
def _():
    sink = Sink("--delay", (LEASE + 15) * 1000)
    world = World(sink, database=new_database())
    world.queue(1, "slow-end@example.com")
    world.start()
    sink.wait_mails(1)
    ahead = second(world, {"CAIRN_CLOCK_SHIFT": "86400"})
    behind = second(world, {"CAIRN_CLOCK_SHIFT": "-86400"})
    world.until(lambda: world.states() == ["sent"], LEASE + 40)
    sink.quiet(5)
    assert len(sink.mails) == 1
    ahead.stop()
    behind.stop()


@test("after the clock was set back by a day, waiting jobs wait for their own delay and no longer")
def _():
    sink = Sink()
    port = sink.port
    sink.stop()
    world = World(sink)
    world.queue(1)
    world.start({"CAIRN_CLOCK_SHIFT": "86400"})
    world.until(lambda: len(world.query("select 1 from job where failures > 0")) == 1)
    world.server.stop()
    back = Sink(port=port)
    world.start()
    back.wait_mails(1, 60)
    world.until(lambda: world.states() == ["sent"])


@test("a server that is stopped in an orderly way leaves nothing marked as running")
def _():
    sink = Sink("--delay", 30000)
    world = World(sink)
    world.queue(30, "slow-rcpt@example.com")
    world.start()
    sink.until(lambda: any("rcpt" in e for e in sink.events))
    began = time.monotonic()
    assert world.server.stop() == 0
    assert time.monotonic() - began < 25
    states = Counter(r[0] for r in world.query("select state from job where kind = 'notice.mail'"))
    assert states == {"ready": 30}, states


try:
    main("jobs")
finally:
    stop_sinks()
