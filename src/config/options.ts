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
  /** Path of a fault script for the embedded exchange; null: nothing fails on purpose. */
  readonly faults?: string | null
  /** Folder of this run's journal; null: a new one under `journal.dir`. */
  readonly journalDir: string | null
  /** Orders may be sent to a real network; without it, a run there is on paper. */
  readonly isLive: boolean
  /** Queue and latency model of paper trading by name; null: the defaults. */
  readonly paperQueue?: string | null
  readonly paperLatency?: string | null
  /** Last six characters of the account, as typed; null when the flag was not given. */
  readonly acceptRealMoney: string | null
  /** Why the kill switch of an earlier run may be taken back; null: it holds. */
  readonly resetKill: string | null
  /** A position that no earlier run explains is taken in; absent: such a run is refused. */
  readonly adopt?: boolean
  readonly json: boolean
  readonly version: string
}

/** Play money from outside, on every DEX. */
export interface Deposit {
  /** 0x and 40 hexadecimal digits, lower case. */
  readonly address: string
  /** > 0. */
  readonly usd: number
}

/** Delays in ms, drawn evenly between the two. Null: none. */
export interface WireLatency {
  readonly actionsMs: readonly [number, number] | null
  readonly feedsMs: readonly [number, number] | null
}

/** Which of the venue's limits refuse: request weight by address of origin, requests earned by trading, WebSocket use. */
export interface RateLimitChoice {
  readonly weight: boolean
  readonly budget: boolean
  readonly sockets: boolean
}

/** What only `hypermake exchange` sets about the embedded exchange. */
export interface VenueOptions {
  /** 0: commands run at once. Null: `exchange.block_ms` of the config. */
  readonly blockMs: number | null
  readonly latency: WireLatency
  readonly deposits: readonly Deposit[]
  /** TOML with further deposits; null: none. */
  readonly accounts: string | null
  /** Coins that are alive; null: the configured market and its sibling on the main DEX. */
  readonly markets: readonly string[] | null
  /** Null: none refuses. */
  readonly rateLimits: RateLimitChoice | null
  /** Traded volume that `scheduleCancel` needs, USD; 0: none. Null: the venue's. */
  readonly scheduleCancelUsd?: number | null
  readonly faults: string | null
}

export interface ExchangeRunOptions extends VenueOptions {
  readonly config: EffectiveConfig
  readonly host: string
  /** 0: a free one. */
  readonly port: number
  readonly seed: number
  readonly tape: string | null
  readonly speed: number
  readonly scenario: string | null
  /** Folder of the exchange's journal, new or empty; null: none is kept. */
  readonly journalDir: string | null
  /** 0: no metrics page. */
  readonly metricsPort: number
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
  /** `key=value` of a counterfactual; empty: the inputs are replayed as they were, and compared. */
  readonly assignments: readonly string[]
  /** File for the outcome as Prometheus text; null: none. */
  readonly metrics: string | null
  readonly json: boolean
}

export interface ExplainOptions {
  readonly dir: string
  /** Null: the last decision. */
  readonly seq: number | null
  /** The venue's id of an order; null: by `seq`. */
  readonly oid: number | null
  /** `key=value` of the second column; empty: there is none. */
  readonly assignments: readonly string[]
  readonly json: boolean
}

export interface KillOptions {
  readonly config: EffectiveConfig
  readonly action: 'kill' | 'reset' | 'status'
  /** Null: none was given. */
  readonly reason: string | null
  /** Orders of others on this market go, too. */
  readonly others: boolean
  /** The switch of the paper runs alone. */
  readonly paperOnly: boolean
  readonly json: boolean
}

export interface WatchdogOptions {
  readonly config: EffectiveConfig
  /** > 0. */
  readonly graceMs: number
  /** Null: the key of the environment; only on the embedded exchange. */
  readonly keyFile: string | null
  /** Null: the heartbeat file. */
  readonly healthUrl: string | null
  readonly once: boolean
  readonly others: boolean
  readonly json: boolean
}

export interface DoctorOptions {
  readonly config: EffectiveConfig
  readonly json: boolean
}
