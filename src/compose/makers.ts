/** Which makers of this market run on this machine, by the locks that they hold beside the journals. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import { heldBy } from '../journal/lock.ts'

export interface MakerOf {
  readonly account: string
  /** With its prefix: `hyna:BTC`. */
  readonly coin: string
}

/**
 * Two makers with one account on one market would cancel each other's quotes and double the position. An embedded exchange is
 * a world of its own, so its runs do not exclude each other.
 */
export function lockPath(config: Config, of: MakerOf, epoch: number): string {
  const { network, apiUrl } = config.venue
  const isOwnWorld = network === 'local' && apiUrl === ''
  return join(config.journal.dir, lockName(isOwnWorld ? `own-${epoch}` : `${network}-${apiUrl}`, of))
}

/** @returns who holds a lock of this market, in words; empty when nobody does */
export function makersOf(
  config: Config,
  { account, coin }: { readonly account: string | null; readonly coin: string },
): string[] {
  const { network, apiUrl } = config.venue
  const isOwnWorld = network === 'local' && apiUrl === ''
  return holdersIn(
    config.journal.dir,
    lockPattern(isOwnWorld ? 'own-EPOCH' : `${network}-${apiUrl}`, account, coin),
  )
}

/** @returns who trades this market on paper, for whichever account; an account is only asked for its fee rates there */
export function paperMakersOf(config: Config, coin: string): string[] {
  const { network, apiUrl } = config.venue
  return holdersIn(paperRootOf(config), lockPattern(`${network}-${apiUrl}`, null, coin))
}

/** Names hold letters, digits and hyphens only, so they are patterns of themselves. @param account null: whosever */
function lockPattern(world: string, account: string | null, coin: string): string {
  return lockName(world, { account: account ?? 'ANYBODY', coin })
    .replace('EPOCH', '\\d+')
    .replace('ANYBODY', '0x[0-9a-f]{40}')
}

function holdersIn(dir: string, pattern: string): string[] {
  if (!existsSync(dir)) return []
  const isLock = new RegExp(`^${pattern}$`)
  return wordsOf(
    readdirSync(dir)
      .filter((name) => isLock.test(name))
      .map((name) => join(dir, name)),
  )
}

/** What paper runs leave on disk lies apart from that of runs with money. */
export function paperRootOf({ journal }: Config): string {
  return join(journal.dir, 'paper')
}

function lockName(world: string, { account, coin }: MakerOf): string {
  return `lock-${world}-${account}-${coin}`.replaceAll(/[^A-Za-z0-9-]+/g, '-')
}

function wordsOf(paths: readonly string[]): string[] {
  return paths.map(heldBy).filter((holder) => holder !== null)
}
