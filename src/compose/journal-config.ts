/** The configuration in a maker's journal, if this build understands it: the header's checksum says what was written, not by whom. */
import type { Config } from '../config/config.ts'
import { readRecorded } from '../config/recorded.ts'
import { JournalError } from '../journal/errors.ts'
import type { JournalHeader } from '../journal/format.ts'

/**
 * @throws JournalError NOT_A_JOURNAL for the journal of an exchange or a recorder, which decide nothing; UNKNOWN_VERSION for a
 *   configuration with other keys than this build's, or a value that it does not take
 */
export function makerConfigOf({ machine, config, build, coin }: JournalHeader): Config {
  if (machine === 'recorder') {
    throw new JournalError(
      'NOT_A_JOURNAL',
      `this is a recording of ${coin}: nothing was decided in it; use hypermake data verify and hypermake backtest --data`,
    )
  }
  if (machine === 'exchange') {
    throw new JournalError(
      'NOT_A_JOURNAL',
      'this is the journal of an exchange: it decides no quotes; give the folder of the maker’s run (in a rehearsal the one above), or use hypermake verify, replay without --set, and journal events',
    )
  }
  const read = readRecorded(config)
  if (typeof read !== 'string') return read
  throw new JournalError(
    'UNKNOWN_VERSION',
    `the journal was written by build ${build}, whose configuration ${read}: replay it with that build; hypermake backtest --data plays its market to today’s maker`,
  )
}
