/** The agents against what they were asked for. The latent price stands still here, so that distances are known exactly. */
import { describe, expect, test } from 'vitest'
import { initSfc32 } from '../../src/core/math/sfc32.ts'
import { signOf, snapAway } from '../../src/core/units.ts'
import type { Side } from '../../src/core/units.ts'
import type { ExchangeCommand, OrderRequest } from '../../src/exchange/command.ts'
import type { ExchangeEvent } from '../../src/exchange/event.ts'
import { createExchange } from '../../src/exchange/exchange.ts'
import { bookSnapshot, touch } from '../../src/exchange/queries/book.ts'
import { toCommand } from '../../src/simulation/agent-account.ts'
import { createBackgroundMaker } from '../../src/simulation/background-makers.ts'
import type { MakerConfig } from '../../src/simulation/background-makers.ts'
import { createBasisProcess } from '../../src/simulation/basis-process.ts'
import type { FairMarket } from '../../src/simulation/basis-process.ts'
import { defaultVenue } from '../../src/config/venue-definitions.ts'
import { createHawkesTakers, nextArrival } from '../../src/simulation/hawkes-takers.ts'
import type { HawkesClock } from '../../src/simulation/hawkes-takers.ts'
import { createInformedTakers } from '../../src/simulation/informed-takers.ts'
import { createNoiseTakers } from '../../src/simulation/noise-takers.ts'
import { addressOf, cloidOf, cloidPrefixOf, initCloids, nextCloid } from '../../src/simulation/participant.ts'
import type { Participant } from '../../src/simulation/participant.ts'
import { createPriceProcess } from '../../src/simulation/price-process.ts'
import { createSweeper } from '../../src/simulation/sweepers.ts'
import { createWorld, onBlock, runUntil } from '../../src/simulation/world.ts'
import type { World } from '../../src/simulation/world.ts'
import { depositing, instrumentOf, START_TS_MS } from './support.ts'

const BLOCK_MS = 100
const ETH = instrumentOf('ETH')
const FAIR_TICKS = 300_000

/** A market whose latent price stands still but for the given gaps, and a world of those who trade in it. */
function stillWorld(
  participantsOf: (market: FairMarket) => readonly Participant[],
  gaps: readonly { atSec: number; bps: number }[] = [],
): World {
  const process = createPriceProcess({
    name: 'price ETH',
    seed: 1,
    initialUsd: 3000,
    blockMs: BLOCK_MS,
    config: { sigmaPerSqrtSec: 0, jumpsPerSec: 0, jumpBps: 0, regimes: [], trends: [], gaps },
    instruments: [ETH],
  })
  const basis = createBasisProcess({
    seed: 1,
    blockMs: BLOCK_MS,
    instrument: ETH,
    spot: process.path,
    config: { premiumBps: 0, basisBps: 0, reversionSec: 60, lagSec: 0 },
  })
  const exchange = createExchange(defaultVenue(), { startTsMs: START_TS_MS })
  const participants = [process.participant, basis.participant, ...participantsOf(basis.market)]
  return createWorld({ exchange, participants, blockMs: BLOCK_MS, startTsMs: START_TS_MS })
}

const MAKER: MakerConfig = {
  halfSpreadBps: 1,
  levelCount: 6,
  levelStepBps: 1,
  levelGrowth: 0.5,
  levelUsd: 8000,
  refreshBps: 0.4,
  latencyBlocks: 1,
  leanBpsPerMillionUsd: 0,
}

interface Probe {
  readonly side: Side
  readonly bps: number
  cloid: string
  isResting: boolean
  fills: number
  exposureSec: number
}

/** Orders at fixed distances, put back after each fill; counts fills and the time they rested. */
function probing(distancesBps: readonly number[]): { participant: Participant; probes: Probe[] } {
  const name = 'probe'
  const account = addressOf(name)
  const probes: Probe[] = (['buy', 'sell'] as const).flatMap((side) =>
    distancesBps.map((bps) => ({ side, bps, cloid: '', isResting: false, fills: 0, exposureSec: 0 })),
  )
  let orderCount = 0
  const requestOf = (probe: Probe): OrderRequest => {
    orderCount += 1
    probe.cloid = cloidOf({ prefix: cloidPrefixOf(name), count: orderCount })
    probe.isResting = true
    return {
      assetId: ETH.assetId,
      side: probe.side,
      priceTicks: snapAway(probe.side, FAIR_TICKS * (1 - signOf(probe.side) * probe.bps * 1e-4), ETH.grid),
      sizeLots: 100,
      reduceOnly: false,
      tif: 'Alo',
      trigger: null,
      cloid: probe.cloid,
    }
  }
  const participant: Participant = {
    name,
    account,
    genesis: [depositing(account)],
    latencyBlocks: 0,
    onBlock(view, out) {
      for (const probe of probes) if (probe.isResting) probe.exposureSec += BLOCK_MS / 1000
      for (const event of view.events) {
        if (event.kind !== 'order' || event.status !== 'filled') continue
        const probe = probes.find(({ cloid }) => cloid === event.order.cloid)
        if (probe === undefined) continue
        probe.fills += 1
        probe.isResting = false
      }
      const orders = probes.filter(({ isResting }) => !isResting).map(requestOf)
      if (orders.length > 0) out.push(toCommand(account, { kind: 'order', orders, grouping: 'na' }))
    },
  }
  return { participant, probes }
}

/** Poisson maximum likelihood of λ(δ) = A·e^(−κδ), by bisection on κ. Source: reference of section (b), fill counts. */
function fitIntensity(probes: readonly Probe[]): { kappa: number; arrivalsPerSec: number } {
  const sum = (term: (probe: Probe) => number): number =>
    probes.reduce((total, probe) => total + term(probe), 0)
  const fills = sum((probe) => probe.fills)
  const meanBps = sum((probe) => probe.fills * probe.bps) / fills
  let low = 0
  let high = 5
  for (let step = 0; step < 60; step += 1) {
    const kappaPerBps = (low + high) / 2
    const weight = (probe: Probe): number => probe.exposureSec * Math.exp(-kappaPerBps * probe.bps)
    const modelMeanBps = sum((probe) => weight(probe) * probe.bps) / sum(weight)
    if (modelMeanBps > meanBps) low = kappaPerBps
    else high = kappaPerBps
  }
  const arrivalsPerSec = fills / sum((probe) => probe.exposureSec * Math.exp(-low * probe.bps))
  return { kappa: low * 1e4, arrivalsPerSec }
}

describe('noise takers', () => {
  const config = { arrivalsPerSec: 0.5, kappa: 2500, depthBpsMax: 60, clipUsd: 1500 }
  const durationSec = 2400
  const probe = probing([1.5, 3, 4.5, 6, 8, 10])
  const orders: ExchangeEvent[] = []
  const world = stillWorld((market) => [
    createBackgroundMaker({ name: 'maker', seed: 4, market, config: MAKER }),
    createNoiseTakers({ name: 'noise', seed: 4, startTsMs: START_TS_MS, market, config }),
    probe.participant,
  ])
  const noise = addressOf('noise')
  onBlock(world, ({ events }) => {
    for (const event of events) {
      if (event.kind === 'order' && event.order.account === noise && event.status !== 'open')
        orders.push(event)
    }
  })
  runUntil(world, START_TS_MS + durationSec * 1000)

  test.each(['buy', 'sell'] as const)('arrive at the configured rate: %s', (side) => {
    const count = orders.filter((event) => event.kind === 'order' && event.order.side === side).length
    // 1200 expected; four standard errors of a Poisson count are 4·√1200 = 139.
    expect(Math.abs(count - config.arrivalsPerSec * durationSec)).toBeLessThan(139)
  })

  test('trade through a quote at a rate that falls as e^(−κδ), whatever rests before it', () => {
    const { kappa, arrivalsPerSec } = fitIntensity(probe.probes)
    // About 4700 fills in nested classes of 1900 arrivals: the standard error of κ is near 2.5 %.
    expect(Math.abs(kappa / config.kappa - 1)).toBeLessThan(0.15)
    expect(Math.abs(arrivalsPerSec / config.arrivalsPerSec - 1)).toBeLessThan(0.15)
  })

  test('reach both sides alike', () => {
    const of = (side: Side): number =>
      probe.probes.filter((each) => each.side === side).reduce((total, each) => total + each.fills, 0)
    expect(Math.abs(of('buy') / of('sell') - 1)).toBeLessThan(0.15)
  })
})

describe('hawkes takers', () => {
  test('have the mean rate μ/(1 − α/β) and the clustering of their branching ratio', () => {
    const config = { basePerSec: 0.2, excitePerSec: 1.2, decayPerSec: 2 }
    const random = initSfc32(5)
    const clock: HawkesClock = { side: 'buy', tsMs: START_TS_MS, excited: 0 }
    const windowMs = 40_000
    const counts: number[] = []
    for (let window = 1; window <= 2500; window += 1) {
      let count = 0
      while (nextArrival(clock, config, random, START_TS_MS + window * windowMs)) count += 1
      counts.push(count)
    }
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length
    // 100 000 s at 0.5/s with a Fano factor of 6.25: the standard error of the rate is 1.1 %.
    expect(Math.abs(mean / (0.5 * (windowMs / 1000)) - 1)).toBeLessThan(0.05)
    const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / (counts.length - 1)
    // Fano factor of long windows: 1/(1 − n)² with n = 0.6; 40 s are 16 times the time 1/(β − α), which costs about 6 %.
    expect(Math.abs(variance / mean / 6.25 - 1)).toBeLessThan(0.2)
  })

  test('an excitement that never dies out is refused', () => {
    const config = {
      basePerSec: 1,
      excitePerSec: 2,
      decayPerSec: 2,
      kappa: 2500,
      depthBpsMax: 60,
      clipUsd: 100,
    }
    expect(() =>
      stillWorld((market) => [
        createHawkesTakers({ name: 'hawkes', seed: 1, startTsMs: START_TS_MS, market, config }),
      ]),
    ).toThrow('excitePerSec is below decayPerSec')
  })
})

describe('informed takers', () => {
  const edgeBps = 6
  const informed = (market: FairMarket): Participant =>
    createInformedTakers({
      name: 'informed',
      seed: 2,
      startTsMs: START_TS_MS,
      blockMs: BLOCK_MS,
      market,
      config: { looksPerSec: 5, horizonSec: 10, edgeBps, clipUsd: 2000 },
    })
  /** Rests at ±`bps` and never moves. */
  const sleeper = (bps: number): Participant => probing([bps]).participant
  const tradesOf = (world: World, seconds: number): { atSec: number; side: Side }[] => {
    const trades: { atSec: number; side: Side }[] = []
    onBlock(world, ({ tsMs, events }) => {
      for (const event of events) {
        if (event.kind === 'trade') trades.push({ atSec: (tsMs - START_TS_MS) / 1000, side: event.aggressor })
      }
    })
    runUntil(world, START_TS_MS + seconds * 1000)
    return trades
  }

  test('take a quote that will be stale, from their horizon before the move on and not earlier', () => {
    const world = stillWorld((market) => [informed(market), sleeper(10)], [{ atSec: 30, bps: 40 }])
    const trades = tradesOf(world, 40)
    expect(trades.length).toBeGreaterThan(3)
    expect(new Set(trades.map(({ side }) => side))).toEqual(new Set(['buy']))
    expect(trades[0]?.atSec).toBeGreaterThan(20)
    expect(trades[0]?.atSec).toBeLessThan(23)
  })

  test('leave a quote alone when the edge is below theirs', () => {
    // The ask at +10 bps is worth 5 bps after the move: less than the edge.
    const world = stillWorld((market) => [informed(market), sleeper(10)], [{ atSec: 15, bps: 15 }])
    expect(tradesOf(world, 30)).toEqual([])
  })
})

describe('sweeper', () => {
  test('sends its orders evenly over the burst and takes everything up to the depth', () => {
    const bursts = [
      { atSec: 2, side: 'sell' as const, orderCount: 7, overMs: 1000, depthBps: 14, clipUsd: 100 },
      { atSec: 6, side: 'sell' as const, orderCount: 7, overMs: 1000, depthBps: 14, clipUsd: 100 },
    ]
    const probe = probing([5, 12, 16])
    const world = stillWorld((market) => [
      createSweeper({ name: 'sweeper', startTsMs: START_TS_MS, market, bursts }),
      probe.participant,
    ])
    const filledAtMs: number[] = []
    onBlock(world, ({ tsMs, events }) => {
      for (const event of events) {
        if (event.kind === 'fill' && event.account === probe.participant.account)
          filledAtMs.push(tsMs - START_TS_MS)
      }
    })
    runUntil(world, START_TS_MS + 10_000)
    // Two levels a sweep; each is back in the next block, and the orders are 143 ms apart.
    expect(filledAtMs).toHaveLength(2 * 7 * 2)
    expect(Math.min(...filledAtMs)).toBe(2100)
    expect(filledAtMs.filter((ms) => ms <= 3000)).toHaveLength(14)
    expect(Math.max(...filledAtMs)).toBe(7000)
    expect(probe.probes.filter(({ fills }) => fills > 0).map(({ side, bps }) => `${side} ${bps}`)).toEqual([
      'buy 5',
      'buy 12',
    ])
  })
})

describe('background maker', () => {
  test('stands where it was told to, on both sides, and follows the price after its latency', () => {
    const latencyBlocks = 3
    const world = stillWorld(
      (market) => [
        createBackgroundMaker({
          name: 'maker',
          seed: 4,
          market,
          config: { ...MAKER, halfSpreadBps: 1.1, levelStepBps: 1.1, latencyBlocks },
        }),
      ],
      [{ atSec: 2, bps: 20 }],
    )
    const pricesAt = (ms: number): number[][] => {
      runUntil(world, START_TS_MS + ms)
      const { bids, asks } = bookSnapshot(world.exchange, ETH.assetId, 20)
      return [bids, asks].map((side) => side.map(({ priceTicks }) => priceTicks))
    }
    // Distances 1.1, 2.2, 3.85, 6.05, 8.8, 12.1 bps, on a grid of 10 ticks (0.33 bps), away from the middle.
    const still = [
      [299_960, 299_930, 299_880, 299_810, 299_730, 299_630],
      [300_040, 300_070, 300_120, 300_190, 300_270, 300_370],
    ]
    expect(pricesAt(300)).toEqual([[], []])
    expect(pricesAt(400)).toEqual(still)
    expect(pricesAt(2300)).toEqual(still)
    const moved = pricesAt(2400)
    expect([moved[0]?.[0], moved[1]?.[0]]).toEqual([300_560, 300_640])
    expect(moved.map((side) => side.length)).toEqual([6, 6])
  })

  test('leans against its position, so that the position returns', () => {
    const oneSided = { arrivalsPerSec: 1, kappa: 2500, depthBpsMax: 60, clipUsd: 1500 }
    const middleOf = (leanBpsPerMillionUsd: number): number => {
      const config = { ...MAKER, leanBpsPerMillionUsd }
      const world = stillWorld((market) => [
        createBackgroundMaker({ name: 'maker', seed: 4, market, config }),
        sellersOnly(
          createNoiseTakers({ name: 'noise', seed: 4, startTsMs: START_TS_MS, market, config: oneSided }),
        ),
      ])
      runUntil(world, START_TS_MS + 60_000)
      const { bidTicks, askTicks } = touch(world.exchange, ETH.assetId)
      return (bidTicks + askTicks) / 2
    }
    // After a minute of sells the maker is long: it bids lower and offers lower.
    expect(middleOf(5)).toBeLessThan(middleOf(0))
  })
})

function sellersOnly(participant: Participant): Participant {
  return {
    ...participant,
    onBlock(view, out) {
      const commands: ExchangeCommand[] = []
      participant.onBlock(view, commands)
      out.push(
        ...commands.filter(
          (command) =>
            command.kind === 'action' &&
            command.action.kind === 'order' &&
            command.action.orders.every(({ side }) => side === 'sell'),
        ),
      )
    },
  }
}

test('client ids one after the other are those of their counts', () => {
  const source = initCloids('maker')
  const prefix = cloidPrefixOf('maker')
  for (let count = 1; count <= 66_000; count += 1) {
    const cloid = nextCloid(source)
    if (count < 600 || count > 65_000) expect(cloid).toBe(cloidOf({ prefix, count }))
  }
})
