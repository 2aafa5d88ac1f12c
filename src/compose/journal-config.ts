/**
 * The configuration in a maker's journal, if this build understands it. The header's checksum says that it is what was written,
 * not that it was written by this build: another one may have had other keys, and a maker without a key it needs would decide
 * on `undefined`.
 */
import { z } from 'zod'
import type { Config } from '../config/config.ts'
import { CONFIG_FIELDS, toConfig } from '../config/schema.ts'
import { camelOf } from '../config/schema-walk.ts'
import { JournalError } from '../journal/errors.ts'
import type { JournalHeader } from '../journal/format.ts'

/** Keys that a message names; the rest is counted. */
const NAMED_MAX = 5

interface Tree {
  [name: string]: unknown
}

/** @throws JournalError UNKNOWN_VERSION for a configuration with other keys than this build's, or a value that it does not take */
export function makerConfigOf({ config, build }: JournalHeader): Config {
  const leaves = new Map(leavesOf(config, ''))
  const tree: Tree = {}
  const missing: string[] = []
  for (const { key } of CONFIG_FIELDS) {
    const path = key.split('.').map(camelOf).join('.')
    if (leaves.has(path)) put(tree, key, leaves.get(path))
    else missing.push(key)
    leaves.delete(path)
  }
  const foreign = [...leaves.keys()]
  const because = [
    ...(missing.length === 0 ? [] : [`lacks ${listOf(missing)}`]),
    ...(foreign.length === 0 ? [] : [`has ${listOf(foreign)}, which this build does not know`]),
  ]
  if (because.length > 0) throw otherBuild(build, because.join(' and '))
  try {
    return toConfig(tree)
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error
    const [issue] = error.issues
    throw otherBuild(build, `has a bad ${issue?.path.join('.') ?? 'value'}: ${issue?.message ?? ''}`)
  }
}

function otherBuild(build: string, because: string): JournalError {
  return new JournalError(
    'UNKNOWN_VERSION',
    `the journal was written by build ${build}, whose configuration ${because}: replay it with that build; hypermake backtest --data plays its market to today’s maker`,
  )
}

function* leavesOf(value: unknown, path: string): Generator<readonly [path: string, value: unknown]> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) yield [path, value]
  else {
    for (const [name, member] of Object.entries(value))
      yield* leavesOf(member, path === '' ? name : `${path}.${name}`)
  }
}

function put(root: Tree, key: string, value: unknown): void {
  const parts = key.split('.')
  const name = parts.pop() ?? key
  let table = root
  for (const part of parts) table = (table[part] ??= {}) as Tree
  table[name] = value
}

function listOf(keys: readonly string[]): string {
  const named = keys.slice(0, NAMED_MAX).join(', ')
  return keys.length > NAMED_MAX ? `${named} and ${keys.length - NAMED_MAX} more` : named
}
