/**
 * Look-ahead, proved absent: the maker plays a tape as it is, cut off at a time, and with everything after that time in another
 * order. Up to the cut, every decision must be the same: otherwise it depended on what was still to come.
 *
 * in      a way to open the tape anew, and to make an engine from it (a cheating one could look into the tape)
 * out     per cut, how many decisions were compared and the first that differs
 */
import type { Engine } from '../core/engine.ts'
import type { MarketSpec } from '../core/market.ts'
import type { Capital } from '../core/risk/limits.ts'
import type { TapeSource } from '../simulation/tape.ts'
import { runClosedWorld } from './closed-world.ts'
import { shuffledTape, truncatedTape } from './cut-tape.ts'
import { openStage } from './stage.ts'
import type { StageOptions } from './stage.ts'

export interface BiasOptions {
  readonly stage: Omit<StageOptions, 'tape'>
  readonly openTape: () => TapeSource
  readonly minutes: number
  /** Where to cut, as shares of the time, each between 0 and 1. */
  readonly cutShares: readonly number[]
  readonly engineOf: (market: MarketSpec, capital: Capital, tape: TapeSource) => Engine
  /** Called after each of `1 + 2 × cuts` runs. */
  readonly onProgress?: (done: number) => void
}

/** Inputs that led to commands. */
export interface Decision {
  readonly seq: number
  readonly tsMs: number
  readonly inputKind: string
  readonly commands: string
}

export interface BiasCheck {
  readonly future: 'cut off' | 'shuffled'
  readonly cutTsMs: number
  /** Decisions up to the cut, of the tape as it is. */
  readonly decisionCount: number
  /** Null: all are the same. One side is null when it has a decision more. */
  readonly difference: { readonly whole: Decision | null; readonly changed: Decision | null } | null
}

export interface BiasReport {
  readonly startTsMs: number
  readonly endTsMs: number
  readonly decisionCount: number
  readonly checks: readonly BiasCheck[]
  readonly ok: boolean
}

const MS_PER_MINUTE = 60_000

/** @throws SimulationError when the tape or the market cannot be played */
export function findBias(options: BiasOptions): BiasReport {
  const { cutShares, stage } = options
  let done = 0
  const play = (tape: TapeSource, endTsMs: number | null): Played => {
    const played = decisionsOn(options, tape, endTsMs)
    done += 1
    options.onProgress?.(done)
    return played
  }
  const played = play(options.openTape(), null)
  // A cut after the end of the recording would cut nothing off, and prove nothing.
  const endTsMs = lastTsMsUpTo(options.openTape(), played.endTsMs)
  const decisions = played.decisions.filter((one) => one.tsMs <= endTsMs)
  const whole = { ...played, endTsMs, decisions }
  const checks = cutShares.flatMap((share): BiasCheck[] => {
    const cutTsMs = Math.floor(whole.startTsMs + (whole.endTsMs - whole.startTsMs) * share)
    const cut = play(truncatedTape(options.openTape(), cutTsMs), cutTsMs)
    const shuffled = play(shuffledTape(options.openTape(), cutTsMs, stage.seed), cutTsMs)
    return [checkOf('cut off', cutTsMs, whole, cut), checkOf('shuffled', cutTsMs, whole, shuffled)]
  })
  return {
    startTsMs: whole.startTsMs,
    endTsMs: whole.endTsMs,
    decisionCount: whole.decisions.length,
    checks,
    ok: checks.every((check) => check.difference === null),
  }
}

/** @returns the time of the last record that is not later than `endTsMs` */
function lastTsMsUpTo(tape: TapeSource, endTsMs: number): number {
  let lastTsMs = tape.firstTsMs
  for (let record = tape.next(); record !== null && record.tsMs <= endTsMs; record = tape.next()) {
    lastTsMs = record.tsMs
  }
  return lastTsMs
}

interface Played {
  readonly startTsMs: number
  readonly endTsMs: number
  readonly decisions: readonly Decision[]
}

function decisionsOn(options: BiasOptions, tape: TapeSource, endTsMs: number | null): Played {
  const { world, venue, startTsMs } = openStage({ ...options.stage, tape })
  const decisions: Decision[] = []
  runClosedWorld({
    engine: options.engineOf(venue.market, venue.capital, tape),
    venue,
    world,
    untilTsMs: endTsMs ?? startTsMs + options.minutes * MS_PER_MINUTE,
    onStep(input, commands) {
      if (commands.length === 0) return
      const { seq, tsMs, kind } = input
      decisions.push({ seq, tsMs, inputKind: kind, commands: JSON.stringify(commands) })
    },
  })
  return { startTsMs, endTsMs: world.nowTsMs, decisions }
}

function checkOf(future: BiasCheck['future'], cutTsMs: number, whole: Played, changed: Played): BiasCheck {
  const before = (played: Played): Decision[] => played.decisions.filter((one) => one.tsMs <= cutTsMs)
  const [ofWhole, ofChanged] = [before(whole), before(changed)]
  const first = Array.from({ length: Math.max(ofWhole.length, ofChanged.length) }).findIndex(
    (_, index) => JSON.stringify(ofWhole[index]) !== JSON.stringify(ofChanged[index]),
  )
  const difference =
    first === -1 ? null : { whole: ofWhole[first] ?? null, changed: ofChanged[first] ?? null }
  return { future, cutTsMs, decisionCount: ofWhole.length, difference }
}
