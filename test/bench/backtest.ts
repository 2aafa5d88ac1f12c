/**
 * The closed world: messages a second of one core. A message is what the exchange applied (each order, cancel and modify
 * of everybody, blocks, prices) or an input that the maker took and decided on. Beside it `nodejs-order-book` doing
 * nothing but the matching of as many messages, and a tape played to the same maker in frames a second: read from its file on the
 * way, and with every frame decoded before the clock starts.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runClosedWorld } from '../../src/backtest/closed-world.ts'
import { generateTape } from '../../src/backtest/generate.ts'
import { openStage } from '../../src/backtest/stage.ts'
import { enginePartsOf } from '../../src/compose/engine-parts.ts'
import { defaultVenue } from '../../src/config/venue-definitions.ts'
import { createEngine } from '../../src/core/engine.ts'
import type { ExchangeCommand } from '../../src/exchange/command.ts'
import { openTape } from '../../src/simulation/tape-binance.ts'
import type { TapeRecord, TapeSource } from '../../src/simulation/tape.ts'
import { isFinished } from '../../src/simulation/world.ts'
import { load } from '../support/config.ts'
import { keep, medianOf, say, type Bench } from './harness.ts'
import { cpuMs, nodejsBook, playPeer } from './matching.bench.ts'
import { makeFlow } from './matching-flow.ts'

const SEED = 31
/** Twenty minutes: in two, the compiler is still at work. */
const SECONDS = 1_200
const PASSES = 3
const PEER_COUNT = 50_000
const GOAL_MESSAGES_PER_SEC = 2_000_000
const GOAL_FRAMES_PER_SEC = 1_000_000
const GOAL_RATIO = 15
const STAGE = {
  ...{ spec: defaultVenue(), coin: 'BTC', scenario: 'calm', seed: SEED, blockMs: 100 },
  depositMicroUsd: 100_000_000_000,
}

export const bench: Bench = { about: 'the closed world, a decision on every message', run }

function run(): void {
  const folder = mkdtempSync(join(tmpdir(), 'hypermake-bench-backtest-'))
  try {
    const path = join(folder, 'market')
    generateTape({ ...STAGE, minutes: SECONDS / 60, path })
    const flow = makeFlow(SEED, PEER_COUNT)
    const ids = Array.from({ length: PEER_COUNT }, (_, index) => `o${index}`)
    const worlds: Played[] = []
    const tapes: Played[] = []
    const decoded: Played[] = []
    const peer: number[] = []
    play(null, false)
    for (let pass = 0; pass < PASSES; pass += 1) {
      worlds.push(play(null, false))
      peer.push(1e9 / playPeer(flow, PEER_COUNT, ids, nodejsBook()).ns)
      tapes.push(play(path, false))
      decoded.push(play(path, true))
    }
    if (
      new Set(worlds.map((one) => one.hash)).size !== 1 ||
      new Set([...tapes, ...decoded].map((one) => one.hash)).size !== 1
    )
      throw new Error('no figure: passes came to different states')
    const first = worlds[0]
    say(
      `  seed ${SEED}, ${SECONDS} virtual s: ${first?.commands ?? 0} commands, ${first?.inputs ?? 0} inputs; ${PASSES} interleaved passes, CPU time`,
    )
    const perSec = worlds.map((one) => (one.commands + one.inputs) / one.seconds)
    const frames = decoded.map((one) => one.frames / one.seconds)
    say(
      `  closed world        ${range(perSec)} messages/s, ${(SECONDS / medianOf(worlds.map((one) => one.seconds))).toFixed(0)} x real time`,
    )
    say(`  nodejs-order-book   ${range(peer)} messages/s, matching alone`)
    say(
      `  tape                ${range(tapes.map((one) => one.frames / one.seconds))} frames/s, decoded on the way`,
    )
    say(`  tape, decoded       ${range(frames)} frames/s, ${decoded[0]?.frames ?? 0} frames`)
    const ratio = medianOf(perSec) / medianOf(peer)
    say(
      `  goal: at least ${GOAL_MESSAGES_PER_SEC / 1e6} M messages/s, is ${(medianOf(perSec) / 1e6).toFixed(3)} M: ${verdict(medianOf(perSec) >= GOAL_MESSAGES_PER_SEC)}`,
    )
    say(
      `  goal: at least ${GOAL_FRAMES_PER_SEC / 1e6} M frames/s, is ${(medianOf(frames) / 1e6).toFixed(3)} M: ${verdict(medianOf(frames) >= GOAL_FRAMES_PER_SEC)}`,
    )
    say(
      `  goal: at least ${GOAL_RATIO} x nodejs-order-book, is ${ratio.toFixed(1)} x: ${verdict(ratio >= GOAL_RATIO)}`,
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

interface Played {
  readonly seconds: number
  readonly commands: number
  readonly inputs: number
  readonly frames: number
  readonly hash: string
}

/** The same tape with its records in memory. */
function decodedTape(tape: TapeSource): TapeSource {
  const records: TapeRecord[] = []
  for (let record = tape.next(); record !== null; record = tape.next()) records.push(record)
  const counters = { ...tape.counters, lines: 0 }
  return { ...tape, counters, next: () => records[counters.lines++] ?? null }
}

/** @param path of a tape; null: the scenario. @param isDecoded before the clock starts */
function play(path: string | null, isDecoded: boolean): Played {
  const read = path === null ? null : openTape(path)
  const tape = read === null || !isDecoded ? read : decodedTape(read)
  let commands = 0
  const stage = { ...STAGE, onCommand: (command: ExchangeCommand) => void (commands += messagesIn(command)) }
  const { world, venue, startTsMs } = openStage(tape === null ? stage : { ...stage, tape })
  const engine = createEngine(
    enginePartsOf(load({ assignments: ['market.dex=', 'market.asset=BTC'] }).values, venue.market),
  )
  const before = commands
  const startMs = cpuMs()
  let hash = ''
  for (let second = 1; second <= SECONDS && !isFinished(world); second += 1) {
    hash = runClosedWorld({ engine, venue, world, untilTsMs: startTsMs + second * 1_000 })
  }
  const seconds = (cpuMs() - startMs) / 1_000
  keep(engine.state.seq)
  const frames = tape === null ? 0 : tape.counters.lines
  return { seconds, commands: commands - before, inputs: engine.state.seq, frames, hash }
}

/** Each order, cancel and modify of a batch counts. */
function messagesIn(command: ExchangeCommand): number {
  if (command.kind !== 'action') return 1
  const { action } = command
  switch (action.kind) {
    case 'order':
      return action.orders.length
    case 'cancel':
      return action.cancels.length
    case 'modify':
      return action.modifies.length
    default:
      return 1
  }
}

function range(perSec: readonly number[]): string {
  const text = (value: number): string => (value / 1_000).toFixed(0)
  return `median ${text(medianOf(perSec))} k (${text(Math.min(...perSec))} … ${text(Math.max(...perSec))})`
}

function verdict(isReached: boolean): string {
  return isReached ? 'reached' : 'NOT reached'
}
