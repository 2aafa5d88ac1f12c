/** The stories of the shipped scenarios, and that `calm` feeds a maker on both sides. Virtual time throughout. */
import { describe, expect, test } from 'vitest'
import type { Instrument } from '../../src/exchange/instrument.ts'
import { conservation } from '../../src/exchange/exchange.ts'
import { touch } from '../../src/exchange/queries/book.ts'
import { instrumentContext } from '../../src/exchange/queries/market.ts'
import { buildWorld } from '../../src/simulation/default-market.ts'
import { baseCoinOf } from '../../src/simulation/scenario-participants.ts'
import { defaultVenue } from '../../src/config/venue-definitions.ts'
import { SimulationError } from '../../src/simulation/errors.ts'
import { addressOf } from '../../src/simulation/participant.ts'
import type { Participant } from '../../src/simulation/participant.ts'
import { SCENARIO_NAMES, SHIPPED_SCENARIOS } from '../../src/simulation/scenarios.ts'
import { onBlock, runUntil } from '../../src/simulation/world.ts'
import type { World } from '../../src/simulation/world.ts'
import { readSource } from '../support/sources.ts'
import { instrumentOf, START_TS_MS } from './support.ts'
import { symmetricMaker } from './symmetric-maker.ts'
import type { SymmetricMaker } from './symmetric-maker.ts'

const MINUTE_MS = 60_000

function worldOf(options: {
  scenario?: string
  markets: readonly string[]
  seed?: number
  extra?: readonly Participant[]
}): World {
  return buildWorld({
    spec: defaultVenue(),
    seed: options.seed ?? 21,
    blockMs: 100,
    startTsMs: START_TS_MS,
    markets: options.markets,
    ...(options.scenario === undefined ? {} : { scenario: options.scenario }),
    ...(options.extra === undefined ? {} : { extra: options.extra }),
  })
}

/** Runs and looks at the touch after each block once the first quotes had time to arrive. */
function watch(
  world: World,
  assetId: number,
  untilMs: number,
  look: (ms: number, bid: number, ask: number) => void,
): void {
  const stop = onBlock(world, ({ tsMs }) => {
    const { bidTicks, askTicks } = touch(world.exchange, assetId)
    if (tsMs - START_TS_MS > 1000) look(tsMs - START_TS_MS, bidTicks, askTicks)
  })
  runUntil(world, START_TS_MS + untilMs)
  stop()
}

function makerIn({ assetId, dexIndex, grid, initialOracleTicks }: Instrument): SymmetricMaker {
  // 3000 dollars a level: 0.05 BTC at 60 000.
  const clipLots = Math.floor(3e9 / initialOracleTicks)
  return symmetricMaker({
    assetId,
    dexIndex,
    grid,
    halfSpreadBps: 5,
    levelStepBps: 2,
    clipLots,
    positionLotsMax: 10 * clipLots,
    latencyBlocks: 1,
  })
}

describe('a crowd', () => {
  test('of any size finds room on its DEX: each brings less money, and all of them trade', () => {
    const markets = ['BTC', 'ETH', 'SOL', 'HYPE']
    const world = worldOf({ markets })
    runUntil(world, START_TS_MS + 5_000)
    for (const coin of markets) {
      const { bidTicks, askTicks } = touch(world.exchange, instrumentOf(coin).assetId)
      expect([coin, bidTicks > 0, askTicks > bidTicks]).toEqual([coin, true, true])
    }
  })

  test('that a DEX holds as it is brings what it always did', () => {
    const { participants } = worldOf({ markets: ['BTC'] })
    const deposits = participants.flatMap(({ genesis }) => genesis.filter(({ kind }) => kind === 'deposit'))
    expect(deposits.length).toBeGreaterThan(0)
    for (const deposit of deposits) expect(deposit).toMatchObject({ amountMicroUsd: 1e15 })
  })
})

describe('calm', () => {
  test.each(['BTC', 'hyna:BTC', 'flx:BTC', 'hyna:ETH', 'SOL', 'hyna:HYPE'])(
    'a maker at 5 bps in %s is filled on both sides, 5 to 45 times a minute, within its limit',
    (coin) => {
      const instrument = instrumentOf(coin)
      const maker = makerIn(instrument)
      const world = worldOf({ markets: [coin], extra: [maker.participant] })
      const limitLots = 10 * Math.floor(3e9 / instrument.initialOracleTicks)
      let positionLotsMax = 0
      watch(world, instrument.assetId, 5 * MINUTE_MS, () => {
        positionLotsMax = Math.max(positionLotsMax, Math.abs(maker.positionLots()))
      })
      const buys = maker.fills.filter(({ side }) => side === 'buy').length
      const sells = maker.fills.length - buys
      expect(buys).toBeGreaterThan(10)
      expect(sells).toBeGreaterThan(10)
      expect(maker.fills.length / 5).toBeGreaterThan(5)
      expect(maker.fills.length / 5).toBeLessThan(45)
      expect(maker.fills.every(({ crossed }) => !crossed)).toBe(true)
      // One more clip: an order on its way when a fill happened.
      expect(positionLotsMax).toBeLessThanOrEqual(2 * limitLots)
      expect(conservation(world.exchange)).toBe(0)
    },
  )

  test('the touch is tight and lies around the oracle', () => {
    const { assetId } = instrumentOf('BTC')
    const world = worldOf({ markets: ['BTC'] })
    const spreadsBps: number[] = []
    watch(world, assetId, 5 * MINUTE_MS, (_ms, bid, ask) => spreadsBps.push(((ask - bid) / bid) * 1e4))
    const meanBps = spreadsBps.reduce((sum, spread) => sum + spread, 0) / spreadsBps.length
    expect(meanBps).toBeGreaterThan(1)
    expect(meanBps).toBeLessThan(4)
    const { oracleTicks, midTicks } = instrumentContext(world.exchange, assetId)
    expect(Math.abs((midTicks ?? 0) / oracleTicks - 1)).toBeLessThan(10e-4)
  })

  test('only the asked-for markets live; the others have an oracle and an empty book', () => {
    const world = worldOf({ markets: ['hyna:ETH', 'ETH'] })
    runUntil(world, START_TS_MS + 5000)
    for (const { coin, assetId, initialOracleTicks } of defaultVenue().instruments) {
      const isAlive = coin === 'hyna:ETH' || coin === 'ETH'
      expect(touch(world.exchange, assetId).bidTicks > 0).toBe(isAlive)
      const { oracleTicks } = instrumentContext(world.exchange, assetId)
      expect(Math.abs(oracleTicks / initialOracleTicks - 1)).toBeLessThan(0.01)
      if (baseCoinOf(coin) !== 'ETH') expect(oracleTicks).toBe(initialOracleTicks)
    }
  })
})

describe('the stories', () => {
  const { assetId } = instrumentOf('BTC')

  test('sweep: seven market sells hit within a second, and seven more four minutes later', () => {
    const world = worldOf({ scenario: 'sweep', markets: ['BTC'] })
    const sweeper = addressOf('sweeper BTC')
    const ordersAtMs: number[] = []
    onBlock(world, ({ tsMs, events }) => {
      const oids = events.flatMap((event) =>
        event.kind === 'fill' && event.account === sweeper && event.side === 'sell' ? [event.oid] : [],
      )
      for (const _oid of new Set(oids)) ordersAtMs.push(tsMs - START_TS_MS)
    })
    runUntil(world, START_TS_MS + 6 * MINUTE_MS)
    const first = ordersAtMs.filter((ms) => ms < 2 * MINUTE_MS)
    expect(first).toHaveLength(7)
    expect(ordersAtMs).toHaveLength(14)
    expect(Math.max(...first) - Math.min(...first)).toBeLessThanOrEqual(1000)
    expect((ordersAtMs[7] ?? 0) - (ordersAtMs[0] ?? 0)).toBe(4 * MINUTE_MS)
  })

  test('gap: the price falls about 80 bps at once and the makers are around it within two seconds', () => {
    const world = worldOf({ scenario: 'gap', markets: ['BTC'] })
    const mids = new Map<number, number>()
    watch(world, assetId, 65_000, (ms, bid, ask) => mids.set(ms, (bid + ask) / 2))
    const moveBps = ((mids.get(62_000) ?? 0) / (mids.get(59_900) ?? 1) - 1) * 1e4
    expect(Math.abs(moveBps + 80)).toBeLessThan(8)
  })

  test('thin: the spread is several times that of calm, and trades are rare', () => {
    const look = (scenario: string): { spreadBps: number; trades: number } => {
      const world = worldOf({ scenario, markets: ['BTC'] })
      let sum = 0
      let count = 0
      let trades = 0
      onBlock(world, ({ events }) => (trades += events.filter(({ kind }) => kind === 'trade').length))
      watch(world, assetId, 3 * MINUTE_MS, (_ms, bid, ask) => {
        sum += ((ask - bid) / bid) * 1e4
        count += 1
      })
      return { spreadBps: sum / count, trades }
    }
    const thin = look('thin')
    const calm = look('calm')
    expect(thin.spreadBps).toBeGreaterThan(3 * calm.spreadBps)
    expect(thin.trades).toBeGreaterThan(0)
    expect(thin.trades).toBeLessThan(calm.trades / 4)
  })

  test('funding: the market trades above its oracle, so that longs pay', () => {
    const funding = worldOf({ scenario: 'funding', markets: ['BTC'] })
    const calm = worldOf({ scenario: 'calm', markets: ['BTC'] })
    for (const world of [funding, calm]) runUntil(world, START_TS_MS + 5 * MINUTE_MS)
    const paying = instrumentContext(funding.exchange, assetId)
    expect(paying.premium).toBeGreaterThan(15e-4)
    expect(paying.fundingPerHour).toBeGreaterThan(1e-4)
    expect(instrumentContext(calm.exchange, assetId).fundingPerHour).toBeLessThan(1e-4)
  })
})

test('docs/exchange.md lists the scenarios in their words', () => {
  const listed = [...readSource('docs/exchange.md').matchAll(/^\| `([a-z]+)` \| (.+) \|$/gm)]
    .map(([, name, about]) => [name, about])
    .filter(([name]) => SCENARIO_NAMES.some((known) => known === name))
  expect(listed).toEqual(SHIPPED_SCENARIOS.map(({ name, about }) => [name, about]))
  expect(SHIPPED_SCENARIOS.map(({ name }) => name)).toEqual(SCENARIO_NAMES)
})

describe('what cannot be built', () => {
  const codeOf = (call: () => unknown): string => {
    try {
      call()
    } catch (error) {
      if (error instanceof SimulationError) return `${error.code}: ${error.message}`
      throw error
    }
    return 'no error'
  }

  test('an unknown scenario or market is named, with those there are', () => {
    expect(codeOf(() => worldOf({ scenario: 'clam', markets: ['BTC'] }))).toBe(
      `UNKNOWN_SCENARIO: scenario 'clam' is not known; there are ${SCENARIO_NAMES.join(', ')}, and files that end in .toml (docs/scenarios.md)`,
    )
    expect(codeOf(() => worldOf({ markets: ['hyna:BTCX'] }))).toMatch(
      /^UNKNOWN_MARKET: market 'hyna:BTCX'.*hyna:BTC/,
    )
  })

  test('a delisted market has no life', () => {
    expect(codeOf(() => worldOf({ markets: ['MATIC'] }))).toMatch(/^UNKNOWN_MARKET/)
  })
})
