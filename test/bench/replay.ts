/**
 * Journals back into state: an exchange's commands from disk through a fresh exchange with every byte checked (CRC of each
 * record, hash chain) and the state hash compared before each command; beside it `nodejs-order-book` given the same commands from
 * memory, without file, rules, accounts or hashes. The first pass of each is told apart: it is before the compiler is warm. Then the
 * maker's inputs through a fresh maker.
 *
 * A figure is printed only when the replay came to the recorded hashes, and the peer traded the same lots message by message.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExchangeGenesis } from '../../src/compose/exchange-journal.ts'
import { replayExchange } from '../../src/compose/exchange-replay.ts'
import { machineOf } from '../../src/compose/replay.ts'
import { fullStateHash, stateHash } from '../../src/exchange/exchange.ts'
import type { Exchange } from '../../src/exchange/exchange.ts'
import type { AccountAction, ExchangeCommand } from '../../src/exchange/command.ts'
import { lanesOf } from '../../src/exchange/hash-lanes.ts'
import { FORMAT_VERSION } from '../../src/journal/format.ts'
import type { JournalRecord, VenueCommandRecord } from '../../src/journal/format.ts'
import { verifyJournal } from '../../src/journal/reader.ts'
import { openJournal } from '../../src/journal/writer.ts'
import { replayJournal } from '../../src/journal/replay.ts'
import { runTwoMachines } from '../support/two-machines.ts'
import { medianOf, say, type Bench } from './harness.ts'
import { cpuMs, nodejsBook, playPeer } from './matching.bench.ts'
import {
  ADD,
  CANCEL,
  makeFlow,
  mixTraded,
  NumberSink,
  passBlock,
  playMessage,
  richExchange,
} from './matching-flow.ts'
import type { Flow, Played } from './matching-flow.ts'

const SEED = 20_240_809
const COUNT = 500_000
const PASSES = 5
const GOAL_RECORDS_PER_SEC = 1_000_000
const GOAL_RATIO = 15
/** The writer drains after so many. */
const DRAIN_EVERY = 20_000
/** Twenty virtual minutes: in two, the compiler is still at work. */
const MAKER_SECONDS = 1_200

export const bench: Bench = { about: 'journals back into state, every byte and hash checked', run }

async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hypermake-bench-replay-'))
  try {
    await exchangeReplay(folder)
    await makerReplay(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function exchangeReplay(folder: string): Promise<void> {
  const flow = makeFlow(SEED, COUNT)
  const dir = join(folder, 'exchange')
  const live = await recorded(flow, dir)
  const ids = Array.from({ length: COUNT }, (_, index) => `o${index}`)
  const ours: number[] = []
  const peer: number[] = []
  const bytes: number[] = []
  for (let pass = 0; pass <= PASSES; pass += 1) {
    const startMs = cpuMs()
    const { report, exchange } = replayExchange(dir)
    ours.push(((cpuMs() - startMs) * 1e6) / report.recordCount)
    if (!report.ok || fullStateHash(exchange) !== live.hash)
      throw new Error('no figure: the replay came to another state')
    const bytesMs = cpuMs()
    if (verifyJournal(dir).damage !== null) throw new Error('no figure: the journal is damaged')
    bytes.push(((cpuMs() - bytesMs) * 1e6) / report.recordCount)
    const theirs = playPeer(flow, COUNT, ids, nodejsBook())
    if (theirs.played.checksum !== live.played.checksum)
      throw new Error('no ratio: the peer traded other lots')
    peer.push(theirs.ns)
  }
  const [cold = 0] = ours.splice(0, 1)
  const [coldPeer = 0] = peer.splice(0, 1)
  bytes.splice(0, 1)
  const perSec = 1e9 / medianOf(ours)
  say(`  seed ${SEED}, ${COUNT} commands of an exchange, ${PASSES} interleaved passes, CPU time`)
  say(`  replay with verification   ${rateText(ours)}, the first pass ${(1e3 / cold).toFixed(2)}`)
  say(`  bytes and chain alone      ${rateText(bytes)}`)
  say(
    `  nodejs-order-book          ${rateText(peer)}, the first pass ${(1e3 / coldPeer).toFixed(2)}   (matching alone, from memory)`,
  )
  const ratio = medianOf(peer) / medianOf(ours)
  say(
    `  goal: at least ${GOAL_RECORDS_PER_SEC / 1e6} M records/s, is ${(perSec / 1e6).toFixed(2)} M: ${verdict(perSec >= GOAL_RECORDS_PER_SEC)}`,
  )
  say(
    `  goal: at least ${GOAL_RATIO} x nodejs-order-book, is ${ratio.toFixed(1)} x: ${verdict(ratio >= GOAL_RATIO)}`,
  )
}

async function makerReplay(folder: string): Promise<void> {
  const dir = join(folder, 'maker')
  const live = await runTwoMachines(dir, { seed: SEED, seconds: MAKER_SECONDS })
  const times = Array.from({ length: PASSES }, () => {
    const startMs = cpuMs()
    const report = replayJournal(dir, machineOf)
    if (!report.ok || report.finalStateHash !== live.maker)
      throw new Error('no figure: the maker came to another state')
    return ((cpuMs() - startMs) * 1e6) / (report.inputCount + report.commandCount)
  })
  say(`  maker's inputs and commands through the whole maker   ${rateText(times)}`)
}

/** Plays the flow once into a journal. @returns the state it came to, and what was traded */
async function recorded(
  flow: Flow,
  dir: string,
): Promise<{ readonly hash: string; readonly played: Played }> {
  const waiting: VenueCommandRecord[] = []
  const note = (command: ExchangeCommand, of: Exchange): void => {
    const [high = 0, low = 0] = lanesOf(of.lanes)
    const seq = waiting.length + 1
    waiting.push({ kind: 'venueCommand', seq, hashHigh: high >>> 0, hashLow: low >>> 0, command })
  }
  const exchange = richExchange(undefined, note)
  const sink = new NumberSink()
  exchange.sink = sink
  const oids = new Float64Array(flow.count)
  let checksum = 0
  for (let index = 0; index < flow.count; index += 1) {
    const before = sink.volumeLots
    passBlock(exchange, index, note)
    const { address } = exchange.accounts[flow.accounts[index] ?? 0] ?? { address: '' }
    const action = actionOf(flow, index, oids)
    const sent = { account: address, signer: address, nonce: null, expiresAfterMs: null }
    note({ kind: 'action', ...sent, action }, exchange)
    playMessage(exchange, flow, index, oids)
    checksum = mixTraded(checksum, index, sink.volumeLots - before)
  }
  const { spec, options } = exchange
  const genesis: ExchangeGenesis = { spec, options, source: 'bench', blockMs: 100 }
  await written(dir, genesis, [
    ...waiting,
    { kind: 'checkpoint', seq: waiting.length, stateHash: stateHash(exchange) },
  ])
  const played = { tradeCount: sink.tradeCount, volumeLots: sink.volumeLots, checksum }
  return { hash: fullStateHash(exchange), played }
}

async function written(
  dir: string,
  genesis: ExchangeGenesis,
  records: readonly JournalRecord[],
): Promise<void> {
  const writer = await openJournal({
    ...{ dir, sync: 'never' },
    header: {
      ...{
        formatVersion: FORMAT_VERSION,
        machine: 'exchange',
        network: 'local',
        account: '',
        build: 'bench',
      },
      ...{ dex: '', coin: 'BTC', configHash: '', seed: SEED, epoch: 1, createdTsMs: 1, config: genesis },
    },
    onFailure(error) {
      throw error
    },
  })
  for (const [index, record] of records.entries()) {
    writer.append(record)
    if (index % DRAIN_EVERY === 0) await writer.durable()
  }
  await writer.close()
}

function actionOf(flow: Flow, index: number, oids: Float64Array): AccountAction {
  const kind = flow.kinds[index]
  if (kind === CANCEL) {
    return { kind: 'cancel', cancels: [{ assetId: 0, ref: { oid: oids[flow.ids[index] ?? 0] ?? 0 } }] }
  }
  const order = {
    assetId: 0,
    side: flow.isBuy[index] === 1 ? 'buy' : 'sell',
    priceTicks: flow.priceTicks[index] ?? 0,
    sizeLots: flow.sizeLots[index] ?? 0,
    reduceOnly: false,
    tif: kind === ADD ? 'Gtc' : 'Ioc',
    trigger: null,
    cloid: null,
  } as const
  return { kind: 'order', orders: [order], grouping: 'na' }
}

function rateText(nsEach: readonly number[]): string {
  const perSec = (ns: number): string => (1e9 / ns / 1e6).toFixed(2)
  return `median ${perSec(medianOf(nsEach))} M/s  (${perSec(Math.max(...nsEach))} … ${perSec(Math.min(...nsEach))})`
}

function verdict(isReached: boolean): string {
  return isReached ? 'reached' : 'NOT reached'
}
