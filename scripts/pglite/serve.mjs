// Serves a data folder of PGlite as a Postgres: node serve.mjs <data folder> <socket>. One session at a time; who comes meanwhile waits.
// It is run as a user without rights and without a network, for the folder may hold anything. SIGINT stops it, with all written down.

import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { Engine } from './engine.mjs'
import { Session, query } from './session.mjs'

// how often it is looked whether the log has grown too long, and how long that is in its files of 16 MB
const LOOK = 5000
const LOG = 4

const [folder, socket] = process.argv.slice(2)
const lock = `${folder}/postmaster.pid`
const waiting = []
let session
let stopping = false

function complain(error) {
  process.stderr.write(`FATAL:  ${String(error?.message ?? error).split('\n')[0].slice(0, 500)}\n`, () => process.exit(1))
}

// an engine that has failed in itself starts anew, and reads its log
process.on('uncaughtException', complain)
process.on('unhandledRejection', complain)
process.umask(0o077)

function next() {
  session = undefined
  const line = waiting.shift()
  if (line && !stopping) session = new Session(engine, line, () => setImmediate(next))
}

// Nobody else does so in an engine that has one process.
function shorten() {
  if (session && !session.isIdle) return
  if (fs.readdirSync(`${folder}/pg_wal`).length > LOG) engine.say(query('checkpoint'), () => undefined, () => {})
}

async function stop() {
  if (stopping) return
  stopping = true
  session?.refuse('57P01', 'terminating connection due to administrator command', 'Connect again.')
  waiting.forEach((line) => line.destroy())
  await engine.close()
  fs.rmSync(lock, { force: true })
  fs.rmSync(socket, { force: true })
  process.exit(0)
}

const engine = await Engine.open(folder)
const server = net.createServer({ pauseOnConnect: true, allowHalfOpen: false }, (line) => {
  line.on('error', () => {})
  waiting.push(line)
  if (!session) next()
})
process.on('SIGINT', stop)
process.on('SIGTERM', stop)
setInterval(shorten, LOOK)
server.listen(socket, () => {
  // as Postgres has it: whoever started us reads there that we are ready
  const lines = [process.pid, folder, Math.floor(Date.now() / 1000), 5432, path.dirname(socket), '', '  0  0', 'ready']
  fs.writeFileSync(`${lock}.new`, `${lines.join('\n')}\n`)
  fs.renameSync(`${lock}.new`, lock)
})
