/** What `hypermake doctor` asks the venue: is it there, what time is it there, what is the key, the account and the market. */
import type { EffectiveConfig } from '../config/config.ts'
import type { BookInput } from '../core/input.ts'
import type { MarketSpec } from '../core/market.ts'
import { decodeBook } from '../venues/hyperliquid/decode-book.ts'
import { ask, type Hex, openInfo, type VenueInfo } from '../venues/hyperliquid/info.ts'
import { keyRoleOf } from '../venues/hyperliquid/key-role.ts'
import { resolveMarket } from '../venues/hyperliquid/market.ts'
import { EXPIRY_MARGIN_MS } from '../venues/hyperliquid/options.ts'
import type { AccountScope } from '../venues/hyperliquid/reconcile.ts'
import { recordOf, wholeFieldOf } from '../venues/hyperliquid/wire.ts'
import type { Trader } from './account.ts'
import { finding, ok } from './doctor-finding.ts'
import type { DoctorFinding } from './doctor-finding.ts'
import { endpointsOf } from './endpoints.ts'

/** Nobody's; the venue answers questions about it with the rates of a stranger. */
const NOBODY: Hex = `0x${'0'.repeat(40)}`
const CLOCK_SAMPLES = 3
/** A difference that does no harm yet, ms; from `EXPIRY_MARGIN_MS` on an order may come to life after it was given up. */
const SKEW_WARNING_MS = 500
/** An API wallet that ends within this is worth a word, ms. */
const AGENT_ENDS_SOON_MS = 7 * 86_400_000
const DAY_MS = 86_400_000

/** A market that answered, as this account sees it. */
export interface Venue {
  readonly info: VenueInfo
  readonly market: MarketSpec
  readonly book: BookInput
  /** Middle of the touch; null without both sides. */
  readonly midTicks: number | null
}

export function openVenueInfo(config: EffectiveConfig): VenueInfo {
  const { venue } = config.values
  const { apiUrl } = endpointsOf(venue, null)
  return openInfo({ apiUrl, isTestnet: venue.network !== 'mainnet' })
}

/** @throws VenueError UNREACHABLE, UNKNOWN_DEX, UNKNOWN_COIN, MALFORMED_MESSAGE */
export async function readVenue(
  config: EffectiveConfig,
  info: VenueInfo,
  account: string | null,
): Promise<Venue> {
  const { network } = config.values.venue
  const { dex, asset, forceIsolated } = config.values.market
  const user = account === null ? NOBODY : (account as Hex) // Checked when it was read.
  const market = await resolveMarket(info, { network, dex, asset, account: user, forceIsolated })
  return { info, market, ...(await readMid(info, market)) }
}

/** @returns the book as it is now, and the middle of its touch; null without both sides */
export async function readMid(
  info: VenueInfo,
  market: MarketSpec,
): Promise<Pick<Venue, 'book' | 'midTicks'>> {
  const answer = await ask(info, 'l2Book', (client) => client.l2Book({ coin: market.coin }))
  const book = decodeBook(answer, market.grid)
  const [bid] = book.bids
  const [bestAsk] = book.asks
  return { book, midTicks: bid === undefined || bestAsk === undefined ? null : (bid + bestAsk) / 2 }
}

export function checkMarket({ market, midTicks, info }: Venue): DoctorFinding[] {
  const { coin, marginMode, maxLeverage, collateral, grid } = market
  const found = ok(
    'market',
    `${coin} at ${info.url}: ${marginMode} margin, up to ${maxLeverage}x, collateral ${collateral}`,
  )
  if (midTicks !== null) {
    const price = (midTicks * 10 ** -grid.priceDecimals).toFixed(grid.priceDecimals)
    return [found, ok('book', `two-sided around ${price}`)]
  }
  const what = `the book of ${coin} has not both sides: nothing is quoted without a mid`
  return [found, finding('warning', 'book', what, 'wait for others to quote, or choose another market')]
}

/** The quickest of a few answers says most: the venue's time lies between question and answer. */
export async function checkClock(info: VenueInfo): Promise<DoctorFinding[]> {
  let bestTripMs = Infinity
  let skewMs = 0
  for (let sample = 0; sample < CLOCK_SAMPLES; sample += 1) {
    const askedMs = Date.now()
    const startedMs = performance.now()
    const answer = await ask(info, 'exchangeStatus', (client) => client.exchangeStatus())
    const tripMs = performance.now() - startedMs
    if (tripMs >= bestTripMs) continue
    bestTripMs = tripMs
    skewMs = askedMs + tripMs / 2 - wholeFieldOf(recordOf(answer, 'exchangeStatus'), 'time')
  }
  return [judgeClock(skewMs, bestTripMs)]
}

/** @param skewMs our clock less the venue's */
export function judgeClock(skewMs: number, tripMs: number): DoctorFinding {
  const direction = skewMs < 0 ? 'behind' : 'ahead of'
  const what = `this clock is ${Math.abs(skewMs).toFixed(0)} ms ${direction} the venue's, ± ${(tripMs / 2).toFixed(0)} ms`
  if (Math.abs(skewMs) < SKEW_WARNING_MS + tripMs / 2) return ok('clock', what)
  const severity = Math.abs(skewMs) < EXPIRY_MARGIN_MS + tripMs / 2 ? 'warning' : 'error'
  return finding(
    severity,
    'clock',
    `${what}: orders expire too early or too late`,
    'let NTP set the clock (timedatectl set-ntp true)',
  )
}

export async function checkRole(
  info: VenueInfo,
  trader: Trader,
  of: { readonly isLocal: boolean; readonly nowMs: number },
): Promise<DoctorFinding[]> {
  const signer = trader.wallet.address.toLowerCase() as Hex // Of a key.
  const account = trader.account as Hex // Checked when it was read.
  const role = await keyRoleOf(info, account, signer)
  switch (role.kind) {
    case 'stranger': {
      const fix = `approve ${signer} as an API wallet of ${account}, or set HYPERMAKE_ACCOUNT to the account that it trades for`
      return [finding('error', 'key', `the key may not trade for ${account}: ${role.because}`, fix)]
    }
    case 'owner':
    case 'master': {
      const whose = role.kind === 'owner' ? 'the account itself' : `the master of ${account}`
      if (of.isLocal) return [ok('key', `${signer} is ${whose}`)]
      const what = `${signer} is ${whose}: whoever reads this key can withdraw everything`
      return [
        finding('warning', 'key', what, 'trade with an API wallet, which can neither withdraw nor transfer'),
      ]
    }
    case 'agent':
      return [agentFinding(signer, account, role.validUntilTsMs, of.nowMs)]
  }
}

function agentFinding(signer: Hex, account: Hex, untilTsMs: number | null, nowMs: number): DoctorFinding {
  const what = `${signer} is an API wallet of ${account}`
  if (untilTsMs === null) return ok('key', `${what}, without a named end`)
  const until = new Date(untilTsMs).toISOString()
  const days = ((untilTsMs - nowMs) / DAY_MS).toFixed(1)
  const fix = 'approve a new API wallet on the page of the venue and put its key in place'
  if (untilTsMs <= nowMs) return finding('error', 'key', `${what} that ended ${until}`, fix)
  if (untilTsMs - nowMs >= AGENT_ENDS_SOON_MS) return ok('key', `${what} until ${until}`)
  return finding('warning', 'key', `${what} that ends in ${days} days, ${until}`, fix)
}

export function scopeOf(market: MarketSpec, account: string): AccountScope {
  // The address was checked when it was read.
  return { account: account as Hex, dex: market.dex, coin: market.coin, grid: market.grid }
}
