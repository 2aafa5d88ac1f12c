/**
 * A configuration as a journal's header has it, read back: all keys of this build, no others, and values that it takes. What another
 * build wrote may have had other keys, and a maker without a key it needs would decide on `undefined`.
 */
import { z } from 'zod'
import type { Config } from './config.ts'
import { CONFIG_FIELDS, toConfig } from './schema.ts'
import { camelOf } from './schema-walk.ts'

/** Keys that a message names; the rest is counted. */
const NAMED_MAX = 5

interface Tree {
  [name: string]: unknown
}

/** @returns the configuration, or in words what it has and this build has not, or the other way round */
export function readRecorded(config: unknown): Config | string {
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
  if (because.length > 0) return because.join(' and ')
  try {
    return toConfig(tree)
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error
    const [issue] = error.issues
    return `has a bad ${issue?.path.join('.') ?? 'value'}: ${issue?.message ?? ''}`
  }
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
