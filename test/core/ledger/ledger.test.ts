import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  adjustPosition,
  applyLedgerFill,
  initLedger,
  pnlOf,
  rollDay,
} from '../../../src/core/ledger/ledger.ts'
import type { LedgerFill } from '../../../src/core/ledger/ledger.ts'
import { signOf } from '../../../src/core/units.ts'

const fills = fc.array(
  fc.record({
    side: fc.constantFrom('buy' as const, 'sell' as const),
    priceTicks: fc.integer({ min: 590_000, max: 610_000 }),
    sizeLots: fc.integer({ min: 1, max: 40_000 }),
    feeMicroUsd: fc.integer({ min: -5_000, max: 90_000 }),
    midTicks: fc.integer({ min: 1_180_000, max: 1_220_000 }).map((twice) => twice / 2),
  }),
  { maxLength: 60 },
)

function ledgerOf(list: readonly LedgerFill[]): ReturnType<typeof initLedger> {
  const ledger = initLedger()
  for (const fill of list) applyLedgerFill(ledger, fill)
  return ledger
}

describe('the ledger', () => {
  test('PnL equals cash plus inventory less fees, to the micro-dollar, whatever the order of fills', () => {
    fc.assert(
      fc.property(fills, fc.integer({ min: 590_000, max: 610_000 }), (list, markTicks) => {
        const ledger = ledgerOf(list)
        const cash = list.reduce((sum, f) => sum - signOf(f.side) * f.priceTicks * f.sizeLots, 0)
        const lots = list.reduce((sum, f) => sum + signOf(f.side) * f.sizeLots, 0)
        const fees = list.reduce((sum, f) => sum + f.feeMicroUsd, 0)
        expect(ledger.positionLots).toBe(lots)
        expect(ledger.cashFlowMicroUsd).toBe(cash)
        expect(pnlOf(ledger, markTicks).totalMicroUsd).toBe(cash + lots * markTicks - fees)
        const reversed = ledgerOf([...list].reverse())
        expect(pnlOf(reversed, markTicks).totalMicroUsd).toBe(pnlOf(ledger, markTicks).totalMicroUsd)
      }),
    )
  })

  test('the parts of the PnL add up exactly', () => {
    fc.assert(
      fc.property(fills, fc.double({ min: 590_000, max: 610_000, noNaN: true }), (list, markTicks) => {
        const ledger = ledgerOf(list)
        ledger.fundingMicroUsd = -1_234
        const pnl = pnlOf(ledger, markTicks)
        expect(pnl.spreadMicroUsd + pnl.feesMicroUsd + pnl.fundingMicroUsd + pnl.inventoryMicroUsd).toBe(
          pnl.totalMicroUsd,
        )
        expect(pnl.realisedMicroUsd + pnl.unrealisedMicroUsd + pnl.feesMicroUsd + pnl.fundingMicroUsd).toBe(
          pnl.totalMicroUsd,
        )
      }),
    )
  })

  test('three fills at 1, 2, 2 average 5/3 without losing a micro-dollar', () => {
    const fill = { side: 'buy' as const, sizeLots: 7, feeMicroUsd: 0, midTicks: null }
    const ledger = ledgerOf([
      { ...fill, priceTicks: 1 },
      { ...fill, priceTicks: 2 },
      { ...fill, priceTicks: 2 },
      { ...fill, side: 'sell', sizeLots: 20, priceTicks: 3 },
      { ...fill, side: 'sell', sizeLots: 1, priceTicks: 3 },
    ])
    expect(ledger.positionLots).toBe(0)
    expect(ledger.costMicroUsd).toBe(0)
    expect(ledger.realisedMicroUsd).toBe(21 * 3 - 35)
  })

  test('a fill through zero closes the old position and opens the rest at its own price', () => {
    const ledger = ledgerOf([
      { side: 'buy', priceTicks: 100, sizeLots: 10, feeMicroUsd: 0, midTicks: null },
      { side: 'sell', priceTicks: 110, sizeLots: 25, feeMicroUsd: 0, midTicks: null },
    ])
    expect(ledger).toMatchObject({ positionLots: -15, costMicroUsd: 1_650, realisedMicroUsd: 100 })
  })

  test('a position taken over gains and loses nothing at the price it was taken over at', () => {
    const ledger = initLedger()
    adjustPosition(ledger, { positionLots: -30_000, priceTicks: 600_123.4 })
    expect(ledger.positionLots).toBe(-30_000)
    expect(pnlOf(ledger, 600_123).totalMicroUsd).toBe(0)
    expect(ledger.fillCount).toBe(0)
  })

  test('with a position taken over, PnL is cash less what was taken over plus the position', () => {
    fc.assert(
      fc.property(fills, fc.integer({ min: -50_000, max: 50_000 }), (list, heldLots) => {
        const ledger = initLedger()
        adjustPosition(ledger, { positionLots: heldLots, priceTicks: 600_000 })
        for (const fill of list) applyLedgerFill(ledger, fill)
        const expected =
          ledger.cashFlowMicroUsd -
          ledger.adjustedMicroUsd +
          ledger.positionLots * 601_000 -
          ledger.feesMicroUsd
        expect(ledger.adjustedMicroUsd).toBe(heldLots * 600_000)
        expect(pnlOf(ledger, 601_000).totalMicroUsd).toBe(expected)
      }),
    )
  })

  test('the daily PnL starts anew at midnight UTC, once', () => {
    const ledger = initLedger()
    const midnight = 20_000 * 86_400_000
    rollDay(ledger, midnight - 1, 500)
    expect(ledger.dayStartMicroUsd).toBe(0)
    rollDay(ledger, midnight, 800)
    rollDay(ledger, midnight + 5, 900)
    expect(ledger.dayStartMicroUsd).toBe(800)
  })
})
