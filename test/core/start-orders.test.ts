/** Orders that do not belong to this run as it knows it: left by an earlier run, missing in the venue's list, placed by a second process. */
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { absorb } from '../../src/core/absorb.ts'
import { initLadder, WATERFALL_TERMS } from '../../src/core/contracts.ts'
import type { FillInput, OpenOrder, RawInput } from '../../src/core/input.ts'
import { makeCloid } from '../../src/core/orders/cloid.ts'
import { restrain } from '../../src/core/restrain.ts'
import type { EngineSettings } from '../../src/core/settings.ts'
import { initState } from '../../src/core/state.ts'
import type { EngineState } from '../../src/core/state.ts'
import { isValidPrice } from '../../src/core/units.ts'
import { btcMarket, settings } from '../support/core-facts.ts'

const EPOCH = 70
const LEFT = makeCloid({ network: 'local', epoch: 40, counter: 3 })
const left: OpenOrder = {
  oid: 9,
  cloid: LEFT,
  side: 'buy',
  priceTicks: 599_000,
  remainingLots: 300,
  reduceOnly: false,
}

let state: EngineState
let config: EngineSettings
beforeEach(() => {
  state = initState(3)
  config = settings
  tell({ kind: 'sessionStarted', market: btcMarket, account: '0x', epoch: EPOCH, configHash: 'x' }, 10_000)
})

function tell(raw: RawInput, tsMs: number): void {
  state.seq += 1
  state.tsMs = tsMs
  absorb(state, { ...raw, seq: state.seq, tsMs }, config)
}

function account(openOrders: readonly OpenOrder[], tsMs: number, positionLots = 0): void {
  const money = { cashMicroUsd: 0, accountValueMicroUsd: 1e9, withdrawableMicroUsd: 1e9 }
  const rest = { isolatedMarginMicroUsd: null, liquidationTicks: null, venueTsMs: tsMs }
  tell({ kind: 'account', positionLots, openOrders, ...money, ...rest }, tsMs)
}

function fill(tid: number, venueTsMs: number): FillInput {
  return {
    kind: 'fill',
    ...{ tid, oid: 9, cloid: LEFT, side: 'buy', priceTicks: 599_000, sizeLots: 100, feeMicroUsd: 7 },
    ...{ closedPnlMicroUsd: 0, startPositionLots: 0, crossed: false, liquidation: false, venueTsMs },
  }
}

describe('an order that an earlier run left', () => {
  test('is an orphan to be cancelled, as configured by default', () => {
    account([left], 11_000)
    expect(state.orphans).toEqual([left])
    expect(state.tracker.live.size).toBe(0)
  })

  test('is taken for our own with what remains of it, when it is to be adopted', () => {
    config = { ...settings, startOrders: 'adopt' }
    account([left, { ...left, oid: 10, cloid: null }], 11_000)
    expect(state.orphans).toEqual([])
    expect([...state.tracker.live.values()]).toMatchObject([
      { cloid: LEFT, oid: 9, sizeLots: 300, state: 'resting', isAdopted: true },
    ])
    // Somebody else's stays somebody else's.
    expect(state.foreignOrders).toMatchObject([{ oid: 10 }])
  })

  test('does not move money again by fills of before the start, and does by those after it', () => {
    config = { ...settings, startOrders: 'adopt' }
    account([left], 11_000, 200)
    tell(fill(1, 10_900), 11_100)
    expect(state.ledger.feesMicroUsd).toBe(0)
    tell(fill(2, 11_200), 11_300)
    tell(fill(2, 11_200), 11_400)
    expect([state.ledger.feesMicroUsd, state.tracker.live.get(LEFT)?.filledLots]).toEqual([7, 100])
  })
})

describe("an order that is missing in the venue's list", () => {
  test('is a difference when it was missing twice, and none once it is listed again', () => {
    config = { ...settings, startOrders: 'adopt' }
    account([left], 11_000)
    const counts = [[], [], [left], []].map((listed, index) => {
      account(listed, 15_000 + index * 1_000)
      return state.orderMismatchCount
    })
    expect(counts).toEqual([0, 1, 0, 0])
    // It is asked for at the first time already.
    expect(state.tracker.live.get(LEFT)?.queryTsMs).toBe(15_000)
  })
})

describe('an order of another run that comes to rest beside ours', () => {
  const open = (epoch: number, venueTsMs: number): void => {
    const cloid = makeCloid({ network: 'local', epoch, counter: 8 })
    const order = {
      oid: 90,
      cloid,
      side: 'sell',
      priceTicks: 601_000,
      sizeLots: 50,
      remainingLots: 50,
    } as const
    tell({ kind: 'orderUpdate', ...order, status: 'open', word: 'open', venueTsMs }, venueTsMs + 20)
  }

  test.each([
    ['within the life of what an earlier run may have sent', 40, 21_999, null],
    ['after it: somebody else trades this account', 40, 22_000, 40],
    ['of a younger run', 90, 30_000, 90],
    ['of our own', EPOCH, 30_000, null],
  ])('%s', (_, epoch, venueTsMs, rival) => {
    account([], 11_000)
    open(epoch, venueTsMs)
    expect(state.rivalEpoch).toBe(rival)
  })
})

test('a skew moves only what adds to the position, away and onto the grid, and the waterfall still adds up', () => {
  tell({ kind: 'connection', up: true, text: 'test' }, 11_000)
  account([], 11_000)
  const risk = WATERFALL_TERMS.indexOf('risk')
  fc.assert(
    fc.property(
      fc.constantFrom(-700, 700),
      fc.double({ min: 0.1, max: 50, noNaN: true }),
      fc.integer({ min: 50_000, max: 900_000 }),
      (positionLots, skewBps, midTicks) => {
        const ladder = initLadder(3)
        const [bid, ask] = [ladder.bids[0], ladder.asks[0]]
        if (bid === undefined || ask === undefined) throw new Error('a ladder of three has a first level')
        Object.assign(state.ladder, ladder, { bidCount: 1, askCount: 1 })
        const bidTicks = Math.floor(midTicks / 10) * 10
        const askTicks = bidTicks + 100
        bid.priceTicks = bidTicks
        ask.priceTicks = askTicks
        const finding = {
          monitor: 'lopsided',
          action: 'skew',
          because: '',
          widenBps: 0,
          skewBps,
          side: null,
          isBlind: false,
        } as const
        restrain(
          state,
          { action: 'skew', findings: [finding], widenBps: 0, skewBps, isBlind: false },
          positionLots,
        )
        const movedTicks = positionLots > 0 ? bidTicks - bid.priceTicks : ask.priceTicks - askTicks
        const [adding, other] = positionLots > 0 ? [bid, ask] : [ask, bid]
        expect(movedTicks).toBeGreaterThanOrEqual(Math.floor((skewBps / 10_000) * bidTicks))
        expect(isValidPrice(adding.priceTicks, btcMarket.grid)).toBe(true)
        expect(adding.termsMicroTicks[risk]).toBe(movedTicks * 1e6)
        expect([other.priceTicks, other.termsMicroTicks[risk]]).toEqual([
          positionLots > 0 ? askTicks : bidTicks,
          0,
        ])
      },
    ),
  )
})
