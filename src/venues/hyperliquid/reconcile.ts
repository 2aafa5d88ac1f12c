/**
 * What the account is, from one sample of questions: resting orders, position and margin, and the fills that lead there.
 *
 * The answers are taken at slightly different moments, so a sample counts only when it agrees with itself: the last fill
 * ends at the position, and every fill the stream has told meanwhile is among the fills. Otherwise another one is taken.
 */
import type { AccountInput, BudgetInput, FillInput, OpenOrder } from '../../core/input.ts'
import { signOf } from '../../core/units.ts'
import { VenueError } from '../errors.ts'
import { type AccountState, decodeAccountState, decodeOpenOrders, decodeRateLimit } from './decode-account.ts'
import { type CapWatch, readCap } from './open-interest.ts'
import { type Collateral, readReserve } from './collateral.ts'
import { decodeFills, type FillScope } from './decode-fills.ts'
import { ask, type Hex, type Urgency, type VenueInfo } from './info.ts'
import type { ReferenceMarket } from './market.ts'
import { FILL_OVERLAP_MS, FILL_PAGES_MAX, RETRY_WAIT_MS, SAMPLES_MAX } from './options.ts'
import { pause } from './pause.ts'
import { usedWeight, WEIGHT_PER_MINUTE_MAX } from './weight.ts'

export interface AccountScope extends FillScope {
  readonly account: Hex
  readonly dex: string
  /** Absent or null: no collateral is moved, so what lies elsewhere is not asked for. */
  readonly collateral?: Collateral | null
  /** Absent: the caps of the venue are not asked for. */
  readonly cap?: CapWatch
  /** Absent or null: no other market is listened to. */
  readonly reference?: ReferenceMarket | null
}

export interface Sample {
  /** Oldest first, from before the last seen fill on. */
  readonly fills: readonly FillInput[]
  readonly budget: BudgetInput
  readonly account: AccountInput
}

/**
 * @param lastFillTsMs the venue's time of the last fill seen; null at first
 * @param seenMeanwhile fills that the stream told since the call began; it may grow during it
 * @throws VenueError UNREACHABLE, MALFORMED_MESSAGE, OFF_GRID
 */
export async function sampleAccount(
  info: VenueInfo,
  scope: AccountScope,
  lastFillTsMs: number | null,
  seenMeanwhile: ReadonlySet<string>,
): Promise<Sample> {
  for (let attempt = 1; ; attempt += 1) {
    const [orders, state] = await Promise.all([readOpenOrders(info, scope), readState(info, scope)])
    const fills = await readFills(info, scope, (lastFillTsMs ?? state.venueTsMs) - FILL_OVERLAP_MS)
    if (agree(state, fills, seenMeanwhile) || attempt === SAMPLES_MAX) {
      const budget = await ask(info, 'userRateLimit', (client) =>
        client.userRateLimit({ user: scope.account }),
      )
      const { collateral = null } = scope
      const reserve = collateral === null ? {} : await readReserve(info, collateral, state.venueTsMs)
      const account = { ...accountInput(state, orders, fills), ...reserve, ...(await readCap(info, scope)) }
      const weight = { weightUsed: usedWeight(info.weight), weightMax: WEIGHT_PER_MINUTE_MAX }
      return { fills, budget: { ...decodeRateLimit(budget), ...weight }, account }
    }
    await pause(RETRY_WAIT_MS)
  }
}

/** The identity of a fill: one trade has one `tid` for both of its sides. */
export function identityOf(fill: FillInput): string {
  return `${fill.tid}:${fill.oid}`
}

/** @param fills oldest first; those of one millisecond in any order */
export function agree(
  state: Pick<AccountState, 'positionLots'>,
  fills: readonly FillInput[],
  seenMeanwhile: ReadonlySet<string>,
): boolean {
  const identities = new Set(fills.map(identityOf))
  for (const identity of seenMeanwhile) if (!identities.has(identity)) return false
  const newestTsMs = fills.at(-1)?.venueTsMs
  if (newestTsMs === undefined) return true
  return fills.some((fill) => {
    const endLots = fill.startPositionLots + signOf(fill.side) * fill.sizeLots
    return fill.venueTsMs === newestTsMs && endLots === state.positionLots
  })
}

function accountInput(
  state: AccountState,
  openOrders: readonly OpenOrder[],
  fills: readonly FillInput[],
): AccountInput {
  return {
    kind: 'account',
    positionLots: state.positionLots,
    cashMicroUsd: state.cashMicroUsd,
    accountValueMicroUsd: state.accountValueMicroUsd,
    withdrawableMicroUsd: state.withdrawableMicroUsd,
    isolatedMarginMicroUsd: state.isolatedMarginMicroUsd,
    liquidationTicks: state.liquidationTicks,
    openOrders,
    // The position holds every fill of the sample, whatever the clock of the server that answered.
    venueTsMs: Math.max(state.venueTsMs, fills.at(-1)?.venueTsMs ?? 0),
  }
}

export async function readState(info: VenueInfo, scope: AccountScope): Promise<AccountState> {
  const parameters = { user: scope.account, ...(scope.dex === '' ? {} : { dex: scope.dex }) }
  const answer = await ask(info, 'clearinghouseState', (client) => client.clearinghouseState(parameters))
  return decodeAccountState(answer, scope.coin, scope.grid)
}

export async function readOpenOrders(
  info: VenueInfo,
  scope: AccountScope,
  urgency: Urgency = 'patient',
): Promise<OpenOrder[]> {
  const parameters = { user: scope.account, ...(scope.dex === '' ? {} : { dex: scope.dex }) }
  const answer = await ask(info, 'openOrders', (client) => client.openOrders(parameters), urgency)
  return decodeOpenOrders(answer, scope.coin, scope.grid)
}

/** Pages forward, each from the time where the last ended, until one tells nothing new. */
export async function readFills(
  info: VenueInfo,
  scope: AccountScope,
  sinceTsMs: number,
): Promise<FillInput[]> {
  const fills: FillInput[] = []
  const seen = new Set<string>()
  let startTime = Math.max(0, sinceTsMs)
  for (let page = 1; page <= FILL_PAGES_MAX; page += 1) {
    const answer = await ask(info, 'userFillsByTime', (client) =>
      client.userFillsByTime({ user: scope.account, startTime }),
    )
    // Fills of other coins end a page too, so the whole page tells where the next begins.
    const { endTsMs, isFull } = extentOf(answer)
    for (const fill of decodeFills(answer, scope)) {
      if (seen.has(identityOf(fill))) continue
      seen.add(identityOf(fill))
      fills.push(fill)
    }
    if (!isFull) return fills.sort((left, right) => left.venueTsMs - right.venueTsMs)
    // A page may end within a millisecond, so the next begins with it; a page of one millisecond cannot be split.
    startTime = Math.max(endTsMs, startTime + 1)
  }
  throw new VenueError(
    'UNREACHABLE',
    `the fills since ${sinceTsMs} do not fit ${FILL_PAGES_MAX} pages: the venue no longer tells them all`,
  )
}

/** The venue cuts answers at 500 rows or blocks, or at 2 000 rows: shorter ones are complete. */
const FULL_PAGE_ROWS = 500

function extentOf(answer: unknown): { readonly endTsMs: number; readonly isFull: boolean } {
  if (!Array.isArray(answer)) return { endTsMs: 0, isFull: false } // The decoder says what is wrong with it.
  let endTsMs = 0
  for (const entry of answer as readonly unknown[]) {
    const time = typeof entry === 'object' && entry !== null && 'time' in entry ? entry.time : 0
    if (typeof time === 'number') endTsMs = Math.max(endTsMs, time)
  }
  return { endTsMs, isFull: answer.length >= FULL_PAGE_ROWS }
}
