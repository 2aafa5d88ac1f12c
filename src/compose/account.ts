/** Whose money is traded, with which key, and whether this command line may touch it. */
import { readFileSync } from 'node:fs'
import type { EffectiveConfig } from '../config/config.ts'
import type { RunOptions } from '../config/options.ts'
import { walletOf } from '../signing/wallet.ts'
import type { Wallet } from '../signing/wallet.ts'
import { VenueError } from '../venues/errors.ts'
import { KEY_FILE_VARIABLE, KEY_VARIABLE, keyIn, privateKeyFrom } from '../venues/hyperliquid/keys.ts'
import { TEST_PRIVATE_KEY } from './test-account.ts'

/** The account that an API wallet trades for; without it the key's own account is meant. */
export const ACCOUNT_VARIABLE = 'HYPERMAKE_ACCOUNT'
const ADDRESS_PATTERN = /^0x[0-9a-fA-F]{40}$/
const ACCOUNT_TAIL_LENGTH = 6

export interface Trader {
  readonly wallet: Wallet
  /** Lower case. */
  readonly account: string
}

/**
 * On the embedded exchange the public test key stands in for a missing one; elsewhere a key is demanded.
 * @param of.keyFile a file that holds the key, before what the environment names; null or absent: the environment
 * @throws VenueError BAD_KEY without a usable key or with a malformed account
 */
export function accountOf(of: {
  readonly config: EffectiveConfig
  readonly keyFile?: string | null
}): Trader {
  const isLocal = of.config.values.venue.network === 'local'
  const read = (path: string): string => readFileSync(path, 'utf8')
  const given = of.keyFile ? keyIn(of.keyFile, read) : privateKeyFrom(process.env, read)
  const key = given ?? (isLocal ? TEST_PRIVATE_KEY : null)
  if (key === null) {
    throw new VenueError(
      'BAD_KEY',
      'no key: set HYPERMAKE_PRIVATE_KEY_FILE to a file that holds an API wallet key',
    )
  }
  const wallet = walletOf(key)
  return { wallet, account: accountGiven() ?? wallet.address.toLowerCase() }
}

function checkAddress(account: string): string {
  if (ADDRESS_PATTERN.test(account)) return account.toLowerCase()
  throw new VenueError(
    'BAD_KEY',
    `${ACCOUNT_VARIABLE} is ${account}: it must be 0x and 40 hexadecimal digits`,
  )
}

/** @returns whether the environment names a key; it may be a bad one */
export function hasKey(): boolean {
  return [KEY_VARIABLE, KEY_FILE_VARIABLE].some((name) => (process.env[name] ?? '').trim() !== '')
}

/**
 * @returns the account that the environment names, lower case; null when it names none
 * @throws VenueError BAD_KEY when it is malformed
 */
export function accountGiven(): string | null {
  const account = process.env[ACCOUNT_VARIABLE] ?? ''
  return account === '' ? null : checkAddress(account)
}

/** @returns why orders may not be sent with these flags, or null when they may */
export function checkLive(options: RunOptions): string | null {
  const { network } = options.config.values.venue
  // Without --live nothing is sent: such a run is on paper.
  if (network !== 'mainnet' || !options.isLive) return null
  const { account } = accountOf(options)
  const tail = account.slice(-ACCOUNT_TAIL_LENGTH)
  if (options.acceptRealMoney?.toLowerCase() === tail) return null
  return `mainnet trades real money: add --i-accept-real-money with the last six characters of ${account}`
}
