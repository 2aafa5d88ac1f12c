/**
 * Walks over the schema and over trees of values: the sections with their fields, and keys from snake_case to camelCase.
 */
import { z } from 'zod'

/** One tunable value: its place in the files and what may stand there. */
export interface ConfigField {
  /** Dotted, as in the files: `quoting.ladder.levels`. */
  readonly key: string
  readonly type: z.ZodType
}

/** A table of the files, with its sentence. */
export interface ConfigSection {
  /** Dotted; '' is the top. */
  readonly key: string
  readonly description: string
  readonly fields: readonly ConfigField[]
}

/** The sections under an object of the schema, each with its own fields only. */
export function collectSections(prefix: string, object: z.ZodObject): ConfigSection[] {
  const fields: ConfigField[] = []
  const inner: ConfigSection[] = []
  for (const [name, type] of Object.entries(object.shape)) {
    const key = prefix === '' ? name : `${prefix}.${name}`
    if (type instanceof z.ZodObject) inner.push(...collectSections(key, type))
    else fields.push({ key, type: type as z.ZodType })
  }
  return [{ key: prefix, description: object.meta()?.description ?? '', fields }, ...inner]
}

/** `quote_update_latency_ms` → `quoteUpdateLatencyMs`. */
export function camelOf(key: string): string {
  return key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/** The same tree with its keys renamed. */
export function camelKeys(value: unknown): unknown {
  if (Array.isArray(value) || typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [camelOf(key), camelKeys(member)]))
}
