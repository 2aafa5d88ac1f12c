/**
 * From a book message to the ladder's commands, through the whole engine as `run` uses it: book, estimators, strategy, risk,
 * diff, gate, state hash. Beside it, in the same run, `JSON.parse` of the same 20-level messages.
 *
 *   quoting   a book or touch that led to a quoting cycle: update -> estimates -> ladder -> diff -> gate
 *   absorbed  a book or touch between two cycles: update -> estimates
 *   wire      bytes of an `l2Book` frame -> text -> JSON -> decoder -> engine -> commands
 *
 * The inputs are those of a recorded run of the closed world; each pass steps a fresh engine over all of them and must end
 * with the recorded state hash, else no figure is printed. Only books and touches are timed.
 */
import { runClosedWorld } from '../../src/backtest/closed-world.ts'
import { openStage } from '../../src/backtest/stage.ts'
import { enginePartsOf } from '../../src/compose/engine-parts.ts'
import { createEngine, engineHash, step } from '../../src/core/engine.ts'
import type { Engine } from '../../src/core/engine.ts'
import type { BookInput, Input } from '../../src/core/input.ts'
import type { MarketSpec } from '../../src/core/market.ts'
import { decodeBook } from '../../src/venues/hyperliquid/decode-book.ts'
import { load } from '../support/config.ts'
import { allocationOf, keep, medianLatency, nsText, say, stopwatch } from './harness.ts'
import type { Bench, Latency } from './harness.ts'

const SEED = 5
const SECONDS = 240
/** After one that warms the compiler up and is shown apart. */
const PASSES = 7
const GOAL_QUOTING = 0.02
const GOAL_WIRE = 0.25

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
  readonly quoting: Latency
  readonly absorbed: Latency
  readonly wire: Latency
}

function run(): void {
  const recording = record()
  const { inputs, frames, bookCount } = recording
  const longest = Math.max(...frames.map((frame) => frame.length))
  say(`seed ${SEED}, ${inputs.length} inputs, ${bookCount} books of up to ${longest} bytes, ${PASSES} passes`)
  const cold = passOver(recording)
  const passes = Array.from({ length: PASSES }, () => passOver(recording))
  const rows = (['parse', 'quoting', 'absorbed', 'wire'] as const).map((name) => ({
    name,
    latency: medianLatency(passes.map((pass) => pass[name])),
    coldNs: cold[name].p50Ns,
    p50s: passes.map((pass) => pass[name].p50Ns),
  }))
  const parseNs = rows[0]?.latency.p50Ns ?? Number.NaN
  say(
    'net of an empty timer, medians of passes     p50 (passes from … to)        p99     p99.9   cold p50   × JSON.parse',
  )
  for (const { name, latency, coldNs, p50s } of rows) {
    const range = `(${nsText(Math.min(...p50s))} … ${nsText(Math.max(...p50s))})`
    say(
      `  ${NAMES[name].padEnd(38)} ${nsText(latency.p50Ns).padStart(8)} ${range.padEnd(22)} ${nsText(latency.p99Ns).padStart(8)}  ${nsText(latency.p999Ns).padStart(8)}   ${nsText(coldNs).padStart(8)}   ${(latency.p50Ns / parseNs).toFixed(3)}`,
    )
  }
  const ratioOf = (name: keyof Pass): number =>
    (rows.find((row) => row.name === name)?.latency.p50Ns ?? Number.NaN) / parseNs
  say(goalLine('quoting', ratioOf('quoting'), GOAL_QUOTING))
  say(goalLine('wire', ratioOf('wire'), GOAL_WIRE))
  const { bytes, collections } = allocationOf(() => stepAll(recording))
  say(
    `  allocated ${Math.round(bytes / inputs.length)} bytes an input, ${collections} collections in ${inputs.length} inputs`,
  )
}

const NAMES: Readonly<Record<keyof Pass, string>> = {
  parse: 'JSON.parse of the l2Book frame',
  quoting: 'book update -> commands, quoting',
  absorbed: 'book update, between cycles',
  wire: 'bytes of the frame -> commands',
}

function goalLine(name: keyof Pass, ratio: number, goal: number): string {
  const verdict = ratio <= goal ? 'reached' : 'missed'
  return `  goal ${NAMES[name]}: at most ${goal} × JSON.parse, is ${ratio.toFixed(3)}: ${verdict}`
}

function engineFor(market: MarketSpec): Engine {
  return createEngine(enginePartsOf(load().values, market))
}

function record(): Recording {
  const { world, venue, startTsMs } = openStage({
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
  const { quoting, absorbed } = timeSteps(recording)
  return { parse: parse.netLatency(), quoting, absorbed, wire: timeWire(recording) }
}

function timeSteps(recording: Recording): { readonly quoting: Latency; readonly absorbed: Latency } {
  const { inputs } = recording
  const engine = engineFor(recording.market)
  const quoting = stopwatch(inputs.length)
  const absorbed = stopwatch(inputs.length)
  for (const input of inputs) {
    const isBook = input.kind === 'book' || input.kind === 'touch'
    const cycleBefore = engine.state.lastCycleTsMs
    quoting.start()
    const commands = step(engine, input)
    const elapsedMs = quoting.elapsedMs()
    keep(commands.length)
    if (isBook) (engine.state.lastCycleTsMs === cycleBefore ? absorbed : quoting).note(elapsedMs)
  }
  demandHash(engine, recording)
  return { quoting: quoting.netLatency(), absorbed: absorbed.netLatency() }
}

/** Books come as bytes; those that led to a cycle are the ones of the figure. */
function timeWire(recording: Recording): Latency {
  const { inputs, frames, market } = recording
  const engine = engineFor(market)
  const wire = stopwatch(inputs.length)
  for (let index = 0; index < inputs.length; index += 1) {
    const input = inputs[index]
    const frame = frames[index]
    if (input === undefined || frame === undefined) continue
    if (input.kind !== 'book') {
      keep(step(engine, input).length)
      continue
    }
    const cycleBefore = engine.state.lastCycleTsMs
    wire.start()
    const message = JSON.parse(frame.toString('latin1')) as { readonly data: unknown }
    const commands = step(engine, {
      ...decodeBook(message.data, market.grid),
      seq: input.seq,
      tsMs: input.tsMs,
    })
    const elapsedMs = wire.elapsedMs()
    keep(commands.length)
    if (engine.state.lastCycleTsMs !== cycleBefore) wire.note(elapsedMs)
  }
  demandHash(engine, recording)
  return wire.netLatency()
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
