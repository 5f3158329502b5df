// Prints what is in a data folder of PGlite as SQL that an older Postgres reads too: node dump.mjs <data folder>.
// It is run as a user without rights and without a network, for the folder may hold anything.

import fs from 'node:fs'

const ENGINES = ['17', '18']
// the engine asks its own file who may come in
const TRUST = 'local all all trust\nhost all all 127.0.0.1/32 trust\n'
// settings of later versions in the head of a dump: without them the defaults hold
const LATER = /^SET transaction_timeout = 0;\n/m

function end(code, said) {
  const out = code === 0 ? process.stdout : process.stderr
  out.write(said, () => process.exit(code))
}

function complain(error) {
  end(1, `${String(error?.message ?? error).split('\n')[0].slice(0, 500)}\n`)
}

async function dump(folder) {
  const version = fs.readFileSync(`${folder}/PG_VERSION`, 'utf8').trim()
  if (!ENGINES.includes(version)) {
    throw new Error(`it is of PostgreSQL ${version.slice(0, 10)}, and there are engines for ${ENGINES.join(' and ')}`)
  }
  const { PGlite } = await import(`pglite-${version}`)
  const { pgDump } = await import(`pglite-tools-${version}/pg_dump`)
  fs.writeFileSync(`${folder}/pg_hba.conf`, TRUST)
  const pg = await PGlite.create({ dataDir: folder })
  const file = await pgDump({ pg, args: ['--no-owner', '--no-acl'] })
  return (await file.text()).replace(LATER, '')
}

// the engine says so when it ends by itself
process.on('uncaughtException', complain)
process.on('unhandledRejection', complain)

try {
  end(0, await dump(process.argv[2]))
} catch (error) {
  complain(error)
}
