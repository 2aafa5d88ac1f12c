/** The short form of `hypermake knobs` that the tests run: one half of the sections each, so that they run side by side. */
import type { KnobsCommand } from '../../src/compose/knobs.ts'
import { load } from '../support/config.ts'

/** Long enough for every estimator to warm up; what is rare is bent into the tapes. */
const SECONDS = 45

export function shortForm(sections: readonly string[]): KnobsCommand {
  return {
    configOf: (assignments) => load({ assignments }).values,
    scenarios: ['calm'],
    seconds: SECONDS,
    sections,
    quick: true,
  }
}

/** Together they are every section that decides; `knobs-risk.test.ts` checks it. */
export const FIRST_HALF: readonly string[] = [
  'strategy',
  'quoting',
  'stochastic',
  'execution',
  'market',
  'margin',
]
export const SECOND_HALF: readonly string[] = ['risk', 'estimators']
