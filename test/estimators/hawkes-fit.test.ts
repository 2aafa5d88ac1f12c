/** The fit of the self-exciting intensity, on processes whose truth is known, and against the batch likelihood. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  fittedIntensityRatio,
  initHawkesFit,
  observeFitEvent,
  readHawkesFit,
  watchHawkesFit,
} from '../../estimators/hawkes-fit.ts'
import type { HawkesFitConfig, HawkesFitState } from '../../estimators/hawkes-fit.ts'
import { hawkesLikelihood } from '../../estimators/hawkes.ts'
import { initReading } from '../../src/core/contracts.ts'
import type { Reading } from '../../src/core/contracts.ts'
import { initSfc32, nextExponential, nextUnit } from '../../src/core/math/sfc32.ts'

const config: HawkesFitConfig = {
  branchingRatio: 0.5,
  decayPerSec: 0.5,
  priorEvents: 50,
  ratePriorPerSec: 0.4,
  ratePriorSec: 60,
  halfLifeSec: 3_600,
  rateMinPerSec: 0.05,
}

const START_MS = 70_000

interface Truth {
  readonly mu: number
  readonly n: number
  readonly beta: number
}

/** Ogata's thinning: the intensity only falls between events. Times in seconds. */
function simulate(truth: Truth, seed: number, untilSec: number, eventsMax = 200_000): number[] {
  const random = initSfc32(seed, 23)
  const times: number[] = []
  let excitation = 0
  let sec = 0
  while (times.length < eventsMax) {
    const bound = truth.mu + truth.n * truth.beta * excitation
    const wait = nextExponential(random, 1 / bound)
    sec += wait
    if (sec > untilSec) break
    excitation *= Math.exp(-truth.beta * wait)
    if (nextUnit(random) * bound > truth.mu + truth.n * truth.beta * excitation) continue
    times.push(sec)
    excitation += 1
  }
  return times
}

function fit(timesSec: readonly number[], change: Partial<HawkesFitConfig> = {}): HawkesFitState {
  const state = initHawkesFit({ ...config, ...change })
  watchHawkesFit(state, START_MS)
  for (const sec of timesSec) observeFitEvent(state, START_MS + 1_000 * sec)
  return state
}

function readAt(state: HawkesFitState, tsMs: number): { ratio: Reading; branching: Reading } {
  const out = { ratio: initReading(), branching: initReading() }
  readHawkesFit(state, tsMs, out.ratio, out.branching)
  return out
}

/** With how near n comes: a few children, mixed over long times, are the hardest to see. */
const truths: readonly (readonly [string, Truth, number])[] = [
  ['clustered', { mu: 0.3, n: 0.6, beta: 0.9 }, 0.12],
  ['nearly critical', { mu: 0.15, n: 0.8, beta: 1.6 }, 0.12],
  ['a little', { mu: 0.7, n: 0.25, beta: 0.35 }, 0.16],
]

describe('the Hawkes fit', () => {
  test.each(truths)('comes back to the truth for at least 95 of 100 seeds: %s', (name, truth, nearness) => {
    const off: string[] = []
    for (let seed = 1; seed <= 100; seed += 1) {
      const { branchingRatio, logDecay, isStationary } = fit(simulate(truth, seed, 2 * 3_600))
      const decayPerSec = Math.exp(logDecay)
      const isNear =
        Math.abs(branchingRatio - truth.n) < nearness &&
        Math.abs(Math.log(decayPerSec / truth.beta)) < Math.LN2
      if (!isNear || !isStationary) off.push(`seed ${seed}: n ${branchingRatio}, beta ${decayPerSec}`)
    }
    expect(off.length, `${name}: ${off.join('; ')}`).toBeLessThanOrEqual(5)
  })

  test('explains what it saw nearly as well as the truth does, and better than its prior', () => {
    const truth = { mu: 0.3, n: 0.6, beta: 1.5 }
    for (const seed of [4, 9, 31]) {
      const untilSec = 3 * 3_600
      const timesSec = simulate(truth, seed, untilSec)
      const { branchingRatio, logDecay } = fit(timesSec)
      const rate = timesSec.length / untilSec
      const of = (n: number, beta: number): number =>
        hawkesLikelihood({ timesSec, untilSec, mu: rate * (1 - n), alpha: n * beta, beta }).logLikelihood
      const [fitted, prior] = [
        of(branchingRatio, Math.exp(logDecay)),
        of(config.branchingRatio, config.decayPerSec),
      ]
      const real = of(truth.n, truth.beta)
      // A fit of two parameters to the same data is as good as the truth up to a few units.
      expect(fitted - real, `seed ${seed}`).toBeGreaterThan(-8)
      expect(fitted - prior, `seed ${seed}`).toBeGreaterThan(20)
    }
  })

  test('finds hardly any children among events that come independently', () => {
    for (const seed of [2, 5, 12, 33]) {
      const { branchingRatio } = fit(simulate({ mu: 0.8, n: 0, beta: 1 }, seed, 4 * 3_600))
      expect(branchingRatio, `seed ${seed}`).toBeLessThan(0.2)
    }
  })

  test('a process that runs away is said to be one, and the configured values take over', () => {
    const times = simulate({ mu: 0.3, n: 1.5, beta: 0.8 }, 6, 4_000, 3_000)
    expect(times.length).toBe(3_000)
    const state = fit(times)
    expect(state.isStationary).toBe(false)
    const atMs = START_MS + 1_000 * (times.at(-1) ?? 0)
    const { ratio, branching } = readAt(state, atMs)
    expect(branching.status).toBe('notIdentifiable')
    expect(branching.value).toBeGreaterThanOrEqual(0.95)
    expect(ratio).toMatchObject({ status: 'measured' })
    expect(ratio.confidence).toBeLessThanOrEqual(0.5)
    // By hand, with the configured n and beta: R of the last events over the learnt rate.
    const R = times.reduce((sum, sec) => sum + Math.exp(-0.5 * ((times.at(-1) ?? 0) - sec)), 0)
    const fade = (sec: number): number => 0.5 ** (((times.at(-1) ?? 0) - sec) / config.halfLifeSec)
    const events = times.reduce((sum, sec) => sum + fade(sec), 0)
    const seconds = ((1 - fade(0)) * config.halfLifeSec) / Math.LN2
    const rate = (0.4 * 60 + events) / (60 + seconds)
    expect(ratio.value).toBeCloseTo(1 - 0.5 + (0.5 * 0.5 * R) / rate, 6)
    expect(ratio.value).toBeGreaterThan(2)
  })

  test('comes back by itself when the market does', () => {
    const wild = simulate({ mu: 0.3, n: 1.5, beta: 0.8 }, 6, 4_000, 1_500)
    const startSec = (wild.at(-1) ?? 0) + 60
    const calm = simulate({ mu: 0.5, n: 0.3, beta: 0.8 }, 7, 4 * 3_600).map((sec) => startSec + sec)
    expect(fit(wild, { halfLifeSec: 900 }).isStationary).toBe(false)
    const { isStationary, branchingRatio } = fit([...wild, ...calm], { halfLifeSec: 900 })
    expect(isStationary).toBe(true)
    expect(branchingRatio).toBeLessThan(0.6)
  })

  test('is the prior before the first event, and little more after a few', () => {
    const silent = initHawkesFit(config)
    expect(readAt(silent, 5_000).branching.status).toBe('noData')
    watchHawkesFit(silent, 5_000)
    expect(readAt(silent, 5_000)).toMatchObject({
      ratio: { status: 'prior', value: 0.5, confidence: 0 },
      branching: { status: 'prior', value: 0.5, confidence: 0 },
    })
    const few = fit([3, 9, 11])
    expect(Math.abs(few.branchingRatio - 0.5)).toBeLessThan(0.06)
    expect(readAt(few, START_MS + 12_000).branching.status).toBe('prior')
  })

  test('a burst lifts the ratio, and silence brings it to what is nobody’s child', () => {
    const state = fit(simulate({ mu: 0.4, n: 0.5, beta: 0.8 }, 3, 3_600))
    const lastMs = state.eventTsMs
    const quiet = fittedIntensityRatio(state, lastMs + 60_000)
    expect(quiet).toBeCloseTo(1 - state.branchingRatio, 2)
    for (let event = 1; event <= 12; event += 1) observeFitEvent(state, lastMs + 60_000 + 90 * event)
    expect(fittedIntensityRatio(state, lastMs + 61_200)).toBeGreaterThan(4)
  })

  test('with nothing to learn it is the intensity of the published values, event by event', () => {
    interface Entry {
      readonly id: string
      readonly function: string
      readonly inputs: Readonly<Record<string, { readonly value: number | number[] }>>
      readonly expected: unknown
    }
    const file = new URL('../data/oracles.json', import.meta.url)
    const { entries } = JSON.parse(readFileSync(file, 'utf8')) as { readonly entries: readonly Entry[] }
    const published = entries.filter(
      ({ id, expected }) => id.startsWith('flow.hawkes') && expected !== 'rejected',
    )
    expect(published.length).toBeGreaterThan(0)
    for (const { id, inputs } of published) {
      const valueOf = (name: string): number => inputs[name]?.value as number
      const timesSec = (inputs['times'] ?? inputs['timesSec'])?.value as number[]
      expect(timesSec, id).toBeInstanceOf(Array)
      const [mu, alpha, beta] = [valueOf('mu'), valueOf('alpha'), valueOf('beta')]
      const batch = hawkesLikelihood({ timesSec, untilSec: (timesSec.at(-1) ?? 0) + 1, mu, alpha, beta })
      const n = alpha / beta
      // A prior of endless weight: parameters and rate stay where they are.
      const state = initHawkesFit({
        ...config,
        branchingRatio: n,
        decayPerSec: beta,
        priorEvents: 1e15,
        ratePriorPerSec: mu / (1 - n),
        ratePriorSec: 1e15,
        rateMinPerSec: 0,
      })
      watchHawkesFit(state, START_MS)
      timesSec.forEach((sec, index) => {
        const ratio = fittedIntensityRatio(state, START_MS + 1_000 * sec)
        expect((ratio * mu) / (1 - n), id).toBeCloseTo(batch.intensityBefore[index] ?? NaN, 8)
        observeFitEvent(state, START_MS + 1_000 * sec)
      })
    }
  })

  test('state survives a JSON round trip', () => {
    const times = simulate({ mu: 0.5, n: 0.5, beta: 1.1 }, 14, 2_000)
    const half = Math.floor(times.length / 2)
    const state = fit(times.slice(0, half))
    const restored = JSON.parse(JSON.stringify(state)) as HawkesFitState
    for (const sec of times.slice(half)) {
      observeFitEvent(state, START_MS + 1_000 * sec)
      observeFitEvent(restored, START_MS + 1_000 * sec)
    }
    expect(restored).toEqual(state)
  })

  test('a prior that runs away itself is refused', () => {
    expect(() => initHawkesFit({ ...config, branchingRatio: 1 })).toThrow(/nothing to fall back on/)
    expect(() => initHawkesFit({ ...config, priorEvents: 0 })).toThrow(/priorEvents is positive/)
  })
})
