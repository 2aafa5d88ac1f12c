/**
 * From a book message to the ladder's commands, through the whole engine as `run` uses it: book, estimators, strategy, risk,
 * diff, gate, state hash. Beside it, in the same run, `JSON.parse` of the same 20-level messages.
 *
 *   update    every book or touch, as they come: most fall between two cycles, since the pace of quoting is bounded
 *   quoting   those that led to a quoting cycle: update -> estimates -> ladder -> diff -> gate
 *   absorbed  those between two cycles: update -> estimates
 *   scan      bytes of an `l2Book` frame -> book input, the short way that the adapter takes
 *   wire      bytes of an `l2Book` frame -> input -> engine -> commands, every frame, and those with a cycle apart
 *
 * The inputs are those of a recorded run of the closed world; each pass steps a fresh engine over all of them and must end
 * with the recorded state hash, else no figure is printed. Only books and touches are timed. At the end touches alone, one after
 * the other: what one costs, what it allocates and how often the collector ran.
 */
import { runClosedWorld } from '../../src/backtest/closed-world.ts'
import { openStage } from '../../src/backtest/stage.ts'
import { enginePartsOf } from '../../src/compose/engine-parts.ts'
import { defaultVenue } from '../../src/config/venue-definitions.ts'
import { createEngine, engineHash, step } from '../../src/core/engine.ts'
import type { Engine } from '../../src/core/engine.ts'
import { stampInput } from '../../src/core/input.ts'
import type { BookInput, Input } from '../../src/core/input.ts'
import type { MarketSpec } from '../../src/core/market.ts'
import { initBookScanner, scanBook } from '../../src/venues/hyperliquid/scan-book.ts'
import { load } from '../support/config.ts'
import { allocationOf, keep, medianLatency, medianOf, nsText, say, stopwatch } from './harness.ts'
import type { Allocation, Bench, Latency } from './harness.ts'

const SEED = 5
const SECONDS = 240
/** After one that is shown apart as cold, and some that let the compiler come to an end. */
const PASSES = 21
const WARMING_PASSES = 12
/** Touches of the run that measures what absorbing allocates. */
const STEADY_TOUCHES = 100_000
const STEADY_GAP_MS = 5
const STEADY_WARMING = 3
const GOAL_QUOTING = 0.02
const GOAL_WIRE = 0.25
/** One falls due by what was there before; a tick that allocates brings more of them. */
const GOAL_COLLECTIONS = 1

export const bench: Bench = { about: 'book update -> ladder -> commands through the real engine', run }

interface Recording {
  readonly market: MarketSpec
  readonly inputs: readonly Input[]
  /** One per input; empty for what is not a book. */
  readonly frames: readonly Buffer[]
  readonly bookCount: number
  readonly hash: string
}

interface Pass {
  readonly parse: Latency
  readonly update: Latency
  readonly absorbed: Latency
  readonly quoting: Latency
  readonly scan: Latency
  readonly wire: Latency
  readonly wireQuoting: Latency
}

function run(): void {
  const recording = record()
  const { inputs, frames, bookCount } = recording
  const longest = Math.max(...frames.map((frame) => frame.length))
  say(`seed ${SEED}, ${inputs.length} inputs, ${bookCount} books of up to ${longest} bytes, ${PASSES} passes`)
  const cold = passOver(recording)
  for (let pass = 0; pass < WARMING_PASSES; pass += 1) passOver(recording)
  const passes = Array.from({ length: PASSES }, () => passOver(recording))
  const rows = NAMED.map((name) => ({
    name,
    latency: medianLatency(passes.map((pass) => pass[name])),
    coldNs: cold[name].p50Ns,
    p50s: passes.map((pass) => pass[name].p50Ns),
    // Of each pass by itself: the pace of the machine changes between them, and hardly within one.
    ratio: medianOf(passes.map((pass) => pass[name].p50Ns / pass.parse.p50Ns)),
  }))
  const parseNs = rows[0]?.latency.p50Ns ?? Number.NaN
  say(
    'net of an empty timer, medians of passes     p50 (passes from … to)        p99     p99.9   cold p50   × JSON.parse',
  )
  for (const { name, latency, coldNs, p50s, ratio } of rows) {
    const range = `(${nsText(Math.min(...p50s))} … ${nsText(Math.max(...p50s))})`
    say(
      `  ${NAMES[name].padEnd(38)} ${nsText(latency.p50Ns).padStart(8)} ${range.padEnd(22)} ${nsText(latency.p99Ns).padStart(8)}  ${nsText(latency.p999Ns).padStart(8)}   ${nsText(coldNs).padStart(8)}   ${ratio.toFixed(3)}`,
    )
  }
  const ratioOf = (name: keyof Pass): number => rows.find((row) => row.name === name)?.ratio ?? Number.NaN
  say(goalLine('update', ratioOf('update'), GOAL_QUOTING))
  say(goalLine('quoting', ratioOf('quoting'), GOAL_QUOTING))
  say(goalLine('wire', ratioOf('wire'), GOAL_WIRE))
  say(goalLine('wireQuoting', ratioOf('wireQuoting'), GOAL_WIRE))
  const { bytes, collections } = allocationOf(() => stepAll(recording))
  say(
    `  allocated ${Math.round(bytes / inputs.length)} bytes an input, ${collections} collections in ${inputs.length} inputs`,
  )
  const steady = steadyTouches(recording)
  const nsEach = (steady.cpuMs * 1e6) / STEADY_TOUCHES
  say(
    `  touches one after the other, between cycles: ${nsText(nsEach)} of CPU each, ${(nsEach / parseNs).toFixed(3)} × JSON.parse`,
  )
  say(
    `  allocated ${Math.round(steady.bytes / STEADY_TOUCHES)} bytes a touch between cycles, ${steady.collections} collections in ${STEADY_TOUCHES} touches`,
  )
  say(
    `  goal no allocation per tick: at most ${GOAL_COLLECTIONS} collections in ${STEADY_TOUCHES} touches, are ${steady.collections}: ${steady.collections <= GOAL_COLLECTIONS ? 'reached' : 'missed'}`,
  )
}

/** Touches alone, one after the other, in an engine that no cycle interrupts: first to warm up, then measured. */
function steadyTouches({ market, inputs }: Recording): Allocation & { readonly cpuMs: number } {
  const engine = engineFor(market, ['execution.requote_interval_ms=60000'])
  const first = inputs[0]
  const last = inputs.at(-1)
  const touches = inputs.filter((input) => input.kind === 'touch')
  if (first?.kind !== 'sessionStarted' || last === undefined)
    throw new Error('a recording begins with its session')
  step(engine, first)
  let tsMs = last.tsMs
  const made = Array.from({ length: STEADY_TOUCHES }, (_, index) => {
    const touch = touches[index % touches.length]
    if (touch?.kind !== 'touch') throw new Error('the recording has touches')
    tsMs += STEADY_GAP_MS
    return { ...touch, seq: 0, tsMs, venueTsMs: tsMs }
  })
  // By index and one field after the other: what the loop itself allocates would be counted, too.
  const stepAllTouches = (): number => {
    let commands = 0
    for (let index = 0; index < STEADY_TOUCHES; index += 1) {
      const touch = made[index]
      if (touch === undefined) break
      touch.seq = engine.state.seq + 1
      touch.venueTsMs = engine.state.tsMs + STEADY_GAP_MS
      touch.tsMs = touch.venueTsMs
      commands += step(engine, touch).length
    }
    return commands
  }
  for (let pass = 0; pass < STEADY_WARMING; pass += 1) keep(stepAllTouches())
  let cpuMs = 0
  const allocation = allocationOf(() => {
    const before = process.cpuUsage()
    const commands = stepAllTouches()
    const { user, system } = process.cpuUsage(before)
    cpuMs = (user + system) / 1_000
    return commands
  })
  return { ...allocation, cpuMs }
}

const NAMES: Readonly<Record<keyof Pass, string>> = {
  parse: 'JSON.parse of the l2Book frame',
  update: 'book update -> commands, every update',
  absorbed: 'book update, between cycles',
  quoting: 'book update -> commands, quoting',
  scan: 'bytes of the frame -> book input',
  wire: 'bytes -> commands, every frame',
  wireQuoting: 'bytes -> commands, quoting',
}
const NAMED: readonly (keyof Pass)[] = [
  'parse',
  'update',
  'absorbed',
  'quoting',
  'scan',
  'wire',
  'wireQuoting',
]

function goalLine(name: keyof Pass, ratio: number, goal: number): string {
  const verdict = ratio <= goal ? 'reached' : 'missed'
  return `  goal ${NAMES[name]}: at most ${goal} × JSON.parse, is ${ratio.toFixed(3)}: ${verdict}`
}

function engineFor(market: MarketSpec, assignments: readonly string[] = []): Engine {
  return createEngine(enginePartsOf(load({ assignments }).values, market))
}

function record(): Recording {
  const { world, venue, startTsMs } = openStage({
    spec: defaultVenue(),
    coin: 'hyna:BTC',
    scenario: 'calm',
    seed: SEED,
    blockMs: 100,
    depositMicroUsd: 1e11,
  })
  const inputs: Input[] = []
  const hash = runClosedWorld({
    engine: engineFor(venue.market),
    venue,
    world,
    untilTsMs: startTsMs + SECONDS * 1_000,
    onStep: (input) => inputs.push(input),
  })
  const frames = inputs.map((input) =>
    input.kind === 'book' ? Buffer.from(frameOf(input, venue.market)) : Buffer.alloc(0),
  )
  return {
    market: venue.market,
    inputs,
    frames,
    bookCount: frames.filter((frame) => frame.length > 0).length,
    hash,
  }
}

/** The message as the venue writes it. */
function frameOf(book: BookInput, market: MarketSpec): string {
  const { priceDecimals, szDecimals } = market.grid
  const levels = [book.bids, book.asks].map((flat) =>
    flat.flatMap((ticks, index) =>
      index % 2 === 1
        ? []
        : [{ px: decimal(ticks, priceDecimals), sz: decimal(flat[index + 1] ?? 0, szDecimals), n: 3 }],
    ),
  )
  return JSON.stringify({ channel: 'l2Book', data: { coin: market.coin, time: book.venueTsMs, levels } })
}

function decimal(whole: number, decimals: number): string {
  const text = String(whole).padStart(decimals + 1, '0')
  const point = text.length - decimals
  const fraction = text.slice(point).replace(/0+$/, '')
  return fraction === '' ? text.slice(0, point) : `${text.slice(0, point)}.${fraction}`
}

function passOver(recording: Recording): Pass {
  const parse = stopwatch(recording.bookCount)
  for (const frame of recording.frames) {
    if (frame.length === 0) continue
    const text = frame.toString('latin1')
    parse.start()
    const parsed = JSON.parse(text) as object
    parse.stop()
    keep(Object.keys(parsed).length)
  }
  return { parse: parse.netLatency(), ...timeSteps(recording), ...timeWire(recording) }
}

function timeSteps(recording: Recording): Pick<Pass, 'update' | 'quoting' | 'absorbed'> {
  const { inputs } = recording
  const engine = engineFor(recording.market)
  const update = stopwatch(inputs.length)
  const quoting = stopwatch(inputs.length)
  const absorbed = stopwatch(inputs.length)
  for (const input of inputs) {
    const isBook = input.kind === 'book' || input.kind === 'touch'
    const cycleBefore = engine.state.lastCycleTsMs
    quoting.start()
    const commands = step(engine, input)
    const elapsedMs = quoting.elapsedMs()
    keep(commands.length)
    if (!isBook) continue
    update.note(elapsedMs)
    ;(engine.state.lastCycleTsMs === cycleBefore ? absorbed : quoting).note(elapsedMs)
  }
  demandHash(engine, recording)
  return { update: update.netLatency(), quoting: quoting.netLatency(), absorbed: absorbed.netLatency() }
}

/**
 * Books come as bytes; scanning is timed once alone and once as a part of the whole way. As from a socket, the bytes have just been
 * written when they are read, like the text of the yardstick.
 */
function timeWire(recording: Recording): Pick<Pass, 'scan' | 'wire' | 'wireQuoting'> {
  const { inputs, frames, market } = recording
  const engine = engineFor(market)
  const scanner = initBookScanner(market.coin, market.grid)
  const socket = Buffer.alloc(Math.max(...frames.map((frame) => frame.length)))
  const receive = (frame: Buffer): Buffer => socket.subarray(0, frame.copy(socket))
  const scan = stopwatch(inputs.length)
  for (const frame of frames) {
    if (frame.length === 0) continue
    const received = receive(frame)
    scan.start()
    const book = scanBook(scanner, received)
    scan.stop()
    keep(demandBook(book).bids.length)
  }
  const wire = stopwatch(inputs.length)
  const wireQuoting = stopwatch(inputs.length)
  for (let index = 0; index < inputs.length; index += 1) {
    const input = inputs[index]
    const frame = frames[index]
    if (input === undefined || frame === undefined) continue
    if (input.kind !== 'book') {
      keep(step(engine, input).length)
      continue
    }
    const cycleBefore = engine.state.lastCycleTsMs
    const received = receive(frame)
    wire.start()
    const book = demandBook(scanBook(scanner, received))
    const commands = step(engine, stampInput(book, input.seq, input.tsMs))
    const elapsedMs = wire.elapsedMs()
    keep(commands.length)
    wire.note(elapsedMs)
    if (engine.state.lastCycleTsMs !== cycleBefore) wireQuoting.note(elapsedMs)
  }
  demandHash(engine, recording)
  return { scan: scan.netLatency(), wire: wire.netLatency(), wireQuoting: wireQuoting.netLatency() }
}

/** @throws Error when a frame would go the long way: then the figures would not be of what they say */
function demandBook(book: BookInput | null): BookInput {
  if (book === null) throw new Error('the scanner takes every frame of the recording')
  return book
}

function stepAll(recording: Recording): number {
  const engine = engineFor(recording.market)
  let commands = 0
  for (const input of recording.inputs) commands += step(engine, input).length
  return commands
}

/** @throws Error when the replay did not decide what was recorded: then its speed means nothing */
function demandHash(engine: Engine, recording: Recording): void {
  if (engineHash(engine) === recording.hash) return
  throw new Error(`the replayed engine ends at ${engineHash(engine)}, the recorded one at ${recording.hash}`)
}
