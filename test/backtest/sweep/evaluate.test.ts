/** What a sweep concludes: deflation by its published example, held-out windows that no choice saw, the front by brute force. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { deflatedSharpe, expectedBestSharpe, normalQuantile } from '../../../src/backtest/sweep/deflated.ts'
import { findingsOf } from '../../../src/backtest/sweep/evaluate.ts'
import type { Trial } from '../../../src/backtest/sweep/evaluate.ts'
import type { WindowFigures } from '../../../src/backtest/sweep/objective.ts'
import { appendTrial, openResults } from '../../../src/backtest/sweep/results-file.ts'
import type { SweepHead } from '../../../src/backtest/sweep/results-file.ts'
import { runTrial } from '../../../src/backtest/sweep/trial.ts'
import type { TrialMarket, TrialResult } from '../../../src/backtest/sweep/trial.ts'
import { enginePartsOf } from '../../../src/compose/engine-parts.ts'
import { sweepText } from '../../../src/compose/sweep-text.ts'
import { defaultVenue } from '../../../src/config/venue-definitions.ts'
import { createEngine } from '../../../src/core/engine.ts'
import { normalCdf } from '../../../src/core/math/normal.ts'
import { initSfc32, nextNormal } from '../../../src/core/math/sfc32.ts'
import { failureOf, load } from '../../support/config.ts'

const folder = mkdtempSync(join(tmpdir(), 'sweep-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('deflation', () => {
  test('the normal quantile undoes the distribution', () => {
    fc.assert(
      fc.property(fc.double({ min: -6, max: 5, noNaN: true }), (x) => {
        expect(normalQuantile(normalCdf(x))).toBeCloseTo(x, 6)
      }),
    )
  })

  // Bailey & López de Prado (2014), section "A numerical example": 100 trials, variance ½ a year, five years of days.
  test('is that of the published example', () => {
    const daily = 1 / Math.sqrt(250)
    const spread = Math.sqrt(0.5) * daily
    const wave = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? spread : -spread))
    // Alternating ±s has the sample variance s²·n/(n − 1); taken back, so that it is the example's exactly.
    const ratios = wave.map((ratio) => ratio * Math.sqrt(99 / 100))
    expect(expectedBestSharpe(ratios)).toBeCloseTo(0.1132, 4)
    const report = { sharpePerPeriod: 2.5 * daily, skew: -3, kurtosisRaw: 10 }
    const rest = { sharpe: null, sortino: null, stdErrIid: null, probabilisticSharpe: null }
    expect(deflatedSharpe({ ...report, ...rest }, 1250, ratios)).toBeCloseTo(0.9004, 4)
  })

  test('the best of many draws without merit is what is expected of it', () => {
    const random = initSfc32(11)
    const bests = Array.from({ length: 2_000 }, () =>
      Math.max(...Array.from({ length: 50 }, () => nextNormal(random))),
    )
    const mean = bests.reduce((sum, best) => sum + best, 0) / bests.length
    const unit = Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? 1 : -1) * Math.sqrt(49 / 50))
    // The formula is asymptotic: at 50 draws it is 1 % high; the mean of 2,000 has a standard error of 0.5 %.
    expect(Math.abs((expectedBestSharpe(unit) ?? 0) / mean - 1)).toBeLessThan(0.03)
  })
})

function windowOf(pnl: number, drawdown: number): WindowFigures {
  const changesMicroUsd = [pnl - 3, pnl + 2, pnl + 1]
  const rest = { meanAbsInventoryMicroUsd: 7, volumeMicroUsd: 11, fillCount: 2 }
  return { pnlMicroUsd: pnl, maxDrawdownMicroUsd: drawdown, changesMicroUsd, ...rest }
}

function trialOf(trial: number, windows: readonly WindowFigures[]): Trial {
  return { trial, settings: [trial], configHash: 'c', runHash: 'r', refused: null, windows }
}

describe('the findings', () => {
  test('choose by the searched windows only, and walk forward by what came before', () => {
    const trials = [
      trialOf(0, [windowOf(5, 9), windowOf(5, 9), windowOf(5, 9), windowOf(900, 9)]),
      trialOf(1, [windowOf(9, 9), windowOf(9, 9), windowOf(-50, 9), windowOf(-70, 9)]),
      trialOf(2, [windowOf(1, 9), windowOf(1, 9), windowOf(90, 9), windowOf(3, 9)]),
    ]
    const found = findingsOf(trials, 'pnl', 2)
    expect(found.best?.trial).toBe(1)
    expect(found.best?.heldOutPnlUsd).toBeCloseTo(-60e-6, 12)
    // Window 3 by the first two; window 4 by the first three, where trial 2 is ahead.
    expect(found.folds.map(({ window, trial, pnlUsd }) => [window, trial, pnlUsd])).toEqual([
      [3, 1, -50e-6],
      [4, 2, 3e-6],
    ])
  })

  test('a trial is on the front exactly when no other is at least as good in both and better in one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: 0, max: 9 })), {
          minLength: 1,
          maxLength: 12,
        }),
        (points) => {
          const found = findingsOf(
            points.map(([pnl, fall], index) => trialOf(index, [windowOf(pnl, fall)])),
            'pnl',
            0,
          )
          for (const one of found.ranked) {
            const [pnl = 0, fall = 0] = points[one.trial] ?? []
            const isBeaten = points.some(
              ([otherPnl, otherFall]) =>
                otherPnl >= pnl && otherFall <= fall && (otherPnl !== pnl || otherFall !== fall),
            )
            expect(one.isOnFront).toBe(!isBeaten)
          }
        },
      ),
    )
  })

  test('without any score name no best, and a refused trial counts but is not ranked', () => {
    const refused: Trial = {
      trial: 1,
      settings: [2],
      configHash: null,
      runHash: null,
      refused: 'why',
      windows: [],
    }
    const still = { ...windowOf(0, 0), changesMicroUsd: [0, 0, 0] }
    const found = findingsOf([trialOf(0, [still]), refused], 'sharpe', 0)
    expect(found).toMatchObject({ best: null, refusedCount: 1, firstRefusal: 'why', deflatedSharpe: null })
    expect(found.ranked.map((one) => one.trial)).toEqual([0])
  })
})

const headOf = (method: SweepHead['method'], market: SweepHead['market']): SweepHead => ({
  ...{ kind: 'sweep', format: 1, build: '1', configHash: 'abc', space: [], method },
  ...{ objective: 'pnl', heldOut: 1, market },
})

describe('the results file', () => {
  const head = headOf('tpe', {
    ...{ coin: 'BTC', scenario: 'calm', tape: null, queue: null, latency: null, seed: 1 },
    ...{ windowCount: 3, minutes: 2, blockMs: 100, depositMicroUsd: 5 },
  })
  const trials = [trialOf(0, [windowOf(1, 2)]), trialOf(1, [windowOf(3, 4)])]

  test('that a full disk does not take any more of says what stands and how to go on', () => {
    // Linux refuses every write to it with ENOSPC.
    expect(failureOf(() => appendTrial('/dev/full', trialOf(3, [])))).toMatchObject({
      code: 'DISK_FULL',
      message:
        '/dev/full: there is no space left, and the 3 trials before this one stand: free some and give the same command again, which goes on',
    })
  })

  test('comes back as it was written, and a cut last line is taken off', () => {
    const path = join(folder, 'cut.jsonl')
    openResults(path, head)
    for (const trial of trials) appendTrial(path, trial)
    const whole = readFileSync(path)
    expect(openResults(path, head).trials).toEqual(trials)
    writeFileSync(path, whole.subarray(0, whole.length - 5))
    expect(openResults(path, head).trials).toEqual(trials.slice(0, 1))
    appendTrial(path, trialOf(1, [windowOf(3, 4)]))
    expect(readFileSync(path)).toEqual(whole)
  })

  test.each([
    ['another configuration', { ...head, configHash: 'x' }, /configHash differs/],
    ['another market', { ...head, market: { ...head.market, seed: 2 } }, /seed differs/],
    ['other limits', { ...head, market: { ...head.market, rateLimits: true } }, /rateLimits differs/],
  ])('of %s is refused with the field that differs', (name, other, reason) => {
    const path = join(folder, `${name}.jsonl`)
    openResults(path, head)
    const failure = failureOf(() => openResults(path, other))
    expect(failure.code).toBe('OTHER_SWEEP')
    expect(failure.message).toMatch(reason)
  })

  test('that is none is refused with its line', () => {
    const path = join(folder, 'none.jsonl')
    writeFileSync(path, `${JSON.stringify(head)}\nnonsense\n`)
    expect(failureOf(() => openResults(path, head))).toMatchObject({ code: 'BAD_RESULTS' })
    expect(failureOf(() => openResults(path, head)).message).toContain('line 2')
  })
})

test('limits of the venue hold in every window of a trial, and the findings, the text and the fragment say so', () => {
  const { values } = load({ assignments: ['strategy.name=fixed-spread'] })
  const market: TrialMarket = {
    ...{ coin: 'hyna:BTC', scenario: 'calm', tape: null, queue: null, latency: null, seed: 3 },
    ...{ windowCount: 2, minutes: 0.3, blockMs: 100, depositMicroUsd: 1e11 },
  }
  const run = (of: TrialMarket): TrialResult =>
    runTrial(of, defaultVenue(), (spec, capital) => createEngine(enginePartsOf(values, spec, capital)))
  const free = run(market)
  const held = run({ ...market, rateLimits: true })
  expect(free.limits).toBeNull()
  expect(held.windows).toEqual(free.windows)
  expect(held.limits).toMatchObject({ refusedCount: 0, weightMax: 1_200 })
  // Two windows, two accounts: 10 000 requests each, and one more for each dollar traded.
  expect(held.limits?.capCount).toBeGreaterThanOrEqual(20_000)
  expect(held.limits?.usedCount).toBeGreaterThan(0)

  const head = headOf('grid', { ...market, rateLimits: true })
  const trial: Trial = { trial: 0, settings: [], configHash: 'c', refused: null, ...held }
  const text = sweepText({ head, trials: [trial] }, findingsOf([trial], 'pnl', 1), {
    ...{ path: 'sweep.jsonl', doneBefore: 0, report: null },
  })
  expect(text).toContain('1 searched, 1 held out; the venue’s request limits hold')
  expect(text).toContain(`limits of the venue held; trial 0 over its windows: ${held.limits?.usedCount} of`)
  expect(text).toMatch(/fills +refused\n/)
})
