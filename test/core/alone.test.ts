/** A market that nobody else makes: the first two-sided quote, where it stands, and when it gives way to a price of the market. */
import { describe, expect, test } from 'vitest'
import { START_TS_MS } from '../../src/backtest/stage.ts'
import { enginePartsOf } from '../../src/compose/engine-parts.ts'
import { isAlone } from '../../src/core/alone.ts'
import { createEngine, step } from '../../src/core/engine.ts'
import type { Engine } from '../../src/core/engine.ts'
import type { RawInput } from '../../src/core/input.ts'
import { viewOf } from '../../src/core/view-of.ts'
import { strangeStageOf } from '../support/closed-world.ts'
import { load } from '../support/config.ts'
import { market } from '../support/quote-context.ts'

const ACCOUNT = `0x${'77'.repeat(20)}`

/** A builder DEX whose book is empty; the same coin trades on the main DEX. */
const lonely = (set: readonly string[] = ['risk.quote_alone=true']): ReturnType<typeof strangeStageOf> =>
  strangeStageOf({ seed: 3, markets: ['BTC'], set })

describe('on a book that nobody else quotes', () => {
  test('both sides are quoted within seconds around the mark, wide and small', () => {
    const { engine, run } = lonely()
    const { state } = engine
    let firstMs: number | null = null
    let quoting = 0
    let looks = 0
    run(90, ({ kind }) => {
      if (kind !== 'timer') return
      const { state: word, ownBidTicks, ownAskTicks } = viewOf(engine)
      if (word === 'quoting') firstMs ??= state.tsMs - START_TS_MS
      if (firstMs === null || ownBidTicks === null || ownAskTicks === null || state.markTicks === null) return
      looks += 1
      quoting += word === 'quoting' ? 1 : 0
      // Half a spread of twenty bps or more on each side, and no quote on the wrong side of the mark.
      expect(1 - ownBidTicks / state.markTicks).toBeGreaterThan(15e-4)
      expect(ownAskTicks / state.markTicks - 1).toBeGreaterThan(15e-4)
      expect(ownAskTicks / ownBidTicks - 1).toBeLessThan(120e-4)
    })
    expect(firstMs).toBeLessThan(5_000)
    expect(quoting / looks).toBeGreaterThan(0.95)
    expect(state.estimates.fairTicks).toMatchObject({ status: 'prior', confidence: 0 })
    const { estimates, bidWaterfallBps, findings } = viewOf(engine)
    expect(estimates['fairTicks']?.value).toBe(state.markTicks)
    expect(bidWaterfallBps['risk']).toBeCloseTo(20, 6)
    expect(findings).toEqual([expect.objectContaining({ monitor: 'alone', action: 'widen' })])
    const shown = state.ladder.bids.slice(0, state.ladder.bidCount)
    const lots = shown.reduce((sum, { sizeLots }) => sum + sizeLots, 0)
    const { values } = load({})
    const targetLots = values.quoting.targetLiquidity * 1e5
    expect(lots).toBeLessThanOrEqual(values.strategy.glft.warmupSizeShare * targetLots)
  })

  test('unless it is wanted nothing is quoted, and the reason says so', () => {
    const { engine, run } = lonely([])
    run(12)
    expect(engine.state.counters.quotes).toBe(0)
    expect(viewOf(engine).because).toContain('nobody else makes a side of the book')
  })
})

/** A maker that is told everything by hand. */
function told(): {
  engine: Engine
  tell(raw: RawInput): readonly { readonly kind: string }[]
  pass(ms: number): void
} {
  const { values } = load({ assignments: ['risk.quote_alone=true'] })
  const engine = createEngine(enginePartsOf(values, market))
  let tsMs = 1_704_166_200_000
  const tell = (raw: RawInput): ReturnType<typeof step> =>
    step(engine, { ...raw, seq: engine.state.seq + 1, tsMs })
  tell({ kind: 'sessionStarted', market, account: ACCOUNT, epoch: tsMs, configHash: '' })
  tell({
    kind: 'account',
    positionLots: 0,
    cashMicroUsd: 1e11,
    accountValueMicroUsd: 1e11,
    withdrawableMicroUsd: 1e11,
    isolatedMarginMicroUsd: null,
    liquidationTicks: null,
    openOrders: [],
    venueTsMs: tsMs,
  })
  tell({ kind: 'connection', up: true, text: 'a test' })
  return { engine, tell, pass: (ms) => (tsMs += ms) }
}

const mark = { kind: 'context', markTicks: 640_000, oracleTicks: 640_010, fundingPerHour: 1e-5 } as const
const bids = [639_900, 40_000, 639_700, 50_000]
const asks = [640_100, 40_000, 640_300, 50_000]

describe('whether we are alone', () => {
  test.each([
    ['an empty book', [], []],
    ['bids alone', bids, []],
    ['asks alone', [], asks],
  ])('%s is quoted around the mark at once, without crossing what is there', (_, shownBids, shownAsks) => {
    const { engine, tell, pass } = told()
    tell(mark)
    pass(300)
    const commands = tell({ kind: 'book', venueTsMs: engine.state.tsMs, bids: shownBids, asks: shownAsks })
    expect(isAlone(engine.state)).toBe(true)
    const { ladder } = engine.state
    expect(Math.min(ladder.bidCount, ladder.askCount)).toBeGreaterThan(0)
    expect(commands.filter(({ kind }) => kind === 'place')).toHaveLength(ladder.bidCount + ladder.askCount)
    expect(ladder.bids[0]?.priceTicks).toBeLessThan(shownAsks[0] ?? mark.markTicks)
    expect(ladder.asks[0]?.priceTicks).toBeGreaterThan(shownBids[0] ?? mark.markTicks)
  })

  test('without a mark, or with an old one, nothing is quoted', () => {
    const { engine, tell, pass } = told()
    pass(300)
    expect(tell({ kind: 'book', venueTsMs: engine.state.tsMs, bids, asks: [] })).toEqual([])
    tell(mark)
    for (let sec = 0; sec < 40; sec += 1) {
      pass(1_000)
      tell({ kind: 'book', venueTsMs: engine.state.tsMs, bids, asks: [] })
    }
    expect(viewOf(engine)).toMatchObject({
      bidWaterfallBps: {},
      because: expect.stringContaining('no mark') as string,
    })
  })

  test('the quotes follow the mark', () => {
    const { engine, tell, pass } = told()
    const { ladder } = engine.state
    for (const markTicks of [640_000, 641_500, 638_200]) {
      tell({ ...mark, markTicks, oracleTicks: markTicks })
      pass(900)
      tell({ kind: 'book', venueTsMs: engine.state.tsMs, bids: [], asks: [] })
      expect(ladder.fairMicroTicks).toBe(markTicks * 1e6)
      expect(Math.min(ladder.bidCount, ladder.askCount)).toBeGreaterThan(0)
    }
  })

  test('the market takes over once others have been there for two seconds', () => {
    const { engine, tell, pass } = told()
    tell(mark)
    pass(300)
    tell({ kind: 'book', venueTsMs: engine.state.tsMs, bids, asks: [] })
    const seen: string[] = []
    for (let step = 0; step < 6; step += 1) {
      pass(500)
      tell({ kind: 'book', venueTsMs: engine.state.tsMs, bids, asks })
      seen.push(engine.state.estimates.fairTicks.status)
    }
    expect(seen).toEqual(['prior', 'prior', 'prior', 'measured', 'measured', 'measured'])
  })
})
