/** What `hypermake data verify` found, for people: what is wrong, where it begins, and what can be done about it. */
import type { TapeCheck } from '../backtest/verify-tape.ts'

const FAULT_NAMES = {
  damaged: 'lines that cannot be read',
  gap: 'gaps',
  crossed: 'crossed books',
  timeBack: 'times that go back',
} as const

export function checkText(check: TapeCheck, isSound: boolean): string {
  const { path, folder, symbol, depths, touches, trades, firstTsMs, lastTsMs } = check
  const isEmpty = firstTsMs === null || lastTsMs === null
  const span = isEmpty
    ? 'no record of a market'
    : `${symbol}, ${new Date(firstTsMs).toISOString()} … ${new Date(lastTsMs).toISOString()}, ${((lastTsMs - firstTsMs) / 1000).toFixed(1)} s`
  const unit = folder === null ? 'lines' : 'records'
  const remedy = remedyOf(check)
  return [
    `${path}: ${span}${(folder?.damage ?? null) === null ? '' : ' before the damage'}`,
    `${check.lines} ${unit}: ${depths} of depth, ${touches} of best bid and ask, ${trades} trades, ${check.foreignLines} of other streams; longest silence ${check.longestSilenceMs.toFixed(0)} ms`,
    ...faultLines(check),
    ...(folder !== null && folder.tornBytes > 0
      ? [
          `${folder.tornBytes} bytes at the end are of a write that was cut off, and are not read; all before them is whole`,
        ]
      : []),
    ...(remedy === null ? [] : [remedy]),
    isSound ? 'sound' : 'not sound',
    '',
  ].join('\n')
}

function faultLines({ faults, folder }: TapeCheck): string[] {
  return faults.map(({ kind, count, firstLine, firstText }) => {
    if (folder === null) return `${count} ${FAULT_NAMES[kind]}; first in line ${firstLine}: ${firstText}`
    if (kind === 'damaged') return `damaged: ${firstText}`
    return `${count} ${FAULT_NAMES[kind]}; first at input ${firstLine}: ${firstText}`
  })
}

/** What to do about what makes a recording useless; null when it can be played, whatever its faults. */
export function remedyOf(check: TapeCheck): string | null {
  const { path, folder, lines, firstTsMs } = check
  if (folder === null) {
    if (firstTsMs === null) return remedyOfFile(check)
    return check.touches > 0
      ? null
      : 'no best bid and ask stands in it, so it cannot be played: record those, too; from trades alone, data import --quotes-from-trades infers them where buyers pay more than sellers'
  }
  if (folder.damage !== null) {
    return folder.lastSeq === 0
      ? 'nothing before the damage can be read: take the folder from a copy, or record again'
      : `inputs 1 to ${folder.lastSeq}, which stand before it, are whole: hypermake journal cut ${path} NEW_FOLDER --to ${folder.lastSeq} keeps them; the rest is lost without a copy`
  }
  if (folder.isOfExchange) {
    return `it is the journal of an exchange and holds its commands, no recorded market: check it with hypermake verify ${path}`
  }
  if (firstTsMs !== null) return null
  return lines === 0
    ? 'the recording ended before its first record: record again'
    : 'no book, best price or trade stands in it: record again, for longer, and see that the market trades'
}

function remedyOfFile({ lines, foreignLines, faults }: TapeCheck): string {
  if (lines === 0) return 'the file is empty: copy or record it again'
  const damaged = faults.find(({ kind }) => kind === 'damaged')
  if (damaged?.count !== lines)
    return `none of its ${foreignLines} lines is of a book or of trades: record those streams, too`
  return 'no line of it is in the format of recorded markets (docs/data.md): give the folder of a recording and not a file in it, or bring the recording of another program in with hypermake data import'
}
