/**
 * Collateral of the same account that lies elsewhere: how much there is, how much came from there today, and moving it to our
 * DEX. Moving money is signed by the account's own key; an API wallet may not, and that is said at the start.
 * @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/exchange-endpoint#send-asset
 */
import { SendAssetTypes } from '@nktkas/hyperliquid/api/exchange'
import type { MarketSpec } from '../../core/market.ts'
import { VenueError } from '../errors.ts'
import { decimalOf, microUsdOf, numberOf } from './decimal.ts'
import { type Answer, type ExchangeClient, postUserSigned } from './exchange-client.ts'
import { ask, type Hex, type VenueInfo } from './info.ts'
import type { CollateralSource } from './options.ts'
import { listOf, recordOf, textOf } from './wire.ts'

const USD_DECIMALS = 6
const DAY_MS = 86_400_000

/** Where collateral may come from, and what it is called there. */
export interface Collateral {
  readonly source: CollateralSource
  readonly account: Hex
  /** The account is a sub-account and its master signs. */
  readonly isSubAccount: boolean
  /** `NAME:0x…`, as transfers name it. */
  readonly token: string
  readonly tokenName: string
  /** Of the venue, '' is the main DEX. */
  readonly sourceDex: string
  readonly destinationDex: string
}

interface Reserve {
  readonly reserveMicroUsd: number
  readonly movedTodayMicroUsd: number
}

/** @throws VenueError REFUSED when this key, or this market, has nothing to move from there; UNREACHABLE */
export async function openCollateral(
  info: VenueInfo,
  of: {
    readonly source: CollateralSource
    readonly account: Hex
    readonly signer: string
    readonly market: MarketSpec
  },
): Promise<Collateral> {
  const { source, account, signer, market } = of
  if (source === 'main' && market.dex === '') {
    throw new VenueError('REFUSED', 'margin.collateral_source = main: the market is on the main DEX itself')
  }
  const token = await tokenOf(info, market.collateral)
  if (source === 'main' && market.collateral !== (await mainCollateral(info))) {
    throw new VenueError(
      'REFUSED',
      `margin.collateral_source = main: ${market.dex} counts in ${market.collateral}, which the main DEX does not hold; use spot`,
    )
  }
  const isSubAccount = signer !== account && (await masterOf(info, account)) === signer
  if (signer !== account && !isSubAccount) {
    throw new VenueError(
      'REFUSED',
      `margin.collateral_source = ${source}: the key is an API wallet, and only the key of the account itself may move money; set it to off`,
    )
  }
  return {
    source,
    account,
    isSubAccount,
    token,
    tokenName: market.collateral,
    sourceDex: source === 'spot' ? 'spot' : '',
    destinationDex: market.dex,
  }
}

async function tokenOf(info: VenueInfo, name: string): Promise<string> {
  const meta = recordOf(await ask(info, 'spotMeta', (client) => client.spotMeta()), 'spotMeta')
  for (const entry of listOf(meta['tokens'], 'tokens')) {
    const token = recordOf(entry, 'token')
    if (textOf(token, 'name') === name) return `${name}:${textOf(token, 'tokenId')}`
  }
  throw new VenueError('REFUSED', `the venue lists no token ${name} that could be moved`)
}

async function mainCollateral(info: VenueInfo): Promise<string> {
  const meta = recordOf(await ask(info, 'meta', (client) => client.meta({})), 'meta')
  const spot = recordOf(await ask(info, 'spotMeta', (client) => client.spotMeta()), 'spotMeta')
  const token = listOf(spot['tokens'], 'tokens').find(
    (entry) => recordOf(entry, 'token')['index'] === meta['collateralToken'],
  )
  return textOf(recordOf(token, 'collateral token'), 'name')
}

async function masterOf(info: VenueInfo, account: Hex): Promise<string | null> {
  const role = recordOf(
    await ask(info, 'userRole', (client) => client.userRole({ user: account })),
    'userRole',
  )
  if (role['role'] !== 'subAccount') return null
  return textOf(recordOf(role['data'], 'userRole data'), 'master').toLowerCase()
}

/**
 * @param venueTsMs the venue's time, which says what day it is
 * @throws VenueError UNREACHABLE, MALFORMED_MESSAGE
 */
export async function readReserve(
  info: VenueInfo,
  collateral: Collateral,
  venueTsMs: number,
): Promise<Reserve> {
  const [reserveMicroUsd, movedTodayMicroUsd] = await Promise.all([
    readFree(info, collateral),
    readMoved(info, collateral, Math.floor(venueTsMs / DAY_MS) * DAY_MS),
  ])
  return { reserveMicroUsd, movedTodayMicroUsd }
}

async function readFree(info: VenueInfo, { source, account, tokenName }: Collateral): Promise<number> {
  const user = account
  if (source === 'main') {
    const state = await ask(info, 'clearinghouseState', (client) => client.clearinghouseState({ user }))
    return microUsdOf(recordOf(state, 'clearinghouseState')['withdrawable'])
  }
  const state = await ask(info, 'spotClearinghouseState', (client) => client.spotClearinghouseState({ user }))
  for (const entry of listOf(recordOf(state, 'spotClearinghouseState')['balances'], 'balances')) {
    const balance = recordOf(entry, 'balance')
    if (textOf(balance, 'coin') !== tokenName) continue
    // Tokens have more decimals than a micro-dollar: what is below it stays where it is.
    const free = numberOf(balance['total']).minus(numberOf(balance['hold'])).mul(1_000_000).floor().toNumber()
    return Math.max(0, free)
  }
  return 0
}

async function readMoved(info: VenueInfo, collateral: Collateral, startTime: number): Promise<number> {
  const { account, destinationDex, sourceDex } = collateral
  const updates = await ask(info, 'userNonFundingLedgerUpdates', (client) =>
    client.userNonFundingLedgerUpdates({ user: account, startTime }),
  )
  let movedMicroUsd = 0
  for (const entry of listOf(updates, 'ledger updates')) {
    const delta = recordOf(recordOf(entry, 'ledger update')['delta'], 'delta')
    if (delta['type'] !== 'send' || textOf(delta, 'destination').toLowerCase() !== account) continue
    if (delta['destinationDex'] !== destinationDex || delta['sourceDex'] !== sourceDex) continue
    movedMicroUsd += numberOf(delta['amount']).mul(1_000_000).ceil().toNumber()
  }
  return movedMicroUsd
}

export async function sendCollateral(
  client: ExchangeClient,
  collateral: Collateral,
  amountMicroUsd: number,
): Promise<Answer> {
  const { account, isSubAccount, token, sourceDex, destinationDex } = collateral
  const fields = {
    destination: account,
    sourceDex,
    destinationDex,
    token,
    amount: decimalOf(amountMicroUsd, USD_DECIMALS),
    fromSubAccount: isSubAccount ? account : '',
  }
  return postUserSigned(client, { type: 'sendAsset', ...fields }, SendAssetTypes)
}
