/** The configuration of a journal with other values for some keys, checked as a configuration file would be. */
import type { Config } from '../config/config.ts'
import { ConfigError } from '../config/errors.ts'
import { layerOfAssignments } from '../config/layers.ts'
import { checkRelations } from '../config/relations.ts'
import { camelOf } from '../config/schema-walk.ts'

interface Tree {
  [name: string]: unknown
}

/** One key that was given another value. */
export interface ChangedKey {
  readonly key: string
  readonly from: unknown
  readonly to: unknown
}

/**
 * Settings that cannot make another decision out of the inputs of a journal, each with the reason: a comparison that finds no
 * difference for one of them would be taken for an answer.
 */
const FIXED_KEYS: readonly (readonly [key: string, because: string])[] = [
  ['market.asset', 'the inputs of a journal are of one market'],
  ['market.dex', 'the inputs of a journal are of one market'],
  ['market.reference', 'the inputs of a journal hold the reference market that was listened to'],
  ['market.force_isolated', 'the margin mode was set at the venue before the first input'],
  ['journal.', 'it is about what is kept, not about what is decided'],
  ['metrics.', 'it is about what is shown, not about what is decided'],
  ['log.', 'it is about what is shown, not about what is decided'],
  ['exchange.', 'it is about the simulated venue, whose answers are in the journal; use hypermake backtest'],
]
/** Of `venue`, this alone is a matter of the maker; the rest is the way to the venue, which is in the journal. */
const DECIDING_VENUE_KEY = 'venue.submit_expiry_ms'

/** @throws ConfigError FIXED_KEY for a key that no replay can show */
function refuseFixed(key: string): void {
  const fixed = FIXED_KEYS.find(([name]) => key === name || (name.endsWith('.') && key.startsWith(name)))
  const because =
    fixed?.[1] ??
    (key.startsWith('venue.') && key !== DECIDING_VENUE_KEY
      ? 'it is about the way to the venue, whose answers are in the journal'
      : null)
  if (because === null) return
  throw new ConfigError('FIXED_KEY', `--set ${key}: no other value can be tried on a journal: ${because}`)
}

/**
 * @param assignments `key=value`, the later wins
 * @returns a new configuration and what differs in it; keys set to what they were are left out
 * @throws ConfigError for an unknown key (with near ones), a wrong value, values that do not go together, or a key that is fixed
 *   by the journal
 */
export function changedConfig(
  config: Config,
  assignments: readonly string[],
): { readonly config: Config; readonly changes: readonly ChangedKey[] } {
  const changed = structuredClone(config)
  const changes: ChangedKey[] = []
  for (const [key, { value }] of layerOfAssignments(assignments)) {
    refuseFixed(key)
    const [table, name] = placeOf(changed, key)
    if (JSON.stringify(table[name]) !== JSON.stringify(value)) {
      changes.push({ key, from: table[name] ?? null, to: value })
    }
    table[name] = value
  }
  checkRelations(changed, (key) => (changes.some((change) => change.key === key) ? '--set' : 'the journal'))
  return { config: changed, changes }
}

/** The table that holds a key, and its name there. A journal of an earlier build may lack a table: it is made. */
function placeOf(config: Config, key: string): readonly [table: Tree, name: string] {
  const parts = key.split('.').map(camelOf)
  const name = parts.pop() ?? key
  // A configuration is a tree of tables by its schema, and the key was found in that schema.
  let table = config as unknown as Tree
  for (const part of parts) table = (table[part] ??= {}) as Tree
  return [table, name]
}
