// Opens a tarball from its input with PGlite: node --input-type=module -e … <major version>

import { buffer } from 'node:stream/consumers'

const version = process.argv.at(-1)
const { PGlite } = await import(`${process.cwd()}/node_modules/pglite-${version}/dist/index.js`)
const pg = await PGlite.create({ loadDataDir: new Blob([await buffer(process.stdin)]) })
const { rows } = await pg.query('select count(*)::int as count, min(word) filter (where n = -1) as word from t')
process.stdout.write(`${rows[0].count} ${rows[0].word}\n`, () => process.exit(0))
