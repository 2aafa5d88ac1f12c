/**
 * What starting the embedded exchange costs: `hypermake exchange` as a process of its own, from its start to the answer of
 * `meta`, and the most memory it held, with the shipped markets and with a venue of the size of the public one.
 *
 * Of the built program, which `npm run bench` makes first. CPU time stands beside wall time, because other work on the machine
 * is in the latter.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { configDirectory } from '../../src/config/locate.ts'
import { LARGE_DEXS, LARGE_MARKET_COUNT, writeLargeVenue } from '../support/large-venue.ts'
import { say, type Bench } from './harness.ts'

const PASSES = 5
const GOAL_MS = 2_000
const GOAL_MB = 300
const KB_PER_MB = 1_024
const PROGRAM: string = join(dirname(configDirectory), 'dist/src/cli/main.js')
/** Of the kernel's accounts. */
const MS_PER_TICK = 10

export const bench: Bench = { about: 'the start of the embedded exchange', run: runStart }

interface Start {
  readonly ms: number
  readonly cpuMs: number
  readonly peakMb: number
}

async function runStart(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'large-venue-'))
  try {
    writeLargeVenue(folder)
    const rows = [
      ['shipped markets', ''],
      [`${LARGE_MARKET_COUNT} markets on ${LARGE_DEXS.length} DEXs`, folder],
    ] as const
    for (const [name, markets] of rows) {
      const starts: Start[] = []
      for (let pass = 0; pass < PASSES; pass += 1) starts.push(await startOnce(markets))
      const ms = median(starts.map((one) => one.ms))
      const cpuMs = median(starts.map((one) => one.cpuMs))
      const peakMb = Math.max(...starts.map((one) => one.peakMb))
      say(
        `${name.padEnd(28)} ${ms.toFixed(0)} ms to the first meta (median of ${PASSES}), ${cpuMs.toFixed(0)} ms of CPU, ${peakMb.toFixed(0)} MB at most`,
      )
      if (markets === '') continue
      say(
        `goal: below ${GOAL_MS} ms, ${ms < GOAL_MS ? 'reached' : 'missed'}; below ${GOAL_MB} MB, ${peakMb < GOAL_MB ? 'reached' : 'missed'}`,
      )
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function startOnce(markets: string): Promise<Start> {
  const startMs = performance.now()
  const flags = ['exchange', '--port', '0', '--metrics-port', '0', '--log-level', 'silent', '--json']
  const from = markets === '' ? [] : ['--markets', markets]
  const child = spawn(process.execPath, [PROGRAM, ...flags, ...from], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const lines = createInterface({ input: child.stdout })
    const first = await new Promise<string>((resolve, reject) => {
      lines.once('line', resolve)
      child.once('exit', (code) =>
        reject(new Error(`the exchange ended with ${String(code)} before it served`)),
      )
    })
    const { apiUrl } = JSON.parse(first) as { apiUrl: string }
    const answer = await fetch(`${apiUrl}/info`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'allPerpMetas' }),
    })
    await answer.json()
    const ms = performance.now() - startMs
    return { ms, cpuMs: cpuMsOf(child.pid ?? 0), peakMb: peakMbOf(child.pid ?? 0) }
  } finally {
    child.kill('SIGTERM')
  }
}

/** User and system time of all threads so far. */
function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK
}

/** The high-water mark of resident memory, as Linux keeps it. */
function peakMbOf(pid: number): number {
  const kb = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kb) / KB_PER_MB
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
