/**
 * Was there a jump lately? Realised against bipower variation over a sliding window, with the quarticity z test.
 *
 * in      mid in ticks (> 0) on a grid of `sampleMs`; a gap empties the window
 * out     ratio RV/BV (≥ 0, near 1 without jumps) and z (standard normal without jumps), or null
 * state   the absolute returns of `windowReturns` samples and their running sums; the sums are made anew once a window,
 *         so that rounding does not pile up
 * source  Huang & Tauchen (2005), ratio form; docs/math/volatility.md
 */
import { assert } from '../src/core/assert.ts'
import type { Estimator } from '../src/core/contracts.ts'
import type { MidSample } from './grid-sampler.ts'
import { jumpStatistics, MU_1, MU_4_3 } from './realised-measures.ts'
import { clearRing, initRing, pushRing, ringBack } from './ring.ts'
import type { Ring } from './ring.ts'

const MU_4_3_CUBED = MU_4_3 ** 3

export interface JumpTestConfig {
  readonly sampleMs: number
  readonly windowReturns: number
  /** Returns before anything is said, ≥ 10. */
  readonly warmupReturns: number
}

export interface JumpTestState {
  readonly config: JumpTestConfig
  lastTsMs: number
  lastMidTicks: number
  readonly absReturns: Ring
  squares: number
  pairs: number
  triples: number
  pushes: number
}

/** `ratio` null: too little data or nothing moved in neighbouring intervals. `z` likewise. */
export interface JumpReading {
  readonly ratio: number | null
  readonly z: number | null
}

const WARMUP_RETURNS_MIN = 10

export const jumpTest: Estimator<JumpTestConfig, JumpTestState, MidSample, JumpReading> = {
  name: 'jumpTest',

  init(config) {
    assert(config.warmupReturns >= WARMUP_RETURNS_MIN, 'jumpTest: at least ten returns before a verdict')
    assert(config.windowReturns >= config.warmupReturns, 'jumpTest: the window covers the warm-up')
    return {
      config,
      lastTsMs: 0,
      lastMidTicks: 0,
      absReturns: initRing(config.windowReturns),
      squares: 0,
      pairs: 0,
      triples: 0,
      pushes: 0,
    }
  },

  update(state, sample) {
    assert(sample.midTicks > 0, 'jumpTest: mid is positive')
    const { lastMidTicks, lastTsMs } = state
    state.lastTsMs = sample.tsMs
    state.lastMidTicks = sample.midTicks
    if (lastMidTicks === 0) return
    if (sample.tsMs - lastTsMs !== state.config.sampleMs) {
      clearRing(state.absReturns)
      sumAnew(state)
      return
    }
    evictOldest(state)
    pushRing(state.absReturns, Math.abs(Math.log(sample.midTicks / lastMidTicks)))
    addNewest(state)
    state.pushes += 1
    if (state.pushes % state.config.windowReturns === 0) sumAnew(state)
  },

  read(state) {
    const n = state.absReturns.count
    if (n < state.config.warmupReturns) return { ratio: null, z: null }
    const bipower = ((state.pairs / (MU_1 * MU_1)) * n) / (n - 1)
    const tripower = (n * n * state.triples) / (MU_4_3_CUBED * (n - 2))
    if (bipower <= 0) return { ratio: null, z: null }
    const z = jumpStatistics({ n, realised: state.squares, bipower, tripower }).zRatioMax
    return { ratio: state.squares / bipower, z }
  },
}

/** Takes the oldest return out of the sums, before a push overwrites it. */
function evictOldest(state: JumpTestState): void {
  const ring = state.absReturns
  if (ring.count < ring.values.length) return
  const a = ringBack(ring, ring.count - 1)
  const b = ringBack(ring, ring.count - 2)
  const c = ringBack(ring, ring.count - 3)
  // Subtraction may leave −1e-30 where the truth is 0; a variance is not negative.
  state.squares = Math.max(0, state.squares - a * a)
  state.pairs = Math.max(0, state.pairs - a * b)
  state.triples = Math.max(0, state.triples - (a * b * c) ** (4 / 3))
}

function addNewest(state: JumpTestState): void {
  const ring = state.absReturns
  const a = ringBack(ring, 0)
  state.squares += a * a
  if (ring.count < 2) return
  const b = ringBack(ring, 1)
  state.pairs += a * b
  if (ring.count < 3) return
  state.triples += (a * b * ringBack(ring, 2)) ** (4 / 3)
}

function sumAnew(state: JumpTestState): void {
  const ring = state.absReturns
  state.squares = 0
  state.pairs = 0
  state.triples = 0
  for (let age = ring.count - 1; age >= 0; age -= 1) {
    const a = ringBack(ring, age)
    state.squares += a * a
    if (age + 1 < ring.count) state.pairs += a * ringBack(ring, age + 1)
    if (age + 2 < ring.count)
      state.triples += (a * ringBack(ring, age + 1) * ringBack(ring, age + 2)) ** (4 / 3)
  }
}
