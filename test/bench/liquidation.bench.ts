/**
 * What a price update costs a venue with a hundred thousand leveraged accounts: the index of triggers beside judging all.
 *
 *     npm run bench -- liquidation
 *
 * The oracle walks; each update is a whole command: mark, triggers, liquidations, events, hash. Wall time of single
 * updates, the median of an empty timer taken off. Whom the update reaches is counted apart, since those are judged and closed one by
 * one. After every hundredth update the index is compared with a judgement of every holder: no figure without that.
 */
import { initSfc32, nextBelow } from '../../src/core/math/sfc32.ts'
import { placeDirect } from '../../src/exchange/direct.ts'
import { apply, conservation, type Exchange } from '../../src/exchange/exchange.ts'
import { holdersBelowMaintenance, reachedBelowMaintenance } from '../../src/exchange/liquidation.ts'
import { refreshStale, reachedHoldings } from '../../src/exchange/risk-index.ts'
import type { Holding, Market } from '../../src/exchange/state.ts'
import { nsText, quantile, say, type Bench } from './harness.ts'
import { richExchange } from './matching-flow.ts'

const SEED = 7
const ACCOUNTS = 100_000
const UPDATES = 20_000
const WARMUP = 2_000
const COMPARE_EVERY = 100
const GOAL_P99_NS = 5_000
const MAKERS = 2

export const bench: Bench = {
  about: 'a price update with 100 000 leveraged accounts',
  run: () => void runLiquidation(),
}

/** Half of the accounts long, half short, with leverages from 3 to 20; the makers hold the other side. */
function leveraged(): Exchange {
  const exchange = richExchange(MAKERS)
  const random = initSfc32(SEED)
  for (let index = 0; index < ACCOUNTS; index += 1) {
    const account = `0xb${index.toString(16).padStart(39, '0')}`
    const sizeLots = 20 + nextBelow(random, 400)
    const leverage = 3 + nextBelow(random, 17)
    const amountMicroUsd = Math.ceil((950_000 * sizeLots * 1.02) / leverage)
    apply(exchange, { kind: 'deposit', account, dexIndex: 0, amountMicroUsd })
    const isBuy = index % 2 === 0
    placeDirect(exchange, index % MAKERS, 0, !isBuy, 950_000, sizeLots, 'Gtc', false)
    placeDirect(exchange, MAKERS + index, 0, isBuy, 950_000, sizeLots, 'Ioc', false)
  }
  return exchange
}

function names(holdings: readonly Holding[]): string {
  return holdings
    .map((holding) => holding.account.index)
    .sort((a, b) => a - b)
    .join(' ')
}

function mustAgree(market: Market): number {
  const startMs = performance.now()
  const judged = holdersBelowMaintenance(market)
  const scanNs = (performance.now() - startMs) * 1e6
  if (names(judged) !== names(reachedBelowMaintenance(market)))
    throw new Error('no figure: the index and a judgement of every holder disagree')
  return scanNs
}

/** How many positions a mark would reach. */
function reachedAt(market: Market, markTicks: number): number {
  const now = market.markTicks
  market.markTicks = markTicks
  const count = reachedHoldings(market).length
  market.markTicks = now
  return count
}

function runLiquidation(): void {
  const exchange = leveraged()
  const market = exchange.markets[0]
  if (market === undefined) throw new Error('the venue has a market')
  apply(exchange, { kind: 'block', tsMs: exchange.tsMs + 70 })
  const holderCount = market.holders.length
  const random = initSfc32(SEED, 1)
  const quiet: number[] = []
  const empty: number[] = []
  const scans: number[] = []
  let reachedCount = 0
  let busyNs = 0
  let liquidations = 0
  let oracleTicks = market.oracleTicks
  for (let update = 0; update < UPDATES; update += 1) {
    // A drift besides the walk, so that the price comes to where accounts fall.
    oracleTicks += nextBelow(random, 201) - 100 - (update > UPDATES / 2 ? 10 : 0)
    refreshStale(market.dex)
    const reached = reachedAt(market, oracleTicks)
    const startMs = performance.now()
    const { events } = apply(exchange, { kind: 'oracle', assetId: 0, oracleTicks })
    const endMs = performance.now()
    empty.push((performance.now() - endMs) * 1e6)
    const ns = (endMs - startMs) * 1e6
    liquidations += events.filter((event) => event.kind === 'liquidation').length
    // The comparison walks all holders through the caches: the update after it is measured after a stranger's work.
    const isCounted = update >= WARMUP && update % COMPARE_EVERY !== 1
    if (isCounted && reached === 0) quiet.push(ns)
    if (isCounted && reached > 0) {
      reachedCount += reached
      busyNs += ns
    }
    if (update % COMPARE_EVERY === 0) scans.push(mustAgree(market))
  }
  if (conservation(exchange) !== 0) throw new Error('no figure: money is not conserved')
  quiet.sort((a, b) => a - b)
  empty.sort((a, b) => a - b)
  scans.sort((a, b) => a - b)
  const net = (share: number): number => Math.max(0, quantile(quiet, share) - quantile(empty, 0.5))
  say(
    `  seed ${SEED}, ${holderCount} holders, ${UPDATES} updates after which the oracle stood at ${oracleTicks}; ${liquidations} liquidations`,
  )
  say(
    `  an update that reaches nobody (${quiet.length}): p50 ${nsText(net(0.5))}, p99 ${nsText(net(0.99))} (goal: at most ${nsText(GOAL_P99_NS)})`,
  )
  say(
    `  updates that reach somebody: ${reachedCount} positions, ${nsText(busyNs / Math.max(1, reachedCount))} for each, closing included`,
  )
  say(
    `  judging every holder: median ${nsText(quantile(scans, 0.5))}; the same set in ${scans.length} comparisons`,
  )
}
