// One session with an engine over a line of its own: what it says is handed on as it is, but for the beginning and the end.

import fs from 'node:fs'

const VERSION_3 = 196608
const TLS = 80877103
const GSSENC = 80877104
// a message of more than that is none that a client sends, in bytes
const LONGEST = 256 << 20
// how much of an answer is gathered before it is sent, in bytes
const FLUSH = 64 << 10
const CHUNK = 64 << 10
// parameters of a connection that are no settings
const NO_SETTINGS = ['user', 'database', 'replication', 'options']
const nap = new Int32Array(new SharedArrayBuffer(4))

export function message(kind, body) {
  const bytes = Buffer.alloc(5 + body.length)
  bytes.write(kind, 0, 'latin1')
  bytes.writeInt32BE(4 + body.length, 1)
  body.copy(bytes, 5)
  return bytes
}

export function query(text) {
  return message('Q', Buffer.from(`${text}\0`))
}

function fatal(sqlstate, text, hint) {
  const fields = { S: 'FATAL', V: 'FATAL', C: sqlstate, M: text, H: hint }
  return message('E', Buffer.from(`${Object.entries(fields).map(([name, value]) => `${name}${value}\0`).join('')}\0`))
}

// The messages that these bytes are.
function* messages(bytes) {
  for (let at = 0; at + 5 <= bytes.length; ) {
    const end = at + 1 + bytes.readUInt32BE(at + 1)
    yield { kind: String.fromCharCode(bytes[at]), bytes: bytes.subarray(at, end) }
    at = end
  }
}

// `-c name=value` and `--name=value`, with blanks in a value behind a backslash.
function settingsIn(options) {
  const words = (options.match(/(\\.|[^\s\\])+/g) ?? []).map((word) => word.replace(/\\(.)/g, '$1'))
  const found = []
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const text = word === '-c' ? words.shift() : word.startsWith('-c') ? word.slice(2) : word.startsWith('--') ? word.slice(2) : undefined
    const at = text?.indexOf('=') ?? -1
    if (at < 1) return undefined
    found.push([text.slice(0, at).replaceAll('-', '_'), text.slice(at + 1)])
  }
  return found
}

const quoted = (text) => `'${text.replaceAll("'", "''")}'`

export class Session {
  constructor(engine, socket, over) {
    Object.assign(this, { engine, socket, over, pending: Buffer.alloc(0), out: [], size: 0, begun: false, gone: false, status: 'I' })
    this.number = socket._handle.fd
    socket.on('data', (bytes) => this.#heard(bytes))
    socket.on('error', () => this.end())
    socket.on('close', () => this.end())
    socket.resume()
  }

  #heard(bytes) {
    this.pending = Buffer.concat([this.pending, bytes])
    while (!this.gone && !this.begun && this.#begins()) {}
    for (let next = this.#next(); next && !this.gone; next = this.#next()) {
      if (next[0] === 0x58) return this.end()
      this.status = ''
      this.engine.say(next, () => this.#awaited(), (part) => this.#answer(part))
      this.#flush()
    }
    if (this.gone) this.end()
  }

  // The next message, where all of it is there and the session has begun.
  #next() {
    if (!this.begun || this.gone || this.pending.length < 5) return undefined
    const length = 1 + this.pending.readUInt32BE(1)
    if (length < 5 || length > LONGEST) {
      // not its end: this may be in the middle of a statement
      this.out.push(fatal('08P01', 'a message has a length that none has', 'This port speaks the PostgreSQL protocol, version 3.'))
      this.#flush()
      this.gone = true
      return undefined
    }
    return this.#cut(length)
  }

  #cut(length) {
    if (this.pending.length < length) return undefined
    const first = this.pending.subarray(0, length)
    this.pending = this.pending.subarray(length)
    return first
  }

  // The same, waited for: only COPY does so, in the middle of a statement. Where the client has gone it is told that it failed, for an engine that
  // finds the end of a line in there ends itself.
  #awaited() {
    this.#flush()
    const chunk = Buffer.alloc(CHUNK)
    for (;;) {
      const next = this.#next()
      if (next) return next
      if (this.gone) return message('f', Buffer.from('the client has gone\0'))
      const read = this.#patiently(() => fs.readSync(this.number, chunk))
      if (read) this.pending = Buffer.concat([this.pending, chunk.subarray(0, read)])
      else this.gone = true
    }
  }

  #answer(part) {
    for (const { kind, bytes } of messages(part)) if (kind === 'Z') this.status = String.fromCharCode(bytes[5])
    this.out.push(part)
    this.size += part.length
    if (this.size >= FLUSH) this.#flush()
  }

  // Sends what was gathered, and waits where the client reads slowly: an answer takes no more memory than this.
  #flush() {
    let bytes = Buffer.concat(this.out)
    this.out = []
    this.size = 0
    while (bytes.length > 0 && !this.gone) {
      const sent = this.#patiently(() => fs.writeSync(this.number, bytes))
      if (sent === undefined) this.gone = true
      else bytes = bytes.subarray(sent)
    }
  }

  // A call on a line that does not block; nothing where the line is broken.
  #patiently(call) {
    for (;;) {
      try {
        return call()
      } catch (error) {
        if (error.code !== 'EAGAIN') return undefined
        Atomics.wait(nap, 0, 0, 1)
      }
    }
  }

  // True where there is more to be looked at.
  #begins() {
    if (this.pending.length < 8) return false
    const [length, code] = [this.pending.readUInt32BE(0), this.pending.readUInt32BE(4)]
    if (length < 8 || length > CHUNK) {
      this.refuse('08P01', 'this is no startup packet', 'This port speaks the PostgreSQL protocol, version 3.')
      return false
    }
    const packet = this.#cut(length)
    if (!packet) return false
    if (code === TLS || code === GSSENC) {
      this.#answer(Buffer.from('N'))
      this.#flush()
      return true
    }
    // a request to cancel reaches nobody: who would hear it is busy
    if (code !== VERSION_3) this.end()
    else this.#welcome(packet)
    return !this.gone
  }

  #welcome(packet) {
    const words = packet.subarray(8).toString('utf8').split('\0')
    const parameters = new Map()
    for (let at = 0; at + 1 < words.length && words[at]; at += 2) parameters.set(words[at], words[at + 1])
    const [user, database] = [parameters.get('user') ?? '', parameters.get('database')]
    if (!['false', 'off', 'no', '0', undefined].includes(parameters.get('replication'))) {
      return this.refuse('0A000', 'a PGlite has no replication', 'gateway.database with engine postgres has it.')
    }
    if (![undefined, '', user, 'postgres'].includes(database)) {
      return this.refuse('3D000', `database "${database}" does not exist`, 'A PGlite has one database: leave its name out.')
    }
    const more = settingsIn(parameters.get('options') ?? '')
    if (!more) return this.refuse('42601', 'the options of the connection are not -c name=value', 'Look at PGOPTIONS, or options= of the connection.')
    const settings = [...parameters].filter(([name]) => !NO_SETTINGS.includes(name) && !name.startsWith('_pq_.')).concat(more)
    const said = []
    this.engine.greet(packet, (part) => said.push(part))
    for (const [name, value] of settings) {
      const answer = this.#privately(`select pg_catalog.set_config(${quoted(name)}, ${quoted(value)}, false)`)
      const wrong = answer.find(({ kind }) => kind === 'E')
      if (wrong) return this.#leave(Buffer.from(wrong.bytes.toString('latin1').replace(/SERROR\0VERROR\0/, 'SFATAL\0VFATAL\0'), 'latin1'))
      said.push(...answer.filter(({ kind }) => kind === 'S').map(({ bytes }) => bytes))
    }
    // no key: nothing here could be cancelled
    const greeting = [...messages(Buffer.concat(said))].filter(({ kind }) => !'KZ'.includes(kind)).map(({ bytes }) => bytes)
    this.begun = true
    this.#answer(Buffer.concat([...greeting, message('Z', Buffer.from('I'))]))
    this.#flush()
  }

  // A statement of ours, and what is answered to it.
  #privately(text) {
    const answer = []
    this.engine.say(query(text), () => undefined, (part) => answer.push(part))
    return [...messages(Buffer.concat(answer))]
  }

  refuse(sqlstate, text, hint) {
    this.#leave(fatal(sqlstate, text, hint))
  }

  #leave(words) {
    this.out.push(words)
    this.#flush()
    this.end()
  }

  get isIdle() {
    return this.status === 'I' && this.pending.length === 0
  }

  // Ends it, and leaves nothing of it behind in the engine. Doing it twice is doing it once.
  end() {
    if (this.ended) return
    this.ended = this.gone = true
    this.socket.destroy()
    // what was left half asked, or half done
    this.engine.say(message('S', Buffer.alloc(0)), () => undefined, () => {})
    this.#privately('rollback')
    const wrong = this.#privately('discard all').find(({ kind }) => kind === 'E')
    if (wrong) throw new Error('a session could not be ended')
    this.over()
  }
}
