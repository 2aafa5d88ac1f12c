/** What kind of run a maker's journal is of. */
import type { JournalHeader } from '../journal/format.ts'

/** With real money, on paper, or against the embedded exchange. */
export type RunMode = 'live' | 'paper' | 'rehearsal'

export function modeOf({ paper, network }: JournalHeader): RunMode {
  if (paper !== undefined) return 'paper'
  return network === 'local' ? 'rehearsal' : 'live'
}
