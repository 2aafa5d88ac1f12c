import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createPipeline, pipelineDefaults } from '../../estimators/index.ts'
import {
  initReference,
  observeReference,
  passReferenceTime,
  readReferenceBasis,
  readReferenceLead,
  readReferenceMove,
} from '../../estimators/reference.ts'
import type { ReferenceState } from '../../estimators/reference.ts'
import { applySnapshot, initBook } from '../../src/core/book/l2-book.ts'
import { initEstimates, initReading } from '../../src/core/contracts.ts'
import type { Estimates, MarketEvent, Reading } from '../../src/core/contracts.ts'
import { initSfc32, nextNormal } from '../../src/core/math/sfc32.ts'
import { market, QUIET_HOUR_MS } from '../support/quote-context.ts'

const config = {
  ...{ isExpected: true, halfLifeSec: 60, leadHalfLifeSec: 600 },
  ...{ horizonMs: 2_000, moveBpsMax: 5, staleMs: 5_000 },
}
const MID = 640_000
const STEP_MS = 250
const BASIS_BPS = 3.5

interface Market {
  readonly seed: number
  readonly seconds: number
  /** Our market's price is that of the reference so many steps ago; null: it walks by itself. */
  readonly lagSteps: number | null
  readonly sigmaPerSqrtSec?: number
}

const read = (
  of: (state: ReferenceState, tsMs: number, out: Reading) => void,
  state: ReferenceState,
  tsMs: number,
): Reading => {
  const out = initReading()
  of(state, tsMs, out)
  return out
}
const moveAt = (state: ReferenceState, tsMs: number, fairTicks: number): Reading =>
  read((one, at, out) => readReferenceMove(one, at, fairTicks, out), state, tsMs)

/** A walk of the reference, and ours behind it with a basis. @returns the state and the last moment */
function walked(of: Market): { state: ReferenceState; tsMs: number; ownTicks: number } {
  const { seconds, lagSteps, sigmaPerSqrtSec = 1e-4 } = of
  const state = initReference(config)
  const random = initSfc32(of.seed, 3)
  const logs = [Math.log(MID)]
  let alone = Math.log(MID)
  let tsMs = QUIET_HOUR_MS
  let ownTicks = MID
  for (let step = 1; step <= (seconds * 1_000) / STEP_MS; step += 1) {
    tsMs = QUIET_HOUR_MS + step * STEP_MS
    passReferenceTime(state, tsMs, { midTicks: ownTicks, fairTicks: ownTicks })
    const kick = sigmaPerSqrtSec * Math.sqrt(STEP_MS / 1_000)
    logs.push((logs.at(-1) ?? 0) + kick * nextNormal(random))
    alone += kick * nextNormal(random)
    const own = lagSteps === null ? alone : (logs[Math.max(step - lagSteps, 0)] ?? 0)
    ownTicks = Math.exp(own + BASIS_BPS * 1e-4)
    observeReference(state, tsMs, Math.exp(logs.at(-1) ?? 0))
  }
  return { state, tsMs, ownTicks }
}

describe('the reference market', () => {
  test('that is two seconds ahead is found to lead, with the basis that there is', () => {
    for (const seed of [1, 2, 3]) {
      const { state, tsMs } = walked({ seed, seconds: 600, lagSteps: 8 })
      const lead = read(readReferenceLead, state, tsMs)
      expect(lead.status).toBe('measured')
      expect(lead.value).toBeGreaterThan(0.85)
      expect(lead.confidence).toBeGreaterThan(0.8)
      expect(Math.abs(read(readReferenceBasis, state, tsMs).value - BASIS_BPS)).toBeLessThan(1)
    }
  })

  test('that ours knows nothing of, or that follows ours, leads little', () => {
    for (const seed of [1, 2, 3, 4]) {
      const { state, tsMs } = walked({ seed, seconds: 1_200, lagSteps: null })
      expect(read(readReferenceLead, state, tsMs).value).toBeLessThan(0.25)
    }
  })

  test('is not believed before its basis is known, and little before many horizons have passed', () => {
    expect(read(readReferenceLead, initReference(config), QUIET_HOUR_MS).status).toBe('noData')
    const short = walked({ seed: 1, seconds: 3, lagSteps: 8 })
    expect(moveAt(short.state, short.tsMs, MID)).toMatchObject({ status: 'warming', value: 0, confidence: 0 })
    const { state, tsMs } = walked({ seed: 1, seconds: 20, lagSteps: 8 })
    const lead = read(readReferenceLead, state, tsMs)
    expect(lead.status).toBe('measured')
    expect(lead.confidence).toBeLessThan(0.25)
  })

  test('that is silent too long moves nothing and says that it is stale', () => {
    const { state, tsMs, ownTicks } = walked({ seed: 1, seconds: 300, lagSteps: 8 })
    observeReference(state, tsMs, state.midTicks * 1.0002)
    expect(moveAt(state, tsMs + config.staleMs, ownTicks).value).toBeGreaterThan(0)
    expect(moveAt(state, tsMs + config.staleMs + 1, ownTicks)).toMatchObject({ status: 'stale', value: 0 })
    // And what comes after the silence does not teach across it.
    passReferenceTime(state, tsMs + 60_000, { midTicks: ownTicks, fairTicks: ownTicks })
    expect(state.gaps).toEqual([])
  })

  test('law: the move is bounded, follows the reference in its direction, and is larger for a larger lead of it', () => {
    const { state, tsMs, ownTicks } = walked({ seed: 7, seconds: 300, lagSteps: 8 })
    const moveOf = (ratio: number): number => {
      const copy = JSON.parse(JSON.stringify(state)) as ReferenceState
      observeReference(copy, tsMs, state.midTicks * ratio)
      return moveAt(copy, tsMs, ownTicks).value
    }
    const ratio = fc.double({ min: 0.9, max: 1.1, noNaN: true })
    fc.assert(
      fc.property(ratio, ratio, (one, other) => {
        const [low, high] = [moveOf(Math.min(one, other)), moveOf(Math.max(one, other))]
        expect(low).toBeLessThanOrEqual(high)
        expect(Math.max(Math.abs(low), Math.abs(high))).toBeLessThanOrEqual(config.moveBpsMax)
      }),
    )
    expect([moveOf(1.05), moveOf(0.95)]).toEqual([config.moveBpsMax, -config.moveBpsMax])
  })

  test('goes on from a snapshot to the same numbers', () => {
    const { state, tsMs, ownTicks } = walked({ seed: 5, seconds: 100, lagSteps: 8 })
    const restored = JSON.parse(JSON.stringify(state)) as ReferenceState
    for (const one of [state, restored]) {
      for (let step = 1; step < 40; step += 1) {
        passReferenceTime(one, tsMs + step * 130, { midTicks: ownTicks + step, fairTicks: ownTicks })
        observeReference(one, tsMs + step * 130, MID + step)
      }
    }
    expect(restored).toEqual(state)
  })
})

describe('the pipeline with a reference market', () => {
  const bookAt = (midTicks: number, tsMs: number): MarketEvent => {
    const book = initBook()
    applySnapshot(book, {
      kind: 'book',
      venueTsMs: 5,
      bids: [midTicks - 10, 4_000, midTicks - 40, 4_700],
      asks: [midTicks + 10, 4_200, midTicks + 40, 4_700],
    })
    return { kind: 'book', tsMs, book }
  }

  /** Ours is where the reference was two seconds before. */
  function story(isTold: boolean, toldUntilSec = Infinity): { out: Estimates; fairTicks: number } {
    const pipeline = createPipeline(pipelineDefaults)
    const state = pipeline.init(market)
    const random = initSfc32(9, 1)
    const mids = [MID, MID, MID, MID]
    const out = initEstimates()
    let tsMs = QUIET_HOUR_MS
    for (let step = 0; step < 240; step += 1) {
      tsMs = QUIET_HOUR_MS + 500 * step
      mids.push(Math.round((mids.at(-1) ?? MID) * (1 + 1e-4 * nextNormal(random)) * 0.1) * 10)
      pipeline.absorb(state, bookAt(mids[step] ?? MID, tsMs))
      const midTicks = mids.at(-1) ?? MID
      if (isTold && step < 2 * toldUntilSec) pipeline.absorb(state, { kind: 'reference', tsMs, midTicks })
    }
    pipeline.read(state, tsMs, out)
    return { out, fairTicks: state.touch.fairTicks }
  }

  test('moves the fair price by what the move says, and by nothing without one', () => {
    const { out, fairTicks } = story(true)
    expect(out.referenceMoveBps.status).toBe('measured')
    expect(Math.abs(out.referenceMoveBps.value)).toBeGreaterThan(0.05)
    expect(out.fairTicks.value).toBe(fairTicks * (1 + out.referenceMoveBps.value * 1e-4))
    const without = story(false)
    expect(without.out.referenceMoveBps.status).toBe('off')
    expect(without.out.fairTicks.value).toBe(fairTicks)
  })

  test('that was heard of once and is silent since estimates as one that never heard of it', () => {
    const silent = story(true, 100)
    expect(silent.out.referenceMoveBps).toMatchObject({ status: 'stale', value: 0 })
    const { out } = story(false)
    const { referenceBasisBps, referenceLead, referenceMoveBps } = silent.out
    expect({ ...out, referenceBasisBps, referenceLead, referenceMoveBps }).toEqual(silent.out)
  })
})
