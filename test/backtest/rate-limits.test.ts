/** A backtest under the venue's limits on requests: counted in the adapter's batches, refused beyond them, told to the maker. */
import { describe, expect, test } from 'vitest'
import { limitedVenue } from '../../src/backtest/limited-venue.ts'
import type { LimitedVenue } from '../../src/backtest/limited-venue.ts'
import { openStage } from '../../src/backtest/stage.ts'
import { defaultVenue } from '../../src/config/venue-definitions.ts'
import type { Approved, NewOrder } from '../../src/core/command.ts'
import type { RawInput } from '../../src/core/input.ts'
import { makeCloid } from '../../src/core/orders/cloid.ts'
import { openOrders } from '../../src/exchange/queries/orders.ts'
import { runUntil } from '../../src/simulation/world.ts'
import type { World } from '../../src/simulation/world.ts'
import { backtestOf, DEPOSIT_MICRO_USD } from './support.ts'

function staged(): { readonly world: World; readonly venue: LimitedVenue } {
  const { world, venue } = openStage({
    ...{ spec: defaultVenue(), coin: 'hyna:BTC', scenario: 'calm', seed: 5 },
    ...{ blockMs: 100, depositMicroUsd: DEPOSIT_MICRO_USD },
  })
  return { world, venue: limitedVenue(venue, world) }
}

let counter = 0
function place(tif: NewOrder['tif'] = 'alo'): Approved {
  counter += 1
  const cloid = makeCloid({ network: 'local', epoch: 9, counter })
  const order: NewOrder = {
    ...{ cloid, side: 'buy', priceTicks: 500_000, sizeLots: 100, tif, reduceOnly: false },
  }
  // Only the engine's gate makes approved commands; a test of the venue stands in for it.
  return { kind: 'place', order } as unknown as Approved
}

function cancelOf(command: Approved): Approved {
  if (command.kind !== 'place') throw new Error('only a placed order is cancelled here')
  return { kind: 'cancel', cloid: command.order.cloid, oid: null } as unknown as Approved
}

const many = (count: number): Approved[] => Array.from({ length: count }, () => place())
/** By a limit; the exchange itself has other reasons. */
const refusals = (inputs: readonly RawInput[]): RawInput[] =>
  inputs.filter(
    (input) => (input.kind === 'orderRefused' || input.kind === 'cancelRefused') && input.refusal === 'rate',
  )

describe('a venue with limits', () => {
  test('tells its count at the start and with every comparison', () => {
    const { venue } = staged()
    const budgets = (): RawInput[] => venue.takeInputs().filter(({ kind }) => kind === 'budget')
    expect(budgets()).toEqual([
      { kind: 'budget', usedCount: 0, capCount: 10_000, weightUsed: 0, weightMax: 1_200 },
    ])
    venue.send(many(3))
    expect(budgets()).toEqual([])
    venue.send([{ kind: 'resync', because: 'a test' } as unknown as Approved])
    // One batch of three weighs 1, the questions of a comparison 20 + 2 + 20 + 20.
    expect(budgets()).toEqual([
      { kind: 'budget', usedCount: 3, capCount: 10_000, weightUsed: 63, weightMax: 1_200 },
    ])
  })

  test('weighs orders that may wait and takers apart, and a batch one more per forty', () => {
    const { venue } = staged()
    venue.send([...many(40), place('ioc')])
    expect(venue.figures()).toMatchObject({ usedCount: 41, weightPeak: 3, refusedCount: 0 })
  })

  test('refuses orders by address of origin while cancels still pass, and the exchange sees none of them', () => {
    const { venue, world } = staged()
    const resting = place()
    venue.send([resting])
    for (let weight = 1; weight < 1_100; weight += 1) venue.send([place()])
    venue.takeInputs()
    const refused = place()
    venue.send([refused])
    expect(refusals(venue.takeInputs())).toMatchObject([
      { kind: 'orderRefused', refusal: 'rate', text: expect.stringMatching(/^429/) as string },
    ])
    venue.send([cancelOf(resting)])
    expect(refusals(venue.takeInputs())).toEqual([])
    expect(venue.figures()).toMatchObject({ refusedCount: 1, weightPeak: 1_101 })
    // The bucket gives back twenty a second.
    runUntil(world, world.nowTsMs + 1_000)
    const { dexIndex } = world.exchange.marketByAssetId.get(venue.market.assetId)?.instrument ?? {}
    const shown = openOrders(world.exchange, venue.account, dexIndex ?? 0).map(({ cloid }) => cloid)
    expect(shown.length).toBeGreaterThan(0)
    expect(shown).not.toContain(refused.kind === 'place' ? refused.order.cloid : '')
    venue.send([place()])
    expect(refusals(venue.takeInputs())).toEqual([])
  })

  test('refuses by account beyond what was traded for, one in ten seconds excepted', () => {
    const { venue } = staged()
    for (let batch = 0; batch < 100; batch += 1) venue.send(many(100))
    expect(venue.figures()).toMatchObject({ usedCount: 10_000, capCount: 10_000, refusedCount: 0 })
    venue.takeInputs()
    const over = place()
    venue.send([over])
    expect(refusals(venue.takeInputs())).toMatchObject([
      {
        refusal: 'rate',
        text: expect.stringMatching(/^Too many cumulative requests sent \(10001 > 10000\)/) as string,
      },
    ])
    // Cancels have twice the room.
    venue.send([cancelOf(over)])
    expect(venue.figures()).toMatchObject({ usedCount: 10_001, refusedCount: 1 })
  })
})

test('a backtest with limits counts its requests, and is the same as without them where none binds', () => {
  const of = { seed: 7, minutes: 1 }
  const free = backtestOf(of)
  const limited = backtestOf({ ...of, rateLimits: true })
  expect(free.limits).toBeNull()
  const { trading } = limited.figures
  expect(limited.limits).toMatchObject({
    capCount: expect.any(Number) as number,
    refusedCount: 0,
    weightMax: 1_200,
  })
  // What the account is charged for is what the result counts; questions are free for it.
  expect(limited.limits?.usedCount).toBe(trading.placeCount + trading.modifyCount + trading.cancelCount)
  expect(limited.limits?.weightPeak).toBeGreaterThan(0)
  expect(trading.requestsPerFill).toBe(trading.requestCount / trading.fillCount)
  expect(limited.figures.attribution).toEqual(free.figures.attribution)
})
