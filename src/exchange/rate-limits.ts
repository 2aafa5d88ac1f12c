/**
 * The venue's limits: request weight per address of origin, and requests per account earned by traded volume.
 * They count always (`userRateLimit` shows the numbers) and refuse only when they are enforced.
 *
 * state  one bucket per origin and per account, origins bounded by `ORIGINS_MAX`
 * @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/rate-limits-and-user-limits
 */
import { MICRO_USD_PER_USD } from '../core/units.ts'

export const WEIGHT_PER_MINUTE_MAX = 1200
export const REQUESTS_INITIAL = 10_000
export const CANCEL_EXTRA = 100_000
/** Over the budget, one request every so often. */
export const OVER_BUDGET_WAIT_MS = 10_000
const ORIGINS_MAX = 10_000
const MINUTE_MS = 60_000
/** Requests that one unit of an expired action costs. */
export const EXPIRED_COST = 5

interface OriginBucket {
  weight: number
  refilledTsMs: number
}

interface AccountBudget {
  used: number
  /** Bought on top of what trading earned. */
  reserved: number
  lastAllowedTsMs: number
}

/** Which limits refuse; all count. */
export interface LimitChoice {
  /** Request weight per address of origin: 429. */
  readonly weight: boolean
  /** Requests per account. */
  readonly budget: boolean
  /** WebSocket connections, messages and accounts followed per origin. */
  readonly sockets: boolean
}

export const NO_LIMITS: LimitChoice = { weight: false, budget: false, sockets: false }

export interface RateLimits {
  readonly enforced: Pick<LimitChoice, 'weight' | 'budget'>
  readonly origins: Map<string, OriginBucket>
  readonly accounts: Map<string, AccountBudget>
}

export function createRateLimits(enforced: Pick<LimitChoice, 'weight' | 'budget'>): RateLimits {
  return { enforced, origins: new Map(), accounts: new Map() }
}

/**
 * Takes `weight` from the origin's bucket of 1200, which refills by 20 a second.
 * @param options `isForced` takes it in any case
 * @returns false when there is not enough left and limits are enforced: answer 429
 */
export function takeWeight(
  limits: RateLimits,
  origin: string,
  weight: number,
  nowTsMs: number,
  options: { readonly isForced: boolean } = { isForced: false },
): boolean {
  if (!limits.enforced.weight) return true
  const bucket = refilled(limits, origin, nowTsMs)
  if (!options.isForced && bucket.weight + weight > WEIGHT_PER_MINUTE_MAX) return false
  bucket.weight += weight
  return true
}

/** @returns what the origin has taken and not yet got back, 0…1200; 0 while limits are off */
export function weightUsed(limits: RateLimits, origin: string, nowTsMs: number): number {
  return limits.enforced.weight ? refilled(limits, origin, nowTsMs).weight : 0
}

export interface RequestCharge {
  readonly account: string
  /** Orders, cancels or modifies of the batch; one for everything else. */
  readonly units: number
  readonly isCancel: boolean
  readonly tradedMicroUsd: number
  readonly nowTsMs: number
}

/** What a request would have brought the count to, and what is allowed. */
export interface Overdrawn {
  readonly wantedCount: number
  readonly ceilingCount: number
}

/** Counts a request. @returns by how much it is refused when the budget is used up and enforced, else null */
export function chargeRequest(limits: RateLimits, charge: RequestCharge): Overdrawn | null {
  const budget = budgetOf(limits, charge.account)
  const limit = requestLimit(charge.tradedMicroUsd) + budget.reserved
  const ceiling = charge.isCancel ? Math.min(limit + CANCEL_EXTRA, 2 * limit) : limit
  const isOver = limits.enforced.budget && budget.used + charge.units > ceiling
  // A refused request neither counts nor restarts the wait.
  if (isOver && charge.nowTsMs - budget.lastAllowedTsMs < OVER_BUDGET_WAIT_MS) {
    return { wantedCount: budget.used + charge.units, ceilingCount: ceiling }
  }
  budget.used += charge.units
  budget.lastAllowedTsMs = charge.nowTsMs
  return null
}

/** What an expired action costs on top of its own units. */
export function chargeExpired(limits: RateLimits, account: string, units: number): void {
  budgetOf(limits, account).used += units * (EXPIRED_COST - 1)
}

export function requestsUsed(limits: RateLimits, account: string): number {
  return limits.accounts.get(account)?.used ?? 0
}

/** Adds bought requests to an account's budget. */
export function reserveRequests(limits: RateLimits, account: string, weight: number): void {
  budgetOf(limits, account).reserved += weight
}

export function requestsReserved(limits: RateLimits, account: string): number {
  return limits.accounts.get(account)?.reserved ?? 0
}

/** 10 000 and one more for each dollar traded. */
export function requestLimit(tradedMicroUsd: number): number {
  return REQUESTS_INITIAL + Math.floor(tradedMicroUsd / MICRO_USD_PER_USD)
}

function refilled(limits: RateLimits, origin: string, nowTsMs: number): OriginBucket {
  const bucket = originBucket(limits, origin, nowTsMs)
  const refill = ((nowTsMs - bucket.refilledTsMs) * WEIGHT_PER_MINUTE_MAX) / MINUTE_MS
  bucket.weight = Math.max(0, bucket.weight - refill)
  bucket.refilledTsMs = nowTsMs
  return bucket
}

function originBucket(limits: RateLimits, origin: string, nowTsMs: number): OriginBucket {
  const known = limits.origins.get(origin)
  if (known !== undefined) return known
  // The oldest origin goes: forgetting a bucket only ever favours the client.
  const oldest = limits.origins.size >= ORIGINS_MAX ? limits.origins.keys().next().value : undefined
  if (oldest !== undefined) limits.origins.delete(oldest)
  const fresh: OriginBucket = { weight: 0, refilledTsMs: nowTsMs }
  limits.origins.set(origin, fresh)
  return fresh
}

function budgetOf(limits: RateLimits, account: string): AccountBudget {
  const known = limits.accounts.get(account)
  if (known !== undefined) return known
  const fresh: AccountBudget = { used: 0, reserved: 0, lastAllowedTsMs: -OVER_BUDGET_WAIT_MS }
  limits.accounts.set(account, fresh)
  return fresh
}
