/**
 * Events made durable: the maker's records through the journal in groups, each group hashed into the chain and synced, beside
 * `classic-level` (LevelDB) given the same bytes in synced batches of the same size. And what an append costs the event loop.
 *
 * Twice: one group at a time, each waited for, which is the time of the disk for both; and as a stream of groups of which some
 * are under way, which is what a feed is. The records are the inputs of a closed world. Wall time, because a disk is part of it;
 * passes interleave.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { ClassicLevel } from 'classic-level'
import type { Input } from '../../src/core/input.ts'
import { FORMAT_VERSION } from '../../src/journal/format.ts'
import type { JournalHeader, JournalRecord } from '../../src/journal/format.ts'
import { verifyJournal } from '../../src/journal/reader.ts'
import { openJournal } from '../../src/journal/writer.ts'
import { stageOf } from '../support/closed-world.ts'
import { medianOf, say, stopwatch, nsText, type Bench } from './harness.ts'

const SEED = 17
const SECONDS = 60
const START_TS_MS = 1_700_000_000_000
const COUNT = 200_000
const GROUPS = [64, 512, 4_096, 16_384] as const
/** What a feed makes durable at once: some 2 ms of a busy one. Mostly the time of the disk. */
const GROUP_FEED = 512
/** Where the journal and LevelDB are measured and not the disk, whose sync is a tenth of the time: the goal of the ratio. */
const GROUP_RATIO = 16_384
const STREAM_GROUPS = [512, 4_096] as const
const PASSES = 5
/** Groups of a stream that may be under way at once. */
const UNDER_WAY = 8
const GOAL_RATIO = 5
const GOAL_EVENTS_PER_SEC = 300_000
const GOAL_APPEND_US = 2

const HEADER: JournalHeader = {
  ...{ formatVersion: FORMAT_VERSION, build: 'bench', network: 'local', dex: '', coin: 'BTC', account: '' },
  ...{ configHash: '', config: {}, seed: SEED, epoch: 1, createdTsMs: 1 },
}

export const bench: Bench = { about: 'durable events a second, beside LevelDB; cost of an append', run }

async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hypermake-bench-journal-'))
  try {
    const records = recordsOf()
    const bytesEach = Math.round(await bytesPerRecord(records, join(folder, 'sized')))
    say(
      `  seed ${SEED}, ${COUNT} records of ${bytesEach} bytes on average, ${PASSES} interleaved passes in ${tmpdir()}`,
    )
    for (const group of GROUPS) await compare(folder, records, bytesEach, { group, underWay: 1 })
    for (const group of STREAM_GROUPS)
      await compare(folder, records, bytesEach, { group, underWay: UNDER_WAY })
    await appendCost(folder, records)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Inputs of a run, over and over, with sequence and time going on. */
function recordsOf(): JournalRecord[] {
  const inputs: Input[] = []
  stageOf({ seed: SEED }).run(SECONDS, (input) => inputs.push(input))
  const market = inputs.filter(
    (input) => input.kind === 'book' || input.kind === 'touch' || input.kind === 'trade',
  )
  return Array.from({ length: COUNT }, (_, index) => {
    const input = market[index % market.length]
    if (input === undefined) throw new Error('a run has market data')
    const tsMs = START_TS_MS + index
    return { kind: 'input', input: { ...input, seq: index + 1, tsMs, venueTsMs: tsMs } }
  })
}

async function bytesPerRecord(records: readonly JournalRecord[], dir: string): Promise<number> {
  const writer = await openJournal({ dir, header: HEADER, sync: 'never', onFailure: fail })
  for (const [index, record] of records.entries()) {
    writer.append(record)
    if (index % GROUP_FEED === 0) await writer.durable()
  }
  await writer.close()
  return writer.byteCount / COUNT
}

async function compare(
  folder: string,
  records: readonly JournalRecord[],
  bytesEach: number,
  of: Pace,
): Promise<void> {
  const { group, underWay } = of
  const ours: Pass[] = []
  const peer: Pass[] = []
  for (let pass = 0; pass < PASSES; pass += 1) {
    ours.push(await oursOnce(join(folder, `journal-${group}-${underWay}-${pass}`), records, of))
    peer.push(await levelOnce(join(folder, `level-${group}-${underWay}-${pass}`), bytesEach, of))
  }
  const perSec = medianOf(ours.map((pass) => pass.perSec))
  const ratio = perSec / medianOf(peer.map((pass) => pass.perSec))
  const pace = `groups of ${String(group).padStart(5)}, ${underWay} under way`
  say(`  ${pace}   journal ${passText(ours)}   classic-level ${passText(peer)}   ${ratio.toFixed(1)} x`)
  if (underWay !== 1) return
  if (group === GROUP_FEED) {
    say(
      `  goal: at least ${GOAL_EVENTS_PER_SEC / 1_000} k durable events/s, is ${k(perSec)} k: ${verdict(perSec >= GOAL_EVENTS_PER_SEC)}`,
    )
  }
  if (group === GROUP_RATIO) {
    say(
      `  goal: at least ${GOAL_RATIO} x classic-level where the disk is least of it, is ${ratio.toFixed(1)} x: ${verdict(ratio >= GOAL_RATIO)}`,
    )
  }
}

interface Pass {
  readonly perSec: number
  /** Of all threads, which a loaded disk leaves alone. */
  readonly cpuUs: number
}

function passText(passes: readonly Pass[]): string {
  const list = passes.map(({ perSec }) => perSec)
  const range = `${k(Math.min(...list))} … ${k(Math.max(...list))}`
  return `${k(medianOf(list))} k/s (${range}), ${medianOf(passes.map(({ cpuUs }) => cpuUs)).toFixed(2)} µs CPU`
}

/** Times `run` over so many events. */
async function timed(count: number, run: () => Promise<void>): Promise<Pass> {
  const cpu = process.cpuUsage()
  const startMs = performance.now()
  await run()
  const seconds = (performance.now() - startMs) / 1_000
  const { user, system } = process.cpuUsage(cpu)
  return { perSec: count / seconds, cpuUs: (user + system) / count }
}

async function oursOnce(dir: string, records: readonly JournalRecord[], of: Pace): Promise<Pass> {
  const writer = await openJournal({ dir, header: HEADER, sync: 'group', onFailure: fail })
  const pass = await timed(records.length, () =>
    inGroups(records.length, of, (first, end) => {
      for (let index = first; index < end; index += 1) {
        const record = records[index]
        if (record !== undefined) writer.append(record)
      }
      return writer.durable()
    }),
  )
  await writer.close()
  const { damage, recordCount } = verifyJournal(dir)
  if (damage !== null || recordCount !== records.length)
    throw new Error('no figure: the journal is not whole')
  return pass
}

async function levelOnce(dir: string, bytesEach: number, of: Pace): Promise<Pass> {
  const level = new ClassicLevel<string, Buffer>(dir, { valueEncoding: 'buffer', compression: false })
  await level.open()
  const value = Buffer.alloc(bytesEach, 7)
  // Made beforehand: a key of its own is no part of what is compared.
  const keys = Array.from({ length: COUNT }, (_, index) => String(index).padStart(12, '0'))
  const pass = await timed(COUNT, () =>
    inGroups(COUNT, of, (first, end) => {
      const batch = level.batch()
      for (let index = first; index < end; index += 1) batch.put(keys[index] ?? '', value)
      return batch.write({ sync: true })
    }),
  )
  await level.close()
  return pass
}

interface Pace {
  readonly group: number
  readonly underWay: number
}

/** @param write one group, durable when it resolves */
async function inGroups(
  count: number,
  { group, underWay }: Pace,
  write: (first: number, end: number) => Promise<void>,
): Promise<void> {
  const waited: Promise<void>[] = []
  for (let first = 0; first < count; first += group) {
    waited.push(write(first, Math.min(first + group, count)))
    if (waited.length >= underWay) await waited.shift()
  }
  await Promise.all(waited)
}

/** Time inside of `append` alone, while groups are written and synced behind it. */
async function appendCost(folder: string, records: readonly JournalRecord[]): Promise<void> {
  const dir = join(folder, 'append')
  const writer = await openJournal({ dir, header: HEADER, sync: 'group', onFailure: fail })
  const watch = stopwatch(records.length)
  let sumMs = 0
  for (const [index, record] of records.entries()) {
    watch.start()
    writer.append(record)
    const elapsedMs = watch.elapsedMs()
    watch.note(elapsedMs)
    sumMs += elapsedMs
    if (index % GROUP_FEED === GROUP_FEED - 1) await writer.durable()
  }
  await writer.close()
  const { p50Ns, p99Ns, p999Ns } = watch.netLatency()
  const meanUs = (sumMs * 1_000) / records.length
  say(
    `  append   mean ${meanUs.toFixed(2)} µs, timer included; p50 ${nsText(p50Ns)}, p99 ${nsText(p99Ns)}, p99.9 ${nsText(p999Ns)} without it`,
  )
  say(
    `  goal: at most ${GOAL_APPEND_US} µs on the event loop, is ${meanUs.toFixed(2)} µs on average: ${verdict(meanUs <= GOAL_APPEND_US)}`,
  )
}

function fail(error: unknown): never {
  throw error
}

function k(perSec: number): string {
  return (perSec / 1_000).toFixed(0)
}

function verdict(isReached: boolean): string {
  return isReached ? 'reached' : 'NOT reached'
}
