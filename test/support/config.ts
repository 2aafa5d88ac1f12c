/** Loads the real configuration folder with some layers on top. */
import { configDirectory } from '../../src/config/locate.ts'
import { loadConfig, type ConfigSources } from '../../src/config/load.ts'
import type { EffectiveConfig } from '../../src/config/config.ts'

export function load(over: Partial<ConfigSources> = {}): EffectiveConfig {
  return loadConfig({
    directory: configDirectory,
    profile: null,
    files: [],
    environment: {},
    assignments: [],
    flags: [],
    ...over,
  })
}

/** The code and message of what `body` throws. */
export function failureOf(body: () => unknown): { readonly code: unknown; readonly message: string } {
  try {
    body()
  } catch (error) {
    if (error instanceof Error && 'code' in error) return { code: error.code, message: error.message }
    throw error
  }
  throw new Error('it did not fail')
}
