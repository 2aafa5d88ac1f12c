/** A backtest of the shipped maker with the shipped configuration, for the tests of this folder. */
import { runBacktest } from '../../src/backtest/backtest.ts'
import type { BacktestRun } from '../../src/backtest/backtest.ts'
import { enginePartsOf } from '../../src/compose/engine-parts.ts'
import { defaultVenue } from '../../src/config/venue-definitions.ts'
import { loadConfig } from '../../src/config/load.ts'
import { createEngine } from '../../src/core/engine.ts'
import type { Engine } from '../../src/core/engine.ts'
import type { MarketSpec } from '../../src/core/market.ts'
import type { TapeSource } from '../../src/simulation/tape.ts'

export function engineOf(set: readonly string[] = []): (market: MarketSpec) => Engine {
  const config = loadConfig({
    directory: new URL('../../config', import.meta.url).pathname,
    profile: null,
    files: [],
    environment: {},
    assignments: [...set],
    flags: [],
  })
  return (market) => createEngine(enginePartsOf(config.values, market))
}

export const DEPOSIT_MICRO_USD = 100_000_000_000

export function backtestOf(of: {
  readonly seed: number
  readonly minutes: number | null
  readonly scenario?: string
  readonly coin?: string
  readonly blockMs?: number
  readonly tape?: TapeSource
  readonly set?: readonly string[]
  readonly rateLimits?: boolean
}): BacktestRun {
  return runBacktest({
    spec: defaultVenue(),
    coin: of.coin ?? 'hyna:BTC',
    scenario: of.scenario ?? 'calm',
    seed: of.seed,
    blockMs: of.blockMs ?? 100,
    depositMicroUsd: DEPOSIT_MICRO_USD,
    minutes: of.minutes,
    engineOf: engineOf(of.set),
    ...(of.tape === undefined ? {} : { tape: of.tape }),
    ...(of.rateLimits === undefined ? {} : { rateLimits: of.rateLimits }),
  })
}
