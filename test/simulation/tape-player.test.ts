/** The tape on our exchange: small tapes made here, and the recorded one where it is present. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { snapAskUp, snapBidDown } from '../../src/core/units.ts'
import type { FillEvent } from '../../src/exchange/event.ts'
import { conservation, netPositionLots, stateHash } from '../../src/exchange/exchange.ts'
import { bookSnapshot, touch } from '../../src/exchange/queries/book.ts'
import { instrumentContext } from '../../src/exchange/queries/market.ts'
import { buildWorld } from '../../src/simulation/default-market.ts'
import { defaultVenue } from '../../src/config/venue-definitions.ts'
import { addressOf } from '../../src/simulation/participant.ts'
import type { Participant } from '../../src/simulation/participant.ts'
import { openTape } from '../../src/simulation/tape-binance.ts'
import { E8 } from '../../src/simulation/tape.ts'
import type { TapeDepth, TapeRecord, TapeSource, TapeTouch, TapeTrade } from '../../src/simulation/tape.ts'
import { isFinished, onBlock, runUntil } from '../../src/simulation/world.ts'
import type { World } from '../../src/simulation/world.ts'
import { instrumentOf, orderOf, placing, scripted, START_TS_MS, tapeOf } from './support.ts'
import { symmetricMaker } from './symmetric-maker.ts'

const BTC = instrumentOf('BTC')
const T0 = 1_723_161_255_000
const BLOCK_MS = 100
const MAKER = addressOf('tape BTCUSDT maker')
const TAKER = addressOf('tape BTCUSDT taker')

const e8 = (value: number): number => Math.round(value * E8)
let updateId = 0
const touchAt = (ms: number, bid: number, ask: number, lots = 2): TapeTouch => ({
  kind: 'touch',
  tsMs: T0 + ms,
  updateId: (updateId += 1),
  bidE8: e8(bid),
  bidSizeE8: e8(lots),
  askE8: e8(ask),
  askSizeE8: e8(lots),
})
const depthAt = (ms: number, bids: number[][], asks: number[][]): TapeDepth => ({
  kind: 'depth',
  tsMs: T0 + ms,
  isSnapshot: false,
  updateId: (updateId += 1),
  bids: bids.flat().map(e8),
  asks: asks.flat().map(e8),
})
const tradeAt = (ms: number, aggressor: 'buy' | 'sell', price: number, size: number): TapeTrade => ({
  kind: 'trade',
  tsMs: T0 + ms,
  aggressor,
  priceE8: e8(price),
  sizeE8: e8(size),
})

function worldOf(
  tape: TapeSource,
  extra: readonly Participant[] = [],
  markets: readonly string[] = ['BTC'],
): World {
  return buildWorld({
    spec: defaultVenue(),
    seed: 1,
    blockMs: BLOCK_MS,
    startTsMs: START_TS_MS,
    markets,
    tape,
    extra,
  })
}

const run = (world: World, ms: number): void => runUntil(world, START_TS_MS + ms)

/** [price, lots] of each level, dollars and coins. */
function levelsOf(world: World): { bids: number[][]; asks: number[][] } {
  const { bids, asks } = bookSnapshot(world.exchange, BTC.assetId, 100)
  const plain = (side: typeof bids): number[][] =>
    side.map(({ priceTicks, sizeLots }) => [priceTicks / 10, sizeLots / 1e5])
  return { bids: plain(bids), asks: plain(asks) }
}

/** An order of another account at genesis' first block, and what it was filled with. */
function resting(side: 'buy' | 'sell', price: number, size: number, atBlock: number): Participant {
  return scripted('other', (account) => ({
    [atBlock]: [
      placing(
        account,
        orderOf({ assetId: BTC.assetId, side, priceTicks: price * 10, sizeLots: size * 1e5 }, 'Alo', null),
      ),
    ],
  }))
}

function fillsOf(world: World, account: string): FillEvent[] {
  const fills: FillEvent[] = []
  onBlock(world, ({ events }) => {
    for (const event of events) if (event.kind === 'fill' && event.account === account) fills.push(event)
  })
  return fills
}

describe('the mirrored book', () => {
  test('is the recorded one on our grid: bids down, asks up, equal prices added', () => {
    const records: TapeRecord[] = [
      touchAt(0, 60_000.2, 60_000.3, 1.5),
      depthAt(
        20,
        [
          [60_000.1, 0.25],
          [59_999.9, 1],
          [59_999.0, 2],
        ],
        [
          [60_000.9, 0.5],
          [60_001.0, 0.125],
          [60_001.1, 3],
        ],
      ),
    ]
    const world = worldOf(tapeOf(records))
    run(world, 300)
    expect(levelsOf(world)).toEqual({
      bids: [
        [60_000, 1.75],
        [59_999, 3],
      ],
      asks: [
        [60_001, 2.125],
        [60_002, 3],
      ],
    })
  })

  test('follows levels that grow, shrink and go, and whole moves of the book, without trading with itself', () => {
    const records = [
      touchAt(0, 60_000, 60_001, 2),
      depthAt(10, [[59_999, 4]], [[60_002, 4]]),
      depthAt(250, [[59_999, 5.5]], [[60_002, 1]]),
      depthAt(450, [[59_999, 0]], [[60_003, 1]]),
      touchAt(650, 60_011, 60_012, 3),
      touchAt(850, 59_981, 59_982, 3),
    ]
    const world = worldOf(tapeOf(records))
    const words = new Set<string>()
    onBlock(world, ({ events }) => {
      for (const event of events) words.add(event.kind === 'order' ? event.status : event.kind)
    })
    run(world, 300)
    expect(levelsOf(world)).toMatchObject({
      bids: [
        [60_000, 2],
        [59_999, 4],
      ],
      asks: [
        [60_001, 2],
        [60_002, 4],
      ],
    })
    run(world, 500)
    expect(levelsOf(world)).toMatchObject({
      bids: [
        [60_000, 2],
        [59_999, 5.5],
      ],
      asks: [
        [60_001, 2],
        [60_002, 1],
      ],
    })
    run(world, 700)
    expect(levelsOf(world).bids).toEqual([[60_000, 2]])
    // A move takes two blocks when one side has fewer levels than before: its last old order is cancelled after the new ones.
    run(world, 1000)
    expect(levelsOf(world).asks[0]).toEqual([60_012, 3])
    expect(levelsOf(world).bids[0]).toEqual([60_011, 3])
    run(world, 1200)
    expect(levelsOf(world).asks[0]).toEqual([59_982, 3])
    expect(levelsOf(world).bids[0]).toEqual([59_981, 3])
    expect(words).not.toContain('selfTradeCanceled')
    expect(words).not.toContain('trade')
  })

  test.each([
    ['up', [60_011, 60_012]],
    ['down', [59_981, 59_982]],
  ] as const)('a move %s arrives in one block, without a refused order', (_way, [bid, ask]) => {
    const world = worldOf(tapeOf([touchAt(0, 60_000, 60_001, 2), touchAt(650, bid, ask, 3)]))
    const words = new Set<string>()
    onBlock(world, ({ events }) => {
      for (const event of events) words.add(event.kind === 'order' ? event.status : event.kind)
    })
    run(world, 800)
    expect(touch(world.exchange, BTC.assetId)).toMatchObject({ bidTicks: 600_000, askTicks: 600_010 })
    run(world, 900)
    expect(touch(world.exchange, BTC.assetId)).toMatchObject({ bidTicks: bid * 10, askTicks: ask * 10 })
    run(world, 1200)
    expect([...words].sort()).toEqual(['canceled', 'open'])
  })

  test('an order that came before a level grew is filled before what came after it', () => {
    const records = [
      touchAt(0, 60_000, 60_001, 2),
      // Another account joins the ask at 60 001 behind 2 BTC; then 3 more come.
      depthAt(650, [], [[60_001, 5]]),
      tradeAt(950, 'buy', 60_001, 2.25),
    ]
    const other = resting('sell', 60_001, 0.5, 3)
    const world = worldOf(tapeOf(records), [other])
    const fills = fillsOf(world, other.account)
    run(world, 900)
    expect(levelsOf(world).asks[0]).toEqual([60_001, 5.5])
    run(world, 1300)
    expect(fills).toMatchObject([{ priceTicks: 600_010, sizeLots: 25_000, crossed: false }])
  })

  test('what lies far behind adds up in a few coarse levels', () => {
    const far = Array.from({ length: 900 }, (_, index) => [59_999 - index, 1])
    const world = worldOf(tapeOf([touchAt(0, 60_000, 60_001, 2), depthAt(5, far, [])]))
    run(world, 300)
    const { bids } = levelsOf(world)
    expect(bids).toHaveLength(48)
    expect(bids[39]).toEqual([59_961, 1])
    expect(bids.slice(40, 43)).toEqual([
      [59_950, 11],
      [59_900, 50],
      [59_850, 50],
    ])
  })

  test('levels below the smallest order are left out', () => {
    const world = worldOf(tapeOf([touchAt(0, 60_000, 60_001, 2), depthAt(5, [[59_999, 0.0001]], [])]))
    run(world, 300)
    expect(levelsOf(world).bids).toEqual([[60_000, 2]])
  })
})

describe('fills of others', () => {
  test('a recorded trade fills quotes at its price or better, in price order, and never worse ones', () => {
    const records = [touchAt(0, 60_000, 60_010, 2), tradeAt(650, 'buy', 60_005, 1)]
    const inside = resting('sell', 60_004, 0.25, 3)
    const beyond: Participant = scripted('beyond', (account) => ({
      3: [
        placing(
          account,
          orderOf({ assetId: BTC.assetId, side: 'sell', priceTicks: 600_060, sizeLots: 25_000 }),
        ),
      ],
    }))
    const world = worldOf(tapeOf(records), [inside, beyond])
    const fills = fillsOf(world, inside.account)
    const none = fillsOf(world, beyond.account)
    run(world, 2000)
    expect(fills).toMatchObject([{ side: 'sell', priceTicks: 600_040, sizeLots: 25_000, crossed: false }])
    expect(none).toEqual([])
  })

  test('a recorded trade meets the book from before it', () => {
    // Trade and the change it caused come in one window; the level must not be taken away first.
    const records = [
      touchAt(0, 60_000, 60_001, 2),
      tradeAt(650, 'buy', 60_001, 1.5),
      depthAt(650, [], [[60_001, 0.5]]),
    ]
    const world = worldOf(tapeOf(records))
    const fills = fillsOf(world, MAKER)
    run(world, 1500)
    expect(fills).toMatchObject([{ side: 'sell', priceTicks: 600_010, sizeLots: 150_000 }])
    expect(levelsOf(world).asks[0]).toEqual([60_001, 0.5])
  })

  test.each([
    ['up', 'sell', 60_005, [60_020, 60_021]],
    ['down', 'buy', 59_995, [59_980, 59_981]],
  ] as const)(
    'a book that moves %s through a resting quote fills it at its own price',
    (_way, side, price, [bid, ask]) => {
      const move = (): TapeTouch => touchAt(650, bid, ask, 3)
      const other = resting(side, price, 0.5, 3)
      const world = worldOf(
        tapeOf([touchAt(0, 60_000, 60_001, 2), depthAt(10, [[59_990, 2]], [[60_010, 2]]), move()]),
        [other],
      )
      const fills = fillsOf(world, other.account)
      const counterparties: string[] = []
      onBlock(world, ({ events }) => {
        for (const event of events) {
          if (event.kind === 'trade') counterparties.push(event.buyer, event.seller)
        }
      })
      run(world, 600)
      expect(fills).toEqual([])
      run(world, 1500)
      expect(fills).toMatchObject([{ side, priceTicks: price * 10, sizeLots: 50_000, crossed: false }])
      expect(new Set(counterparties)).toEqual(new Set([other.account, TAKER]))
      const { bids, asks } = levelsOf(world)
      expect([bids[0]?.[0], asks[0]?.[0]]).toEqual([bid, ask])
    },
  )

  test('a book that moves through a quote larger than itself takes only what it holds there', () => {
    const other = resting('sell', 60_005, 10, 3)
    const world = worldOf(tapeOf([touchAt(0, 60_000, 60_001, 2), touchAt(650, 60_005, 60_006, 3)]), [other])
    const fills = fillsOf(world, other.account)
    run(world, 900)
    expect(fills.reduce((sum, { sizeLots }) => sum + sizeLots, 0)).toBe(300_000)
  })
})

describe('the end and the oracle', () => {
  test('is finished after the last record, and the book stays', () => {
    const world = worldOf(tapeOf([touchAt(0, 60_000, 60_001), touchAt(950, 60_000, 60_002)]))
    run(world, 900)
    expect(isFinished(world)).toBe(false)
    run(world, 1000)
    expect(isFinished(world)).toBe(true)
    run(world, 5000)
    expect(touch(world.exchange, BTC.assetId)).toMatchObject({ bidTicks: 600_000, askTicks: 600_020 })
  })

  test('a tape at four times the speed ends in a quarter of the time', () => {
    const tape = tapeOf([touchAt(0, 60_000, 60_001), touchAt(3900, 60_000, 60_002)])
    const world = buildWorld({
      spec: defaultVenue(),
      seed: 1,
      blockMs: BLOCK_MS,
      startTsMs: START_TS_MS,
      markets: ['BTC'],
      tape,
      tapeSpeed: 4,
    })
    run(world, 900)
    expect(isFinished(world)).toBe(false)
    run(world, 1000)
    expect(isFinished(world)).toBe(true)
  })

  test('all oracles of the coin begin at the first recorded middle and follow it', () => {
    const tape = tapeOf([
      touchAt(0, 61_800, 61_801),
      touchAt(4000, 61_900, 61_901),
      touchAt(9000, 61_900, 61_901),
    ])
    const world = worldOf(tape, [], ['hyna:BTC'])
    for (const coin of ['BTC', 'hyna:BTC', 'flx:BTC']) {
      expect(instrumentContext(world.exchange, instrumentOf(coin).assetId).oracleTicks).toBe(618_005)
    }
    run(world, 7500)
    for (const coin of ['BTC', 'hyna:BTC', 'flx:BTC']) {
      expect(instrumentContext(world.exchange, instrumentOf(coin).assetId).oracleTicks).toBe(619_005)
    }
    expect(touch(world.exchange, BTC.assetId).bidTicks).toBe(0)
  })

  test('a tape of another coin is refused with both names', () => {
    const tape = tapeOf([touchAt(0, 60_000, 60_001)])
    expect(() => worldOf(tape, [], ['hyna:ETH'])).toThrow(/BTCUSDT, the market is hyna:ETH/)
  })
})

const recordedPath = resolve(
  import.meta.dirname,
  '../..',
  process.env['HYPERMAKE_TAPE'] ?? '../shared/data/binance-futures-btcusdt-20240808.gz',
)
const isRecorded = existsSync(recordedPath)

// The recording is too large for the repository: without it these say so in their names.
describe(isRecorded ? 'the recorded tape' : `the recorded tape: not run, there is no ${recordedPath}`, () => {
  const { assetId, grid } = instrumentOf('hyna:BTC')

  test.runIf(isRecorded)('plays the same twice', () => {
    const play = (): string => {
      const world = worldOf(openTape(recordedPath), [], ['hyna:BTC'])
      run(world, 15_000)
      return stateHash(world.exchange)
    }
    expect(play()).toBe(play())
  })

  test.runIf(isRecorded)(
    'plays to its end: two-sided, close to the recorded touch, fills for a maker on both sides, nothing lost',
    () => {
      const maker = symmetricMaker({
        assetId,
        dexIndex: 1,
        grid,
        halfSpreadBps: 2,
        levelStepBps: 1,
        clipLots: 5000,
        positionLotsMax: 50_000,
        latencyBlocks: 1,
      })
      const recorded = watched(openTape(recordedPath))
      const world = worldOf(recorded.tape, [maker.participant], ['hyna:BTC'])
      const counts = { blocks: 0, oneSided: 0, near: 0, selfTrades: 0 }
      onBlock(world, ({ events }) => {
        counts.blocks += 1
        for (const event of events) {
          if (event.kind === 'order' && event.status === 'selfTradeCanceled') counts.selfTrades += 1
        }
        const { bidTicks, askTicks } = touch(world.exchange, assetId)
        if (bidTicks === 0 || askTicks === 0) counts.oneSided += 1
        const last = recorded.last()
        if (last === null) return
        const bid = snapBidDown(last.bidE8 / 1e7, grid)
        const ask = snapAskUp(last.askE8 / 1e7, grid)
        if (Math.abs((bidTicks + askTicks) / (bid + ask) - 1) < 1e-4) counts.near += 1
      })
      while (!isFinished(world)) runUntil(world, world.nowTsMs + 1000)
      expect(counts.blocks).toBeGreaterThan(3440)
      // Only before the first touch was mirrored.
      expect(counts.oneSided).toBeLessThan(5)
      expect(counts.near / counts.blocks).toBeGreaterThan(0.9)
      expect(counts.selfTrades).toBe(0)
      expect(maker.fills.filter(({ side }) => side === 'buy').length).toBeGreaterThan(5)
      expect(maker.fills.filter(({ side }) => side === 'sell').length).toBeGreaterThan(5)
      expect(conservation(world.exchange)).toBe(0)
      expect(netPositionLots(world.exchange, assetId)).toBe(0)
      expect(world.counters.refusals).toBe(0)
      expect(recorded.tape.counters).toMatchObject({
        lines: 93_954,
        damagedLines: 0,
        foreignLines: 0,
        gaps: 0,
      })
      expect(recorded.counts).toEqual({ depth: 6552, touch: 66_089, trade: 21_313, reference: 0 })
    },
    60_000,
  )
})

/** The tape, the touch it showed last, and how many records of each kind it gave. */
function watched(source: TapeSource): {
  tape: TapeSource
  last: () => TapeTouch | null
  counts: Record<TapeRecord['kind'], number>
} {
  const counts = { depth: 0, touch: 0, trade: 0, reference: 0 }
  let last: TapeTouch | null = null
  const tape: TapeSource = {
    ...source,
    next() {
      const record = source.next()
      if (record !== null) counts[record.kind] += 1
      if (record?.kind === 'touch') last = record
      return record
    },
  }
  return { tape, last: () => last, counts }
}
