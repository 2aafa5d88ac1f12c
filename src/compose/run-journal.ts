/** The journal of a run: its epoch, its folder and the header that replay starts from. */
import type { RunOptions } from '../config/options.ts'
import { FORMAT_VERSION } from '../journal/format.ts'
import { createRunDir, nextEpoch } from '../journal/run-dir.ts'
import { openJournal } from '../journal/writer.ts'
import type { JournalWriter } from '../journal/writer.ts'
import type { Clock } from '../runtime/clock.ts'
import type { VenuePort } from '../venues/port.ts'

/** @throws JournalError when the folder cannot be written or another process writes it */
export async function startJournal(
  options: RunOptions,
  venue: VenuePort,
  clock: Clock,
  onFailure: (error: unknown) => void,
): Promise<{ readonly journal: JournalWriter; readonly journalDir: string; readonly epoch: number }> {
  const { config, version, seed } = options
  const root = config.values.journal.dir
  const nowMs = clock.nowMs()
  const epoch = nextEpoch(root, nowMs)
  const journalDir = options.journalDir ?? createRunDir(root, { coin: venue.market.coin, tsMs: nowMs })
  const journal = await openJournal({
    dir: journalDir,
    sync: config.values.journal.sync,
    onFailure,
    header: {
      formatVersion: FORMAT_VERSION,
      build: version,
      network: venue.market.network,
      dex: venue.market.dex,
      coin: venue.market.coin,
      account: venue.account,
      configHash: config.hash,
      config: config.values,
      seed,
      epoch,
      createdTsMs: nowMs,
    },
  })
  return { journal, journalDir, epoch }
}
