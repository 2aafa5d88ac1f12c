/**
 * `hypermake doctor`: looks at everything that decides whether a run may trade and what it will find, and changes nothing. Each
 * part that cannot be looked at is said, not left out.
 */
import type { DoctorOptions } from '../config/options.ts'
import type { Capital } from '../core/risk/limits.ts'
import { coinNameOf } from '../venues/hyperliquid/market.ts'
import { readState } from '../venues/hyperliquid/reconcile.ts'
import { VenueError } from '../venues/errors.ts'
import {
  capitalOf,
  checkBudget,
  checkLimits,
  checkMargin,
  checkOrders,
  checkPosition,
  checkSizes,
} from './doctor-account.ts'
import { doctorText, finding } from './doctor-finding.ts'
import type { DoctorFinding } from './doctor-finding.ts'
import { checkConfig, checkKey, checkState } from './doctor-local.ts'
import type { LocalKey } from './doctor-local.ts'
import { checkClock, checkMarket, checkRole, openVenueInfo, readVenue, scopeOf } from './doctor-venue.ts'
import type { Venue } from './doctor-venue.ts'
import { exitCodes } from './exit-codes.ts'
import { makersOf } from './makers.ts'
import { needsCapital } from './sizes.ts'

/** @returns 3 when any finding is an error, else 0 */
export async function doctor(options: DoctorOptions): Promise<number> {
  const findings = await examine(options)
  const isReady = !findings.some(({ severity }) => severity === 'error')
  const text = options.json ? JSON.stringify({ kind: 'doctor', isReady, findings }) : doctorText(findings)
  process.stdout.write(`${text}\n`)
  return isReady ? exitCodes.ok : exitCodes.refused
}

async function examine(options: DoctorOptions): Promise<DoctorFinding[]> {
  const { config } = options
  const key = checkKey(config)
  const local = [...checkConfig(config), ...key.findings, ...checkState(config, key.account, Date.now())]
  const { network, apiUrl } = config.values.venue
  if (network === 'local' && apiUrl === '') {
    const what = 'the embedded exchange lives inside its maker: there is no account to look at before a run'
    return [
      ...local,
      finding(
        'skipped',
        'venue',
        what,
        'hypermake exchange, then hypermake doctor --api-url with its address',
      ),
    ]
  }
  return [...local, ...(await examineVenue(options, key))]
}

async function examineVenue({ config }: DoctorOptions, key: LocalKey): Promise<DoctorFinding[]> {
  const info = openVenueInfo(config)
  let venue: Venue
  try {
    venue = await readVenue(config, info, key.account)
  } catch (error) {
    return [failure('venue', error)]
  }
  const { trader, account } = key
  const isLocal = config.values.venue.network === 'local'
  const found = [...checkMarket(venue), ...(await attempt('clock', () => checkClock(info)))]
  if (trader !== null) {
    found.push(...(await attempt('key', () => checkRole(info, trader, { isLocal, nowMs: Date.now() }))))
  }
  const capital = async (): Promise<Capital | null> => {
    if (account === null || !needsCapital(config.values)) return null
    const state = await readState(venue.info, scopeOf(venue.market, account))
    return capitalOf(venue, state.accountValueMicroUsd)
  }
  found.push(...(await attempt('sizes', async () => checkSizes(config, venue, await capital()))))
  if (account !== null) found.push(...(await examineAccount({ config }, venue, account)))
  return found
}

async function examineAccount(
  { config }: Pick<DoctorOptions, 'config'>,
  venue: Venue,
  account: string,
): Promise<DoctorFinding[]> {
  const scope = scopeOf(venue.market, account)
  const coin = coinNameOf(config.values.market.asset, config.values.market.dex)
  const isRunning = makersOf(config.values, { account, coin }).length > 0
  return [
    ...(await attempt('margin', async () => {
      const state = await readState(venue.info, scope)
      return [
        ...(await checkMargin(config, venue, scope, state)),
        ...checkLimits(config, venue, state),
        ...(isRunning ? [] : await checkPosition(config, venue, scope, state)),
      ]
    })),
    ...(await attempt('budget', () => checkBudget(config, venue, scope))),
    ...(await attempt('orders', () => checkOrders(venue, scope, isRunning))),
  ]
}

/** One question that fails must not hide the answers to the others. */
async function attempt(check: string, body: () => Promise<DoctorFinding[]>): Promise<DoctorFinding[]> {
  try {
    return await body()
  } catch (error) {
    return [failure(check, error)]
  }
}

const FIXES: Readonly<Record<string, string>> = {
  UNREACHABLE:
    'start the exchange, or give its address with --api-url; on a real network look at its status page',
  UNKNOWN_DEX: 'hypermake --list-dexs shows the DEXs',
  UNKNOWN_COIN: 'name a coin of this DEX with --asset',
  TOO_SMALL: 'set a size that the grid of the market can hold',
}

function failure(check: string, error: unknown): DoctorFinding {
  const code = (error as { readonly code?: unknown }).code
  // Anything without a code is a bug and must look like one.
  if (!(error instanceof Error) || typeof code !== 'string') throw error
  const fix =
    FIXES[code] ?? (error instanceof VenueError ? 'see docs/errors.md' : 'correct it in the configuration')
  return finding('error', check, `${error.message} [${code}]`, fix)
}
