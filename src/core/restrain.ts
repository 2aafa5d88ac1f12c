/**
 * Step 4: what risk leaves of the wished ladder. A pull keeps the quotes that reduce the position, sized so that they
 * cannot flip it, unless the data is bad, the latch is set or the operator wants everything off.
 */
import { MICRO_TICKS_PER_TICK, WATERFALL_TERMS } from './contracts.ts'
import type { DesiredLadder, DesiredLevel } from './contracts.ts'
import type { RiskVerdict } from './risk/aggregator.ts'
import type { EngineState } from './state.ts'
import { BPS, signOf, snapAway } from './units.ts'
import type { Side } from './units.ts'

const RISK_TERM = WATERFALL_TERMS.indexOf('risk')

export function restrain(state: EngineState, verdict: RiskVerdict, positionLots: number): void {
  const { ladder } = state
  const offBecause = whyOff(state, verdict)
  if (offBecause !== null) {
    clearSide(ladder, 'bid', offBecause)
    clearSide(ladder, 'ask', offBecause)
    return
  }
  if (verdict.skewBps > 0) lean(state, verdict.skewBps, positionLots)
  for (const finding of verdict.findings) {
    if (finding.action === 'sideOff' && finding.side !== null) {
      takeOff(ladder, finding.side, positionLots, finding.because)
    }
  }
  if (verdict.action !== 'reduceOnly' && verdict.action !== 'pull') return
  const because = verdict.findings.map((finding) => finding.because).join('; ')
  takeOff(ladder, 'buy', positionLots, because)
  takeOff(ladder, 'sell', positionLots, because)
}

/**
 * The quotes that would add to the position stand further away; those that reduce it stay. What a level moved by is added to its
 * term of risk, so that the waterfall still adds up to the price.
 */
function lean(state: EngineState, skewBps: number, positionLots: number): void {
  const { ladder, market } = state
  if (market === null || positionLots === 0) return
  const side: Side = positionLots > 0 ? 'buy' : 'sell'
  const [levels, count] =
    side === 'buy' ? ([ladder.bids, ladder.bidCount] as const) : ([ladder.asks, ladder.askCount] as const)
  for (const level of levels.slice(0, count)) {
    const movedTicks = level.priceTicks * (1 - signOf(side) * skewBps * BPS)
    const priceTicks = snapAway(side, movedTicks, market.grid)
    level.termsMicroTicks[RISK_TERM] =
      (level.termsMicroTicks[RISK_TERM] ?? 0) + Math.abs(priceTicks - level.priceTicks) * MICRO_TICKS_PER_TICK
    level.priceTicks = priceTicks
  }
}

/** Clears a side, but for what reduces the position: the exit stays, sized so that it cannot flip. */
function takeOff(ladder: DesiredLadder, side: Side, positionLots: number, because: string): void {
  if (side === 'buy') {
    if (positionLots < 0) ladder.bidCount = capTotal(ladder.bids, ladder.bidCount, -positionLots)
    else clearSide(ladder, 'bid', because)
  } else if (positionLots > 0) ladder.askCount = capTotal(ladder.asks, ladder.askCount, positionLots)
  else clearSide(ladder, 'ask', because)
}

/** @returns why nothing may be quoted at all, or null */
function whyOff(state: EngineState, verdict: RiskVerdict): string | null {
  if (state.killedBecause !== null) return `kill switch: ${state.killedBecause}`
  if (state.mode !== 'running') return state.pauseBecause ?? state.mode
  if (state.accountFirst === null) return 'the account is not known yet'
  const blind = verdict.findings.find((finding) => finding.isBlind)
  return blind === undefined ? null : blind.because
}

function clearSide(ladder: DesiredLadder, side: 'bid' | 'ask', because: string): void {
  if (side === 'bid') {
    ladder.bidCount = 0
    ladder.bidBecause = because
  } else {
    ladder.askCount = 0
    ladder.askBecause = because
  }
}

/** Keeps the inner levels whose sizes add up to `lots` at most, all of them reduce-only. */
function capTotal(levels: readonly DesiredLevel[], count: number, lots: number): number {
  let leftLots = lots
  for (let index = 0; index < count; index += 1) {
    const level = levels[index]
    if (level === undefined || leftLots <= 0) return index
    level.sizeLots = Math.min(level.sizeLots, leftLots)
    level.reduceOnly = true
    leftLots -= level.sizeLots
  }
  return count
}
