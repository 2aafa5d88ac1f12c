/**
 * `hypermake replay DIR --set key=value`: what other settings would have decided on the same inputs. Not a check: nothing here
 * can fail, and what the market would have done to other quotes is an assumption, which is printed with the numbers.
 */
import type { ReplayOptions } from '../config/options.ts'
import { compareMakers } from './compare-makers.ts'
import { counterfactualText } from './counterfactual-text.ts'
import { exitCodes } from './exit-codes.ts'

/** Prints the comparison. @throws JournalError, ConfigError */
export function counterfactual(options: ReplayOptions): Promise<number> {
  const report = compareMakers(options.dir, options.assignments)
  process.stdout.write(
    options.json ? `${JSON.stringify({ kind: 'counterfactual', ...report })}\n` : counterfactualText(report),
  )
  return Promise.resolve(exitCodes.ok)
}
