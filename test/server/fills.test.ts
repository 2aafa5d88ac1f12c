import { expect, test } from 'vitest'
import { directionOf } from '../../src/server/wire/fills.ts'
import { ALICE, BOB, BTC, CAROL, DOLLAR, world, type World } from '../support/exchange-world.ts'

/** Alice is long for 50 dollars of her own, against Bob; then the price leaps. */
function leap(oracleTicks: number, isCross = true): World {
  const one = world(0)
  const deposit = (account: string, dollars: number): unknown =>
    one.run({ kind: 'deposit', account, dexIndex: 0, amountMicroUsd: dollars * DOLLAR })
  deposit(ALICE, 50)
  deposit(BOB, 50_000_000)
  deposit(CAROL, 50_000_000)
  one.act(ALICE, { kind: 'updateLeverage', assetId: BTC, isCross, leverage: 20 })
  one.place(BOB, { side: 'sell', sizeLots: 1_000 })
  one.place(ALICE, { side: 'buy', sizeLots: 1_000, tif: 'Ioc' })
  one.run({ kind: 'oracle', assetId: BTC, oracleTicks })
  return one
}

const directions = (one: World, account: string): string[] => one.fillsOf(account).map(directionOf)

test('a position that the backstop takes over was liquidated, by the margin that it had', () => {
  expect(directions(leap(906_500), ALICE)).toEqual(['Open Long', 'Liquidated Cross Long'])
  expect(directions(leap(906_500, false), ALICE)).toEqual(['Open Long', 'Liquidated Isolated Long'])
})

test('who has to close against a bankrupt account is told so; the other side was liquidated', () => {
  const one = leap(850_000)
  expect(directions(one, ALICE)).toEqual(['Open Long', 'Liquidated Cross Long'])
  expect(directions(one, BOB)).toEqual(['Open Short', 'Auto-Deleveraging'])
})

test('a position that is sold in the book is closed as any other, and the bid that takes it opens', () => {
  const one = leap(921_000)
  one.place(CAROL, { side: 'buy', priceTicks: 911_000, sizeLots: 5_000 })
  one.place(CAROL, { side: 'sell', priceTicks: 911_100, sizeLots: 5_000 })
  one.wait(3_000)
  expect(directions(one, ALICE)).toEqual(['Open Long', 'Close Long'])
  expect(directions(one, CAROL)).toEqual(['Open Long'])
})
