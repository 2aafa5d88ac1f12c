/** The configuration in a maker's journal, if this build understands it: the header's checksum says what was written, not by whom. */
import type { Config } from '../config/config.ts'
import { readRecorded } from '../config/recorded.ts'
import { JournalError } from '../journal/errors.ts'
import type { JournalHeader } from '../journal/format.ts'

/** @throws JournalError UNKNOWN_VERSION for a configuration with other keys than this build's, or a value that it does not take */
export function makerConfigOf({ config, build }: JournalHeader): Config {
  const read = readRecorded(config)
  if (typeof read !== 'string') return read
  throw new JournalError(
    'UNKNOWN_VERSION',
    `the journal was written by build ${build}, whose configuration ${read}: replay it with that build; hypermake backtest --data plays its market to today’s maker`,
  )
}
