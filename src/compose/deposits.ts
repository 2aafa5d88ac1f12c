/** Who gets play money: `--deposit ADDRESS=USD`, and files of `[[account]]` tables, which may also set protections. */
import { ConfigError } from '../config/errors.ts'
import { readToml } from '../config/layers.ts'
import type { Deposit } from '../config/options.ts'
import type { VenueSpec } from '../exchange/instrument.ts'
import { createDirectory, type Directory } from '../server/directory.ts'
import { type ProtectionCommand, readFileProtection } from '../server/protection-fields.ts'

const ADDRESS = /^0x[0-9a-fA-F]{40}$/
/** The exchange keeps whole micro-dollars of each DEX in safe integers. */
export const DEPOSIT_USD_MAX = 1e9

/** What a file gives: money first, then the protections of those who have some. */
export interface AccountsFile {
  readonly deposits: readonly Deposit[]
  readonly protections: readonly ProtectionCommand[]
}

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
 * @param path TOML: `[[account]]` tables with `address` and `usd`, in each any number of `[[account.protection]]`
 * @param spec the venue whose coins the protections name
 * @throws ConfigError FILE_UNREADABLE, BAD_TOML, UNKNOWN_KEY, BAD_VALUE
 */
export function accountsIn(path: string, spec: VenueSpec): AccountsFile {
  const { account, ...others } = readToml(path) as Record<string, unknown>
  const [stranger] = Object.keys(others)
  if (stranger !== undefined) {
    throw new ConfigError('UNKNOWN_KEY', `${path}: there is no key ${stranger}; write [[account]] tables`)
  }
  if (!Array.isArray(account) || !account.every(isTable)) {
    throw new ConfigError('BAD_VALUE', `${path}: holds no account; write [[account]] with address and usd`)
  }
  const directory = createDirectory(spec)
  const rows = account.map((row, index) => accountOf(row, `${path}: account ${index + 1}`, directory))
  return {
    deposits: rows.map(({ deposit }) => deposit),
    protections: rows.flatMap(({ protections }) => protections),
  }
}

function accountOf(
  { address, usd, protection = [], ...rest }: Record<string, unknown>,
  where: string,
  directory: Directory,
): { readonly deposit: Deposit; readonly protections: ProtectionCommand[] } {
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined) throw new ConfigError('UNKNOWN_KEY', `${where} has no key ${unknown}`)
  const deposit = toDeposit(address, usd)
  if (typeof deposit === 'string') throw new ConfigError('BAD_VALUE', `${where}: ${deposit}`)
  if (!Array.isArray(protection)) {
    throw new ConfigError('BAD_VALUE', `${where}: protection must be [[account.protection]] tables`)
  }
  const protections = protection.map((row: unknown, index) => {
    const command = readFileProtection(directory, deposit.address, row)
    if (typeof command !== 'string') return command
    throw new ConfigError('BAD_VALUE', `${where}, protection ${index + 1}: ${command}`)
  })
  return { deposit, protections }
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
