/**
 * What the runtime needs of a venue. Live, paper, rehearsal and backtest differ only in who implements this.
 * Answers never return from `send`: they come back as inputs.
 */
import type { Approved } from '../core/command.ts'
import type { RawInput } from '../core/input.ts'
import type { MarketSpec } from '../core/market.ts'

export type InputListener = (input: RawInput) => void

export interface VenuePort {
  /** The market as the venue describes it; read before `connect`. */
  readonly market: MarketSpec
  /** The account that is traded for, 0x + 40 lower-case hexadecimal digits. */
  readonly account: string
  /**
   * Subscribes and reconciles; ends once the `connection up` input was delivered. Afterwards reconnects by itself.
   * @throws VenueError when the venue cannot be reached at first
   */
  connect(listener: InputListener): Promise<void>
  /** Sends commands of one cycle in as few requests as the venue allows. Never throws: failures become inputs. */
  send(commands: readonly Approved[]): void
  /** Cancels every order of ours on our market, from the venue's own list. @returns orders of ours that still rest after it */
  cancelAll(): Promise<number>
  close(): Promise<void>
  /** Requests sent so far, by kind, for the summary and the metrics. */
  readonly requestCounts: Readonly<Record<string, number>>
}
