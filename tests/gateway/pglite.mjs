// Prints a dumpDataDir tarball of PGlite: node --input-type=module -e … <major version>

const version = process.argv.at(-1)
const { PGlite } = await import(`${process.cwd()}/node_modules/pglite-${version}/dist/index.js`)
const pg = await PGlite.create()
await pg.exec(`
  create table t (n int primary key, word text);
  insert into t select g, 'a' || g from generate_series(1, 1000) g;
  insert into t values (0, E'\\\\! touch /tmp/iasql-evil');
  create table engine (version text);
  insert into engine values ('${version}');
`)
const file = await pg.dumpDataDir(version === '17' ? 'gzip' : 'none')
process.stdout.write(Buffer.from(await file.arrayBuffer()), () => process.exit(0))
