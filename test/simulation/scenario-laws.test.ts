/** Every scenario file that is taken can be played: drawn from the ranges of the schema, on coarse and fine markets. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { z } from 'zod'
import { scenarioAt } from '../../src/compose/scenario.ts'
import { ConfigError } from '../../src/config/errors.ts'
import {
  AGENT_KINDS,
  BASIS_FIELDS,
  COIN_FIELDS,
  PRICE_FIELDS,
  type ScenarioTable,
} from '../../src/config/scenario-fields.ts'
import { defaultVenue } from '../../src/config/venue-definitions.ts'
import { conservation } from '../../src/exchange/exchange.ts'
import { buildWorld } from '../../src/simulation/default-market.ts'
import { runUntil } from '../../src/simulation/world.ts'
import { START_TS_MS } from './support.ts'

const folder = mkdtempSync(join(tmpdir(), 'hypermake-scenario-laws-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Ends of ranges come often; small values oftener than the middle, since most ranges span decades. */
function numberIn(min: number, max: number, isWhole: boolean): fc.Arbitrary<number> {
  const near = fc.double({ min: 0, max: 1, noNaN: true }).map((unit) => {
    const value = min + (max - min) * unit ** 4
    return isWhole ? Math.round(value) : value
  })
  return fc.oneof(fc.constantFrom(min, max), { weight: 4, arbitrary: near })
}

/** TOML of a table's lines; rows as inline tables. */
function linesOf(fields: ScenarioTable): fc.Arbitrary<string[]> {
  const lines = Object.entries(fields).flatMap(([key, field]) => {
    if (key === 'name') return []
    if ('rows' in field) {
      const row = linesOf(field.rows).map((members) => `{ ${members.join(', ')} }`)
      return [fc.array(row, { maxLength: 2 }).map((rows) => `${key} = [${rows.join(', ')}]`)]
    }
    const shape = z.toJSONSchema(field.type) as {
      type?: string
      minimum?: number
      maximum?: number
      enum?: string[]
    }
    const value =
      shape.enum === undefined
        ? numberIn(shape.minimum ?? 0, shape.maximum ?? 0, shape.type === 'integer')
        : fc.constantFrom(...shape.enum)
    return [value.map((one) => `${key} = ${JSON.stringify(one)}`)]
  })
  return fc.tuple(...lines)
}

const agent = fc
  .constantFrom(...Object.entries(AGENT_KINDS))
  .chain(([kind, { fields }]) => linesOf(fields).map((lines) => [`kind = "${kind}"`, ...lines]))

const file = fc
  .record({
    coin: linesOf(COIN_FIELDS),
    price: fc.option(linesOf(PRICE_FIELDS)),
    basis: fc.option(linesOf(BASIS_FIELDS)),
    agents: fc.array(agent, { maxLength: 4 }),
  })
  .map(({ coin, price, basis, agents }) =>
    [
      ['[[coin]]', 'name = "*"', ...coin],
      price === null ? [] : ['[price]', ...price],
      basis === null ? [] : ['[basis]', ...basis],
      ...agents.map((lines, index) => ['[[agent]]', `name = "a${index}"`, ...lines]),
    ]
      .flat()
      .join('\n'),
  )

test('every file that is taken plays, and loses no money', () => {
  let taken = 0
  let refused = 0
  fc.assert(
    fc.property(
      file,
      fc.constantFrom(10, 100, 10_000),
      fc.constantFrom('DOGE', 'XRP', 'hyna:BTC'),
      (text, blockMs, coin) => {
        const path = join(folder, 'drawn.toml')
        writeFileSync(path, text)
        try {
          scenarioAt(path)
        } catch (error) {
          if (!(error instanceof ConfigError)) throw error
          refused += 1
          return
        }
        taken += 1
        const world = buildWorld({
          spec: defaultVenue(),
          seed: 3,
          blockMs,
          startTsMs: START_TS_MS,
          markets: [coin],
          scenario: scenarioAt(path),
        })
        runUntil(world, START_TS_MS + 60 * blockMs)
        expect(conservation(world.exchange)).toBe(0)
      },
    ),
    { numRuns: 120, interruptAfterTimeLimit: 20_000 },
  )
  expect(taken).toBeGreaterThan(10)
  expect(refused).toBeGreaterThan(0)
}, 60_000)
