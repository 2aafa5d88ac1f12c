/** `hypermake journal`: is a journal whole, and what stands in it. */
import { InvalidArgumentError, type Command } from 'commander'
import { exitCodes } from '../../compose/exit-codes.ts'
import type { JournalRecord } from '../../journal/format.ts'
import { readJournal, verifyJournal } from '../../journal/reader.ts'
import { durationText } from '../../ops/format.ts'
import { writeLine, type Finish } from '../output.ts'

/** A tail is kept in memory: enough to look at, little enough to hold. */
const TAIL_COUNT_MAX = 10_000

interface RangeFlags {
  readonly from: number
  readonly to: number
}

export function addJournal(program: Command, finish: Finish): void {
  const journal = program.command('journal').description('check and read the journal of a run')
  const dirArgument = '<dir>'

  journal
    .command('verify')
    .description('check every byte of the hash chain; exit 5 when it is damaged')
    .argument(dirArgument, 'folder of the journal')
    .option('--json', 'one JSON object on stdout')
    .action((dir: string, flags: { readonly json?: true }) => finish(() => verify(dir, flags.json ?? false)))

  journal
    .command('inspect')
    .description('print the header and the records as JSON lines')
    .argument(dirArgument, 'folder of the journal')
    .option('--from <seq>', 'first input to print', parseCount, 0)
    .option('--to <seq>', 'last input to print', parseCount, Number.MAX_SAFE_INTEGER)
    .action((dir: string, flags: RangeFlags) => finish(() => inspect(dir, flags)))

  journal
    .command('stats')
    .description('count what stands in it')
    .argument(dirArgument, 'folder of the journal')
    .option('--json', 'one JSON object on stdout')
    .action((dir: string, flags: { readonly json?: true }) => finish(() => stats(dir, flags.json ?? false)))

  journal
    .command('tail')
    .description('print the last records as JSON lines')
    .argument(dirArgument, 'folder of the journal')
    .option('-n, --count <number>', 'how many', parseTailCount, 20)
    .action((dir: string, flags: { readonly count: number }) => finish(() => tail(dir, flags.count)))
}

function verify(dir: string, json: boolean): number {
  const report = verifyJournal(dir)
  if (json) {
    writeLine(JSON.stringify(report))
  } else {
    writeLine(
      `records   ${report.recordCount} (${report.inputCount} inputs, ${report.commandCount} commands)`,
    )
    writeLine(`inputs    ${report.firstSeq} to ${report.lastSeq}`)
    writeLine(`head      ${report.headHash}`)
    if (report.tornBytes > 0)
      writeLine(`torn      ${report.tornBytes} bytes of an unfinished write at the end`)
    if (!report.isClosed) writeLine('closed    no: the run was cut off, or still writes')
    const { damage } = report
    writeLine(
      damage === null
        ? 'ok        the chain holds'
        : `DAMAGED   segment ${damage.segment} at byte ${damage.offset}: ${damage.because}`,
    )
  }
  return report.ok ? exitCodes.ok : exitCodes.diverged
}

function inspect(dir: string, { from, to }: RangeFlags): number {
  const { header, records } = readJournal(dir)
  writeLine(JSON.stringify({ kind: 'header', header }))
  for (const record of records) {
    const seq = seqOf(record)
    if (seq > to) break
    if (seq >= from) writeLine(JSON.stringify(record))
  }
  return exitCodes.ok
}

function tail(dir: string, count: number): number {
  const last: JournalRecord[] = []
  for (const record of readJournal(dir).records) {
    last.push(record)
    if (last.length > count) last.shift()
  }
  for (const record of last) writeLine(JSON.stringify(record))
  return exitCodes.ok
}

function stats(dir: string, json: boolean): number {
  const { header, records, summary } = readJournal(dir)
  const counts = new Map<string, number>()
  let firstTsMs: number | null = null
  let lastTsMs = 0
  for (const record of records) {
    const name = nameOf(record)
    counts.set(name, (counts.get(name) ?? 0) + 1)
    if (record.kind !== 'input') continue
    firstTsMs ??= record.input.tsMs
    lastTsMs = record.input.tsMs
  }
  const spanMs = firstTsMs === null ? 0 : lastTsMs - firstTsMs
  const { recordCount, validBytes, segmentCount, headHash, isClosed } = summary
  if (json) {
    const { coin, seed, configHash, build } = header
    const run = { coin, seed, configHash, build }
    writeLine(
      JSON.stringify({
        ...run,
        recordCount,
        validBytes,
        segmentCount,
        spanMs,
        isClosed,
        headHash,
        counts: Object.fromEntries(counts),
      }),
    )
    return exitCodes.ok
  }
  writeLine(
    `${header.coin} on ${header.network}, build ${header.build}, seed ${header.seed ?? 'none'}, config ${header.configHash}`,
  )
  writeLine(
    `${recordCount} records in ${validBytes} bytes, ${segmentCount} segments, over ${durationText(spanMs)}`,
  )
  const sorted = [...counts].sort(([, left], [, right]) => right - left)
  for (const [name, count] of sorted) writeLine(`${String(count).padStart(10)}  ${name}`)
  return exitCodes.ok
}

function seqOf(record: JournalRecord): number {
  return record.kind === 'input' ? record.input.seq : record.seq
}

/** `input book`, `command place`, `checkpoint`. */
function nameOf(record: JournalRecord): string {
  if (record.kind === 'input') return `input ${record.input.kind}`
  return record.kind === 'command' ? `command ${record.command.kind}` : record.kind
}

function parseCount(text: string): number {
  const count = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count))
    throw new InvalidArgumentError('Write a whole number.')
  return count
}

function parseTailCount(text: string): number {
  const count = parseCount(text)
  if (count < 1 || count > TAIL_COUNT_MAX) {
    throw new InvalidArgumentError(`Write a whole number from 1 to ${TAIL_COUNT_MAX}.`)
  }
  return count
}
