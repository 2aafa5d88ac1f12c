/**
 * What must be true of the account before the first order: a mode whose per-DEX state means something, money on this DEX,
 * and isolated margin where the market or the user asks for it. Anything else is said plainly at start, not found in a loss.
 */
import { isolatedLeverageOf } from '../../core/margin.ts'
import type { MarketSpec } from '../../core/market.ts'
import { MICRO_USD_PER_USD } from '../../core/units.ts'
import { VenueError } from '../errors.ts'
import { type ExchangeClient, post } from './exchange-client.ts'
import { ask, type Hex, type VenueInfo } from './info.ts'
import { checkLimits } from './open-interest.ts'
import type { Log } from './options.ts'
import { type AccountScope, readState } from './reconcile.ts'
import { recordOf } from './wire.ts'

/** In these modes balances are shared over DEXs and the per-DEX states are not the account. */
export const SHARED_MODES: ReadonlySet<unknown> = new Set(['unifiedAccount', 'portfolioMargin'])
const VAULT_ROLES: ReadonlySet<unknown> = new Set(['subAccount', 'vault'])

export interface Preparation {
  readonly client: ExchangeClient
  readonly scope: AccountScope
  readonly market: MarketSpec
  readonly initialIsolatedMarginUsd: number
  /** 0: the default of the margin mode. */
  readonly leverage: number
  readonly log: Log
}

/**
 * @throws VenueError NOT_FUNDED without collateral on this DEX; REFUSED when the account's mode, an open cross position, or
 *   the venue stands against the wished margin
 */
export async function prepareAccount(of: Preparation): Promise<void> {
  const { client, scope, market, log } = of
  await requireOwnBalances(client.info, scope.account)
  const state = await readState(client.info, scope)
  if (state.accountValueMicroUsd <= 0) {
    const where = market.dex === '' ? 'the main DEX' : `the DEX ${market.dex}`
    throw new VenueError(
      'NOT_FUNDED',
      `${scope.account} has ${usd(state.accountValueMicroUsd)} ${market.collateral} on ${where}: send it some before trading`,
    )
  }
  requireLeverage(market, of.leverage)
  await checkLimits(client.info, market, log)
  if (market.marginMode === 'cross') {
    // A position that stands isolated keeps its mode and its leverage: the venue changes neither under it.
    if (of.leverage > 0 && state.positionMode !== 'isolated') await setLeverage(client, market, of.leverage)
    return
  }
  if (state.positionMode === 'cross') {
    throw new VenueError(
      'REFUSED',
      `${market.coin} has an open position on cross margin; close it before trading isolated, or leave out --force-isolated`,
    )
  }
  if (state.withdrawableMicroUsd < of.initialIsolatedMarginUsd * MICRO_USD_PER_USD) {
    log('warn', 'less free collateral than the initial isolated margin', {
      freeUsd: usd(state.withdrawableMicroUsd),
      initialIsolatedMarginUsd: of.initialIsolatedMarginUsd,
    })
  }
  if (state.positionMode === null || of.leverage > 0) {
    await setLeverage(client, market, isolatedLeverageOf(market, of.leverage))
  }
}

function requireLeverage(market: MarketSpec, leverage: number): void {
  if (leverage <= market.maxLeverage) return
  throw new VenueError(
    'REFUSED',
    `margin.leverage = ${leverage}: ${market.coin} allows ${market.maxLeverage} at most`,
  )
}

async function requireOwnBalances(info: VenueInfo, account: Hex): Promise<void> {
  const mode = await ask(info, 'userAbstraction', (client) => client.userAbstraction({ user: account }))
  if (!SHARED_MODES.has(mode)) return
  throw new VenueError(
    'REFUSED',
    `${account} is in the mode ${String(mode)}, where balances are shared over DEXs: switch it to standard mode, ` +
      'which the venue recommends for market makers',
  )
}

async function setLeverage(client: ExchangeClient, market: MarketSpec, leverage: number): Promise<void> {
  const isCross = market.marginMode === 'cross'
  const action = { type: 'updateLeverage', asset: market.assetId, isCross, leverage } as const
  const answer = await post(client, action, null)
  if (answer.kind === 'statuses') return
  throw new VenueError(
    'REFUSED',
    `${market.marginMode} margin with leverage ${leverage} could not be set on ${market.coin}: ${answer.text}`,
  )
}

/**
 * A sub-account or vault trades by its master's signature and its own address beside it; a master and its API wallets need
 * no address.
 * @returns the address to sign with, or null
 * @throws VenueError REFUSED when the key may not trade for the account
 */
export async function vaultAddressOf(info: VenueInfo, account: Hex, signer: string): Promise<Hex | null> {
  if (signer === account) return null
  const roleOf = async (user: Hex): Promise<unknown> =>
    ask(info, 'userRole', (client) => client.userRole({ user }))
  const role = recordOf(await roleOf(account), 'userRole')['role']
  if (role === 'agent') {
    throw new VenueError('REFUSED', `${account} is an API wallet: name the account that it trades for`)
  }
  return VAULT_ROLES.has(role) ? account : null
}

function usd(microUsd: number): string {
  return (microUsd / MICRO_USD_PER_USD).toFixed(2)
}
