// Prints a dumpDataDir tarball of a PGlite with an extension and an index of it: node --input-type=module -e …

const dist = `${process.cwd()}/node_modules/pglite-18/dist`
const { PGlite } = await import(`${dist}/index.js`)
const { pg_trgm } = await import(`${dist}/contrib/pg_trgm.js`)
const pg = await PGlite.create({ extensions: { pg_trgm } })
await pg.exec(`
  create extension pg_trgm;
  create table words (word text);
  insert into words values ('word'), ('sword'), ('other');
  create index on words using gin (word gin_trgm_ops);
`)
const file = await pg.dumpDataDir('none')
process.stdout.write(Buffer.from(await file.arrayBuffer()), () => process.exit(0))
