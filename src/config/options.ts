/** What the command line hands to the composition root. Everything tunable is in the config; these are of one run. */
import type { EffectiveConfig } from './config.ts'

export interface RunOptions {
  readonly config: EffectiveConfig
  readonly seed: number
  /** Null: until interrupted. */
  readonly durationMs: number | null
  /** Path of a recorded market; null: the simulated one. */
  readonly tape: string | null
  /** How much faster than real time a tape plays, > 0. */
  readonly speed: number
  /** Null: `exchange.scenario` of the config. */
  readonly scenario: string | null
  /** Folder of this run's journal; null: a new one under `journal.dir`. */
  readonly journalDir: string | null
  /** Orders may be sent to a real network. */
  readonly isLive: boolean
  /** Last six characters of the account, as typed; null when the flag was not given. */
  readonly acceptRealMoney: string | null
  /** Why the kill switch of an earlier run may be taken back; null: it holds. */
  readonly resetKill: string | null
  readonly json: boolean
  readonly version: string
}

export interface ExchangeRunOptions {
  readonly config: EffectiveConfig
  readonly host: string
  /** 0: a free one. */
  readonly port: number
  readonly seed: number
  readonly tape: string | null
  readonly speed: number
  readonly scenario: string | null
  readonly json: boolean
  readonly version: string
}

export interface ListDexsOptions {
  readonly config: EffectiveConfig
  readonly json: boolean
  readonly version: string
}

export interface ReplayOptions {
  readonly dir: string
  readonly json: boolean
}
