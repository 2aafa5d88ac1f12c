/** Everybody who trades in a scenario: one price per coin; per market its fair price, makers and takers. */
import type { Instrument, VenueSpec } from '../exchange/instrument.ts'
import { createBackgroundMaker } from './background-makers.ts'
import { createBasisProcess } from './basis-process.ts'
import type { BasisConfig, FairMarket } from './basis-process.ts'
import { SimulationError } from './errors.ts'
import { createHawkesTakers } from './hawkes-takers.ts'
import { createInformedTakers } from './informed-takers.ts'
import { createNoiseTakers } from './noise-takers.ts'
import type { Participant } from './participant.ts'
import { createPriceProcess } from './price-process.ts'
import type { PriceGap } from './price-process.ts'
import { scenarioOf } from './scenario-plan.ts'
import type { Agent, Scenario } from './scenario-plan.ts'
import { planOf } from './scenarios.ts'
import type { ScenarioChoice } from './scenarios.ts'
import { createSweeper } from './sweepers.ts'

interface ScenarioOptions {
  readonly scenario: ScenarioChoice
  readonly seed: number
  readonly blockMs: number
  readonly startTsMs: number
  /** Jumps of every latent price beside those of the scenario. */
  readonly gaps?: readonly PriceGap[]
}

/**
 * @param alive the markets that get makers and takers
 * @throws SimulationError UNKNOWN_SCENARIO
 */
export function scenarioParticipants(
  options: ScenarioOptions,
  spec: VenueSpec,
  alive: readonly Instrument[],
): Participant[] {
  const plan = planOf(options.scenario)
  const participants: Participant[] = []
  for (const coin of new Set(alive.map(oracleSourceOf))) {
    const scenario = scenarioOf(plan, coin)
    const sameCoin = spec.instruments.filter((instrument) => oracleSourceOf(instrument) === coin)
    const { seed, blockMs } = options
    const process = createPriceProcess({
      name: `price ${coin}`,
      seed,
      initialUsd: initialUsdOf(sameCoin),
      blockMs,
      config: { ...scenario.price, gaps: [...scenario.price.gaps, ...(options.gaps ?? [])] },
      instruments: sameCoin,
    })
    participants.push(process.participant)
    for (const instrument of alive) {
      if (oracleSourceOf(instrument) !== coin) continue
      const config = basisOf(scenario, instrument)
      const basis = createBasisProcess({ seed, blockMs, instrument, spot: process.path, config })
      participants.push(basis.participant, ...traders(options, scenario, basis.market))
    }
  }
  return participants
}

/** Who trades in one market. */
function traders(options: ScenarioOptions, scenario: Scenario, market: FairMarket): Participant[] {
  const isMain = market.instrument.dexIndex === 0
  return scenario.agents
    .filter(({ on }) => on === 'all' || (on === 'main') === isMain)
    .map((agent) => ({ ...traderOf(options, agent, market), latencyBlocks: agent.latencyBlocks }))
}

function traderOf(
  { seed, startTsMs, blockMs }: ScenarioOptions,
  agent: Agent,
  market: FairMarket,
): Participant {
  const name = `${agent.name} ${market.instrument.coin}`
  switch (agent.kind) {
    case 'maker':
      return createBackgroundMaker({ name, seed, market, config: agent.config })
    case 'noise':
      return createNoiseTakers({ name, seed, startTsMs, market, config: agent.config })
    case 'hawkes':
      return createHawkesTakers({ name, seed, startTsMs, market, config: agent.config })
    case 'informed':
      return createInformedTakers({ name, seed, startTsMs, blockMs, market, config: agent.config })
    case 'sweeper':
      return createSweeper({ name, startTsMs, market, bursts: agent.bursts })
  }
}

/** A main-DEX market lies on its coin's price; a builder DEX drifts around it. */
function basisOf({ basis, mainLagSec }: Scenario, { dexIndex }: Instrument): BasisConfig {
  return dexIndex === 0 ? { ...basis, basisBps: 0, lagSec: mainLagSec } : basis
}

/** The coin without its DEX: `BTC` of `hyna:BTC`. */
export function baseCoinOf(coin: string): string {
  return coin.slice(coin.indexOf(':') + 1)
}

/** The coin whose price a market follows. */
export function oracleSourceOf({ oracleSource, coin }: Instrument): string {
  return oracleSource ?? baseCoinOf(coin)
}

function initialUsdOf(instruments: readonly Instrument[]): number {
  const first = instruments[0]
  if (first === undefined) throw new SimulationError('UNKNOWN_MARKET', 'a price process needs a market')
  return first.initialOracleTicks / 10 ** first.grid.priceDecimals
}
