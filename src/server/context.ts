/** What every handler of the wire may see. Made once by `startServer`. */
import type { Exchange } from '../exchange/state.ts'
import type { World } from '../simulation/world.ts'
import type { FaultPlan } from './faults/plan.ts'
import type { Directory } from './directory.ts'
import type { History } from './history.ts'
import type { Portfolios } from './portfolio.ts'
import type { RateLimits } from '../exchange/rate-limits.ts'
import type { Registry } from './registry.ts'

/** Which networks' signatures are taken; `any` takes both and keeps the one whose signer is known. */
export type AcceptedNetwork = 'mainnet' | 'testnet' | 'any'
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export type ServerLog = (level: LogLevel, message: string, fields: Readonly<Record<string, unknown>>) => void

export interface VenueContext {
  readonly world: World
  readonly exchange: Exchange
  readonly directory: Directory
  readonly history: History
  readonly portfolios: Portfolios
  readonly registry: Registry
  readonly limits: RateLimits
  readonly network: AcceptedNetwork
  /** What goes wrong on purpose; null: nothing. */
  readonly faults: FaultPlan | null
  readonly log: ServerLog
}
