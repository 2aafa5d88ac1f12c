/**
 * Step 4: what risk leaves of the wished ladder. A pull keeps the quotes that reduce the position, sized so that they
 * cannot flip it, unless the data is bad, the latch is set or the operator wants everything off.
 */
import type { DesiredLadder, DesiredLevel } from './contracts.ts'
import type { RiskVerdict } from './risk/aggregator.ts'
import type { EngineState } from './state.ts'
import type { Side } from './units.ts'

export function restrain(state: EngineState, verdict: RiskVerdict, positionLots: number): void {
  const { ladder } = state
  const offBecause = whyOff(state, verdict)
  if (offBecause !== null) {
    clearSide(ladder, 'bid', offBecause)
    clearSide(ladder, 'ask', offBecause)
    return
  }
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
