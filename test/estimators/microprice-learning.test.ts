import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { solveMicroprice } from '../../estimators/microprice-chain.ts'
import {
  breakMicropriceChain,
  expectedMove,
  IMBALANCE_BUCKETS,
  initMicropriceLearning,
  learnMicroprice,
  micropriceConfidence,
} from '../../estimators/microprice-learning.ts'
import type { MicropriceLearningState } from '../../estimators/microprice-learning.ts'
import { fairTicks, gatedTicks } from '../../estimators/microprice.ts'
import type { Touch } from '../../estimators/microprice.ts'
import { initSfc32, nextUnit } from '../../src/core/math/sfc32.ts'
import { gridOf } from '../../src/core/units.ts'

const config = { halfLifeSec: 1e9, priorSteps: 1e-6 }
/** Prices of 640 000 ticks stand on steps of ten. */
const STEP = 10

function touchOf(bidTicks: number, spreadSteps: number, bidShare: number, lots = 1_000): Touch {
  const bidLots = Math.round(lots * bidShare)
  return { bidTicks, bidLots, askTicks: bidTicks + spreadSteps * STEP, askLots: lots - bidLots }
}

/** Touches of a market in which the heavier side is likelier to win, of one or two steps of spread. */
function market(seed: number, count: number): { readonly tsMs: number; readonly touch: Touch }[] {
  const random = initSfc32(seed, 3)
  const touches: { tsMs: number; touch: Touch }[] = []
  let [bidTicks, spread, share] = [640_000, 1, 0.5]
  for (let index = 0; index < count; index += 1) {
    if (nextUnit(random) < 0.2) {
      bidTicks += nextUnit(random) < share ? STEP : -STEP
      spread = nextUnit(random) < 0.7 ? 1 : 2
    }
    share = Math.min(Math.max(share + (nextUnit(random) - 0.5) * 0.6, 0.02), 0.98)
    touches.push({ tsMs: 1_704_166_200_000 + index * 130, touch: touchOf(bidTicks, spread, share) })
  }
  return touches
}

function learn(touches: ReturnType<typeof market>, of = config): MicropriceLearningState {
  const state = initMicropriceLearning(of, gridOf(5))
  for (const { tsMs, touch } of touches) learnMicroprice(state, tsMs, touch)
  return state
}

describe('the learnt micro-price', () => {
  test('is the limit of the chain solved as a whole from the same counts, mirrored', () => {
    const touches = market(5, 6_000)
    const end = touches.at(-1)?.tsMs ?? 0
    // A touch that repeats the last one only lets the next solution fall due.
    const state = learn([
      ...touches,
      { tsMs: end + 60_000, touch: touches.at(-1)?.touch ?? touchOf(1, 1, 1) },
    ])
    const limit = wholeSolution(touches)
    for (const spread of [1, 2]) {
      for (let bucket = 0; bucket < IMBALANCE_BUCKETS; bucket += 1) {
        const touch = touchOf(640_000, spread, (bucket + 0.5) / IMBALANCE_BUCKETS)
        const wanted = limit[(spread - 1) * IMBALANCE_BUCKETS + bucket] ?? NaN
        expect(expectedMove(state, touch)).toBeCloseTo(wanted, 9)
      }
    }
  })

  test('leans to the heavier side, more the heavier it is, and turns round with it', () => {
    const state = learn(market(9, 6_000))
    const move = (share: number): number => expectedMove(state, touchOf(640_000, 1, share))
    expect(move(0.5)).toBeCloseTo(0, 12)
    expect(move(0.9)).toBeGreaterThan(move(0.7))
    expect(move(0.7)).toBeGreaterThan(1e-6)
    expect(move(0.1)).toBeCloseTo(-move(0.9), 12)
    // Between two buckets it goes in a straight line, without a leap at the border.
    expect(move(0.8)).toBeCloseTo((move(0.7) + move(0.9)) / 2, 9)
  })

  test('knows nothing at first, and less again as time passes without news of a state', () => {
    const fresh = initMicropriceLearning({ halfLifeSec: 60, priorSteps: 50 }, gridOf(5))
    const touch = touchOf(640_000, 1, 0.9)
    expect([expectedMove(fresh, touch), micropriceConfidence(fresh, touch)]).toEqual([0, 0])
    const state = learn(market(2, 2_000), { halfLifeSec: 60, priorSteps: 50 })
    const known = micropriceConfidence(state, touch)
    expect(known).toBeGreaterThan(0.3)
    const later = 1_704_166_200_000 + 2_000 * 130 + 600_000
    breakMicropriceChain(state)
    learnMicroprice(state, later, touchOf(640_000, 8, 0.5))
    learnMicroprice(state, later + 100, touchOf(640_010, 8, 0.3))
    expect(micropriceConfidence(state, touch)).toBeLessThan(known / 100)
  })

  test('a jump counts for three spreads, and what follows a break is no move', () => {
    const calm = learn(market(4, 500))
    const jumped = structuredClone(calm)
    const at = 1_704_166_200_000 + 500 * 130
    learnMicroprice(jumped, at, touchOf(700_000, 1, 0.3))
    const sum = (state: MicropriceLearningState): number =>
      state.moves.reduce((total, move) => total + Math.abs(move), 0)
    expect((sum(jumped) - sum(calm)) / jumped.weight).toBeLessThanOrEqual(2 * 3 * (STEP / 690_000))
    const broken = structuredClone(calm)
    breakMicropriceChain(broken)
    learnMicroprice(broken, at, touchOf(700_000, 1, 0.3))
    expect(sum(broken)).toBe(sum(calm))
  })

  test('a snapshot goes on to the same numbers, through many half lives and a scaling of the weights', () => {
    const touches = market(7, 1_200)
    const of = { halfLifeSec: 2, priorSteps: 5 }
    const state = learn(touches.slice(0, 600), of)
    const restored = JSON.parse(JSON.stringify(state)) as MicropriceLearningState
    for (const { tsMs, touch } of touches.slice(600)) {
      learnMicroprice(state, tsMs, touch)
      learnMicroprice(restored, tsMs, touch)
    }
    expect(restored).toEqual(state)
    expect(state.weight).toBeLessThan(1e7)
    expect(state.expected.every(Number.isFinite)).toBe(true)
  })
})

test('whatever the lean, the fair price stays within the touch, and is the mid where little rests', () => {
  const gate = { gateUsdLow: 1_000, gateUsdHigh: 5_000 }
  fc.assert(
    fc.property(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.integer({ min: 1, max: 400 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: 200_000 }),
      (lean, steps, share, lots) => {
        const touch = touchOf(640_000, steps, share, lots)
        const fair = gatedTicks(touch, gate, lean)
        expect(fair).toBeGreaterThanOrEqual(touch.bidTicks)
        expect(fair).toBeLessThanOrEqual(touch.askTicks)
        const usd = (Math.min(touch.bidLots, touch.askLots) * touch.bidTicks) / 1e6
        if (usd < 900) expect(fair).toBe((touch.bidTicks + touch.askTicks) / 2)
      },
    ),
  )
  expect(gatedTicks(touchOf(640_000, 2, 0.5, 100_000), gate, 0)).toBe(
    fairTicks(touchOf(640_000, 2, 0.5, 100_000), gate),
  )
})

/** The same counts, mirrored, in the form of the article, with every state of both spreads. */
function wholeSolution(touches: ReturnType<typeof market>): number[] {
  const n = 2 * IMBALANCE_BUCKETS
  const stateOf = ({ bidTicks, bidLots, askTicks, askLots }: Touch): number => {
    const bucket = Math.min(
      Math.floor((bidLots / (bidLots + askLots)) * IMBALANCE_BUCKETS),
      IMBALANCE_BUCKETS - 1,
    )
    return (askTicks - bidTicks === STEP ? 0 : 1) * IMBALANCE_BUCKETS + bucket
  }
  const mirror = (state: number): number =>
    state - (state % IMBALANCE_BUCKETS) + IMBALANCE_BUCKETS - 1 - (state % IMBALANCE_BUCKETS)
  const square = (): number[][] => Array.from({ length: n }, () => new Array<number>(n).fill(0))
  const [noMove, afterMove] = [square(), square()]
  const steps = new Array<number>(n).fill(0)
  const sums = new Array<number>(n).fill(0)
  const count = (from: number, to: number, move: number): void => {
    const row = (move === 0 ? noMove : afterMove)[from]
    if (row !== undefined) row[to] = (row[to] ?? 0) + 1
    steps[from] = (steps[from] ?? 0) + 1
    sums[from] = (sums[from] ?? 0) + move
  }
  touches.slice(1).forEach(({ touch }, index) => {
    const before = touches[index]?.touch ?? touch
    const mid = (of: Touch): number => (of.bidTicks + of.askTicks) / 2
    const [from, to] = [stateOf(before), stateOf(touch)]
    const move = mid(touch) / mid(before) - 1
    if (from === to && move === 0) return
    count(from, to, move)
    count(mirror(from), mirror(to), -move)
  })
  const share = (matrix: number[][]): number[][] =>
    matrix.map((row, from) => row.map((value) => value / (steps[from] ?? 1)))
  // One "move" a state whose size is the mean of its moves: only R₁K enters.
  const moves = steps.map((total, from) =>
    steps.map((_, to) => (from === to ? (sums[from] ?? 0) / total : 0)),
  )
  const solution = solveMicroprice({
    noMove: share(noMove),
    moves,
    afterMove: share(afterMove),
    moveSizes: new Array<number>(n).fill(1),
  })
  expect(solution).not.toBeNull()
  return [...(solution?.limit ?? [])]
}
