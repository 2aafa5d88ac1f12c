/** What `hypermake doctor` sees without asking anybody: the configuration, the key, and what earlier runs left beside the journals. */
import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import type { EffectiveConfig } from '../config/config.ts'
import { heldBy } from '../journal/lock.ts'
import { largestEpoch } from '../journal/run-dir.ts'
import { heartbeatPath, readBeat } from '../runtime/heartbeat.ts'
import { latchPath, readLatch, readReset } from '../runtime/latch.ts'
import { VenueError } from '../venues/errors.ts'
import { coinNameOf } from '../venues/hyperliquid/market.ts'
import { accountGiven, accountOf, hasKey } from './account.ts'
import type { Trader } from './account.ts'
import { finding, ok } from './doctor-finding.ts'
import type { DoctorFinding } from './doctor-finding.ts'
import { lockPath, makersOf } from './makers.ts'

const KEY_FIX = 'set HYPERMAKE_PRIVATE_KEY_FILE to a file that holds an API wallet key of the account'

export function checkConfig(config: EffectiveConfig): DoctorFinding[] {
  const { warnings, hash } = config
  if (warnings.length === 0) return [ok('config', `valid, nothing unusual (hash ${hash.slice(0, 12)})`)]
  return warnings.map((warning) =>
    finding('warning', 'config', warning, 'change it, or leave it if it is meant'),
  )
}

export interface LocalKey {
  readonly findings: readonly DoctorFinding[]
  /** Null without a usable key. */
  readonly trader: Trader | null
  /** The account to look at; without a key it may be named all the same. */
  readonly account: string | null
}

/** Which key a run would sign with; its role is the venue's to say. */
export function checkKey(config: EffectiveConfig): LocalKey {
  const isLocal = config.values.venue.network === 'local'
  try {
    if (!isLocal && !hasKey()) {
      const account = accountGiven()
      const what =
        account === null
          ? 'there is neither a key nor an account: key, margin, budget, orders and position were not checked'
          : `there is no key: its role was not checked, the account ${account} was`
      return { findings: [finding('skipped', 'key', what, KEY_FIX)], trader: null, account }
    }
    const trader = accountOf({ config })
    const { account } = trader
    if (hasKey()) return { findings: [], trader, account }
    const what = 'no key is set: a run would take the public test key, which is fine on the embedded exchange'
    return { findings: [ok('key', what)], trader, account }
  } catch (error) {
    if (!(error instanceof VenueError)) throw error
    return { findings: [finding('error', 'key', error.message, KEY_FIX)], trader: null, account: null }
  }
}

/** @param account null: locks are those of an account, so they cannot be looked at */
export function checkState(config: EffectiveConfig, account: string | null, nowMs: number): DoctorFinding[] {
  const { values } = config
  const { network } = values.venue
  const coin = coinNameOf(values.market.asset, values.market.dex)
  const place = { root: values.journal.dir, network, coin }
  const running = account === null ? [] : makersOf(values, { account, coin })
  return [
    checkFolder(values.journal.dir),
    ...checkLatch(latchPath(place), coin),
    ...checkLocks(config, { account, coin, running }),
    ...checkLastRun(heartbeatPath(place), coin, running.length > 0),
    ...checkEpoch(values.journal.dir, nowMs),
  ]
}

function checkFolder(dir: string): DoctorFinding {
  if (!existsSync(dir)) return ok('journal', `${dir} is made by the first run`)
  try {
    accessSync(dir, constants.R_OK | constants.W_OK)
    readdirSync(dir)
    return ok('journal', `${dir} can be written`)
  } catch {
    return finding(
      'error',
      'journal',
      `${dir} cannot be written`,
      'make the folder writable, or set journal.dir',
    )
  }
}

function checkLatch(path: string, coin: string): DoctorFinding[] {
  const latch = readLatch(path)
  if (latch !== null) {
    const what = `the kill switch of ${coin} is set: ${latch.because}`
    const fix = `look into it, then: hypermake kill --reset --reason "what was found"`
    return [finding('error', 'latch', what, fix)]
  }
  const reset = readReset(path)
  const waits = reset === null ? '' : '; the reset by hand is journalled by the next run'
  return [ok('latch', `the kill switch of ${coin} is not set${waits}`)]
}

function checkLocks(
  config: EffectiveConfig,
  of: { readonly account: string | null; readonly coin: string; readonly running: readonly string[] },
): DoctorFinding[] {
  const { account, coin, running } = of
  if (account === null) return []
  if (running.length > 0) {
    const what = `a maker of ${coin} runs: ${running.join(', ')}; another one is refused`
    return [
      finding('warning', 'lock', what, 'nothing while it is meant to run; stop it before starting another'),
    ]
  }
  const path = lockPath(config.values, { account, coin }, 0)
  const isStale = existsSync(path) && heldBy(path) === null
  const left = isStale ? '; the lock of a process that died is taken over by the next run' : ''
  return [ok('lock', `no maker of ${coin} runs on this machine${left}`)]
}

/** A run that did not end in order may have left orders; the next one deals with them. */
function checkLastRun(path: string, coin: string, isRunning: boolean): DoctorFinding[] {
  const beat = readBeat(path)
  if (beat === null || isRunning) return []
  if (beat.state === 'ended')
    return [ok('last run', `the last run of ${coin} (epoch ${beat.epoch}) ended in order`)]
  const what = `the last run of ${coin} (epoch ${beat.epoch}, process ${beat.pid}) did not end in order`
  const fix = 'see below for orders and position that it left; the next run reconciles before it quotes'
  return [finding('warning', 'last run', what, fix)]
}

/** Epochs are made from the clock: one that lies ahead means that the clock was set back since. */
function checkEpoch(dir: string, nowMs: number): DoctorFinding[] {
  const epoch = existsSync(dir) ? largestEpoch(dir) : 0
  if (epoch === 0) return []
  if (epoch <= nowMs) return [ok('epoch', `the last run epoch ${epoch} lies behind this clock`)]
  const what = `the last run epoch lies ${Math.ceil((epoch - nowMs) / 1_000)} s ahead of this clock: it was set back since`
  return [finding('warning', 'epoch', what, 'let NTP set the clock; epochs and nonces rise all the same')]
}
