/** The configuration of a journal with other values for some keys, checked as a configuration file would be. */
import type { Config } from '../config/config.ts'
import { ConfigError } from '../config/errors.ts'
import { layerOfAssignments } from '../config/layers.ts'
import { checkRelations } from '../config/relations.ts'
import { camelOf } from '../config/schema-walk.ts'
import { FIXED_KEYS, FIXED_SECTIONS } from './fixed-keys.ts'

interface Tree {
  [name: string]: unknown
}

/** One key that was given another value. */
export interface ChangedKey {
  readonly key: string
  readonly from: unknown
  readonly to: unknown
}

/** Sections that a journal holds the outcome of. */
const RECORDED_SECTIONS: Readonly<Record<string, string>> = {
  exchange: 'it is about the simulated venue, whose answers are in the journal; use hypermake backtest',
  venue: 'it is about the way to the venue, whose answers are in the journal',
}
/** Of `venue`, this alone is a matter of the maker. */
const DECIDING_VENUE_KEY = 'venue.submit_expiry_ms'

/**
 * A comparison that finds no difference for a key that cannot make one would be taken for an answer.
 * @throws ConfigError FIXED_KEY for a key that no replay can show
 */
function refuseFixed(key: string): void {
  if (key === DECIDING_VENUE_KEY) return
  const section = key.slice(0, Math.max(key.indexOf('.'), 0))
  const because = FIXED_KEYS[key] ?? FIXED_SECTIONS[section] ?? RECORDED_SECTIONS[section]
  if (because === undefined) return
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
