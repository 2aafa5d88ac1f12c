/** The tables from fault and story to test in docs/faults.md: every fault in scope and every story has a row, and every test that a row names exists. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readSource, repositoryRoot } from '../support/sources.ts'

/** Ids of the matrix: market data, orders, fills, crash and restart, clock; then rate limits and venue misbehaviour. */
const FAULTS = [range(1, 43), range(55, 61)].flat()
const SCENARIOS = 'test/scenarios/scenarios.test.ts'

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

const STORIES = range(1, 10)

const [, section = ''] = readSource('docs/faults.md').split('## From fault to test')
const [faultText = '', storyText = ''] = section.split('### Acceptance stories')
const [faults, stories] = [rowsOf(faultText), rowsOf(storyText)]

function rowsOf(text: string): { readonly id: number; readonly what: string; readonly tests: string[] }[] {
  return [...text.matchAll(/^\| (\d+) \| (.+?) \| (.+) \|$/gm)].map(([, id, what, tests]) => ({
    id: Number(id),
    what: what ?? '',
    tests: (tests ?? '').split('<br>'),
  }))
}

test('every fault of market data, orders, fills, restart, clock, rate limits and the venue has one row', () => {
  expect(faults.map(({ id }) => id)).toEqual(FAULTS)
})

test('all ten acceptance stories have one row', () => {
  expect(stories.map(({ id }) => id)).toEqual(STORIES)
})

describe('the tests that a row names exist', () => {
  test.each([...faults, ...stories])('$id: $what', ({ tests }) => {
    for (const text of tests) {
      const [, path = '', name = ''] = /^\[`([\w./-]+)`\]\(\.\.\/\1\) > (.+)$/.exec(text) ?? []
      expect(existsSync(join(repositoryRoot, path)), `${text} names a file`).toBe(true)
      if (path === SCENARIOS) {
        expect(existsSync(join(repositoryRoot, `test/scenarios/${name}.toml`)), `${name} is a script`).toBe(
          true,
        )
      } else {
        // Between quotes, so that a name is not found in a comment or as the beginning of another.
        const source = readSource(path)
        const isThere = ["'", '`', '"'].some((quote) => source.includes(`${quote}${name}${quote}`))
        expect(isThere, `${path} has the test “${name}”`).toBe(true)
      }
    }
  })
})
