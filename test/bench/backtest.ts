/**
 * The closed world: messages a second of one core. A message is what the exchange applied (each order, cancel and modify
 * of everybody, blocks, prices) or an input that the maker took and decided on. Two markets: the shipped `calm`, by which
 * the goal is judged, and a busy one of the same agents with more levels and more takers, where blocks and cycles count
 * less. Beside them `nodejs-order-book` doing nothing but the matching of as many messages, and a tape played to the same
 * maker in frames a second: read from its file on the way, and with every frame decoded before the clock starts.
 *
 * The first pass of all is told apart: most of it is the compiler's. `--tape=PATH` plays a recording of a real market too.
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
import type { AgentPlan, ScenarioPlan } from '../../src/simulation/scenario-plan.ts'
import { planOf } from '../../src/simulation/scenarios.ts'
import type { ScenarioChoice } from '../../src/simulation/scenarios.ts'
import { openTape } from '../../src/simulation/tape-binance.ts'
import type { TapeRecord, TapeSource } from '../../src/simulation/tape.ts'
import { isFinished } from '../../src/simulation/world.ts'
import { load } from '../support/config.ts'
import { keep, medianOf, say, type Bench } from './harness.ts'
import { cpuMs, nodejsBook, playPeer } from './matching.bench.ts'
import { makeFlow } from './matching-flow.ts'

const SEED = 31
const SECONDS = 1_200
const BUSY_SECONDS = 120
/** Rounds whose figures are thrown away: until then the compiler is at work, and shapes of objects still change. */
const WARM_UPS = 2
const PASSES = 3
const PEER_COUNT = 50_000
const GOAL_MESSAGES_PER_SEC = 2_000_000
const GOAL_FRAMES_PER_SEC = 1_000_000
const GOAL_RATIO = 15
const STAGE = {
  ...{ spec: defaultVenue(), coin: 'BTC', scenario: 'calm', seed: SEED, blockMs: 100 },
  depositMicroUsd: 100_000_000_000,
}
/** Many levels close together, each moved with nearly every step of the price. */
const BUSY_LADDER = { levelCount: 40, levelStepBps: 0.1, levelGrowth: 0, refreshBps: 0 }
const TAPE_WORD = '--tape='

export const bench: Bench = { about: 'the closed world, a decision on every message', run }

/** Passes of one kind. */
interface Row {
  readonly name: string
  readonly play: () => Played
  readonly passes: Played[]
}

function run(): void {
  const folder = mkdtempSync(join(tmpdir(), 'hypermake-bench-backtest-'))
  try {
    const path = join(folder, 'market')
    generateTape({ ...STAGE, minutes: SECONDS / 60, path })
    const flow = makeFlow(SEED, PEER_COUNT)
    const ids = Array.from({ length: PEER_COUNT }, (_, index) => `o${index}`)
    const row = (name: string, play: () => Played): Row => ({ name, play, passes: [] })
    const calm = row('calm market', () => play({ scenario: 'calm', seconds: SECONDS }))
    const busy = row('busy market', () => play({ scenario: busyPlan(), seconds: BUSY_SECONDS }))
    const tape = row('tape', () => play({ tape: openTape(path), seconds: SECONDS }))
    const decoded = row('tape, decoded', () => play({ tape: decodedTape(openTape(path)), seconds: SECONDS }))
    const real = process.argv.find((word) => word.startsWith(TAPE_WORD))?.slice(TAPE_WORD.length)
    const rows = [calm, busy, tape, decoded]
    if (real !== undefined) {
      rows.push(
        row('real tape, decoded', () => play({ tape: decodedTape(openTape(real)), seconds: Infinity })),
      )
    }
    const first = calm.play()
    const peer: number[] = []
    for (let round = 0; round < WARM_UPS + PASSES; round += 1) {
      for (const { play, passes } of rows) {
        const played = play()
        if (round >= WARM_UPS) passes.push(played)
      }
      peer.push(1e9 / playPeer(flow, PEER_COUNT, ids, nodejsBook()).ns)
    }
    tell(first, rows, peer.slice(WARM_UPS))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const messagesPerSec = (one: Played): number => (one.commands + one.inputs) / one.seconds
const framesPerSec = (one: Played): number => one.frames / one.seconds

/** @throws Error when passes of one kind came to different states */
function tell(first: Played, rows: readonly Row[], peer: readonly number[]): void {
  for (const { name, passes } of rows) {
    const hashes = new Set([...passes, ...(name === 'calm market' ? [first] : [])].map((one) => one.hash))
    if (hashes.size !== 1) throw new Error(`no figure: passes of the ${name} came to different states`)
  }
  say(`  seed ${SEED}; ${PASSES} interleaved passes after ${WARM_UPS + 1}, CPU time`)
  let calm = 0
  let frames = 0
  for (const { name, passes } of rows) {
    const [one] = passes
    if (one === undefined) continue
    const isTape = one.frames > 0
    const perSec = passes.map(isTape ? framesPerSec : messagesPerSec)
    if (name === 'calm market') calm = medianOf(perSec)
    // The last one: a real tape when there is one.
    if (isTape) frames = medianOf(perSec)
    const times = one.virtualSec / medianOf(passes.map(({ seconds }) => seconds))
    const what = isTape ? `${one.frames} frames` : `${one.commands} commands, ${one.inputs} inputs`
    say(
      `  ${name.padEnd(18)}  ${range(perSec)} ${isTape ? 'frames' : 'messages'}/s, ${times.toFixed(0)} x real time; ${what} in ${one.virtualSec} virtual s`,
    )
  }
  say(`  ${'calm, first pass'.padEnd(18)}  ${(messagesPerSec(first) / 1_000).toFixed(0)} k messages/s`)
  say(`  ${'nodejs-order-book'.padEnd(18)}  ${range(peer)} messages/s, matching alone`)
  const ratio = calm / medianOf(peer)
  say(
    `  goal: at least ${GOAL_MESSAGES_PER_SEC / 1e6} M messages/s, is ${(calm / 1e6).toFixed(3)} M in the calm market: ${verdict(calm >= GOAL_MESSAGES_PER_SEC)}`,
  )
  say(
    `  goal: at least ${GOAL_FRAMES_PER_SEC / 1e6} M frames/s, is ${(frames / 1e6).toFixed(3)} M on the last tape: ${verdict(frames >= GOAL_FRAMES_PER_SEC)}`,
  )
  say(
    `  goal: at least ${GOAL_RATIO} x nodejs-order-book, is ${ratio.toFixed(1)} x: ${verdict(ratio >= GOAL_RATIO)}`,
  )
}

/** The agents of `calm`, each maker with more levels that it moves at every step of the price, and twenty times the takers. */
function busyPlan(): ScenarioPlan {
  const plan = planOf('calm')
  const agents = plan.agents.map((agent): AgentPlan => {
    if (agent.kind === 'maker') return { ...agent, ...BUSY_LADDER, levelUsd: agent.levelUsd / 8 }
    if (agent.kind === 'noise') return { ...agent, arrivalsFactor: 20 }
    return agent.kind === 'informed' ? { ...agent, looksPerSec: 20 } : agent
  })
  return { ...plan, name: 'busy', agents }
}

interface Played {
  readonly seconds: number
  readonly commands: number
  readonly inputs: number
  /** Of the tape; 0 for a scenario. */
  readonly frames: number
  readonly virtualSec: number
  readonly hash: string
}

/** The same tape with its records in memory. */
function decodedTape(tape: TapeSource): TapeSource {
  const records: TapeRecord[] = []
  for (let record = tape.next(); record !== null; record = tape.next()) records.push(record)
  const counters = { ...tape.counters, lines: 0 }
  return { ...tape, counters, next: () => records[counters.lines++] ?? null }
}

type Market =
  | { readonly scenario: ScenarioChoice; readonly seconds: number }
  | { readonly tape: TapeSource; readonly seconds: number }

/** @param market for so many virtual seconds, or to the end of the tape */
function play(market: Market): Played {
  let commands = 0
  const { seconds: _, ...source } = market
  const onCommand = (command: ExchangeCommand): void => void (commands += messagesIn(command))
  const { world, venue, startTsMs } = openStage({ ...STAGE, ...source, onCommand })
  const engine = createEngine(
    enginePartsOf(load({ assignments: ['market.dex=', 'market.asset=BTC'] }).values, venue.market),
  )
  const before = commands
  const startMs = cpuMs()
  let hash = ''
  let virtualSec = 0
  while (virtualSec < market.seconds && !isFinished(world)) {
    virtualSec += 1
    hash = runClosedWorld({ engine, venue, world, untilTsMs: startTsMs + virtualSec * 1_000 })
  }
  const seconds = (cpuMs() - startMs) / 1_000
  keep(engine.state.seq)
  const frames = 'tape' in market ? market.tape.counters.lines : 0
  return { seconds, commands: commands - before, inputs: engine.state.seq, frames, virtualSec, hash }
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
