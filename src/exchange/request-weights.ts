/**
 * What a request weighs against the 1200 a minute of its origin.
 * @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/rate-limits-and-user-limits
 */
const UNITS_PER_WEIGHT = 40
const ROWS_PER_WEIGHT = 20
const CANDLES_PER_WEIGHT = 60
const INFO_WEIGHT = 20
const LIGHT_WEIGHT = 2
const ROLE_WEIGHT = 60
const LIGHT_REQUESTS: ReadonlySet<string> = new Set([
  'l2Book',
  'allMids',
  'clearinghouseState',
  'orderStatus',
  'spotClearinghouseState',
  'exchangeStatus',
])
const LISTED_REQUESTS: ReadonlySet<string> = new Set([
  'recentTrades',
  'historicalOrders',
  'userFills',
  'userFillsByTime',
  'fundingHistory',
  'userFunding',
  'userNonFundingLedgerUpdates',
  'twapHistory',
  'userTwapSliceFills',
  'userTwapSliceFillsByTime',
])

/** 1, and one more per 40 orders, cancels or modifies of the batch. */
export function batchWeight(units: number): number {
  return 1 + Math.floor(units / UNITS_PER_WEIGHT)
}

/** Of the body of an action. */
export function exchangeWeight(body: unknown): number {
  const action = memberOf(body, 'action')
  const batches = ['orders', 'cancels', 'modifies'].map((name) => memberOf(action, name))
  const length = Math.max(0, ...batches.map((batch) => (Array.isArray(batch) ? batch.length : 0)))
  return batchWeight(length)
}

export function infoWeight(body: unknown): number {
  const type = memberOf(body, 'type')
  if (type === 'userRole') return ROLE_WEIGHT
  return typeof type === 'string' && LIGHT_REQUESTS.has(type) ? LIGHT_WEIGHT : INFO_WEIGHT
}

/** Long lists: one more per 20 rows, candles one more per 60. */
export function rowsWeight(body: unknown, answer: unknown): number {
  const type = memberOf(body, 'type')
  if (!Array.isArray(answer) || typeof type !== 'string') return 0
  if (type === 'candleSnapshot') return Math.floor(answer.length / CANDLES_PER_WEIGHT)
  return LISTED_REQUESTS.has(type) ? Math.floor(answer.length / ROWS_PER_WEIGHT) : 0
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}
