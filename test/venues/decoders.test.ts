import { describe, expect, test } from 'vitest'
import { gridOf } from '../../src/core/units.ts'
import { VenueError } from '../../src/venues/errors.ts'
import {
  decodeAccountState,
  decodeFundings,
  decodeOpenOrders,
  decodeRateLimit,
} from '../../src/venues/hyperliquid/decode-account.ts'
import { decodeBbo } from '../../src/venues/hyperliquid/decode-bbo.ts'
import { decodeBook } from '../../src/venues/hyperliquid/decode-book.ts'
import { decodeContext } from '../../src/venues/hyperliquid/decode-context.ts'
import { decodeFills } from '../../src/venues/hyperliquid/decode-fills.ts'
import {
  decodeOrderStatus,
  decodeOrderUpdates,
  statusOf,
} from '../../src/venues/hyperliquid/decode-order-updates.ts'
import { decodeTrades } from '../../src/venues/hyperliquid/decode-trades.ts'

/** Size decimals 4: prices have 2, so neither unit is 1. */
const GRID = gridOf(4)
const COIN = 'hyna:ETH'
const ACCOUNT = '0x00000000000000000000000000000000000000aa'
const CLOID = '0x686d0100000000000000000000000017'
const SCOPE = { coin: COIN, grid: GRID, account: ACCOUNT }

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (error instanceof VenueError) return error.code
    throw error
  }
  return 'no error'
}

const level = (px: string, sz: string): object => ({ px, sz, n: 3 })

describe('books', () => {
  const book = (bids: unknown, asks: unknown): object => ({
    coin: COIN,
    time: 1761786491067,
    levels: [bids, asks],
  })

  test('a snapshot becomes flat ticks and lots, best first', () => {
    const wire = book(
      [level('2999.75', '4.1188'), level('2999.5', '0.3169')],
      [level('3000.25', '3.7257'), level('3001.0', '0.0358')],
    )
    expect(decodeBook(wire, GRID)).toEqual({
      kind: 'book',
      venueTsMs: 1761786491067,
      bids: [299975, 41188, 299950, 3169],
      asks: [300025, 37257, 300100, 358],
    })
  })

  test('a side may be empty, and levels may lack their order count', () => {
    expect(decodeBook(book([], [{ px: '3000.25', sz: '1.5' }]), GRID)).toMatchObject({
      bids: [],
      asks: [300025, 15000],
    })
  })

  test.each([
    ['crossed', book([level('3000.5', '1')], [level('3000.25', '1')])],
    ['locked', book([level('3000.25', '1')], [level('3000.25', '1')])],
    ['bids that rise', book([level('2999', '1'), level('2999.5', '1')], [])],
    ['a price twice', book([], [level('3000', '1'), level('3000', '2')])],
    ['an empty level', book([level('2999', '0.0')], [])],
    ['a price of zero', book([level('0.0', '1')], [])],
    ['no asks', { coin: COIN, time: 1, levels: [[]] }],
    ['no levels', { coin: COIN, time: 1 }],
    ['no time', { coin: COIN, levels: [[], []] }],
    ['a level that is a number', book([7], [])],
    ['a size as a number', book([{ px: '2999', sz: 1 }], [])],
    [
      'an endless side',
      book(
        Array.from({ length: 1001 }, () => level('1', '1')),
        [],
      ),
    ],
    ['null, as for an unknown coin', null],
  ])('refused: %s', (_name, wire) => {
    expect(codeOf(() => decodeBook(wire, GRID))).toBe('MALFORMED_MESSAGE')
  })

  test('a price off the grid says that our decimals are stale', () => {
    expect(codeOf(() => decodeBook(book([level('2999.755', '1')], []), GRID))).toBe('OFF_GRID')
    expect(codeOf(() => decodeBook(book([level('2999.75', '1.00005')], []), GRID))).toBe('OFF_GRID')
  })
})

describe('touches', () => {
  const bbo = (bid: unknown, ask: unknown): object => ({ coin: COIN, time: 1708622398623, bbo: [bid, ask] })

  test('both sides', () => {
    expect(decodeBbo(bbo(level('2999.75', '0.5'), level('3000.0', '1.25')), GRID)).toEqual({
      kind: 'touch',
      venueTsMs: 1708622398623,
      bidTicks: 299975,
      bidLots: 5000,
      askTicks: 300000,
      askLots: 12500,
    })
  })

  test('a side without orders has no lots', () => {
    expect(decodeBbo(bbo(null, level('3000.0', '1.25')), GRID)).toMatchObject({
      bidTicks: 0,
      bidLots: 0,
      askLots: 12500,
    })
  })

  test.each([
    ['crossed', bbo(level('3000', '1'), level('2999', '1'))],
    ['zero size', bbo(level('2999', '0'), null)],
    ['a missing side', { coin: COIN, time: 1, bbo: [null] }],
  ])('refused: %s', (_name, wire) => {
    expect(codeOf(() => decodeBbo(wire, GRID))).toBe('MALFORMED_MESSAGE')
  })
})

describe('trades', () => {
  const print = {
    coin: COIN,
    side: 'A',
    px: '2999.5',
    sz: '0.0125',
    time: 1708622398000,
    hash: '0x0',
    tid: 118906512037719,
  }

  test('the side is the aggressor, and prints of other coins are left out', () => {
    expect(
      decodeTrades([print, { ...print, coin: 'ETH' }, { ...print, side: 'B', tid: 7 }], COIN, GRID),
    ).toEqual([
      {
        kind: 'trade',
        venueTsMs: 1708622398000,
        tid: 118906512037719,
        aggressor: 'sell',
        priceTicks: 299950,
        sizeLots: 125,
      },
      {
        kind: 'trade',
        venueTsMs: 1708622398000,
        tid: 7,
        aggressor: 'buy',
        priceTicks: 299950,
        sizeLots: 125,
      },
    ])
  })

  test.each([
    ['a third side', { ...print, side: 'X' }],
    ['a price of zero', { ...print, px: '0.0' }],
    ['a trade id beyond 2^53', { ...print, tid: 2 ** 53 }],
    ['a trade id as text', { ...print, tid: '7' }],
  ])('refused: %s', (_name, wire) => {
    expect(codeOf(() => decodeTrades([wire], COIN, GRID))).toBe('MALFORMED_MESSAGE')
  })
})

describe('contexts', () => {
  const ctx = { funding: '-0.0000015186', markPx: '2999.875', oraclePx: '3001.0', midPx: null, premium: null }

  test('mark and oracle are real ticks, funding a rate per hour', () => {
    expect(decodeContext({ coin: COIN, ctx }, GRID)).toEqual({
      kind: 'context',
      markTicks: 299987.5,
      oracleTicks: 300100,
      fundingPerHour: -0.0000015186,
    })
  })

  test.each([
    ['no mark', { ...ctx, markPx: '0.0' }],
    ['funding beyond any cap', { ...ctx, funding: '0.5' }],
    ['funding as a number', { ...ctx, funding: 0.0001 }],
    ['an exponent', { ...ctx, oraclePx: '1e400' }],
  ])('refused: %s', (_name, wire) => {
    expect(codeOf(() => decodeContext({ coin: COIN, ctx: wire }, GRID))).toBe('MALFORMED_MESSAGE')
  })
})

describe('fills', () => {
  const fill = {
    coin: COIN,
    px: '2999.5',
    sz: '0.05',
    side: 'A',
    time: 1781528065899,
    startPosition: '-0.0213',
    dir: 'Open Short',
    closedPnl: '0.7106',
    hash: '0xe2',
    oid: 55030848197,
    crossed: false,
    fee: '0.009997',
    tid: 745210434703679,
    feeToken: 'USDE',
    twapId: null,
  }
  const decoded = {
    kind: 'fill',
    tid: 745210434703679,
    oid: 55030848197,
    cloid: null,
    side: 'sell',
    priceTicks: 299950,
    sizeLots: 500,
    feeMicroUsd: 9997,
    closedPnlMicroUsd: 710600,
    startPositionLots: -213,
    crossed: false,
    liquidation: false,
    venueTsMs: 1781528065899,
  }

  test('a fill without a client id', () => {
    expect(decodeFills([fill], SCOPE)).toEqual([decoded])
  })

  test('a client id is lowered, a rebate is negative, spot dust and other coins are left out', () => {
    const ours = { ...fill, cloid: CLOID.toUpperCase().replace('0X', '0x'), fee: '-0.0012', crossed: true }
    const dust = {
      ...fill,
      coin: '@142',
      px: '104730.168',
      sz: '0.0000086141',
      tid: 0,
      dir: 'Spot Dust Conversion',
    }
    expect(decodeFills([dust, ours], SCOPE)).toEqual([
      { ...decoded, cloid: CLOID, feeMicroUsd: -1200, crossed: true },
    ])
  })

  test('being the maker for somebody who is liquidated is an ordinary fill; being liquidated is not', () => {
    const of = (liquidatedUser: string | undefined): unknown =>
      decodeFills([{ ...fill, liquidation: { liquidatedUser, markPx: '2998', method: 'market' } }], SCOPE)[0]
        ?.liquidation
    expect(of('0x360878d351f05975e25f1807a27895e1e5e004fb')).toBe(false)
    expect(of(ACCOUNT.toUpperCase().replace('0X', '0x'))).toBe(true)
    expect(of(undefined)).toBe(true)
  })

  test.each([
    ['a client id of another length', { ...fill, cloid: '0x12' }],
    ['no size', { ...fill, sz: '0.0' }],
    ['no fee', { ...fill, fee: undefined }],
    ['no coin', { ...fill, coin: undefined }],
  ])('one bad fill refuses the whole message: %s', (_name, bad) => {
    expect(codeOf(() => decodeFills([fill, bad], SCOPE))).toBe('MALFORMED_MESSAGE')
  })
})

describe('words about orders', () => {
  test.each([
    ['open', 'open'],
    ['triggered', 'open'],
    ['filled', 'filled'],
    ['canceled', 'cancelled'],
    ['marginCanceled', 'cancelled'],
    ['vaultWithdrawalCanceled', 'cancelled'],
    ['openInterestCapCanceled', 'cancelled'],
    ['selfTradeCanceled', 'cancelled'],
    ['reduceOnlyCanceled', 'cancelled'],
    ['siblingFilledCanceled', 'cancelled'],
    ['delistedCanceled', 'cancelled'],
    ['liquidatedCanceled', 'cancelled'],
    ['outcomeSettledCanceled', 'cancelled'],
    ['scheduledCancel', 'cancelled'],
    ['internalCancel', 'cancelled'],
    ['rejected', 'rejected'],
    ['tickRejected', 'rejected'],
    ['minTradeNtlRejected', 'rejected'],
    ['perpMarginRejected', 'rejected'],
    ['reduceOnlyRejected', 'rejected'],
    ['badAloPxRejected', 'rejected'],
    ['iocCancelRejected', 'rejected'],
    ['badTriggerPxRejected', 'rejected'],
    ['marketOrderNoLiquidityRejected', 'rejected'],
    ['positionIncreaseAtOpenInterestCapRejected', 'rejected'],
    ['positionFlipAtOpenInterestCapRejected', 'rejected'],
    ['tooAggressiveAtOpenInterestCapRejected', 'rejected'],
    ['openInterestIncreaseRejected', 'rejected'],
    ['insufficientSpotBalanceRejected', 'rejected'],
    ['oracleRejected', 'rejected'],
    ['perpMaxPositionRejected', 'rejected'],
    ['tooManyOpenOrdersRejected', 'rejected'],
  ])('%s means %s', (word, status) => {
    expect(statusOf(word)).toBe(status)
  })

  test('a word that says none of these is not guessed', () => {
    expect(codeOf(() => statusOf('suspended'))).toBe('MALFORMED_MESSAGE')
  })

  const order = {
    coin: COIN,
    side: 'B',
    limitPx: '2999.5',
    sz: '0.02',
    oid: 91490942,
    timestamp: 1708622398000,
    origSz: '0.05',
    cloid: CLOID,
  }

  test('an update keeps the venue’s word, and other coins are left out', () => {
    const update = { order, status: 'selfTradeCanceled', statusTimestamp: 1708622398623 }
    expect(decodeOrderUpdates([{ ...update, order: { ...order, coin: 'ETH' } }, update], COIN, GRID)).toEqual(
      [
        {
          kind: 'orderUpdate',
          oid: 91490942,
          cloid: CLOID,
          side: 'buy',
          priceTicks: 299950,
          sizeLots: 500,
          remainingLots: 200,
          status: 'cancelled',
          word: 'selfTradeCanceled',
          venueTsMs: 1708622398623,
        },
      ],
    )
  })

  test('an order placed without a client id has none', () => {
    const update = { order: { ...order, cloid: undefined }, status: 'open', statusTimestamp: 5 }
    expect(decodeOrderUpdates([update], COIN, GRID)[0]?.cloid).toBeNull()
  })

  const query = { cloid: CLOID, grid: GRID, venueTsMs: 77 }

  test('the answer about an open order has what still rests', () => {
    const answer = { status: 'order', order: { order, status: 'open', statusTimestamp: 1708622398623 } }
    expect(decodeOrderStatus(answer, query)).toEqual({
      kind: 'orderStatus',
      cloid: CLOID,
      oid: 91490942,
      status: 'open',
      remainingLots: 200,
      venueTsMs: 1708622398623,
    })
  })

  test('nothing rests of an order that ended', () => {
    const answer = { status: 'order', order: { order, status: 'canceled', statusTimestamp: 9 } }
    expect(decodeOrderStatus(answer, query)).toMatchObject({
      status: 'cancelled',
      remainingLots: 0,
      oid: 91490942,
    })
  })

  test('an order that the venue never saw is unknown', () => {
    expect(decodeOrderStatus({ status: 'unknownOid' }, query)).toEqual({
      kind: 'orderStatus',
      cloid: CLOID,
      oid: null,
      status: 'unknown',
      remainingLots: 0,
      venueTsMs: 77,
    })
  })

  test('an answer about another order is refused', () => {
    const other = { ...order, cloid: '0x00000000000000000000000000000001' }
    const answer = { status: 'order', order: { order: other, status: 'open', statusTimestamp: 9 } }
    expect(codeOf(() => decodeOrderStatus(answer, query))).toBe('MALFORMED_MESSAGE')
    expect(codeOf(() => decodeOrderStatus({ status: 'maybe' }, query))).toBe('MALFORMED_MESSAGE')
  })
})

describe('the account', () => {
  const position = {
    coin: COIN,
    szi: '-0.0335',
    entryPx: '2986.3',
    liquidationPx: '3444.123456',
    marginUsed: '4.967826',
    leverage: { type: 'isolated', value: 5, rawUsd: '95.059824' },
  }
  const state = (positions: readonly object[]): object => ({
    assetPositions: positions.map((entry) => ({ type: 'oneWay', position: entry })),
    marginSummary: {
      accountValue: '13109.482328',
      totalNtlPos: '100.1',
      totalRawUsd: '-12.5',
      totalMarginUsed: '4.9',
    },
    withdrawable: '13104.514502',
    time: 1708622398623,
  })

  test('an isolated position brings its margin and liquidation price', () => {
    expect(
      decodeAccountState(state([{ ...position, coin: 'hyna:SOL', szi: '17.0' }, position]), COIN, GRID),
    ).toEqual({
      positionLots: -335,
      cashMicroUsd: -12_500_000,
      accountValueMicroUsd: 13_109_482_328,
      withdrawableMicroUsd: 13_104_514_502,
      isolatedMarginMicroUsd: 4_967_826,
      liquidationTicks: 344412.3456,
      positionMode: 'isolated',
      venueTsMs: 1708622398623,
    })
  })

  test('a cross position has no margin of its own, and may have no liquidation price', () => {
    const cross = { ...position, leverage: { type: 'cross', value: 20 }, liquidationPx: null }
    expect(decodeAccountState(state([cross]), COIN, GRID)).toMatchObject({
      positionLots: -335,
      isolatedMarginMicroUsd: null,
      liquidationTicks: null,
      positionMode: 'cross',
    })
  })

  test('a coin that is not listed is flat', () => {
    expect(decodeAccountState(state([]), COIN, GRID)).toMatchObject({ positionLots: 0, positionMode: null })
  })

  test('an answer without positions is no flat account', () => {
    expect(codeOf(() => decodeAccountState({ ...state([]), assetPositions: null }, COIN, GRID))).toBe(
      'MALFORMED_MESSAGE',
    )
    expect(codeOf(() => decodeAccountState(null, COIN, GRID))).toBe('MALFORMED_MESSAGE')
  })

  test('resting orders of our coin, ours or not', () => {
    const open = { coin: COIN, side: 'A', limitPx: '3010.0', sz: '0.4', oid: 5, timestamp: 1, origSz: '0.5' }
    expect(
      decodeOpenOrders(
        [{ ...open, coin: 'hyna:SOL' }, { ...open, reduceOnly: true, cloid: CLOID }, open],
        COIN,
        GRID,
      ),
    ).toEqual([
      { oid: 5, cloid: CLOID, side: 'sell', priceTicks: 301000, remainingLots: 4000, reduceOnly: true },
      { oid: 5, cloid: null, side: 'sell', priceTicks: 301000, remainingLots: 4000, reduceOnly: false },
    ])
  })

  test('the request budget', () => {
    const answer = {
      cumVlm: '2854574.593578',
      nRequestsUsed: 2890,
      nRequestsCap: 2864574,
      nRequestsSurplus: 0,
    }
    expect(decodeRateLimit(answer)).toEqual({ kind: 'budget', usedCount: 2890, capCount: 2864574 })
  })

  test('funding payments of our coin come oldest first', () => {
    const paid = { coin: COIN, usdc: '-3.625312', szi: '49.1477', fundingRate: '0.0000417', nSamples: 24 }
    const data = {
      user: ACCOUNT,
      fundings: [
        { ...paid, time: 7_200_000 },
        { ...paid, time: 3_600_000, usdc: '1.5' },
        { ...paid, coin: 'ETH', time: 1 },
      ],
    }
    expect(decodeFundings(data, COIN)).toEqual([
      { kind: 'fundingPaid', amountMicroUsd: 1_500_000, venueTsMs: 3_600_000 },
      { kind: 'fundingPaid', amountMicroUsd: -3_625_312, venueTsMs: 7_200_000 },
    ])
  })
})
