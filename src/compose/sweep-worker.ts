/** What a worker thread of a sweep runs: one trial. Everything it needs arrives as plain data. */
import { runTrial } from '../backtest/sweep/trial.ts'
import type { TrialMarket, TrialResult } from '../backtest/sweep/trial.ts'
import type { Config } from '../config/config.ts'
import { readVenue } from '../config/venue-definitions.ts'
import { createEngine } from '../core/engine.ts'
import { SimulationError } from '../simulation/errors.ts'
import type { SimulationErrorCode } from '../simulation/errors.ts'
import { enginePartsOf } from './engine-parts.ts'

export interface SweepTask {
  readonly market: TrialMarket
  readonly values: Config
}

/** An error loses its class on the way between threads, so a known one travels as what it says. */
export type SweepAnswer =
  | { readonly kind: 'done'; readonly result: TrialResult }
  | { readonly kind: 'failed'; readonly code: SimulationErrorCode; readonly message: string }

export function runSweepTask({ market, values }: SweepTask): SweepAnswer {
  try {
    const spec = readVenue(values.exchange.markets)
    const result = runTrial(market, spec, (of, capital) => createEngine(enginePartsOf(values, of, capital)))
    return { kind: 'done', result }
  } catch (error) {
    if (error instanceof SimulationError) return { kind: 'failed', code: error.code, message: error.message }
    throw error
  }
}
