"""Fill the shop with orders, documents and jobs; runs in the worker's container.

The argument is a JSON object (see seed.py); the last line is another one, of what is there.
"""

import json
import os
import sys

import psycopg2
import redis

BATCH = 500
BLOCK = 64  # what one SHA-512 gives

ORDERS = """
INSERT INTO orders (id, number, customer, cents, placed_at)
SELECT n, 'S-' || lpad(n::text, 6, '0'), 'Customer ' || mod(n, 97), 100 + mod(n * 7919, 50000),
       timestamptz '2026-01-01 08:00+00' + n * interval '10 minutes'
FROM generate_series(1, %(orders)s) AS n
ON CONFLICT DO NOTHING
"""

# Of bytes that no compression shrinks, and the same at every run.
DOCUMENTS = """
INSERT INTO documents (order_id, digest, content)
SELECT n, sha256(content), content
FROM generate_series(%(first)s, %(last)s) AS n,
     LATERAL (SELECT string_agg(sha512((n || ':' || block)::bytea), ''::bytea) AS content
              FROM generate_series(1, %(blocks)s) AS block) AS made
WHERE NOT EXISTS (SELECT FROM documents WHERE order_id = n)
"""

INVOICED = """
INSERT INTO invoices (order_id, cents, issued_at)
SELECT id, cents, placed_at + interval '1 hour' FROM orders WHERE id <= %(invoiced)s
ON CONFLICT DO NOTHING
"""

NAMED = """
INSERT INTO orders (id, number, customer, cents, placed_at)
VALUES (%(id)s, %(number)s, %(customer)s, 4200, now()) ON CONFLICT DO NOTHING
"""

NAMED_INVOICE = (
    "INSERT INTO invoices (order_id, cents) VALUES (%(id)s, 4200) ON CONFLICT DO NOTHING"
)

COUNTS = """
SELECT (SELECT count(*) FROM orders), (SELECT coalesce(sum(length(content)), 0) FROM documents)
"""


def job(order):
    """Return an order's job, as the worker reads it."""
    return json.dumps({"order": order})


def write_orders(cursor, asked):
    """Write the numbered orders, their documents, and invoices for all but those that wait."""
    cursor.execute(ORDERS, asked)
    for first in range(1, asked["orders"] + 1, BATCH):
        last = min(first + BATCH - 1, asked["orders"])
        blocks = asked["document_bytes"] // BLOCK
        cursor.execute(DOCUMENTS, {"first": first, "last": last, "blocks": blocks})
        print(f"documents of {last} of {asked['orders']} orders", flush=True)
    invoiced = asked["orders"] - asked["waiting"]
    cursor.execute(INVOICED, {"invoiced": invoiced})
    numbered = (invoiced + 1, asked["orders"])
    cursor.execute("DELETE FROM invoices WHERE order_id BETWEEN %s AND %s", numbered)


def write_queue(queue, asked):
    """Let a job wait for each order without an invoice, in the place of all jobs before."""
    first = asked["orders"] - asked["waiting"] + 1
    with queue.pipeline() as change:
        change.delete("jobs", "processing", "failed")
        change.rpush("jobs", *map(job, range(first, asked["orders"] + 1)))
        change.execute()


def write_named(cursor, queue, asked):
    """Write the named orders, done or new, and take away those that are cancelled."""
    for order in asked["cancelled"]:
        cursor.execute("DELETE FROM orders WHERE id = %s", (order,))
    for order in asked["invoiced"]:
        cursor.execute(NAMED, order)
        cursor.execute(NAMED_INVOICE, order)
    for order in asked["placed"]:
        cursor.execute(NAMED, order)
    cursor.connection.commit()
    for order in asked["placed"]:
        queue.rpush("jobs", job(order["id"]))


def settle(database):
    """Do now what autovacuum does within a minute or two.

    It would write whole pages to the log; with these a copy that was taken meanwhile is mended as
    the server starts, also one that is damaged on purpose.
    """
    database.autocommit = True
    with database.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) orders, documents, invoices")


def main():
    """Do all that is asked for, and tell what is there."""
    asked = json.loads(sys.argv[1])
    settings = {key: os.environ[f"POSTGRES_{key.upper()}"] for key in ("host", "user", "password")}
    database = psycopg2.connect(dbname=os.environ["POSTGRES_DATABASE"], **settings)
    queue = redis.Redis(host=os.environ["REDIS_HOST"], password=os.environ["REDIS_PASSWORD"])
    with database, database.cursor() as cursor:
        if asked["orders"]:
            write_orders(cursor, asked)
            database.commit()
            write_queue(queue, asked)
        write_named(cursor, queue, asked)
        if asked["rates"]:
            queue.hset("rates", mapping=asked["rates"])
        cursor.execute(COUNTS)
        orders, size = cursor.fetchone()
    settle(database)
    print(json.dumps({"orders": orders, "bytes": int(size), "jobs": queue.llen("jobs")}))


main()
