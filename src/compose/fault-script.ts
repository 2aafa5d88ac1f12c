/**
 * Reads the fault script of `--faults`: TOML, or a module of JavaScript or TypeScript that makes the same data in code. A module
 * runs once, before anything starts; what it exports is checked like a file of TOML.
 */
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { readToml } from '../config/layers.ts'
import { checkFaultNames } from '../server/faults/names.ts'
import { type FaultScript, FaultScriptError, parseFaultScript } from '../server/faults/script.ts'

const MODULE_ENDINGS: ReadonlySet<string> = new Set(['.js', '.mjs', '.ts', '.mts'])

/** @throws FaultScriptError BAD_FAULT_SCRIPT; ConfigError for a TOML file that cannot be read */
export async function readFaultScript(path: string): Promise<FaultScript> {
  const script = parseFaultScript(await readFaultData(path), path)
  checkFaultNames(script, path)
  return script
}

/** The data of a script before it is checked. */
export async function readFaultData(path: string): Promise<unknown> {
  return MODULE_ENDINGS.has(extname(path)) ? exportOf(path, await load(path)) : readToml(path)
}

async function load(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(pathToFileURL(resolve(path)).href)) as Record<string, unknown>
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error)
    const remedy = isUnknownEnding(error)
      ? `this Node (${process.version}) reads no TypeScript: take Node 22.18 or later, or save the script as .mjs`
      : 'see docs/faults.md'
    throw new FaultScriptError('BAD_FAULT_SCRIPT', `${path} cannot be loaded: ${because}; ${remedy}`)
  }
}

function isUnknownEnding(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_UNKNOWN_FILE_EXTENSION'
}

/** `script`, or else the default export: the data itself or a function that makes it. */
async function exportOf(path: string, module: Readonly<Record<string, unknown>>): Promise<unknown> {
  const exported = module['script'] ?? module['default']
  if (exported === undefined) {
    throw new FaultScriptError(
      'BAD_FAULT_SCRIPT',
      `${path} exports no "script" and has no default export; see docs/faults.md`,
    )
  }
  if (typeof exported !== 'function') return exported
  try {
    return await (exported as () => unknown)()
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error)
    throw new FaultScriptError('BAD_FAULT_SCRIPT', `${path}: its function failed: ${because}`)
  }
}
