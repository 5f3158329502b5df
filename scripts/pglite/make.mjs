// Makes a data folder of PGlite, of the newest Postgres or of another major version: node make.mjs <data folder> <version>.

import { engineOf } from './engine.mjs'

function complain(error) {
  process.stderr.write(`${String(error?.message ?? error).split('\n')[0].slice(0, 500)}\n`, () => process.exit(1))
}

process.on('uncaughtException', complain)
process.on('unhandledRejection', complain)
process.umask(0o077)

const [folder, version] = process.argv.slice(2)
const PGlite = await engineOf(version)
const pg = await PGlite.create({ dataDir: folder })
await pg.close()
process.exit(0)
