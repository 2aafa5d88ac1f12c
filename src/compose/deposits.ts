/** Who gets play money: `--deposit ADDRESS=USD`, and files of `[[account]]` tables. */
import { ConfigError } from '../config/errors.ts'
import { readToml } from '../config/layers.ts'
import type { Deposit } from '../config/options.ts'

const ADDRESS = /^0x[0-9a-fA-F]{40}$/
/** The exchange keeps whole micro-dollars of each DEX in safe integers. */
export const DEPOSIT_USD_MAX = 1e9

/** @returns what is wrong in words, or the deposit */
export function toDeposit(address: unknown, usd: unknown): Deposit | string {
  if (typeof address !== 'string' || !ADDRESS.test(address)) {
    return `address ${JSON.stringify(address)} must be 0x and 40 hexadecimal digits`
  }
  if (typeof usd !== 'number' || !(usd > 0 && usd <= DEPOSIT_USD_MAX)) {
    return `usd ${JSON.stringify(usd)} must be a number above 0, up to ${DEPOSIT_USD_MAX}`
  }
  return { address: address.toLowerCase(), usd }
}

/**
 * @param path TOML: `[[account]]` tables with `address` and `usd`
 * @throws ConfigError FILE_UNREADABLE, BAD_TOML, UNKNOWN_KEY, BAD_VALUE
 */
export function depositsIn(path: string): Deposit[] {
  const { account, ...others } = readToml(path) as Record<string, unknown>
  const [stranger] = Object.keys(others)
  if (stranger !== undefined) {
    throw new ConfigError('UNKNOWN_KEY', `${path}: there is no key ${stranger}; write [[account]] tables`)
  }
  if (!Array.isArray(account)) {
    throw new ConfigError('BAD_VALUE', `${path}: holds no account; write [[account]] with address and usd`)
  }
  return account.map((row: unknown, index) => {
    const { address, usd, ...rest } = row as Record<string, unknown>
    const [unknown] = Object.keys(rest)
    if (unknown !== undefined) {
      throw new ConfigError('UNKNOWN_KEY', `${path}: account ${index + 1} has no key ${unknown}`)
    }
    const deposit = toDeposit(address, usd)
    if (typeof deposit === 'string') {
      throw new ConfigError('BAD_VALUE', `${path}: account ${index + 1}: ${deposit}`)
    }
    return deposit
  })
}
