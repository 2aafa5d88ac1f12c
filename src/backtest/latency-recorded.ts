/**
 * Latencies as a journal measured them: of market data from the venue's time to ours, of orders from the command to its answer,
 * less the median of the data's way back. Both contain what the two clocks differ by; a venue's time ahead of ours counts as 0.
 */
import type { Command } from '../core/command.ts'
import type { Input } from '../core/input.ts'
import { readJournal } from '../journal/reader.ts'
import { SimulationError } from '../simulation/errors.ts'
import { LATENCY_MS_MAX } from './latency.ts'

export interface RecordedLatency {
  readonly kind: 'samples'
  /** In order of time; whole ms, 0 … `LATENCY_MS_MAX`. */
  readonly feedMs: readonly number[]
  readonly orderMs: readonly number[]
}

/** Longer journals give their first so many. */
const SAMPLES_MAX = 1_000_000
/** Orders without an answer yet. */
const WAITING_MAX = 10_000

/** @throws JournalError when it cannot be read, SimulationError NO_LATENCY when nothing was measured in it */
export function recordedLatency(dir: string): RecordedLatency {
  const feedMs: number[] = []
  const roundTripsMs: number[] = []
  const sentTsMs = new Map<string, number>()
  let tsMs = 0
  for (const record of readJournal(dir).records) {
    if (record.kind === 'command') noteSent(sentTsMs, record.command, tsMs)
    if (record.kind !== 'input') continue
    const { input } = record
    tsMs = input.tsMs
    if (
      (input.kind === 'book' || input.kind === 'touch' || input.kind === 'trade') &&
      feedMs.length < SAMPLES_MAX
    ) {
      feedMs.push(clamp(tsMs - input.venueTsMs))
    }
    const sent = answered(sentTsMs, input)
    if (sent !== null && roundTripsMs.length < SAMPLES_MAX) roundTripsMs.push(tsMs - sent)
  }
  if (feedMs.length === 0 || roundTripsMs.length === 0) {
    const message = `journal ${dir}: no ${feedMs.length === 0 ? 'market data' : 'answered order'} in it to measure a latency by; choose a longer run`
    throw new SimulationError('NO_LATENCY', message)
  }
  const backMs = feedMs.toSorted((a, b) => a - b)[feedMs.length >> 1] ?? 0
  return { kind: 'samples', feedMs, orderMs: roundTripsMs.map((ms) => clamp(ms - backMs)) }
}

function clamp(ms: number): number {
  return Math.min(Math.max(Math.round(ms), 0), LATENCY_MS_MAX)
}

function noteSent(sentTsMs: Map<string, number>, command: Command, tsMs: number): void {
  if (sentTsMs.size >= WAITING_MAX) return
  if (command.kind === 'place' || command.kind === 'modify') sentTsMs.set(command.order.cloid, tsMs)
}

/** @returns when the order that this input answers was sent, once */
function answered(sentTsMs: Map<string, number>, input: Input): number | null {
  if (input.kind !== 'orderResting' && input.kind !== 'orderFilledNow' && input.kind !== 'orderRefused')
    return null
  const sent = sentTsMs.get(input.cloid) ?? null
  sentTsMs.delete(input.cloid)
  return sent
}
