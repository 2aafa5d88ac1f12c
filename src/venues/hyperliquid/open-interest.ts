/**
 * Caps on open interest: whether our market stands at one now, which is looked at with the account once a minute, and how much
 * room it has at the start. At a cap the venue takes only what reduces.
 *
 * state  the last answer and when it came
 */
import type { MarketSpec } from '../../core/market.ts'
import { numberOf } from './decimal.ts'
import { ask, type VenueInfo } from './info.ts'
import { CAP_PERIOD_MS, CAP_ROOM_WARN_SHARE, type Log } from './options.ts'
import { listOf, recordOf } from './wire.ts'

export interface CapWatch {
  readonly nowMs: () => number
  /** Null: not asked yet. */
  askedMs: number | null
  isAtCap: boolean
}

export function initCap(nowMs: () => number): CapWatch {
  return { nowMs, askedMs: null, isAtCap: false }
}

/** @throws VenueError UNREACHABLE, MALFORMED_MESSAGE */
export async function readCap(
  info: VenueInfo,
  scope: { readonly coin: string; readonly dex: string; readonly cap?: CapWatch },
): Promise<{ readonly isAtOpenInterestCap?: boolean }> {
  const { cap, coin, dex } = scope
  if (cap === undefined) return {}
  if (cap.askedMs === null || cap.nowMs() - cap.askedMs >= CAP_PERIOD_MS) {
    const parameters = dex === '' ? {} : { dex }
    const coins = await ask(info, 'perpsAtOpenInterestCap', (client) =>
      client.perpsAtOpenInterestCap(parameters),
    )
    cap.isAtCap = listOf(coins, 'perpsAtOpenInterestCap').includes(coin)
    cap.askedMs = cap.nowMs()
  }
  return { isAtOpenInterestCap: cap.isAtCap }
}

/** Says at the start how near a builder DEX is to the caps that its deployer has set. */
export async function checkLimits(info: VenueInfo, market: MarketSpec, log: Log): Promise<void> {
  const { dex, coin } = market
  if (dex === '') return
  const answer = await ask(info, 'perpDexLimits', (client) => client.perpDexLimits({ dex }))
  if (answer === null) return
  const limits = recordOf(answer, 'perpDexLimits')
  const caps = listOf(limits['coinToOiCap'], 'coinToOiCap').map((entry) => listOf(entry, 'cap of a coin'))
  const own = caps.find(([name]) => name === coin)
  if (own === undefined) return
  const capUsd = numberOf(own[1]).toNumber()
  const usedUsd = await openInterestUsd(info, market)
  const fields = { coin, openInterestUsd: Math.round(usedUsd), capUsd }
  if (usedUsd >= (1 - CAP_ROOM_WARN_SHARE) * capUsd) log('warn', 'open interest is near its cap', fields)
  else log('debug', 'open interest and its cap', fields)
}

async function openInterestUsd(info: VenueInfo, { dex, coin }: MarketSpec): Promise<number> {
  const answer = await ask(info, 'metaAndAssetCtxs', (client) => client.metaAndAssetCtxs({ dex }))
  const [meta, contexts] = listOf(answer, 'metaAndAssetCtxs')
  const universe = listOf(recordOf(meta, 'meta')['universe'], 'universe')
  const index = universe.findIndex((entry) => recordOf(entry, 'universe entry')['name'] === coin)
  const context = recordOf(listOf(contexts, 'asset contexts')[index], 'asset context')
  return numberOf(context['openInterest']).mul(numberOf(context['markPx'])).toNumber()
}
