/** What `hypermake doctor` finds about the account on this market: margin, limits, sizes, requests, orders that lie about. */
import type { EffectiveConfig } from '../config/config.ts'
import { applySnapshot, initBook } from '../core/book/l2-book.ts'
import { initEstimates, initLadder } from '../core/contracts.ts'
import type { DesiredLevel } from '../core/contracts.ts'
import type { OpenOrder } from '../core/input.ts'
import { epochOf } from '../core/orders/cloid.ts'
import { CANCEL_RESERVE_SHARE } from '../core/risk/budget.ts'
import { judgeLossLimits, judgePositionLimit } from '../core/risk/limits.ts'
import type { Capital } from '../core/risk/limits.ts'
import { MICRO_USD_PER_USD } from '../core/units.ts'
import { durationText, sizeText, usdText } from '../ops/format.ts'
import { decodeRateLimit } from '../venues/hyperliquid/decode-account.ts'
import type { AccountState } from '../venues/hyperliquid/decode-account.ts'
import { ask } from '../venues/hyperliquid/info.ts'
import { SHARED_MODES } from '../venues/hyperliquid/prepare.ts'
import { type AccountScope, readOpenOrders } from '../venues/hyperliquid/reconcile.ts'
import { finding, ok } from './doctor-finding.ts'
import type { DoctorFinding } from './doctor-finding.ts'
import type { Venue } from './doctor-venue.ts'
import { explainPosition } from './start-position.ts'
import { enginePartsOf } from './engine-parts.ts'

/** Below this share of the request budget the quoting slows down (`src/core/risk/budget.ts`). */
const BUDGET_SLOW_SHARE = 0.3
const MS_PER_SEC = 1_000

/** Funds, and a margin mode that this market and the configuration agree on. */
export async function checkMargin(
  config: EffectiveConfig,
  { info, market }: Venue,
  scope: AccountScope,
  state: AccountState,
): Promise<DoctorFinding[]> {
  const { initialIsolatedMargin } = config.values.market
  const found: DoctorFinding[] = []
  const mode = await ask(info, 'userAbstraction', (client) => client.userAbstraction({ user: scope.account }))
  if (SHARED_MODES.has(mode)) {
    const what = `the account is in the mode ${String(mode)}, where balances are shared over DEXs`
    found.push(
      finding(
        'error',
        'margin',
        what,
        'switch it to the standard mode, which the venue recommends for market makers',
      ),
    )
  }
  const where = market.dex === '' ? 'the main DEX' : `the DEX ${market.dex}`
  const equity = `${usdText(state.accountValueMicroUsd)} ${market.collateral} on ${where}`
  if (state.accountValueMicroUsd <= 0) {
    return [
      ...found,
      finding(
        'error',
        'margin',
        `the account has ${equity}`,
        `send it some ${market.collateral} there before trading`,
      ),
    ]
  }
  if (market.marginMode === 'isolated' && state.positionMode === 'cross') {
    const what = `${market.coin} has an open position on cross margin, but isolated margin is wanted`
    found.push(finding('error', 'margin', what, 'close the position first, or leave out --force-isolated'))
  }
  const isShort =
    market.marginMode === 'isolated' &&
    state.positionMode === null &&
    state.withdrawableMicroUsd < initialIsolatedMargin * MICRO_USD_PER_USD
  if (isShort) {
    const what = `${usdText(state.withdrawableMicroUsd)} ${market.collateral} are free, less than the isolated margin of ${initialIsolatedMargin}`
    found.push(
      finding('warning', 'margin', what, 'send more collateral, or set market.initial_isolated_margin lower'),
    )
  }
  return [...found, ok('margin', `${equity}, ${market.marginMode} margin`)]
}

/** @returns null without a price */
export function capitalOf({ midTicks }: Venue, equityMicroUsd: number): Capital | null {
  return midTicks === null ? null : { equityMicroUsd, priceTicks: midTicks }
}

export function checkLimits(config: EffectiveConfig, venue: Venue, state: AccountState): DoctorFinding[] {
  const equity = state.accountValueMicroUsd
  if (equity <= 0) return []
  const { settings } = enginePartsOf(config.values, venue.market, capitalOf(venue, equity) ?? undefined)
  const problems = judgeLossLimits(settings, equity)
  if (venue.midTicks !== null) {
    const { maxPositionLots } = settings
    const { maxLeverage } = venue.market
    problems.push(...judgePositionLimit({ maxPositionLots, priceTicks: venue.midTicks, maxLeverage }, equity))
  }
  if (problems.length === 0) return [ok('limits', 'loss and position limits fit the equity')]
  return problems.map(({ severity, because, remedy }) => finding(severity, 'limits', because, remedy))
}

/** The ladder as it would stand now, flat: levels that the venue would not take are left out of it, and that is said. */
/** @param capital null where the account is not known */
export function checkSizes(
  config: EffectiveConfig,
  { market, book: snapshot, midTicks }: Venue,
  capital: Capital | null,
): DoctorFinding[] {
  if (midTicks === null) {
    return [
      finding(
        'skipped',
        'sizes',
        'without a mid the sizes of the levels cannot be looked at',
        'run this again when the book has both sides',
      ),
    ]
  }
  const parts = enginePartsOf(config.values, market, capital ?? undefined)
  const { settings, pipeline, strategy } = parts
  const tsMs = snapshot.venueTsMs
  const book = initBook()
  applySnapshot(book, snapshot)
  const pipelineState = pipeline.init(market)
  pipeline.absorb(pipelineState, { kind: 'book', tsMs, book })
  const estimates = initEstimates()
  pipeline.read(pipelineState, tsMs, estimates)
  const ladder = initLadder(strategy.levelCountMax)
  const minSizeLots = Math.ceil(market.minNotionalMicroUsd / midTicks)
  const { maxPositionLots } = settings
  const context = { market, tsMs, estimates, positionLots: 0, maxPositionLots, minSizeLots, ...UNBOUND }
  strategy.quote(strategy.init(market), context, ladder)
  const wanted = config.values.quoting.ladder.levels
  const levels = [...ladder.bids.slice(0, ladder.bidCount), ...ladder.asks.slice(0, ladder.askCount)]
  return [judgeSizes(levels, wanted, { ...market, because: ladder.bidBecause ?? ladder.askBecause })]
}

/** Margin, requests and risk are judged apart from the sizes. */
const UNBOUND = { marginRoomLots: Infinity, levelCountMax: Infinity, riskWidenBps: 0 }

function judgeSizes(
  levels: readonly DesiredLevel[],
  wanted: number,
  of: Venue['market'] & { readonly because: string | null },
): DoctorFinding {
  const minimum = usdText(of.minNotionalMicroUsd)
  const fix = 'raise --target-liquidity, or set quoting.ladder.levels lower'
  const because = of.because === null ? '' : ` (${of.because})`
  if (levels.length === 0) {
    return finding('error', 'sizes', `no level reaches the venue's minimum of ${minimum} USD${because}`, fix)
  }
  const smallest = levels.reduce((least, level) => (level.sizeLots < least.sizeLots ? level : least))
  const size = `${sizeText(smallest.sizeLots, of.grid.szDecimals)} (${usdText(smallest.priceTicks * smallest.sizeLots)} USD)`
  const count = `${levels.length} of ${2 * wanted} levels, the smallest ${size}`
  if (levels.length === 2 * wanted) return ok('sizes', `${count}; the venue's minimum is ${minimum} USD`)
  return finding(
    'warning',
    'sizes',
    `${count}; others would be below the minimum of ${minimum} USD${because}`,
    fix,
  )
}

/** The same judgement that a run makes before it starts. */
export async function checkPosition(
  config: EffectiveConfig,
  { info, market }: Venue,
  scope: AccountScope,
  state: AccountState,
): Promise<DoctorFinding[]> {
  const story = await explainPosition(config.values, { info, market, scope }, state.positionLots)
  if (story.unexplainedLots === 0) return [ok('position', story.because)]
  const size = sizeText(story.unexplainedLots, market.grid.szDecimals)
  const what = `${size} ${market.coin} are unexplained: ${story.because}`
  return [finding('error', 'position', what, 'close it by hand, or start with --adopt to take it in')]
}

export async function checkBudget(
  config: EffectiveConfig,
  { info }: Venue,
  scope: AccountScope,
): Promise<DoctorFinding[]> {
  const answer = await ask(info, 'userRateLimit', (client) => client.userRateLimit({ user: scope.account }))
  const { usedCount, capCount } = decodeRateLimit(answer)
  return [judgeBudget(usedCount, capCount, config.values.execution.maxOrdersPerSec)]
}

/** @param ordersPerSec the most that the configuration allows: real spending is far below it */
export function judgeBudget(usedCount: number, capCount: number, ordersPerSec: number): DoctorFinding {
  const left = Math.max(0, capCount - usedCount)
  const lasts = durationText((left / ordersPerSec) * MS_PER_SEC)
  const what = `${left} of ${capCount} requests are left, enough for ${lasts} at the most that is allowed (${ordersPerSec} a second)`
  if (left <= CANCEL_RESERVE_SHARE * capCount) {
    return finding(
      'error',
      'budget',
      `${what}: only cancels are sent`,
      'trade some volume by hand (a request a dollar), or buy requests (reserveRequestWeight)',
    )
  }
  if (left >= BUDGET_SLOW_SHARE * capCount) return ok('budget', what)
  return finding(
    'warning',
    'budget',
    `${what}: quoting is slowed down`,
    'set execution.max_bps_diff or execution.requote_interval_ms higher',
  )
}

/** @param isRunning a maker of this market runs: orders of ours are its own */
export async function checkOrders(
  { info, market }: Venue,
  scope: AccountScope,
  isRunning: boolean,
): Promise<DoctorFinding[]> {
  const orders = await readOpenOrders(info, scope)
  const ours = orders.filter(({ cloid }) => epochOf(cloid, market.network) !== null)
  const foreign = orders.filter(({ cloid }) => epochOf(cloid, market.network) === null)
  const found: DoctorFinding[] = []
  if (ours.length > 0 && !isRunning) {
    const epochs = [...new Set(ours.map(({ cloid }) => epochOf(cloid, market.network)))].join(', ')
    const what = `${ours.length} orders of an earlier run (epoch ${epochs}) rest: ${oidsOf(ours)}`
    found.push(
      finding(
        'warning',
        'orders',
        what,
        'the next run deals with them (execution.start_orders); hypermake kill cancels them now',
      ),
    )
  }
  if (foreign.length > 0) {
    const what = `${foreign.length} orders that hypermake did not place rest: ${oidsOf(foreign)}`
    found.push(
      finding('warning', 'orders', what, 'they are left alone; hypermake kill --others cancels them too'),
    )
  }
  if (found.length > 0) return found
  return [ok('orders', ours.length === 0 ? 'none rests' : `${ours.length} of the running maker rest`)]
}

const OIDS_SHOWN_MAX = 5

function oidsOf(orders: readonly OpenOrder[]): string {
  const shown = orders.slice(0, OIDS_SHOWN_MAX).map(({ oid }) => oid)
  return `oid ${shown.join(', ')}${orders.length > OIDS_SHOWN_MAX ? ', …' : ''}`
}
