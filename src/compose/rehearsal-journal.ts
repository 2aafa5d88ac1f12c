/** The embedded exchange is the other machine of a rehearsal: with its journal beside the maker's, the whole can be played again. */
import type { RunOptions } from '../config/options.ts'
import { stateHash } from '../exchange/exchange.ts'
import { exchangeFolderOf } from '../journal/run-dir.ts'
import type { Embedded } from './embedded.ts'
import type { Endings } from './ending.ts'
import type { ExchangeJournal } from './exchange-journal.ts'
import { say } from './running.ts'
import type { Running } from './running.ts'

/** @throws JournalError when the folder cannot be written */
export async function journalExchange(
  running: Pick<Running, 'options' | 'venue' | 'clock' | 'engine' | 'journalDir'>,
  embedded: Embedded,
  journal: ExchangeJournal,
  end: Endings,
): Promise<void> {
  const { options, venue, clock, engine, journalDir } = running
  const { dex, coin } = venue.market
  await journal.open({
    dir: exchangeFolderOf(journalDir),
    exchange: embedded.world.exchange,
    source: embedded.source,
    scenario: embedded.scenario,
    blockMs: embedded.world.blockMs,
    sync: options.config.values.journal.sync,
    onFailure: (error) => end.fail(error),
    header: {
      build: options.version,
      dex,
      coin,
      configHash: options.config.hash,
      seed: options.seed,
      epoch: engine.state.epoch,
      createdTsMs: clock.nowMs(),
    },
  })
}

/** Stops the exchange, ends its journal and says the hash that `hypermake verify` must come to. */
export async function endExchange(
  options: RunOptions,
  embedded: Embedded,
  journal: ExchangeJournal,
): Promise<void> {
  await embedded.close()
  await journal.close()
  if (journal.dir === null) return
  const end = { dir: journal.dir, stateHash: stateHash(embedded.world.exchange) }
  say(
    options,
    ({ dir, stateHash: hash }) => `  exchange     ${dir}  ${hash}`,
    (value) => ({ kind: 'exchangeEnd', ...value }),
    end,
  )
}
