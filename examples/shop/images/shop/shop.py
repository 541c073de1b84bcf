#!/usr/bin/python3
"""The shop's back office: `shop migrate`, `shop work`, `shop statement`, `shop status`.

Orders are rows of PostgreSQL. For each one that has no invoice yet a job waits in Redis, in the
list `jobs`; the worker moves it to `processing`, writes the invoice, and takes it off. A job that
cannot be done goes to `failed`.

Settings are in the environment: POSTGRES_HOST, POSTGRES_DATABASE, POSTGRES_USER, POSTGRES_PASSWORD,
REDIS_HOST, REDIS_PASSWORD, and JOB_SECONDS, which is what the rendering of an invoice takes.
"""

import json
import os
import signal
import socket
import sys
import time

import psycopg2
import redis

PATIENCE = 60.0
"""Seconds for the database and the queue to come up."""

ALIVE = "worker:"
ALIVE_SECONDS = 15
IDLE_SECONDS = 2

SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    id integer PRIMARY KEY,
    number text NOT NULL UNIQUE,
    customer text NOT NULL,
    cents bigint NOT NULL CHECK (cents > 0),
    placed_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS orders_placed_at ON orders (placed_at);
CREATE TABLE IF NOT EXISTS documents (
    order_id integer PRIMARY KEY REFERENCES orders ON DELETE CASCADE,
    digest bytea NOT NULL,
    content bytea NOT NULL
);
ALTER TABLE documents ALTER COLUMN content SET STORAGE EXTERNAL;
CREATE TABLE IF NOT EXISTS invoices (
    order_id integer PRIMARY KEY REFERENCES orders ON DELETE CASCADE,
    cents bigint NOT NULL CHECK (cents > 0),
    issued_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS statements (
    day date PRIMARY KEY,
    invoices bigint NOT NULL,
    cents bigint NOT NULL
);
"""

STATEMENT = """
INSERT INTO statements (day, invoices, cents)
SELECT current_date, count(*), coalesce(sum(cents), 0)
FROM invoices WHERE issued_at >= current_date
ON CONFLICT (day) DO UPDATE SET invoices = excluded.invoices, cents = excluded.cents
RETURNING invoices, cents
"""


def patiently(connect):
    """Connect, and try again while nobody answers; a password does not get better."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return connect()
        except (psycopg2.OperationalError, redis.exceptions.ConnectionError) as problem:
            refused = "authentication" in f"{type(problem)} {problem}".lower()
            if refused or time.monotonic() > until:
                raise
            print(f"waiting: {str(problem).splitlines()[0]}")
            time.sleep(1)


def database():
    """Return a connection in which every `with` is a transaction."""
    return patiently(
        lambda: psycopg2.connect(
            host=os.environ["POSTGRES_HOST"],
            dbname=os.environ["POSTGRES_DATABASE"],
            user=os.environ["POSTGRES_USER"],
            password=os.environ["POSTGRES_PASSWORD"],
            connect_timeout=5,
        )
    )


def queue():
    """Return a connection to Redis, which answers."""
    client = redis.Redis(
        host=os.environ["REDIS_HOST"],
        password=os.environ["REDIS_PASSWORD"],
        socket_connect_timeout=5,
        decode_responses=True,
    )
    patiently(client.ping)
    return client


def query(db, text, *values):
    """Run one statement in a transaction of its own, and return its first row."""
    with db, db.cursor() as cursor:
        cursor.execute(text, values)
        return cursor.fetchone() if cursor.description else None


class Worker:
    """Takes one job after the other until it is told to stop."""

    def __init__(self):
        self.db, self.queue = database(), queue()
        self.stopped = False
        self.done = 0

    def stop(self, *_):
        """Stop after the job at hand."""
        self.stopped = True

    def run(self):
        """Work. What an earlier worker left half done is taken up again."""
        while self.queue.lmove("processing", "jobs", "RIGHT", "LEFT"):
            pass
        while not self.stopped:
            self.queue.set(f"{ALIVE}{socket.gethostname()}", self.done, ex=ALIVE_SECONDS)
            if job := self.queue.blmove("jobs", "processing", IDLE_SECONDS, "LEFT", "RIGHT"):
                self.finish(job, self.invoice(json.loads(job)["order"]))

    def finish(self, job, problem):
        """Take a job off the queue; one with a problem is put aside."""
        with self.queue.pipeline() as change:
            change.lrem("processing", 1, job)
            if problem:
                print(f"failed: {job}: {problem}")
                change.rpush("failed", job)
            change.execute()
        self.done += not problem

    def invoice(self, order):
        """Write an order's invoice, once; return what keeps it from being written."""
        found = query(self.db, "SELECT cents FROM orders WHERE id = %s", order)
        if not found:
            return f"there is no order {order}"
        time.sleep(float(os.environ["JOB_SECONDS"]))
        insert = "INSERT INTO invoices (order_id, cents) VALUES (%s, %s) ON CONFLICT DO NOTHING"
        query(self.db, insert, order, found[0])
        return None


def work():
    """Do what is in the queue, for as long as the pod lives."""
    worker = Worker()
    signal.signal(signal.SIGTERM, worker.stop)
    worker.run()


def migrate():
    """Make the tables where there are none."""
    query(database(), SCHEMA)
    print("the tables are there")


def statement():
    """Write down what was invoiced today."""
    invoices, cents = query(database(), STATEMENT)
    print(f"{invoices} invoices today, {cents / 100:.2f}")


def status():
    """Tell how much is waiting and done; it is a failure when nobody works."""
    db, jobs = database(), queue()
    until = time.monotonic() + ALIVE_SECONDS
    while not (workers := list(jobs.scan_iter(f"{ALIVE}*"))) and time.monotonic() < until:
        time.sleep(0.5)
    (invoices,) = query(db, "SELECT count(*) FROM invoices")
    print(f"{len(workers)} workers, {jobs.llen('jobs')} jobs waiting, {invoices} invoices")
    return 0 if workers else 1


if __name__ == "__main__":
    commands = {one.__name__: one for one in (migrate, work, statement, status)}
    chosen = commands.get(" ".join(sys.argv[1:]))
    sys.exit(chosen() if chosen else f"usage: shop {'|'.join(commands)}")
