/**
 * The statistics of every shipped scenario, measured from outside, against what the scenario asks for: sigma from the oracle,
 * arrival rates and fill intensity by depth from the takers' orders, the spread from the touch. Each world is played once.
 *
 * Tolerances are four standard errors of the number of samples at hand, unless a comment says otherwise.
 */
import { describe, expect, test } from 'vitest'
import { defaultVenue } from '../../src/config/venue-definitions.ts'
import type { Side } from '../../src/core/units.ts'
import type { ExchangeCommand } from '../../src/exchange/command.ts'
import { conservation, netPositionLots } from '../../src/exchange/exchange.ts'
import { touch } from '../../src/exchange/queries/book.ts'
import { buildWorld } from '../../src/simulation/default-market.ts'
import { addressOf } from '../../src/simulation/participant.ts'
import { scenarioOf } from '../../src/simulation/scenario-plan.ts'
import type { Agent, Scenario } from '../../src/simulation/scenario-plan.ts'
import { planOf, SCENARIO_NAMES } from '../../src/simulation/scenarios.ts'
import type { ScenarioName } from '../../src/simulation/scenarios.ts'
import { onBlock, runUntil } from '../../src/simulation/world.ts'
import { instrumentOf, START_TS_MS } from './support.ts'

const SEED = 21
const BLOCK_MS = 100
const SEC_MS = 1000
/** Until the first quotes have arrived. */
const WARM_UP_MS = 1000
/** The story of each has happened by then, and there are samples enough. */
const MINUTES: Readonly<Record<ScenarioName, number>> = {
  calm: 21.5,
  trend: 21.5,
  sweep: 6,
  gap: 6,
  thin: 20,
  funding: 6,
  basis: 12,
}
const MAIN = instrumentOf('BTC')
const BUILDER = instrumentOf('hyna:BTC')

interface TakerOrder {
  readonly side: Side
  /** How far beyond the mid its limit lies. */
  readonly depthBps: number
}

interface Recording {
  readonly asked: Scenario
  readonly seconds: number
  /** Every three seconds. */
  readonly oracleTicks: readonly number[]
  /** By participant: `noise`, `hawkes`, `sweeper`, `informed`. */
  readonly orders: ReadonlyMap<string, readonly TakerOrder[]>
  /** Of the main market, once a second, and of the builder DEX where it lives. */
  readonly midTicks: readonly number[]
  readonly builderMidTicks: readonly number[]
  readonly spreadsBps: readonly number[]
  readonly crossedBlocks: number
  readonly refusals: number
  readonly lostMicroUsd: number
  readonly netLots: number
}

const recordings = new Map<ScenarioName, Recording>()

function recordingOf(name: ScenarioName): Recording {
  const known = recordings.get(name)
  if (known !== undefined) return known
  const recording = record(name)
  recordings.set(name, recording)
  return recording
}

function record(name: ScenarioName): Recording {
  const oracleTicks: number[] = []
  const orders = new Map<string, TakerOrder[]>()
  const takers = new Map(
    ['noise', 'hawkes', 'sweeper', 'informed'].map((kind) => [addressOf(`${kind} BTC`), kind]),
  )
  let mid = 0
  const note = (command: ExchangeCommand): void => {
    if (command.kind === 'oracle' && command.assetId === MAIN.assetId) oracleTicks.push(command.oracleTicks)
    if (command.kind !== 'action' || command.action.kind !== 'order' || mid === 0) return
    const kind = takers.get(command.account)
    if (kind === undefined) return
    for (const { side, priceTicks } of command.action.orders) {
      const depthBps = (side === 'buy' ? priceTicks / mid - 1 : 1 - priceTicks / mid) * 1e4
      orders.set(kind, [...(orders.get(kind) ?? []), { side, depthBps }])
    }
  }
  const world = buildWorld({
    spec: defaultVenue(),
    seed: SEED,
    blockMs: BLOCK_MS,
    startTsMs: START_TS_MS,
    markets: name === 'basis' ? ['BTC', 'hyna:BTC'] : ['BTC'],
    scenario: name,
    onCommand: note,
  })
  const midTicks: number[] = []
  const builderMidTicks: number[] = []
  const spreadsBps: number[] = []
  let crossedBlocks = 0
  onBlock(world, ({ tsMs }) => {
    const { bidTicks, askTicks } = touch(world.exchange, MAIN.assetId)
    if (tsMs - START_TS_MS <= WARM_UP_MS) return
    if (bidTicks === 0 || askTicks <= bidTicks) crossedBlocks += 1
    mid = (bidTicks + askTicks) / 2
    spreadsBps.push(((askTicks - bidTicks) / mid) * 1e4)
    if (tsMs % SEC_MS !== 0) return
    midTicks.push(mid)
    const builder = touch(world.exchange, BUILDER.assetId)
    builderMidTicks.push((builder.bidTicks + builder.askTicks) / 2)
  })
  const seconds = MINUTES[name] * 60
  runUntil(world, START_TS_MS + seconds * SEC_MS)
  return {
    asked: scenarioOf(planOf(name), 'BTC'),
    seconds,
    oracleTicks,
    orders,
    midTicks,
    builderMidTicks,
    spreadsBps,
    crossedBlocks,
    refusals: world.counters.refusals,
    lostMicroUsd: conservation(world.exchange),
    netLots: netPositionLots(world.exchange, MAIN.assetId),
  }
}

/** What the first agent of a kind was asked to do. */
function agentOf<Kind extends Agent['kind']>(
  { agents }: Scenario,
  kind: Kind,
): Extract<Agent, { readonly kind: Kind }> {
  const found = agents.find((agent): agent is Extract<Agent, { readonly kind: Kind }> => agent.kind === kind)
  if (found === undefined) throw new Error(`the scenario has ${kind}`)
  return found
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length
const meanSquareOf = (values: readonly number[]): number => meanOf(values.map((value) => value * value))
const returnsOf = (values: readonly number[], every = 1): number[] =>
  values.slice(every).map((value, index) => Math.log(value / (values[index] ?? value)))

describe.each(SCENARIO_NAMES)('%s', (name) => {
  test('keeps the book two-sided and uncrossed, refuses nobody and loses no money', () => {
    const { spreadsBps, seconds, crossedBlocks, refusals, lostMicroUsd, netLots } = recordingOf(name)
    expect(spreadsBps).toHaveLength((seconds * SEC_MS - WARM_UP_MS) / BLOCK_MS)
    expect({ crossedBlocks, refusals, lostMicroUsd, netLots }).toEqual({
      crossedBlocks: 0,
      refusals: 0,
      lostMicroUsd: 0,
      netLots: 0,
    })
  })

  test('sigma of the oracle is the one asked for, its gaps aside', () => {
    const { oracleTicks, asked } = recordingOf(name)
    const returns = returnsOf(oracleTicks)
    // A gap is tens of standard deviations: nothing else is.
    const isGap = (value: number): boolean => Math.abs(value) > 30e-4
    expect(returns.filter(isGap)).toHaveLength(asked.price.gaps.length)
    const moves = returns.filter((value) => !isGap(value))
    const sigmaPerSqrtSec = Math.sqrt(meanSquareOf(moves) / 3)
    const tolerance = 4 / Math.sqrt(2 * moves.length)
    expect(Math.abs(sigmaPerSqrtSec / asked.price.sigmaPerSqrtSec - 1)).toBeLessThan(tolerance)
  })

  test('noise takers arrive at the rate asked for on each side, and reach as deep', () => {
    const { orders, asked, seconds } = recordingOf(name)
    const noise = orders.get('noise') ?? []
    for (const side of ['buy', 'sell'] as const) {
      const count = noise.filter((order) => order.side === side).length
      const wanted = agentOf(asked, 'noise').config.arrivalsPerSec * seconds
      expect(Math.abs(count - wanted), `${count} arrivals to ${side}`).toBeLessThan(4 * Math.sqrt(wanted))
    }
    // Depths are exponential: their mean is 1/κ, with a relative error of 1/√n.
    const meanBps = meanOf(noise.map(({ depthBps }) => depthBps))
    expect(Math.abs((meanBps * agentOf(asked, 'noise').config.kappa) / 1e4 - 1)).toBeLessThan(
      4 / Math.sqrt(noise.length),
    )
  })

  test('the intensity of fills falls with depth as asked', () => {
    const { orders, asked } = recordingOf(name)
    const noise = orders.get('noise') ?? []
    // Of those that reach 2 bps, e^(−κ·3 bps) reach 5: a share with a binomial error.
    const reach = (bps: number): number => noise.filter(({ depthBps }) => depthBps >= bps).length
    const share = reach(5) / reach(2)
    const wanted = Math.exp(-agentOf(asked, 'noise').config.kappa * 3e-4)
    expect(Math.abs(share - wanted)).toBeLessThan(4 * Math.sqrt((wanted * (1 - wanted)) / reach(2)))
  })

  test('the spread is that of the quickest makers', () => {
    const { spreadsBps, asked } = recordingOf(name)
    const halfSpreads = asked.agents.flatMap((agent) =>
      agent.kind === 'maker' ? [agent.config.halfSpreadBps] : [],
    )
    const askedBps = 2 * Math.min(...halfSpreads)
    // Wider by the rounding away from the mid, a tick of 0.17 bps on each side, and by quotes that are on their way.
    expect(meanOf(spreadsBps) / askedBps).toBeGreaterThan(0.9)
    expect(meanOf(spreadsBps) / askedBps).toBeLessThan(1.25)
  })
})

test('trend: the price ends 38 bps above that of calm, whose diffusion it shares', () => {
  const [trend, calm] = (['trend', 'calm'] as const).map((name) => recordingOf(name).midTicks.at(-1) ?? 0)
  // Up to the places of single quotes.
  expect(Math.abs(((trend ?? 0) / (calm ?? 1) - 1) * 1e4 - 38)).toBeLessThan(4)
})

test('sweep: each burst is the orders asked for, within the time asked for', () => {
  const { orders, asked } = recordingOf('sweep')
  const { bursts } = agentOf(asked, 'sweeper')
  const wanted = bursts.reduce((sum, { orderCount }) => sum + orderCount, 0)
  const sweeps = orders.get('sweeper') ?? []
  expect(sweeps.map(({ side }) => side)).toEqual(Array.from({ length: wanted }, () => 'sell'))
  // Depth from the fair price; the mid of a book under attack is up to a half spread of the next level away.
  const depthBps = bursts[0]?.depthBps ?? 0
  expect(Math.abs(meanOf(sweeps.map((order) => order.depthBps)) - depthBps)).toBeLessThan(3)
})

test('thin: bursty takers come at the mean rate of a Hawkes process', () => {
  const { orders, asked, seconds } = recordingOf('thin')
  const hawkes = agentOf(asked, 'hawkes').config
  const branching = hawkes.excitePerSec / hawkes.decayPerSec
  const wanted = (2 * hawkes.basePerSec * seconds) / (1 - branching)
  // The variance of a count is its mean times 1/(1 − n)².
  const count = orders.get('hawkes')?.length ?? 0
  expect(Math.abs(count - wanted), `${count} arrivals`).toBeLessThan(
    (4 * Math.sqrt(wanted)) / (1 - branching),
  )
})

test('funding: the market trades above its oracle by the premium asked for', () => {
  const { midTicks, oracleTicks, asked } = recordingOf('funding')
  const premiumBps = (meanOf(midTicks) / meanOf(oracleTicks) - 1) * 1e4
  expect(Math.abs(premiumBps - asked.basis.premiumBps)).toBeLessThan(1)
})

describe('basis', () => {
  test('the builder DEX follows the main DEX by the lag asked for', () => {
    const { midTicks, builderMidTicks, asked } = recordingOf('basis')
    const main = returnsOf(midTicks)
    const builder = returnsOf(builderMidTicks)
    const scale = Math.sqrt(meanSquareOf(main) * meanSquareOf(builder))
    const correlations = [-2, -1, 0, 1, 2, 3, 4].map((lagSec) => {
      const products = main.map((value, index) => value * (builder[index + lagSec] ?? 0))
      return { lagSec, correlation: meanOf(products) / scale }
    })
    const [best, ...others] = [...correlations].sort((a, b) => b.correlation - a.correlation)
    expect(best?.lagSec).toBe(asked.basis.lagSec)
    expect(best?.correlation).toBeGreaterThan(0.6)
    for (const { correlation } of others) expect(Math.abs(correlation)).toBeLessThan(0.35)
  })

  test('it wanders around the main DEX as wide and as slowly as asked', () => {
    const { midTicks, builderMidTicks, asked } = recordingOf('basis')
    const { basisBps, reversionSec, lagSec } = asked.basis
    const basis = builderMidTicks
      .slice(lagSec)
      .map((value, index) => (value / (midTicks[index] ?? value) - 1) * 1e4)
    const everySec = 20
    const moves = basis.slice(everySec).map((value, index) => value - (basis[index] ?? value))
    // Of an Ornstein-Uhlenbeck process; 36 moves that do not overlap give a standard error of 12 %.
    const wanted = basisBps * Math.sqrt(2 * (1 - Math.exp(-everySec / reversionSec)))
    expect(Math.abs(Math.sqrt(meanSquareOf(moves)) / wanted - 1)).toBeLessThan(0.48)
  })
})
