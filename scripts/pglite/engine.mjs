// An engine of PGlite over a data folder of this disk: opened, spoken to message by message, closed.

import fs from 'node:fs'

const ENGINES = ['17', '18']
// how the engine's own code says that it left a statement by an error (pglite.ts)
const LONGJMP = 100
// EPERM, as the engine's file system numbers errors
const NOT_PERMITTED = 63
// Written at each start: what a database brings along sets nothing here, nor does what ALTER SYSTEM wrote.
const SETTINGS = `shared_buffers = '16MB'
max_wal_size = '64MB'
min_wal_size = '32MB'
timezone = 'UTC'
log_timezone = 'UTC'
datestyle = 'iso, mdy'
lc_messages = 'C'
lc_monetary = 'C'
lc_numeric = 'C'
lc_time = 'C'
default_text_search_config = 'pg_catalog.english'
`
const TRUST = 'local all all trust\nhost all all 127.0.0.1/32 trust\n'

// The engine for a major version of Postgres, where there is one.
export async function engineOf(version) {
  if (!ENGINES.includes(version)) {
    throw new Error(`it is of PostgreSQL ${version.slice(0, 10)}, and there are engines for ${ENGINES.join(' and ')}`)
  }
  const { PGlite } = await import(`pglite-${version}`)
  return PGlite
}

// Without these a commit would be safe from the engine's end, and not from the machine's.
function keepsWhatItWrites({ FS }) {
  const { NODEFS } = FS.filesystems
  NODEFS.stream_ops.fsync = (stream) => {
    // a folder has no number here: the files in it are what counts
    if (stream.nfd) fs.fsyncSync(stream.nfd)
    return 0
  }
  // a link (of a tablespace) could lead out of the folder, and no version could hold it
  NODEFS.node_ops.symlink = () => {
    throw new FS.ErrnoError(NOT_PERMITTED)
  }
}

// The folder in the engine's own file system.
async function disk(version, folder) {
  const { NodeFS } = await import(`pglite-${version}/nodefs`)
  const fs = new NodeFS(folder)
  const init = fs.init.bind(fs)
  fs.init = async (pg, options) => {
    const { emscriptenOpts } = await init(pg, options)
    return { emscriptenOpts: { ...emscriptenOpts, preRun: [...emscriptenOpts.preRun, keepsWhatItWrites] } }
  }
  return fs
}

// What the extensions of a database are made of; of one that is not there all else works.
async function bundles(version, names) {
  const found = {}
  for (const name of names.map((name) => name.replaceAll('-', '_'))) {
    for (const place of [`contrib/${name}`, name]) {
      const module = await import(`pglite-${version}/${place}`).catch(() => undefined)
      if (module?.[name]) found[name] ??= module[name]
    }
    if (!found[name]) process.stderr.write(`WARNING:  the extension ${name} is not installed\n`)
  }
  return found
}

export class Engine {
  static async open(folder) {
    const version = fs.readFileSync(`${folder}/PG_VERSION`, 'utf8').trim()
    const PGlite = await engineOf(version)
    // of an engine that was killed
    fs.rmSync(`${folder}/postmaster.pid`, { force: true })
    fs.writeFileSync(`${folder}/postgresql.auto.conf`, '')
    fs.writeFileSync(`${folder}/pg_hba.conf`, TRUST)
    fs.writeFileSync(`${folder}/pg_ident.conf`, '')
    const words = PGlite.defaultStartParams.filter((word) => word !== '-F')
    const startParams = [...words, '-c', 'fsync=on', '-c', 'wal_sync_method=fsync']
    const start = async (extensions) =>
      PGlite.create({ fs: await disk(version, folder), startParams, extensions, postgresqlconf: SETTINGS })
    let pg = await start({})
    const { rows } = await pg.query("select extname from pg_catalog.pg_extension where extname <> 'plpgsql'")
    if (rows.length > 0) {
      // all of them at each start would take twice the time
      await pg.close()
      pg = await start(await bundles(version, rows.map(({ extname }) => extname)))
    }
    return new Engine(pg)
  }

  constructor(pg) {
    this.pg = pg
    this.module = pg.Module
    const { module } = this
    const read = module.addFunction((at, most) => this.#given(at, most), 'iii')
    const write = module.addFunction((at, length) => {
      this.less(Buffer.from(module.HEAPU8.subarray(at, at + length)))
      return length
    }, 'iii')
    module._pgl_set_rw_cbs(read, write)
    this.message = Buffer.alloc(0)
    this.at = 0
  }

  #given(at, most) {
    if (this.at === this.message.length) {
      // inside of a statement: what COPY reads
      this.message = this.more() ?? Buffer.alloc(0)
      this.at = 0
    }
    const part = this.message.subarray(this.at, this.at + most)
    this.module.HEAPU8.set(part, at)
    this.at += part.length
    return part.length
  }

  // Has it answer one message. `more` gives the next one to a COPY that waits for it, `less` takes what is answered, piece by piece.
  say(message, more, less) {
    Object.assign(this, { message, more, less, at: 0 })
    const { module } = this
    while (this.at < this.message.length || module._pq_buffer_remaining_data() > 0) {
      try {
        module._PostgresMainLoopOnce()
      } catch (error) {
        const status = module._pgl_setPGliteExitStatus ? module._pgl_setPGliteExitStatus(-2) : error.status
        if (status !== LONGJMP) throw error
        module._PostgresMainLongJmp()
      }
    }
    module._PostgresSendReadyForQueryIfNecessary()
    module._pgl_pq_flush()
  }

  // What it says of itself at the beginning of a session.
  greet(startup, less) {
    const { module } = this
    Object.assign(this, { message: startup, at: 0, less, more: () => undefined })
    if (module._ProcessStartupPacket(module._pgl_getMyProcPort(), true, true) !== 0) {
      throw new Error('the engine does not take a session')
    }
    module._pgl_sendConnData()
    module._pgl_pq_flush()
  }

  // Writes down all that it has.
  async close() {
    await this.pg.close()
  }
}
