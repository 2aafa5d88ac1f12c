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
export function makersOf(config: Config, of: MakerOf): string[] {
  const { network, apiUrl } = config.venue
  const { dir } = config.journal
  if (network !== 'local' || apiUrl !== '') return wordsOf([lockPath(config, of, 0)])
  if (!existsSync(dir)) return []
  const own = new RegExp(`^${lockName('own-EPOCH', of).replace('EPOCH', '\\d+')}$`)
  return wordsOf(
    readdirSync(dir)
      .filter((name) => own.test(name))
      .map((name) => join(dir, name)),
  )
}

function lockName(world: string, { account, coin }: MakerOf): string {
  return `lock-${world}-${account}-${coin}`.replaceAll(/[^A-Za-z0-9-]+/g, '-')
}

function wordsOf(paths: readonly string[]): string[] {
  return paths.map(heldBy).filter((holder) => holder !== null)
}
