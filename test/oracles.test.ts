/**
 * Every published test value, through the project's own functions. `ORACLES=path` reads another file of the same form.
 * A number passes when |x − expected| ≤ max(abs, rel·|expected|), the tolerance that its entry states.
 */
import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { NOT_YET_BUILT, ORACLE_FUNCTIONS, STATISTICAL_CHECKS } from './support/oracle-functions.ts'
import type { OracleInputs } from './support/oracle-functions.ts'

interface OracleEntry {
  readonly id: string
  readonly function: string
  readonly inputs: Readonly<Record<string, { readonly value: unknown }>>
  readonly expected: unknown
  readonly tolerance: { readonly rel: number | null; readonly abs: number | null } | null
}

const path = process.env['ORACLES'] ?? new URL('./data/oracles.json', import.meta.url)
const { entries } = JSON.parse(readFileSync(path, 'utf8')) as { readonly entries: readonly OracleEntry[] }
const built = entries.filter((entry) => NOT_YET_BUILT[entry.function] === undefined)
const waiting = entries.filter((entry) => NOT_YET_BUILT[entry.function] !== undefined)

/** Ratchets: they only ever go down. */
const WAITING_FUNCTIONS_MAX = 15
const WAITING_VALUES_MAX = 48

describe('published values', () => {
  test('the file has entries', () => {
    expect(entries.length).toBeGreaterThan(0)
  })

  test('every function of the file has a call or stands on the list of those not yet built', () => {
    const known = (name: string): boolean =>
      [ORACLE_FUNCTIONS, STATISTICAL_CHECKS, NOT_YET_BUILT].some((table) => Object.hasOwn(table, name))
    expect([...new Set(entries.map((entry) => entry.function))].filter((name) => !known(name))).toEqual([])
  })

  test('the list of those not yet built has not grown, and names only what the file asks for', () => {
    expect(Object.keys(NOT_YET_BUILT).length).toBeLessThanOrEqual(WAITING_FUNCTIONS_MAX)
    if (process.env['ORACLES'] !== undefined) return
    expect(waiting.length).toBeLessThanOrEqual(WAITING_VALUES_MAX)
    const asked = new Set(entries.map((entry) => entry.function))
    expect(Object.keys(NOT_YET_BUILT).filter((name) => !asked.has(name))).toEqual([])
  })

  test('no function is both built and not yet built', () => {
    const both = Object.keys(NOT_YET_BUILT).filter((name) => Object.hasOwn(ORACLE_FUNCTIONS, name))
    expect(both).toEqual([])
  })

  test.each(built.map((entry) => [entry.id, entry] as const))('%s', (_, entry) => {
    const inputs = Object.fromEntries(
      Object.entries(entry.inputs).map(([name, input]) => [name, input.value]),
    ) as OracleInputs
    const check = STATISTICAL_CHECKS[entry.function]
    if (check !== undefined) {
      check(inputs, entry.expected as OracleInputs)
      return
    }
    const call = ORACLE_FUNCTIONS[entry.function]
    expect(call, `a call for ${entry.function}`).toBeDefined()
    if (call === undefined) return
    if (entry.expected === 'rejected') expect(refuses(call, inputs)).toBe(true)
    else compare(call(inputs), entry.expected, entry.tolerance ?? { rel: null, abs: null }, entry.id)
  })

  afterAll(() => {
    const names = Object.entries(NOT_YET_BUILT).map(([name, where]) => `${name} (${where})`)
    process.stderr.write(
      `not yet built: ${waiting.length} of ${entries.length} values: ${names.join(', ')}\n`,
    )
  })
})

/** A bad input is refused by a throw or by the answer "there is none"; a number would be a lie. */
function refuses(call: (inputs: OracleInputs) => unknown, inputs: OracleInputs): boolean {
  try {
    return call(inputs) === null
  } catch {
    return true
  }
}

function compare(
  actual: unknown,
  expected: unknown,
  tolerance: { readonly rel: number | null; readonly abs: number | null },
  where: string,
): void {
  if (typeof expected === 'number') {
    expect(actual, where).toBeTypeOf('number')
    const band = Math.max(tolerance.abs ?? 0, (tolerance.rel ?? 0) * Math.abs(expected))
    const miss = Math.abs((actual as number) - expected)
    expect(miss <= band, `${where}: ${String(actual)} is ${miss} from ${expected}, allowed ${band}`).toBe(
      true,
    )
  } else if (Array.isArray(expected)) {
    expect(actual, where).toHaveLength(expected.length)
    expected.forEach((item, index) =>
      compare((actual as unknown[])[index], item, tolerance, `${where}[${index}]`),
    )
  } else if (typeof expected === 'object' && expected !== null) {
    expect(actual, where).toBeTypeOf('object')
    expect(actual, where).not.toBeNull()
    for (const [key, item] of Object.entries(expected)) {
      expect(Object.hasOwn(actual as object, key), `${where}.${key} is answered`).toBe(true)
      compare((actual as Record<string, unknown>)[key], item, tolerance, `${where}.${key}`)
    }
  } else {
    expect(actual, where).toBe(expected)
  }
}
