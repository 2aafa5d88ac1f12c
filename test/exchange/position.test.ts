import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createExchange } from '../../src/exchange/exchange.ts'
import { accountFor, holdingFor } from '../../src/exchange/genesis.ts'
import { feeOf } from '../../src/exchange/integer-money.ts'
import { applyFillToPosition, unrealisedMicroUsd } from '../../src/exchange/position.ts'
import type { Holding } from '../../src/exchange/state.ts'
import { ALICE, BTC, SPEC, START_MS } from '../support/exchange-world.ts'

interface FillsEntry {
  readonly id: string
  readonly inputs: {
    readonly fills: { readonly value: readonly (readonly ['buy' | 'sell', number, number, number])[] }
    readonly mark: { readonly value: number }
  }
  readonly expected: {
    readonly position: number
    readonly entryPrice: number
    readonly realised: number
    readonly fees: number
    readonly unrealised: number
    readonly net: number
    readonly closedPnlPerFill: readonly number[]
  }
}

function freshHolding(): Holding {
  const exchange = createExchange(SPEC, { startTsMs: START_MS })
  const market = exchange.marketByAssetId.get(BTC)
  if (market === undefined) throw new Error('BTC is traded')
  return holdingFor(exchange, accountFor(exchange, ALICE), market)
}

const PRICE_SCALE = 100
const SIZE_SCALE = 10_000
const MONEY_SCALE = PRICE_SCALE * SIZE_SCALE

describe('positions', () => {
  test('published fill sequences end in the published position, entry, profit and fees', () => {
    const file = readFileSync(new URL('../data/oracles.json', import.meta.url), 'utf8')
    const all = (JSON.parse(file) as { entries: FillsEntry[] }).entries
    const entries = all.filter((entry) => entry.id.startsWith('acct.fills.'))
    expect(entries.length).toBeGreaterThan(0)
    for (const { inputs, expected } of entries) {
      const holding = freshHolding()
      let fees = 0
      const closed = inputs.fills.value.map(([side, price, size, rate]) => {
        const lots = size * SIZE_SCALE
        const ticks = price * PRICE_SCALE
        fees += feeOf(lots * ticks, Math.round(rate * 1e9))
        return applyFillToPosition(holding, side === 'buy' ? lots : -lots, ticks) / MONEY_SCALE
      })
      const size = holding.sizeLots / SIZE_SCALE
      const unrealised = unrealisedMicroUsd(holding, inputs.mark.value * PRICE_SCALE) / MONEY_SCALE
      expect(size).toBe(expected.position)
      // The scale makes every amount whole, so nothing was rounded on the way.
      expect(closed).toEqual(expected.closedPnlPerFill)
      expect(holding.purse.cashMicroUsd / MONEY_SCALE).toBeCloseTo(expected.realised, 9)
      expect(unrealised).toBeCloseTo(expected.unrealised, 9)
      expect(fees / MONEY_SCALE).toBeCloseTo(expected.fees, 9)
      expect(holding.purse.cashMicroUsd / MONEY_SCALE + unrealised - fees / MONEY_SCALE).toBeCloseTo(
        expected.net,
        9,
      )
      if (size !== 0) {
        const entry = holding.costMicroUsd / Math.abs(holding.sizeLots) / PRICE_SCALE
        expect(entry).toBeCloseTo(expected.entryPrice, 9)
      }
    }
  })

  test('profit plus open value equals what the fills cost, to the micro-dollar, cross or isolated', () => {
    const fill = fc.record({
      lots: fc.integer({ min: -5_000_000, max: 5_000_000 }).filter((lots) => lots !== 0),
      ticks: fc.integer({ min: 900_000, max: 1_000_000 }),
    })
    fc.assert(
      fc.property(fc.array(fill, { minLength: 1, maxLength: 30 }), fc.boolean(), (fills, isCross) => {
        const holding = freshHolding()
        holding.isCross = isCross
        let spent = 0
        let size = 0
        for (const { lots, ticks } of fills) {
          applyFillToPosition(holding, lots, ticks)
          spent += lots * ticks
          size += lots
          const value = holding.purse.cashMicroUsd + holding.isolatedMicroUsd
          expect(value + unrealisedMicroUsd(holding, 947_777)).toBe(size * 947_777 - spent)
          expect(holding.sizeLots).toBe(size)
          if (isCross || size === 0) expect(holding.isolatedMicroUsd).toBe(0)
          else expect(holding.isolatedMicroUsd).toBeGreaterThanOrEqual(0)
        }
      }),
    )
  })
})
