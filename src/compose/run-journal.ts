/** The journal of a run: its epoch, its folder and the header that replay starts from. */
import type { RunOptions } from '../config/options.ts'
import { FORMAT_VERSION } from '../journal/format.ts'
import { acquireLock } from '../journal/lock.ts'
import type { Lock } from '../journal/lock.ts'
import { createRunDir, nextEpoch } from '../journal/run-dir.ts'
import { openJournal } from '../journal/writer.ts'
import type { JournalWriter } from '../journal/writer.ts'
import type { Clock } from '../runtime/clock.ts'
import type { VenuePort } from '../venues/port.ts'
import { lockPath } from './makers.ts'
import { stateRootOf } from './paper.ts'
import type { PaperTerms } from './paper.ts'

export interface RunJournal {
  readonly journal: JournalWriter
  readonly journalDir: string
  readonly epoch: number
  /** Held while the run may send orders. */
  readonly lock: Lock
}

/** @throws JournalError when the folder cannot be written, or LOCKED when another process quotes this market */
export async function startJournal(
  options: RunOptions,
  venue: VenuePort,
  clock: Clock,
  paper: PaperTerms | null,
  onFailure: (error: unknown) => void,
): Promise<RunJournal> {
  const { config, version, seed } = options
  const root = stateRootOf(options)
  const nowMs = clock.nowMs()
  const epoch = nextEpoch(root, nowMs)
  const lock = acquireLock(
    lockPath(
      { ...config.values, journal: { ...config.values.journal, dir: root } },
      { account: venue.account, coin: venue.market.coin },
      epoch,
    ),
    epoch,
  )
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
      ...(paper === null ? {} : { paper }),
    },
  })
  return { journal, journalDir, epoch, lock }
}
