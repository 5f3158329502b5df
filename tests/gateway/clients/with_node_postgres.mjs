// What a program in JavaScript does with a database: host, port, the authority's certificate.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [folder, host, port, root] = process.argv.slice(2);
const { Client, Pool } = createRequire(`${folder}/`)('pg');
const to = {
  host: '127.0.0.1', port: Number(port), user: 'ann', database: 'shop', password: process.env.PGPASSWORD,
  ssl: { ca: readFileSync(root), servername: host }, enableChannelBinding: true, application_name: 'till',
};

const pool = new Pool({ ...to, max: 5 });
const sums = await Promise.all([...Array(20).keys()].map((number) => pool.query('select $1::int + 1 as sum', [number])));
assert.deepEqual(sums.map(({ rows }) => rows[0].sum), [...Array(20).keys()].map((number) => number + 1));
const { rows } = await pool.query("select current_setting('application_name') as name, $1::jsonb as thing, $2::timestamptz as at", [{ a: [1, null] }, new Date(0)]);
assert.deepEqual(rows, [{ name: 'till', thing: { a: [1, null] }, at: new Date(0) }]);
await pool.end();

const ann = new Client(to);
await ann.connect();
await ann.query('begin');
await assert.rejects(ann.query('select 1 / 0'), { code: '22012' });
await assert.rejects(ann.query('select 1'), { code: '25P02' });
await ann.query('rollback');
const named = { name: 'sum', text: 'select sum(n)::int as sum from generate_series(1, $1) n' };
for (const to of [10, 100, 100_000]) {
  const { rows: [{ sum }] } = await ann.query({ ...named, values: [to] }).catch((error) => ({ rows: [{ sum: error.code }] }));
  assert.equal(sum, to === 100_000 ? '22003' : (to * (to + 1)) / 2);
}
const heard = new Promise((resolve) => { ann.once('notification', resolve); });
await ann.query('listen news');
await ann.query("notify news, 'hello'");
assert.equal((await heard).payload, 'hello');
const { rows: many } = await ann.query("select n, repeat('x', 1000) as text from generate_series(1, 20000) n");
assert.equal(many.length, 20_000);
await ann.end();

await assert.rejects(new Client({ ...to, password: 'wrong' }).connect(), { code: '28P01' });
await assert.rejects(new Client({ ...to, ssl: { ca: to.ssl.ca, servername: 'db.example.org' } }).connect(), /altnames/);
console.log('ok');
