/**
 * The maker of a journal and one with other settings, decision by decision: what differs, where first, by how much, and what
 * may be said of the money. Longer than most files: half of it says what the report holds.
 */
import { ConfigError } from '../config/errors.ts'
import { keyOfAssignment } from '../config/layers.ts'
import type { Command } from '../core/command.ts'
import { PPB } from '../core/math/integer.ts'
import { BPS } from '../core/units.ts'
import { isSameValue } from '../journal/exact-json.ts'
import { readJournal } from '../journal/reader.ts'
import type { ChangedKey } from './changed-config.ts'
import { initFillTally, noteFills, noteQuotes, settleFills } from './counterfactual-fills.ts'
import type { FillComparison } from './counterfactual-fills.ts'
import { copyLadder } from './observed-maker.ts'
import type { WishedLadder, WishedLevel } from './observed-maker.ts'
import { observeRun } from './observed-run.ts'

/** The first step at which both makers sent something else. */
export interface FirstDifference {
  readonly seq: number
  readonly tsMs: number
  readonly inputKind: string
  readonly recorded: readonly Command[]
  readonly changed: readonly Command[]
}

/** Means over the cycles in which both makers quoted that side. */
export interface SideChange {
  readonly cycles: number
  /** Cycles in which only one of both quoted the side. */
  readonly onlyRecorded: number
  readonly onlyChanged: number
  /** Distance of the innermost quote from the fair price, bps. */
  readonly recordedHalfBps: number | null
  readonly changedHalfBps: number | null
  /** All levels of the side, lots. */
  readonly recordedLots: number | null
  readonly changedLots: number | null
}

/** What one of several changed keys does without the others. */
export interface KeyEffect {
  readonly key: string
  /** Null: the rest of the configuration forbids the value without the others. */
  readonly alone: {
    readonly ladderDifferenceCount: number
    readonly commandDifferenceCount: number
    /** Input of the first command that differs; null: none does. */
    readonly firstSeq: number | null
  } | null
}

export interface CounterfactualReport {
  readonly changes: readonly ChangedKey[]
  /** Which key caused it: each on its own, in the order of `changes`; empty for fewer than two. */
  readonly effects: readonly KeyEffect[]
  readonly inputCount: number
  readonly cycleCount: number
  /** Cycles after which the wished ladders differ in a price or a size. */
  readonly ladderDifferenceCount: number
  /** Steps whose commands differ. */
  readonly commandDifferenceCount: number
  readonly first: FirstDifference | null
  readonly bid: SideChange
  readonly ask: SideChange
  readonly fills: FillComparison
  /** Decimals of the market, for display. */
  readonly priceDecimals: number
  readonly szDecimals: number
}

/**
 * @param assignments at least one `key=value`
 * @throws JournalError when the journal cannot be read, ConfigError when the assignments are wrong
 */
export function compareMakers(dir: string, assignments: readonly string[]): CounterfactualReport {
  const together = compareOnce(dir, assignments)
  if (together.changes.length < 2) return { ...together, effects: [] }
  return { ...together, effects: together.changes.map(({ key }) => effectOf(dir, key, assignments)) }
}

function effectOf(dir: string, key: string, assignments: readonly string[]): KeyEffect {
  const ofKey = assignments.filter((assignment) => keyOfAssignment(assignment) === key)
  try {
    const { ladderDifferenceCount, commandDifferenceCount, first } = compareOnce(dir, ofKey)
    return { key, alone: { ladderDifferenceCount, commandDifferenceCount, firstSeq: first?.seq ?? null } }
  } catch (error) {
    if (error instanceof ConfigError) return { key, alone: null }
    throw error
  }
}

function compareOnce(dir: string, assignments: readonly string[]): Omit<CounterfactualReport, 'effects'> {
  const run = observeRun(dir, assignments)
  const bid = initSideTally()
  const ask = initSideTally()
  const known = factsAhead(dir)
  const feeShare =
    known.makerFeePpb === null ? run.config.risk.makerFeeRateBps * BPS : known.makerFeePpb / PPB
  const fills = initFillTally(known.tids, feeShare)
  const counts = { inputCount: 0, cycleCount: 0, ladderDifferenceCount: 0, commandDifferenceCount: 0 }
  let first: FirstDifference | null = null
  for (const { recorded, changed } of run.steps) {
    const other = run.changed()
    if (changed === null || other === null) break
    const { input } = recorded
    counts.inputCount += 1
    if (!isSameDecision(recorded.commands, changed.commands)) {
      counts.commandDifferenceCount += 1
      first ??= {
        seq: input.seq,
        tsMs: input.tsMs,
        inputKind: input.kind,
        recorded: recorded.commands,
        changed: changed.commands,
      }
    }
    noteFills(fills, input, run.recorded())
    if (!recorded.isDecision && !changed.isDecision) continue
    const mine = copyLadder(run.recorded().state.ladder)
    const theirs = copyLadder(other.state.ladder)
    noteQuotes(fills, run.recorded(), mine, theirs)
    if (!recorded.isDecision) continue
    counts.cycleCount += 1
    if (!isSameLadder(mine, theirs)) counts.ladderDifferenceCount += 1
    noteSide(bid, mine, theirs, 'bids')
    noteSide(ask, mine, theirs, 'asks')
  }
  const { market } = run.recorded().state
  return {
    changes: run.changes,
    ...counts,
    first,
    bid: meansOf(bid),
    ask: meansOf(ask),
    fills: settleFills(fills, run.recorded()),
    priceDecimals: market?.grid.priceDecimals ?? 0,
    szDecimals: market?.grid.szDecimals ?? 0,
  }
}

/** What has to be known from the start: which prints are fills of our own, and the fee if the venue told it. */
function factsAhead(dir: string): {
  readonly tids: ReadonlySet<number>
  readonly makerFeePpb: number | null
} {
  const tids = new Set<number>()
  let makerFeePpb: number | null = null
  for (const record of readJournal(dir).records) {
    if (record.kind !== 'input') continue
    if (record.input.kind === 'fill') tids.add(record.input.tid)
    if (record.input.kind === 'sessionStarted') ({ makerFeePpb } = record.input.market)
  }
  return { tids, makerFeePpb }
}

/** Client ids count orders, and are no part of a decision. */
function isSameDecision(a: readonly Command[], b: readonly Command[]): boolean {
  return isSameValue(a.map(withoutIds), b.map(withoutIds))
}

function withoutIds(command: Command): unknown {
  if (command.kind !== 'place' && command.kind !== 'modify') return command
  return { ...command, order: { ...command.order, cloid: '' } }
}

function isSameLadder(a: WishedLadder, b: WishedLadder): boolean {
  return isSameSide(a.bids, b.bids) && isSameSide(a.asks, b.asks)
}

function isSameSide(a: readonly WishedLevel[], b: readonly WishedLevel[]): boolean {
  if (a.length !== b.length) return false
  return a.every((level, index) => {
    const other = b[index]
    return level.priceTicks === other?.priceTicks && level.sizeLots === other.sizeLots
  })
}

interface SideTally {
  cycles: number
  onlyRecorded: number
  onlyChanged: number
  recordedHalf: number
  changedHalf: number
  recordedLots: number
  changedLots: number
}

function initSideTally(): SideTally {
  return {
    cycles: 0,
    onlyRecorded: 0,
    onlyChanged: 0,
    recordedHalf: 0,
    changedHalf: 0,
    recordedLots: 0,
    changedLots: 0,
  }
}

function noteSide(tally: SideTally, mine: WishedLadder, theirs: WishedLadder, side: 'bids' | 'asks'): void {
  const a = mine[side]
  const b = theirs[side]
  if (a.length === 0 && b.length === 0) return
  if (b.length === 0) tally.onlyRecorded += 1
  else if (a.length === 0) tally.onlyChanged += 1
  else {
    tally.cycles += 1
    tally.recordedHalf += halfBps(mine, a)
    tally.changedHalf += halfBps(theirs, b)
    tally.recordedLots += lotsOf(a)
    tally.changedLots += lotsOf(b)
  }
}

/** Terms add up to the price, so their sum is the distance. */
function halfBps(ladder: WishedLadder, levels: readonly WishedLevel[]): number {
  const sum = (levels[0]?.termsMicroTicks ?? []).reduce((total, term) => total + term, 0)
  return ladder.fairMicroTicks > 0 ? sum / ladder.fairMicroTicks / BPS : 0
}

function lotsOf(levels: readonly WishedLevel[]): number {
  return levels.reduce((sum, level) => sum + level.sizeLots, 0)
}

function meansOf(tally: SideTally): SideChange {
  const { cycles, onlyRecorded, onlyChanged } = tally
  const mean = (sum: number): number | null => (cycles === 0 ? null : sum / cycles)
  return {
    cycles,
    onlyRecorded,
    onlyChanged,
    recordedHalfBps: mean(tally.recordedHalf),
    changedHalfBps: mean(tally.changedHalf),
    recordedLots: mean(tally.recordedLots),
    changedLots: mean(tally.changedLots),
  }
}
