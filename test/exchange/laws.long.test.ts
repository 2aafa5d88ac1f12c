import { expect, test, vi } from 'vitest'
import { initSfc32, nextBelow } from '../../src/core/math/sfc32.ts'
import { cancelDirect, placeDirect } from '../../src/exchange/direct.ts'
import type { ExchangeCommand } from '../../src/exchange/command.ts'
import {
  apply,
  conservation,
  createExchange,
  fullStateHash,
  netPositionLots,
  stateHash,
} from '../../src/exchange/exchange.ts'
import type { Exchange } from '../../src/exchange/exchange.ts'
import { holdersBelowMaintenance, reachedBelowMaintenance } from '../../src/exchange/liquidation.ts'
import { address, DOLLAR, SPEC, START_MS } from '../support/exchange-world.ts'

/** Minutes of work; several times that on a busy machine. */
vi.setConfig({ testTimeout: 1_800_000 })

const COMMANDS = 3_000_000
const ACCOUNTS = 24
const MARKETS = [
  { index: 0, step: 10, lots: 400 },
  { index: 1, step: 10, lots: 1_200 },
]
const CHECK_EVERY = 500
const TIFS = ['Gtc', 'Gtc', 'Gtc', 'Alo', 'Ioc'] as const

function run(seed: number, commands: number): { readonly exchange: Exchange; readonly liquidations: number } {
  const random = initSfc32(seed)
  const exchange = createExchange(SPEC, { startTsMs: START_MS, partialLiquidationMicroUsd: 20_000 * DOLLAR })
  const refill = (): void => {
    for (let index = 0; index < ACCOUNTS; index += 1) {
      const amountMicroUsd = (200 + 100 * index) * DOLLAR
      apply(exchange, { kind: 'deposit', account: address(`e${index}`), dexIndex: 0, amountMicroUsd })
    }
  }
  refill()
  let liquidations = 0
  for (let count = 0; count < commands; count += 1) {
    const draw = nextBelow(random, 100)
    const market = MARKETS[nextBelow(random, 2)] ?? MARKETS[0]
    const state = exchange.markets[market?.index ?? 0]
    if (market === undefined || state === undefined) throw new Error('the world has two markets')
    const account = nextBelow(random, ACCOUNTS)
    if (draw < 55) {
      const steps = nextBelow(random, 13) - 6
      const priceTicks = Math.round(state.markTicks / market.step) * market.step + steps * market.step
      const lots = market.lots * (1 + nextBelow(random, 20))
      const tif = TIFS[nextBelow(random, TIFS.length)] ?? 'Gtc'
      placeDirect(
        exchange,
        account,
        market.index,
        nextBelow(random, 2) === 0,
        priceTicks,
        lots,
        tif,
        nextBelow(random, 8) === 0,
      )
    } else if (draw < 97) {
      cancelDirect(exchange, account, market.index, exchange.oidLast - nextBelow(random, 60))
    } else if (draw < 99) {
      const { assetId, initialOracleTicks } = state.instrument
      const moved = state.oracleTicks * (1 + (nextBelow(random, 121) - 60) / 1_000)
      const oracleTicks = Math.round(
        Math.min(Math.max(moved, initialOracleTicks / 2), initialOracleTicks * 1.5),
      )
      liquidations += liquidationsOf({ kind: 'oracle', assetId, oracleTicks }, exchange)
    } else {
      const waitMs = [70, 70, 5_000, 900_000][nextBelow(random, 4)] ?? 70
      liquidations += liquidationsOf({ kind: 'block', tsMs: exchange.tsMs + waitMs }, exchange)
    }
    if (count % 20_000 === 19_999) refill()
    if (count % CHECK_EVERY === 0) check(exchange)
  }
  return { exchange, liquidations }
}

function liquidationsOf(command: ExchangeCommand, exchange: Exchange): number {
  return apply(exchange, command).events.filter((event) => event.kind === 'liquidation').length
}

function check(exchange: Exchange): void {
  if (conservation(exchange) !== 0) throw new Error('broken law: money is conserved')
  for (const market of exchange.markets) {
    if (netPositionLots(exchange, market.instrument.assetId) !== 0) throw new Error('broken law: zero-sum')
    if (market.book.bestBid >= market.book.bestAsk) throw new Error('broken law: the book is not crossed')
    const judged = holdersBelowMaintenance(market).length
    if (judged !== reachedBelowMaintenance(market).length)
      throw new Error('broken law: the index misses nobody')
  }
}

test('millions of random commands keep the laws, and a second run ends in the same state', () => {
  const seed = 20_240_808
  const { exchange, liquidations } = run(seed, COMMANDS)
  expect(exchange.tidLast).toBeGreaterThan(50_000)
  expect(liquidations).toBeGreaterThan(20)
  const [one, other] = [run(seed, 100_000).exchange, run(seed, 100_000).exchange]
  expect(stateHash(other)).toBe(stateHash(one))
  expect(fullStateHash(other)).toBe(fullStateHash(one))
})
