/** docs/errors.md against the code, both ways: every code has its row, and every row its code and its exit code. */
import { describe, expect, test } from 'vitest'
import { exitCodeOf } from '../../src/cli/exit-codes.ts'
import { exitCodes } from '../../src/compose/exit-codes.ts'
import { MomentError } from '../../src/compose/moment-error.ts'
import { ConfigError } from '../../src/config/errors.ts'
import { JournalError } from '../../src/journal/errors.ts'
import { OpsError } from '../../src/ops/errors.ts'
import { FaultScriptError } from '../../src/server/faults/script.ts'
import { SimulationError } from '../../src/simulation/errors.ts'
import { VenueError } from '../../src/venues/errors.ts'
import { readSource, sourcesUnder, withoutComments } from '../support/sources.ts'

/** `XErrorCode` unions as they stand in the sources: error class → codes. */
function codesInSources(): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const { text } of sourcesUnder('src')) {
    const unions = withoutComments(text).matchAll(/export type (\w+Error)Code =((?:[\s|]*'[A-Z_0-9]+')+)/g)
    for (const [, name = '', union = ''] of unions) {
      found.set(
        name,
        [...union.matchAll(/'([A-Z_0-9]+)'/g)].map(([, code = '']) => code),
      )
    }
  }
  return found
}

interface Row {
  readonly code: string
  /** Null: the page does not say. */
  readonly exitCode: number | null
}

function rowsOnPage(): Map<string, Row[]> {
  const rows = new Map<string, Row[]>()
  for (const section of readSource('docs/errors.md').split(/^## /m).slice(1)) {
    const [heading = ''] = section.split('\n')
    const [name = ''] = heading.split(',')
    const ofSection = exitCodeIn(heading)
    const found = [...section.matchAll(/^\| `([A-Z_0-9]+)` \|(.*)$/gm)]
    rows.set(
      name,
      found.map(([, code = '', rest = '']) => ({ code, exitCode: exitCodeIn(rest) ?? ofSection })),
    )
  }
  return rows
}

function exitCodeIn(text: string): number | null {
  const match = /exit code (\d+)/.exec(text)
  return match === null ? null : Number(match[1])
}

const classes: Readonly<Record<string, new (code: never, message: string) => Error>> = {
  ConfigError,
  FaultScriptError,
  JournalError,
  MomentError,
  OpsError,
  SimulationError,
  VenueError,
}

describe('docs/errors.md', () => {
  test('every class that has codes has a section, and the other way round', () => {
    expect(codesInSources().size).toBeGreaterThanOrEqual(5)
    expect([...rowsOnPage().keys()].sort()).toEqual([...codesInSources().keys()].sort())
  })

  test.each([...codesInSources()])('%s has a row for each code, once', (name, codes) => {
    expect(
      rowsOnPage()
        .get(name)
        ?.map(({ code }) => code)
        .sort(),
    ).toEqual([...codes].sort())
  })

  test('a program that ends with an error ends with the exit code of its row', () => {
    let checkedCount = 0
    for (const [name, rows] of rowsOnPage()) {
      const ErrorClass = classes[name]
      if (ErrorClass === undefined) continue
      for (const { code, exitCode } of rows) {
        const expected = exitCode ?? exitCodes.failed
        expect(exitCodeOf(new ErrorClass(code as never, 'x')), `${name} ${code}`).toBe(expected)
        checkedCount += 1
      }
    }
    expect(checkedCount).toBeGreaterThan(25)
  })

  test('the exit codes stand in the table at the top', () => {
    const shown = [...readSource('docs/errors.md').matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code))
    expect(shown).toEqual(Object.values(exitCodes).sort((left, right) => left - right))
  })
})
