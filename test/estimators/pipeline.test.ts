import { describe, expect, test } from 'vitest'
import { createPipeline, pipelineDefaults } from '../../estimators/index.ts'
import type { PipelineState } from '../../estimators/index.ts'
import { applySnapshot, initBook } from '../../src/core/book/l2-book.ts'
import type { L2Book } from '../../src/core/book/l2-book.ts'
import { initEstimates, initLadder, isUsable } from '../../src/core/contracts.ts'
import type { Estimates, MarketEvent } from '../../src/core/contracts.ts'
import { initSfc32, nextExponential, nextNormal, nextUnit } from '../../src/core/math/sfc32.ts'
import { createGlftLadder, glftLadderDefaults } from '../../strategies/index.ts'
import { contextOf, market, QUIET_HOUR_MS } from '../support/quote-context.ts'

const pipeline = createPipeline(pipelineDefaults)

function bookAt(midTicks: number, halfTicks: number): L2Book {
  const book = initBook()
  const side = (sign: number): number[] =>
    Array.from({ length: 6 }, (_, level) => [
      midTicks + sign * (halfTicks + 30 * level),
      4_000 + 700 * level,
    ]).flat()
  const outcome = applySnapshot(book, {
    kind: 'book',
    venueTsMs: 5,
    bids: side(-1),
    asks: side(1),
  })
  expect(outcome).toBe('applied')
  return book
}

/** Books every half second, market orders on both sides, some fills of ours. */
function story(seed: number, seconds: number): MarketEvent[] {
  const random = initSfc32(seed, 5)
  const events: MarketEvent[] = []
  let log = Math.log(640_000)
  for (let step = 0; step < 2 * seconds; step += 1) {
    const tsMs = QUIET_HOUR_MS + 500 * step
    log += 1.5e-4 * Math.sqrt(0.5) * nextNormal(random)
    const mid = Math.round(Math.exp(log) / 10) * 10
    events.push({ kind: 'book', tsMs, book: bookAt(mid, 10) })
    if (nextUnit(random) < 0.3) {
      const aggressor = nextUnit(random) < 0.5 ? 'buy' : 'sell'
      const depth = Math.max(10, Math.round(mid * nextExponential(random, 1 / 2_500)))
      const priceTicks = aggressor === 'buy' ? mid + depth : mid - depth
      events.push({ kind: 'trade', tsMs: tsMs + 120, aggressor, priceTicks, sizeLots: 900 })
      events.push({ kind: 'trade', tsMs: tsMs + 120, aggressor, priceTicks: mid, sizeLots: 300 })
      if (nextUnit(random) < 0.3) {
        events.push({
          kind: 'ownFill',
          tsMs: tsMs + 130,
          side: aggressor === 'buy' ? 'sell' : 'buy',
          priceTicks,
          sizeLots: 200,
          feeMicroUsd: Math.round((priceTicks * 200 * 3) / 1e4),
          midAtPlacementTicks: mid,
        })
      }
    }
    events.push({ kind: 'timer', tsMs: tsMs + 300 })
  }
  return events
}

function readAt(state: PipelineState, tsMs: number): Estimates {
  const out = initEstimates()
  pipeline.read(state, tsMs, out)
  return out
}

function run(events: readonly MarketEvent[]): PipelineState {
  const state = pipeline.init(market)
  for (const event of events) pipeline.absorb(state, event)
  return state
}

describe('the pipeline', () => {
  test('one book is enough to quote two-sided from priors, and the priors say that they are', () => {
    const state = run([{ kind: 'book', tsMs: QUIET_HOUR_MS, book: bookAt(640_000, 10) }])
    const estimates = readAt(state, QUIET_HOUR_MS)
    expect(estimates.sigmaPerSqrtSec.status).toBe('prior')
    expect(estimates.kappaBid.status).toBe('prior')
    expect(estimates.toxicity.status).toBe('noData')
    const strategy = createGlftLadder({ ...glftLadderDefaults, targetLots: 25_000 })
    const ladder = initLadder(strategy.levelCountMax)
    strategy.quote(strategy.init(market), contextOf({ estimates }), ladder)
    expect([ladder.bidCount, ladder.askCount]).toEqual([5, 5])
  })

  test('before the first book there is no price, and no number pretends otherwise', () => {
    const estimates = readAt(pipeline.init(market), QUIET_HOUR_MS)
    expect(estimates.fairTicks.status).toBe('noData')
    expect(estimates.depthUsd.status).toBe('noData')
    expect(estimates.fundingPerHour.status).toBe('noData')
  })

  test('recovers the market of a story, and everything becomes measured', () => {
    const events = story(3, 1_500)
    const estimates = readAt(run(events), QUIET_HOUR_MS + 1_500_000)
    expect(estimates.sigmaPerSqrtSec.status).toBe('measured')
    expect(estimates.sigmaPerSqrtSec.value / 1.5e-4).toBeGreaterThan(0.7)
    expect(estimates.sigmaPerSqrtSec.value / 1.5e-4).toBeLessThan(1.3)
    expect(estimates.kappaBid.status).toBe('measured')
    expect(estimates.kappaBid.value).toBeGreaterThan(1_700)
    expect(estimates.kappaBid.value).toBeLessThan(3_600)
    expect(estimates.fillRateBidPerSec.value).toBeGreaterThan(0.18)
    expect(estimates.fillRateBidPerSec.value).toBeLessThan(0.45)
    for (const reading of [
      estimates.fairTicks,
      estimates.momentumZ[3],
      estimates.toxicity,
      estimates.flowImbalance,
      estimates.orderFlowImbalance,
      estimates.jumpZ,
      estimates.adverseSelectionBidBps,
    ]) {
      expect(reading !== undefined && isUsable(reading)).toBe(true)
    }
    for (const value of Object.values(estimates).flat()) {
      if (typeof value === 'object')
        expect(Number.isFinite(value.value) && Number.isFinite(value.confidence)).toBe(true)
    }
  })

  test('a snapshot in the middle goes on to the same numbers', () => {
    const events = story(8, 300)
    const half = Math.floor(events.length / 2)
    const state = run(events.slice(0, half))
    const restored = JSON.parse(JSON.stringify(state)) as PipelineState
    for (const event of events.slice(half)) {
      pipeline.absorb(state, event)
      pipeline.absorb(restored, event)
    }
    expect(readAt(restored, QUIET_HOUR_MS + 300_000)).toEqual(readAt(state, QUIET_HOUR_MS + 300_000))
    expect(restored).toEqual(state)
  })

  test('the learnt chain takes over from the weighted mid as it is believed, within the touch', () => {
    const chain = createPipeline({ ...pipelineDefaults, microprice: 'chain' })
    const states = [pipeline.init(market), chain.init(market)] as const
    const random = initSfc32(6, 2)
    const fairs = (tsMs: number): readonly [number, number] => {
      const [weighted, learnt] = [initEstimates(), initEstimates()]
      pipeline.read(states[0], tsMs, weighted)
      chain.read(states[1], tsMs, learnt)
      expect(weighted.micropriceLeanBps.status).toBe('off')
      expect(learnt.fairTicks.value).toBeGreaterThanOrEqual(learnt.bestBidTicks)
      expect(learnt.fairTicks.value).toBeLessThanOrEqual(learnt.bestAskTicks)
      return [weighted.fairTicks.value, learnt.fairTicks.value]
    }
    let [mid, isBidHeavy, tsMs] = [640_000, true, QUIET_HOUR_MS]
    for (let step = 0; step < 800; step += 1) {
      tsMs += 230
      const book = bookAt(mid, 10)
      // Ten thousand lots or more on both sides: the depth gate is open.
      book.bids.lots[book.bids.first] = isBidHeavy ? 90_000 : 10_000
      book.asks.lots[book.asks.first] = isBidHeavy ? 10_000 : 90_000
      const event = { kind: 'book', tsMs, book } as const
      pipeline.absorb(states[0], event)
      chain.absorb(states[1], event)
      const [weighted, learnt] = fairs(tsMs)
      if (step === 0) expect(learnt).toBe(weighted)
      // The lighter side gives way rarely here, so the truth is nearer to the mid than the sizes say.
      if (nextUnit(random) < 0.1) mid += isBidHeavy ? 10 : -10
      if (nextUnit(random) < 0.4) isBidHeavy = !isBidHeavy
    }
    const [weighted, learnt] = fairs(tsMs)
    const book = initEstimates()
    chain.read(states[1], tsMs, book)
    expect(book.micropriceLeanBps).toMatchObject({ status: 'measured', tsMs })
    expect(book.micropriceLeanBps.confidence).toBeGreaterThan(0.7)
    const lean = (fair: number): number => (fair - book.midTicks.value) * Math.sign(book.bookImbalance.value)
    expect(lean(learnt)).toBeGreaterThan(0)
    expect(lean(learnt)).toBeLessThan(lean(weighted))
    chain.read(states[1], tsMs + 60_000, book)
    expect(isUsable(book.micropriceLeanBps)).toBe(false)
  })

  test('two prints of one order count once', () => {
    const state = run(story(5, 600))
    const orders = state.intensity.bid.orders + state.intensity.ask.orders
    const count = story(5, 600).filter((event) => event.kind === 'trade').length / 2
    // Half life of 600 s: what remains of n evenly spread orders is n·(1 − ½)/ln 2.
    expect(orders / (count * (0.5 / Math.LN2))).toBeGreaterThan(0.85)
    expect(orders / (count * (0.5 / Math.LN2))).toBeLessThan(1.15)
  })

  test('an old book is stale, and a one-sided one gives no touch', () => {
    const state = run(story(2, 30))
    expect(readAt(state, QUIET_HOUR_MS + 60_000).fairTicks.status).toBe('stale')
    const empty = bookAt(640_000, 10)
    empty.asks.count = 0
    pipeline.absorb(state, { kind: 'book', tsMs: QUIET_HOUR_MS + 60_000, book: empty })
    const estimates = readAt(state, QUIET_HOUR_MS + 60_000)
    expect(estimates.bestAskTicks).toBe(0)
    expect(isUsable(estimates.fairTicks)).toBe(false)
  })

  test('a setting without meaning is refused by name', () => {
    expect(() => createPipeline({ ...pipelineDefaults, kappaPrior: NaN })).toThrow(
      /kappaPrior is a finite number/,
    )
    expect(() => createPipeline({ ...pipelineDefaults, micropriceGateUsdHigh: 10 })).toThrow(
      /gateUsdHigh is above/,
    )
  })
})

describe('the age of an estimate', () => {
  test('is that of the data behind it, not of the last time somebody looked', () => {
    const state = pipeline.init(market)
    pipeline.absorb(state, { kind: 'book', tsMs: QUIET_HOUR_MS, book: bookAt(640_000, 10) })
    const before = readAt(state, QUIET_HOUR_MS)
    for (const reading of [before.kappaBid, before.flowImbalance, before.adverseSelectionBidBps]) {
      expect(reading.tsMs).toBe(0)
    }
    expect(before.flowImbalance.status).toBe('noData')
    // Somebody sells into our bid, and nothing else happens but books.
    const tradeMs = QUIET_HOUR_MS + 1_300
    const trade = {
      kind: 'trade',
      tsMs: tradeMs,
      aggressor: 'sell',
      priceTicks: 639_800,
      sizeLots: 700,
    } as const
    pipeline.absorb(state, trade)
    const fill = {
      side: 'buy',
      priceTicks: 639_800,
      sizeLots: 300,
      feeMicroUsd: 9,
      midAtPlacementTicks: 640_000,
    } as const
    pipeline.absorb(state, { kind: 'ownFill', tsMs: tradeMs, ...fill })
    for (let step = 3; step <= 60; step += 1) {
      const tsMs = QUIET_HOUR_MS + 500 * step
      pipeline.absorb(state, { kind: 'book', tsMs, book: bookAt(640_000, 10) })
    }
    const after = readAt(state, QUIET_HOUR_MS + 30_000)
    expect(after.flowImbalance.tsMs).toBe(tradeMs)
    expect(after.kappaBid.tsMs).toBeGreaterThanOrEqual(tradeMs)
    expect(after.kappaBid.tsMs).toBeLessThanOrEqual(QUIET_HOUR_MS + 1_500)
    expect(after.kappaAsk.tsMs).toBe(0)
    // Ten seconds after the fill is the horizon that counts; the first book then.
    expect(after.adverseSelectionBidBps.tsMs).toBe(QUIET_HOUR_MS + 11_500)
    expect(after.adverseSelectionAskBps.tsMs).toBe(0)
    expect(after.fillRateBidPerSec.tsMs).toBe(QUIET_HOUR_MS + 30_000)
    expect(after.midTicks.tsMs).toBe(QUIET_HOUR_MS + 30_000)
  })
})
