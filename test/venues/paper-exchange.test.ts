/** Laws and stories of the paper exchange: money adds up whatever happens, and its rules are the venue's. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Command, NewOrder } from '../../src/core/command.ts'
import type { FillInput, RawInput } from '../../src/core/input.ts'
import type { MarketSpec } from '../../src/core/market.ts'
import { gridOf, signOf } from '../../src/core/units.ts'
import {
  cancelAllPaper,
  initPaperExchange,
  isMarketInput,
  paperAnswer,
  paperMarket,
  sampleOf,
} from '../../src/venues/paper/paper-exchange.ts'
import type { PaperExchange } from '../../src/venues/paper/paper-exchange.ts'
import { initVenueTime, noteVenueTime, venueNowMs } from '../../src/venues/paper/venue-time.ts'

const MARKET: MarketSpec = {
  ...{ network: 'testnet', dex: '', coin: 'ETH', assetId: 1, grid: gridOf(4), maxLeverage: 20 },
  ...{ marginMode: 'cross', collateral: 'USDC', makerFeePpb: 150_000, takerFeePpb: 450_000 },
  minNotionalMicroUsd: 10_000_000,
}
const CAPITAL_MICRO_USD = 10_000_000_000
const HOUR_MS = 3_600_000

function open(over: Partial<MarketSpec> = {}): PaperExchange {
  const market = { ...MARKET, ...over }
  return initPaperExchange({ market, queue: { name: 'pessimistic' }, capitalMicroUsd: CAPITAL_MICRO_USD })
}

let orderCount = 0
function order(of: Partial<NewOrder>): NewOrder {
  orderCount += 1
  const cloid = `0x${orderCount.toString(16).padStart(32, '0')}`
  return { cloid, side: 'buy', priceTicks: 299_990, sizeLots: 500, tif: 'alo', reduceOnly: false, ...of }
}

function place(paper: PaperExchange, of: Partial<NewOrder>, tsMs: number): RawInput[] {
  return paperAnswer(paper, { kind: 'place', order: order(of) }, tsMs)
}

const book = (venueTsMs: number, bidTicks: number, askTicks: number, lots = 1_000): RawInput => ({
  ...{ kind: 'book', venueTsMs, bids: [bidTicks, lots, bidTicks - 10, lots] },
  asks: [askTicks, lots, askTicks + 10, lots],
})

function hear(paper: PaperExchange, input: RawInput): RawInput[] {
  if (!isMarketInput(input)) throw new Error('a message of the market')
  return paperMarket(paper, input)
}

const isFill = (input: RawInput): input is FillInput => input.kind === 'fill'

/** Some commands and messages in some order. `ref` picks one of the orders so far. */
const stepOf = fc.oneof(
  fc.record({
    do: fc.constant('place' as const),
    side: fc.constantFrom('buy' as const, 'sell' as const),
    offsetTicks: fc.integer({ min: -40, max: 40 }),
    sizeLots: fc.integer({ min: 40, max: 4_000 }),
    tif: fc.constantFrom('alo' as const, 'ioc' as const, 'gtc' as const),
    reduceOnly: fc.boolean(),
  }),
  fc.record({ do: fc.constant('cancel' as const), ref: fc.nat(50) }),
  fc.record({ do: fc.constant('modify' as const), ref: fc.nat(50) }),
  fc.record({
    do: fc.constant('trade' as const),
    aggressor: fc.constantFrom('buy' as const, 'sell' as const),
    offsetTicks: fc.integer({ min: -40, max: 40 }),
    sizeLots: fc.integer({ min: 1, max: 5_000 }),
  }),
  fc.record({
    do: fc.constant('book' as const),
    midTicks: fc.integer({ min: 250_000, max: 350_000 }),
    halfTicks: fc.integer({ min: 1, max: 30 }),
  }),
  fc.record({
    do: fc.constant('context' as const),
    markTicks: fc.integer({ min: 250_000, max: 350_000 }),
    fundingPerHour: fc.double({ min: -0.001, max: 0.001, noNaN: true }),
    hours: fc.nat(1),
  }),
)

describe('whatever is sent and heard', () => {
  test('cash, position and fees follow from the fills, and no order fills beyond its size', () => {
    fc.assert(
      fc.property(fc.array(stepOf, { minLength: 5, maxLength: 120 }), (steps) => {
        const paper = open()
        const orders: NewOrder[] = []
        const leftLots = new Map<string, number>()
        let tsMs = 1_000 * HOUR_MS
        let midTicks = 300_000
        let [cash, position, fees] = [CAPITAL_MICRO_USD, 0, 0]
        const take = (inputs: readonly RawInput[]): void => {
          for (const input of inputs) {
            if (input.kind === 'fundingPaid') cash += input.amountMicroUsd
            if (!isFill(input)) continue
            expect(input.startPositionLots).toBe(position)
            const signed = signOf(input.side) * input.sizeLots
            const reduced = orders.find(({ cloid }) => cloid === input.cloid)?.reduceOnly === true
            if (reduced) expect(Math.abs(position + signed)).toBe(Math.abs(position) - input.sizeLots)
            cash -= signed * input.priceTicks + input.feeMicroUsd
            position += signed
            fees += input.feeMicroUsd
            if (input.cloid === null) continue
            leftLots.set(input.cloid, (leftLots.get(input.cloid) ?? 0) - input.sizeLots)
            expect(leftLots.get(input.cloid)).toBeGreaterThanOrEqual(0)
          }
        }
        const send = (command: Command): void => take(paperAnswer(paper, command, tsMs))
        const isNew = (fresh: NewOrder): NewOrder => {
          orders.push(fresh)
          leftLots.set(fresh.cloid, fresh.sizeLots)
          return fresh
        }
        take(hear(paper, book(tsMs, midTicks - 10, midTicks + 10)))
        for (const step of steps) {
          tsMs += 7
          if (step.do === 'place') {
            const { side, sizeLots, tif, reduceOnly } = step
            const priceTicks = midTicks + step.offsetTicks
            send({ kind: 'place', order: isNew(order({ side, priceTicks, sizeLots, tif, reduceOnly })) })
          } else if (step.do === 'cancel' || step.do === 'modify') {
            const old = orders[step.ref % Math.max(orders.length, 1)]
            if (old === undefined) continue
            if (step.do === 'cancel') send({ kind: 'cancel', cloid: old.cloid, oid: null })
            else {
              const fresh = isNew(order({ side: old.side, priceTicks: old.priceTicks }))
              send({ kind: 'modify', targetCloid: old.cloid, targetOid: 0, order: fresh })
            }
          } else if (step.do === 'trade') {
            const { aggressor, sizeLots } = step
            const priceTicks = midTicks + step.offsetTicks
            take(hear(paper, { kind: 'trade', venueTsMs: tsMs, tid: tsMs, aggressor, priceTicks, sizeLots }))
          } else if (step.do === 'book') {
            midTicks = step.midTicks
            take(hear(paper, book(tsMs, midTicks - step.halfTicks, midTicks + step.halfTicks)))
          } else {
            tsMs += step.hours * HOUR_MS
            const { markTicks, fundingPerHour } = step
            take(hear(paper, { kind: 'context', markTicks, oracleTicks: markTicks, fundingPerHour }))
          }
          const account = sampleOf(paper, tsMs)
          if (account.kind !== 'account') throw new Error('a sample is an account')
          expect([account.cashMicroUsd, account.positionLots, paper.account.feesMicroUsd]).toEqual([
            cash,
            position,
            fees,
          ])
          expect(account.openOrders.map(({ cloid }) => cloid)).toEqual(
            paper.resting.orders.map(({ id }) => id),
          )
        }
        take(cancelAllPaper(paper, tsMs, 'canceled'))
        expect([paper.open.size, paper.resting.orders.length]).toEqual([0, 0])
      }),
      { numRuns: 150 },
    )
  })
})

describe('rules of the venue', () => {
  test('a post-only order that would match is refused, and the book stays as it was shown', () => {
    const paper = open()
    hear(paper, book(1, 299_990, 300_010))
    expect(place(paper, { priceTicks: 300_010 }, 5)).toMatchObject([
      { kind: 'orderRefused', refusal: 'postOnly' },
    ])
    expect(place(paper, { priceTicks: 300_000 }, 5)).toMatchObject([{ kind: 'orderResting' }])
  })

  test('an immediate order takes level after level to its limit, at the taker fee, and the rest of it is gone', () => {
    const paper = open()
    hear(paper, book(1, 299_990, 300_010))
    const answers = place(paper, { priceTicks: 300_020, sizeLots: 2_500, tif: 'ioc' }, 5)
    expect(answers).toMatchObject([
      { kind: 'orderFilledNow', totalLots: 2_000, averagePriceTicks: 300_015 },
      { kind: 'fill', priceTicks: 300_010, sizeLots: 1_000, crossed: true, feeMicroUsd: 135_005 },
      { kind: 'fill', priceTicks: 300_020, sizeLots: 1_000, startPositionLots: 1_000 },
    ])
    expect(paper.open.size).toBe(0)
  })

  test('prints from before the order reached the venue are none of its business', () => {
    const paper = open()
    hear(paper, book(1, 299_980, 300_010))
    place(paper, { priceTicks: 299_990 }, 100)
    const print = { kind: 'trade', tid: 1, aggressor: 'sell', priceTicks: 299_980, sizeLots: 9_000 } as const
    expect(hear(paper, { ...print, venueTsMs: 100 })).toEqual([])
    expect(hear(paper, { ...print, venueTsMs: 101 }).filter(isFill)).toMatchObject([
      { sizeLots: 500, priceTicks: 299_990, crossed: false, feeMicroUsd: 22_499 },
    ])
  })

  test('funding is paid at the full hour on what is held, longs to shorts', () => {
    const paper = open()
    hear(paper, { kind: 'context', markTicks: 300_000, oracleTicks: 300_100, fundingPerHour: 0.0002 })
    hear(paper, book(HOUR_MS - 5, 299_990, 300_010))
    place(paper, { priceTicks: 300_010, sizeLots: 700, tif: 'ioc' }, HOUR_MS - 4)
    const [funding, ...others] = hear(paper, book(HOUR_MS + 1, 299_990, 300_010))
    expect(others).toEqual([])
    expect(funding).toEqual({ kind: 'fundingPaid', amountMicroUsd: -42_014, venueTsMs: HOUR_MS })
    expect(hear(paper, book(HOUR_MS + 2, 299_990, 300_010))).toEqual([])
  })

  test('an order beyond the leverage is refused for margin, and one that makes the position smaller is not', () => {
    const paper = open({ maxLeverage: 2 })
    hear(paper, { kind: 'context', markTicks: 300_000, oracleTicks: 300_000, fundingPerHour: 0 })
    hear(paper, book(1, 299_990, 300_010, 100_000))
    // 10,000 dollars at twofold: 20,000 / 30 = 666.6 ETH are 66,666 lots of 0.3 dollars.
    expect(place(paper, { sizeLots: 66_667 }, 2)).toMatchObject([{ kind: 'orderRefused', refusal: 'margin' }])
    expect(place(paper, { sizeLots: 66_000, priceTicks: 300_010, tif: 'ioc' }, 2)[0]).toMatchObject({
      kind: 'orderFilledNow',
    })
    expect(place(paper, { side: 'sell', sizeLots: 66_000, priceTicks: 300_010 }, 3)).toMatchObject([
      { kind: 'orderResting' },
    ])
  })

  test('below the maintenance margin the venue cancels what rests and closes the position at the book', () => {
    const paper = open({ maxLeverage: 10 })
    const context = (markTicks: number): RawInput => ({
      ...{ kind: 'context', markTicks, oracleTicks: markTicks, fundingPerHour: 0 },
    })
    hear(paper, context(300_000))
    hear(paper, book(1, 299_990, 300_010, 400_000))
    place(paper, { sizeLots: 300_000, priceTicks: 300_010, tif: 'ioc' }, 2)
    place(paper, { sizeLots: 100, priceTicks: 200_000 }, 2)
    const sample = sampleOf(paper, 3)
    const liquidationTicks = sample.kind === 'account' ? sample.liquidationTicks : null
    expect(liquidationTicks).toBeGreaterThan(270_000)
    hear(paper, context(Math.ceil(liquidationTicks ?? 0) + 1))
    expect(hear(paper, book(10, 290_000, 290_020, 400_000))).toEqual([])
    hear(paper, context(Math.floor(liquidationTicks ?? 0) - 1))
    expect(hear(paper, book(11, 280_000, 280_020, 400_000))).toMatchObject([
      { kind: 'orderUpdate', status: 'cancelled', word: 'liquidatedCanceled' },
      { kind: 'fill', side: 'sell', sizeLots: 300_000, priceTicks: 280_000, liquidation: true },
    ])
    expect(paper.account.positionLots).toBe(0)
  })
})

test("the venue's time is told by its fastest message, and a message from its future is forgotten after two minutes", () => {
  const time = initVenueTime()
  expect(venueNowMs(time, 500)).toBe(500)
  noteVenueTime(time, 10_000, 10_030)
  noteVenueTime(time, 10_100, 10_120)
  noteVenueTime(time, 10_200, 10_290)
  expect(venueNowMs(time, 10_300)).toBe(10_280)
  noteVenueTime(time, 15_000, 10_400)
  expect(venueNowMs(time, 10_400)).toBe(15_000)
  for (const minute of [1, 2, 3]) noteVenueTime(time, 10_400 + minute * 60_000 - 25, 10_400 + minute * 60_000)
  expect(venueNowMs(time, 200_000)).toBe(199_975)
})
