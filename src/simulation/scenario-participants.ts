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
import { isScenarioName, profileOf, SCENARIO_NAMES, scenarioOf } from './scenarios.ts'
import type { Scenario } from './scenarios.ts'
import { createSweeper } from './sweepers.ts'

interface ScenarioOptions {
  readonly scenario: string
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
  const name = options.scenario
  if (!isScenarioName(name)) {
    const known = SCENARIO_NAMES.join(', ')
    throw new SimulationError('UNKNOWN_SCENARIO', `scenario '${name}' is not known; there are ${known}`)
  }
  const participants: Participant[] = []
  for (const coin of new Set(alive.map(oracleSourceOf))) {
    const scenario = scenarioOf(name, profileOf(coin))
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
  const { seed, startTsMs, blockMs } = options
  const { coin } = market.instrument
  const participants = scenario.makers.map((config, index) =>
    createBackgroundMaker({ name: `maker ${index + 1} ${coin}`, seed, market, config }),
  )
  participants.push(
    createNoiseTakers({ name: `noise ${coin}`, seed, startTsMs, market, config: scenario.noise }),
  )
  if (scenario.hawkes !== null) {
    const config = scenario.hawkes
    participants.push(createHawkesTakers({ name: `hawkes ${coin}`, seed, startTsMs, market, config }))
  }
  if (scenario.informed !== null) {
    const config = scenario.informed
    participants.push(
      createInformedTakers({ name: `informed ${coin}`, seed, startTsMs, blockMs, market, config }),
    )
  }
  if (scenario.bursts.length > 0) {
    const { bursts } = scenario
    participants.push(createSweeper({ name: `sweeper ${coin}`, startTsMs, market, bursts }))
  }
  return participants
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
