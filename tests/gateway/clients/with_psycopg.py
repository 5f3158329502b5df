"""What a program in Python does with a database: $1 host, $2 port, $3 the authority's certificate."""

import asyncio
import sys
import threading

import psycopg

host, port, root = sys.argv[1:]
to = dict(host=host, hostaddr="127.0.0.1", port=port, user="ann", dbname="shop", sslmode="verify-full", sslrootcert=root, channel_binding="require")

with psycopg.connect(**to) as ann:
    ann.execute("create temp table thing (id int primary key, name text, at timestamptz)")
    with ann.cursor().copy("copy thing (id, name) from stdin") as copy:
        for number in range(10_000):
            copy.write_row((number, f"thing {number} äöü"))
    with ann.cursor() as cursor:
        cursor.executemany("update thing set at = now(), name = %s where id = %s", [("changed", number) for number in range(100)])
    # a cursor that the server keeps, in pieces
    with ann.cursor(name="all") as cursor:
        cursor.itersize = 500
        cursor.execute("select id from thing order by id")
        assert sum(row[0] for row in cursor) == 49_995_000
    with ann.cursor().copy("copy (select id, name from thing) to stdout (format binary)") as copy:
        copy.set_types(["int4", "text"])
        assert sum(1 for _ in copy.rows()) == 10_000
    with ann.pipeline():
        sums = [ann.execute("select %s::int + 1", (number,), binary=True) for number in range(50)]
    assert [cursor.fetchone()[0] for cursor in sums] == list(range(1, 51))
    for _ in range(7):  # from the sixth on it is prepared
        assert ann.execute("select count(*) from thing where name = %s", ("changed",)).fetchone() == (100,)
    ann.commit()
    try:
        with ann.transaction():
            ann.execute("delete from thing")
            ann.execute("select 1 / 0")
    except psycopg.errors.DivisionByZero:
        pass
    assert ann.execute("select count(*) from thing").fetchone() == (10_000,)

with psycopg.connect(**to, autocommit=True) as ann, psycopg.connect(**to, autocommit=True) as other:
    ann.execute("listen news")
    other.execute("notify news, 'hello'")
    assert next(ann.notifies(timeout=30)).payload == "hello"
    timer = threading.Timer(0.2, ann.cancel_safe)
    timer.start()
    try:
        ann.execute("select pg_sleep(60)")
        raise AssertionError("it was not cancelled")
    except psycopg.errors.QueryCanceled:
        timer.join()


async def several():
    async def one(number):
        async with await psycopg.AsyncConnection.connect(**to) as ann:
            return (await (await ann.execute("select %s::int", (number,))).fetchone())[0]

    return await asyncio.gather(*map(one, range(5)))


assert asyncio.run(several()) == list(range(5))
try:
    psycopg.connect(**{**to, "password": "wrong"})
    raise AssertionError("a wrong password came in")
except psycopg.OperationalError as error:
    assert "password authentication failed" in str(error), error
print("ok")
