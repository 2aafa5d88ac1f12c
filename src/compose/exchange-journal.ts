/**
 * Journals the embedded exchange: every command just before it is applied, with the running state hash that stood then.
 * Commands that come before the folder is known (genesis, deposits) wait in memory and are written first.
 */
import { stateHash } from '../exchange/exchange.ts'
import { lanesOf } from '../exchange/hash-lanes.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { ExchangeCommand } from '../exchange/command.ts'
import { assert } from '../core/assert.ts'
import { FORMAT_VERSION } from '../journal/format.ts'
import type { JournalHeader, VenueCommandRecord } from '../journal/format.ts'
import { openJournal } from '../journal/writer.ts'
import type { JournalWriter, SyncMode } from '../journal/writer.ts'
import type { ScenarioPlan } from '../simulation/scenario-plan.ts'

/** Commands that may come before the folder is known: a start takes a second, an exchange takes thousands in it. */
const WAITING_MAX = 1_000_000

/** What a replay of an exchange starts from; the `config` of its journal's header. */
export interface ExchangeGenesis {
  readonly spec: Exchange['spec']
  readonly options: Exchange['options']
  /** What made the market, for people. */
  readonly source: string
  /** Who traded, in full: the file it came from is not needed again. Null with a tape; absent in journals of before. */
  readonly scenario?: ScenarioPlan | null
  readonly blockMs: number
}

export interface ExchangeJournal {
  /** Keeps a command that is about to be applied. */
  note(command: ExchangeCommand, exchange: Exchange): void
  /** Begins to write. @throws JournalError when the folder cannot be used */
  open(of: OpenExchangeJournal): Promise<void>
  /** Writes what is left and the final state hash; nothing when it was never opened. */
  close(): Promise<void>
  /** Records so far. */
  readonly recordCount: number
  readonly dir: string | null
}

export interface OpenExchangeJournal {
  readonly dir: string
  readonly exchange: Exchange
  readonly header: Pick<
    JournalHeader,
    'build' | 'dex' | 'coin' | 'configHash' | 'seed' | 'epoch' | 'createdTsMs'
  >
  readonly source: string
  readonly scenario: ScenarioPlan | null
  readonly blockMs: number
  readonly sync: SyncMode
  readonly onFailure: (error: unknown) => void
}

export function createExchangeJournal(): ExchangeJournal {
  let waiting: VenueCommandRecord[] = []
  let seq = 0
  let writer: JournalWriter | null = null
  let opened: OpenExchangeJournal | null = null
  let hasFailed = false

  const fail = (error: unknown): void => {
    if (!hasFailed) opened?.onFailure(error)
    hasFailed = true
  }

  return {
    note(command, exchange) {
      seq += 1
      const [high = 0, low = 0] = lanesOf(exchange.lanes)
      const record = { kind: 'venueCommand', seq, hashHigh: high >>> 0, hashLow: low >>> 0, command } as const
      if (writer === null) {
        assert(waiting.length < WAITING_MAX, 'the journal of the exchange is opened soon after its genesis')
        waiting.push(record)
        return
      }
      if (hasFailed) return
      try {
        writer.append(record)
      } catch (error) {
        fail(error)
      }
    },

    async open(of) {
      opened = of
      const { spec, options } = of.exchange
      const { source, scenario, blockMs } = of
      const genesis: ExchangeGenesis = { spec, options, source, scenario, blockMs }
      const made = await openJournal({
        dir: of.dir,
        sync: of.sync,
        onFailure: fail,
        header: {
          formatVersion: FORMAT_VERSION,
          machine: 'exchange',
          network: 'local',
          account: '',
          ...of.header,
          config: genesis,
        },
      })
      for (const record of waiting) made.append(record)
      waiting = []
      writer = made
      await made.durable()
    },

    async close() {
      if (writer === null || opened === null) return
      if (!hasFailed) writer.append({ kind: 'checkpoint', seq, stateHash: stateHash(opened.exchange) })
      await writer.close()
    },

    get recordCount() {
      return writer?.recordCount ?? 0
    },
    get dir() {
      return opened?.dir ?? null
    },
  }
}
