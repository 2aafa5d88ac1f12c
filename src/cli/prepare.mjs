/**
 * Runs before `npm start` and `npm test`: installs the packages of the lockfile and builds dist/ when either is missing
 * or older than its sources. Plain Node, because it runs before anything is installed. Silent when nothing is to do.
 *
 * What counts as older is decided by content, not by times: a checkout touches files without changing them, and a
 * restored one changes them without being newer. Each finished step leaves a stamp with the hash of what it was made of.
 * A lock keeps a second run from meeting a half-written folder; it waits and then usually finds nothing left to do.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const NODE_MIN = [20, 19]

const INSTALL_STAMP = join(ROOT, 'node_modules', '.hypermake-lock-hash')
const BUILD_STAMP = join(ROOT, 'dist', '.sources-hash')
const PROGRAM = join(ROOT, 'dist', 'src', 'cli', 'main.js')
const LOCK = join(ROOT, 'dist', '.prepare.lock')
const SOURCE_FOLDERS = ['src', 'estimators', 'strategies']

/** Installing over a slow line takes minutes; longer than this, the other run is not coming back. */
const LOCK_WAIT_MS_MAX = 15 * 60_000
const LOCK_POLL_MS = 100

checkNode()
// For tests that start the program: whether what is built is what the sources say.
if (process.argv.includes('--is-built')) process.exit(isBuilt() ? 0 : 1)
if (!isInstalled() || !isBuilt()) withLock(prepare)

function prepare() {
  // Asked again: another run may have done the work while this one waited for the lock.
  if (!isInstalled()) install()
  if (!isBuilt()) build()
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])) return
  fail(`hypermake needs Node ${NODE_MIN.join('.')} or newer; this is ${process.versions.node}.`)
}

/** The stamp of the last install fits the lockfile, or the folder holds exactly what the lockfile asks for. */
function isInstalled() {
  const hash = hashOf([join(ROOT, 'package-lock.json')])
  if (readOr(INSTALL_STAMP, '') === hash) return true
  if (!holdsLockedVersions()) return false
  fs.writeFileSync(INSTALL_STAMP, hash)
  return true
}

/** For a node_modules that somebody installed by hand: npm keeps in it a list of what it put there. */
function holdsLockedVersions() {
  const present = packagesIn(join(ROOT, 'node_modules', '.package-lock.json'))
  if (present === null) return false
  const wanted = packagesIn(join(ROOT, 'package-lock.json')) ?? {}
  const isThere = ([path, entry]) =>
    path === '' ||
    entry.optional === true ||
    entry.devOptional === true ||
    versionOf(present[path]) === versionOf(entry)
  return Object.entries(wanted).every(isThere) && Object.keys(present).every((path) => path in wanted)
}

function packagesIn(path) {
  const text = readOr(path, '')
  return text === '' ? null : (JSON.parse(text).packages ?? {})
}

/** Links to folders have no version, but a target. */
function versionOf(entry) {
  return entry === undefined ? null : (entry.version ?? entry.resolved ?? 'linked')
}

function install() {
  say('installing packages (npm ci), once …')
  fs.rmSync(INSTALL_STAMP, { force: true })
  const npm = process.env.npm_execpath
  const args = ['ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const isScript = npm !== undefined && /\.[cm]?js$/.test(npm)
  const result = isScript
    ? spawnSync(process.execPath, [npm, ...args], spawnOptions())
    : spawnSync('npm', args, { ...spawnOptions(), shell: process.platform === 'win32' })
  if (result.error || result.status !== 0) fail(`npm ci failed.\n${outputOf(result)}`)
  fs.writeFileSync(INSTALL_STAMP, hashOf([join(ROOT, 'package-lock.json')]))
}

function isBuilt() {
  return fs.existsSync(PROGRAM) && readOr(BUILD_STAMP, '') === sourceHash()
}

/** Everything that the compiler reads of ours, and the lockfile for its version. */
function sourceHash() {
  const settings = fs.readdirSync(ROOT).filter((name) => /^tsconfig.*\.json$/.test(name))
  const sources = SOURCE_FOLDERS.flatMap((folder) => filesUnder(join(ROOT, folder)))
  return hashOf([...settings.map((name) => join(ROOT, name)), join(ROOT, 'package-lock.json'), ...sources])
}

function filesUnder(folder) {
  if (!fs.existsSync(folder)) return []
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesUnder(path) : [path]
  })
}

function build() {
  say('building …')
  // Before the compiler reads the first file: an edit during the build leaves a stamp that does not fit, and builds again.
  const hash = sourceHash()
  // With outputs missing, the compiler's memory of what it wrote would make it leave them out.
  fs.rmSync(BUILD_STAMP, { force: true })
  if (!fs.existsSync(PROGRAM)) fs.rmSync(join(ROOT, 'dist', '.tsbuildinfo'), { force: true })
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
  const result = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], spawnOptions())
  if (result.error || result.status !== 0) fail(`the build failed.\n${outputOf(result)}`)
  fs.chmodSync(PROGRAM, 0o755)
  fs.writeFileSync(BUILD_STAMP, hash)
}

function spawnOptions() {
  return { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 64 * 1024 * 1024 }
}

function outputOf(result) {
  return [result.error?.message, result.stdout, result.stderr].filter(Boolean).join('\n').trim()
}

/** Holds the lock file while `body` runs. A lock whose process is gone is taken over. */
function withLock(body) {
  fs.mkdirSync(dirname(LOCK), { recursive: true })
  const deadline = Date.now() + LOCK_WAIT_MS_MAX
  let isWaiting = false
  while (!takeLock()) {
    if (Date.now() > deadline)
      fail(`another run has been preparing for too long; if none is, delete ${LOCK}.`)
    if (!isWaiting) say('waiting for another run that is preparing …')
    isWaiting = true
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOCK_POLL_MS)
  }
  // Also when the body fails, which ends the process.
  process.once('exit', () => fs.rmSync(LOCK, { force: true }))
  body()
}

/** The lock appears with its content in one step (a hard link), so that nobody reads an empty one. */
function takeLock() {
  const mine = `${LOCK}.${process.pid}`
  fs.writeFileSync(mine, String(process.pid))
  try {
    fs.linkSync(mine, LOCK)
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    dropDeadLock()
    return false
  } finally {
    fs.rmSync(mine, { force: true })
  }
}

function dropDeadLock() {
  const owner = Number(readOr(LOCK, '0'))
  if (owner === 0 || isAlive(owner)) return
  // Renamed first: of several waiting runs only one gets to move this very file away.
  const dead = `${LOCK}.dead.${process.pid}`
  try {
    fs.renameSync(LOCK, dead)
  } catch {
    return
  }
  if (Number(readOr(dead, '0')) === owner) fs.rmSync(dead, { force: true })
  // It was a new lock after all, taken between reading and renaming: give it back.
  else fs.renameSync(dead, LOCK)
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function readOr(path, fallback) {
  try {
    return fs.readFileSync(path, 'utf8')
  } catch {
    return fallback
  }
}

/** Over names and contents, in the order of the names. */
function hashOf(paths) {
  const hash = createHash('sha256')
  for (const path of [...paths].sort()) {
    const content = fs.readFileSync(path)
    hash.update(`${path.slice(ROOT.length)}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}

function say(sentence) {
  process.stderr.write(`hypermake: ${sentence}\n`)
}

function fail(sentence) {
  say(sentence)
  process.exit(1)
}
