/**
 * By how much a changed setting moves decisions: the same tapes are played to the maker as configured and to the changed one,
 * and what they wish and send is compared look by look.
 */
import { assert } from '../core/assert.ts'
import type { DesiredLadder, DesiredLevel } from '../core/contracts.ts'
import type { Engine } from '../core/engine.ts'
import { BPS } from '../core/units.ts'
import type { MarketTape } from './market-tape.ts'
import { playTape } from './play-tape.ts'

/** A maker that can be made again and again. */
export interface Player {
  engineOf(tape: MarketTape): Engine
  readonly timerMs: number
}

/** What a maker wished and did, as of one moment of the tape. */
export interface Look {
  /** Price and lots of each wished level, best first: [ticks, lots, ticks, lots, …]. */
  readonly bids: readonly number[]
  readonly asks: readonly number[]
  /** What was sent since the last look, without names of orders. */
  readonly sent: string
}

/** A tape with what the unchanged maker did on it. */
export interface BaseRun {
  readonly tape: MarketTape
  readonly looks: readonly Look[]
}

export interface Movement {
  readonly looks: number
  /** Looks at which the wished ladder differs, and at which something else was sent. */
  readonly ladderLooks: number
  readonly sentLooks: number
  /** Σ |difference| of the innermost prices, bps, and how many pairs of prices that is. */
  readonly sumBps: number
  readonly pairs: number
}

export const NO_MOVEMENT: Movement = { looks: 0, ladderLooks: 0, sentLooks: 0, sumBps: 0, pairs: 0 }

export function baseRun(tape: MarketTape, player: Player): BaseRun {
  const looks: Look[] = []
  playTape(
    player.engineOf(tape),
    tape,
    player.timerMs,
    (ladder, sent) => looks.push(lookAt(ladder, sent)) > 0,
  )
  assert(
    looks.some((look) => look.bids.length + look.asks.length > 0),
    `the unchanged maker quotes on the tape '${tape.name}'`,
  )
  return { tape, looks }
}

/** @param untilFirst stop at the first difference: enough to know that a setting matters */
export function movementOn(base: BaseRun, player: Player, untilFirst: boolean): Movement {
  const movement = { ...NO_MOVEMENT } as { -readonly [Field in keyof Movement]: number }
  playTape(player.engineOf(base.tape), base.tape, player.timerMs, (ladder, sent, index) => {
    const before = base.looks[index]
    assert(before !== undefined, 'both makers are looked at equally often')
    movement.looks += 1
    const isSameBid = isSame(ladder.bids, ladder.bidCount, before.bids)
    const isSameAsk = isSame(ladder.asks, ladder.askCount, before.asks)
    if (!isSameBid || !isSameAsk) movement.ladderLooks += 1
    if (sent !== before.sent) movement.sentLooks += 1
    addInnermost(movement, ladder.bids, ladder.bidCount, before.bids)
    addInnermost(movement, ladder.asks, ladder.askCount, before.asks)
    return !(untilFirst && isMovement(movement))
  })
  return movement
}

export function addMovements(left: Movement, right: Movement): Movement {
  return {
    looks: left.looks + right.looks,
    ladderLooks: left.ladderLooks + right.ladderLooks,
    sentLooks: left.sentLooks + right.sentLooks,
    sumBps: left.sumBps + right.sumBps,
    pairs: left.pairs + right.pairs,
  }
}

export function isMovement(movement: Movement): boolean {
  return movement.ladderLooks > 0 || movement.sentLooks > 0
}

function lookAt(ladder: DesiredLadder, sent: string): Look {
  return { bids: flat(ladder.bids, ladder.bidCount), asks: flat(ladder.asks, ladder.askCount), sent }
}

function flat(levels: readonly DesiredLevel[], count: number): number[] {
  return levels.slice(0, count).flatMap(({ priceTicks, sizeLots }) => [priceTicks, sizeLots])
}

function addInnermost(
  movement: { sumBps: number; pairs: number },
  levels: readonly DesiredLevel[],
  count: number,
  before: readonly number[],
): void {
  const ticks = count > 0 ? levels[0]?.priceTicks : undefined
  const beforeTicks = before[0]
  if (ticks === undefined || beforeTicks === undefined) return
  movement.sumBps += Math.abs(ticks / beforeTicks - 1) / BPS
  movement.pairs += 1
}

function isSame(levels: readonly DesiredLevel[], count: number, before: readonly number[]): boolean {
  if (before.length !== 2 * count) return false
  for (let index = 0; index < count; index += 1) {
    const level = levels[index]
    if (level?.priceTicks !== before[2 * index] || level?.sizeLots !== before[2 * index + 1]) return false
  }
  return true
}
