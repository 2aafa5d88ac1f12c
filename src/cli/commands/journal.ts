/** `hypermake journal`: is a journal whole, what stands in it, and what of it to keep. */
import { InvalidArgumentError, Option, type Command } from 'commander'
import { exitCodes } from '../../compose/exit-codes.ts'
import { cutJournal } from '../../journal/cut.ts'
import { exportLines, seqOf, tailRecords, toJsonLine, toLine } from '../../journal/inspect.ts'
import type { ExportFormat } from '../../journal/inspect.ts'
import { exportParquet } from '../../journal/parquet.ts'
import { readJournal, verifyJournal } from '../../journal/reader.ts'
import { listRuns, pruneRuns } from '../../journal/retention.ts'
import type { RunInfo } from '../../journal/retention.ts'
import { journalStats } from '../../journal/stats.ts'
import { durationText } from '../../ops/format.ts'
import { parseDuration, parseOutFile } from '../flags.ts'
import { writeLine, type Finish } from '../output.ts'

/** A tail is kept in memory: enough to look at, little enough to hold. */
const TAIL_COUNT_MAX = 10_000
const BYTES_PER_MB = 1_000_000

interface JsonFlag {
  readonly json?: true
}

interface RangeFlags extends JsonFlag {
  readonly from: number
  readonly to: number
}

interface ExportFlags extends JsonFlag {
  readonly format: ExportFormat
  readonly csv?: true
  readonly parquet?: string
}

interface StateFlags extends JsonFlag {
  readonly seq?: number
  readonly time?: number
}

interface PruneFlags extends JsonFlag {
  readonly olderThan?: number
  readonly keepMb?: number
}

export function addJournal(program: Command, finish: Finish): void {
  const journal = program.command('journal').description('check and read the journal of a run')
  const command = (name: string, about: string): Command => journal.command(name).description(about)
  const ofRun = (name: string, about: string): Command =>
    command(name, about).argument('<dir>', 'folder of the journal').option('--json', 'JSON on stdout')

  ofRun('verify', 'check every byte of the hash chain; exit 1 when it is damaged').action(
    (dir: string, flags: JsonFlag) => finish(() => verify(dir, flags)),
  )
  ofRun('inspect', 'print the header and the records')
    .option('--from <seq>', 'first input to print', parseCount, 0)
    .option('--to <seq>', 'last input to print', parseCount, Number.MAX_SAFE_INTEGER)
    .action((dir: string, flags: RangeFlags) => finish(() => inspect(dir, flags)))
  ofRun('stats', 'count what stands in it').action((dir: string, flags: JsonFlag) =>
    finish(() => stats(dir, flags)),
  )
  ofRun('tail', 'print the last records')
    .option('-n, --count <number>', 'how many', parseTailCount, 20)
    .action((dir: string, flags: JsonFlag & { readonly count: number }) =>
      finish(() => tail(dir, flags.count, flags)),
    )
  command('export', 'write all records to stdout, one a line')
    .argument('<dir>', 'folder of the journal')
    .option('--format <csv|jsonl>', 'form of the lines', parseFormat, 'jsonl')
    .addOption(new Option('--csv', 'the same as --format csv').conflicts(['format', 'json', 'parquet']))
    .addOption(new Option('--json', 'the same as --format jsonl').conflicts(['format', 'parquet']))
    .option('--parquet <file>', 'write a Parquet file instead', parseOutFile)
    .action((dir: string, flags: ExportFlags) => finish(() => exportAll(dir, flags)))
  ofRun('state', 'the state of the machine at a moment, by replay; without one, at the end')
    .option('--seq <number>', 'after this input or command', parseCount)
    .option('--time <time>', 'after the last that is not later: 2026-11-21T09:15:00Z', parseTime)
    .action((dir: string, flags: StateFlags) => finish(() => state(dir, flags)))
  ofRun('events', 'what happened, one CSV row each: orders, executions, positions, prices, accounts')
    .option('--from <seq>', 'first input or command', parseCount, 0)
    .action((dir: string, { from, json }: JsonFlag & { readonly from: number }) =>
      finish(async () => {
        const { journalEvents } = await import('../../compose.ts')
        return journalEvents({ dir, fromSeq: from, json: json ?? false })
      }),
    )
  command(
    'cut',
    'copy a journal up to an input, so that its state there can be replayed, or what stands before damage',
  )
    .argument('<dir>', 'folder of the journal')
    .argument('<target>', 'new folder')
    .option('--to <seq>', 'last input to keep; left out: all, or what stands before the damage', parseCount)
    .action((dir: string, target: string, flags: { readonly to?: number }) =>
      finish(() => cut(dir, target, flags.to)),
    )
  command('list', 'the runs in a folder of journals, oldest first')
    .argument('[root]', 'folder of the journals', 'data/journal')
    .option('--json', 'JSON on stdout')
    .action((root: string, flags: JsonFlag) => finish(() => list(root, flags)))
  command('prune', 'delete the oldest runs beyond a limit; never one that is being written')
    .argument('[root]', 'folder of the journals', 'data/journal')
    .option('--older-than <time>', 'runs last written longer ago: 30m, 12h', parseDuration)
    .option('--keep-mb <megabytes>', 'keep at most this much in all', parseCount)
    .option('--json', 'JSON on stdout')
    .action((root: string, flags: PruneFlags) => finish(() => prune(root, flags)))
}

function verify(dir: string, { json }: JsonFlag): number {
  const report = verifyJournal(dir)
  const { damage } = report
  const lines = [
    `records   ${report.recordCount} (${report.inputCount} inputs, ${report.commandCount} commands)`,
    `inputs    ${report.firstSeq} to ${report.lastSeq}`,
    `head      ${report.headHash}`,
  ]
  if (report.tornBytes > 0)
    lines.push(`torn      ${report.tornBytes} bytes of an unfinished write at the end`)
  if (!report.isClosed) lines.push('closed    no: the run was cut off, or still writes')
  lines.push(
    damage === null
      ? 'ok        the chain holds'
      : `DAMAGED   segment ${damage.segment} at byte ${damage.offset}: ${damage.because}; hypermake journal cut saves what stands before it`,
  )
  writeLine(json ? JSON.stringify(report) : lines.join('\n'))
  return report.ok ? exitCodes.ok : exitCodes.failed
}

function inspect(dir: string, { from, to, json }: RangeFlags): number {
  if (from > to) throw new InvalidArgumentError(`error: --from ${from} is after --to ${to}`)
  const { header, records } = readJournal(dir)
  writeLine(JSON.stringify({ kind: 'header', header }))
  for (const record of records) {
    const seq = seqOf(record)
    if (seq > to) break
    if (seq >= from) writeLine(json ? toJsonLine(record) : toLine(record))
  }
  return exitCodes.ok
}

function tail(dir: string, count: number, { json }: JsonFlag): number {
  for (const record of tailRecords(dir, count)) writeLine(json ? toJsonLine(record) : toLine(record))
  return exitCodes.ok
}

async function exportAll(dir: string, flags: ExportFlags): Promise<number> {
  if (flags.parquet !== undefined) {
    const rows = await exportParquet(dir, flags.parquet)
    writeLine(`${rows} rows in ${flags.parquet}`)
    return exitCodes.ok
  }
  const format = flags.csv ? 'csv' : flags.json ? 'jsonl' : flags.format
  for (const line of exportLines(dir, format)) writeLine(line)
  return exitCodes.ok
}

async function cut(dir: string, target: string, to: number | undefined): Promise<number> {
  const point = to === undefined ? ({ through: 'damage' } as const) : { throughSeq: to }
  const { recordCount, lastSeq, headHash, damage } = await cutJournal(dir, target, point)
  writeLine(`copied ${recordCount} records up to input ${lastSeq}, chain ${headHash}`)
  if (damage !== null) writeLine(`lost   all from ${damage}`)
  else if (to !== undefined && lastSeq < to) writeLine(`whole  the journal ends before input ${to}`)
  return exitCodes.ok
}

async function state(dir: string, { seq, time, json }: StateFlags): Promise<number> {
  if (seq !== undefined && time !== undefined) {
    throw new InvalidArgumentError('error: give one of --seq and --time')
  }
  const { journalState } = await import('../../compose.ts')
  const moment = time === undefined ? { seq: seq ?? Infinity } : { tsMs: time }
  return journalState({ dir, moment, json: json ?? false })
}

function stats(dir: string, { json }: JsonFlag): number {
  const report = journalStats(dir)
  const { firstTsMs, lastTsMs } = report
  const span = firstTsMs === null || lastTsMs === null ? 0 : lastTsMs - firstTsMs
  const lines = [
    `${report.recordCount} records in ${report.validBytes} bytes (${report.bytesPerRecord.toFixed(0)} each), ${report.segmentCount} segments`,
    `over ${durationText(span)}, ${report.inputsPerSec.toFixed(1)} inputs a second`,
    ...report.kinds.map(({ record, kind, count }) => `${String(count).padStart(10)}  ${record} ${kind}`),
  ]
  writeLine(json ? JSON.stringify(report) : lines.join('\n'))
  return exitCodes.ok
}

function list(root: string, { json }: JsonFlag): number {
  const runs = listRuns(root)
  const text = runs.length === 0 ? `no runs in ${root}` : runs.map(runLine).join('\n')
  writeLine(json ? JSON.stringify(runs) : text)
  return exitCodes.ok
}

function prune(root: string, flags: PruneFlags): number {
  const report = pruneRuns(root, {
    nowMs: Date.now(),
    ageMsMax: flags.olderThan ?? null,
    bytesMax: flags.keepMb === undefined ? null : flags.keepMb * BYTES_PER_MB,
  })
  const lines = [
    ...report.deleted.map((run) => `deleted  ${runLine(run)}`),
    ...report.refused.map(({ dir, because }) => `kept     ${dir}: ${because}`),
    `${report.deleted.length} deleted, ${report.kept.length} kept`,
  ]
  writeLine(flags.json ? JSON.stringify(report) : lines.join('\n'))
  return exitCodes.ok
}

function runLine(run: RunInfo): string {
  const size = `${(run.bytes / BYTES_PER_MB).toFixed(2)} MB`.padStart(11)
  return `${new Date(run.createdTsMs).toISOString()}  ${size}  ${run.dir}${run.isLocked ? '  (being written)' : ''}`
}

function parseTime(text: string): number {
  const tsMs = /^\d+$/.test(text) ? Number(text) : Date.parse(text)
  if (Number.isSafeInteger(tsMs) && /^\d/.test(text)) return tsMs
  throw new InvalidArgumentError('Write a time such as 2026-11-21T09:15:00Z, or milliseconds since 1970.')
}

function parseFormat(text: string): ExportFormat {
  if (text === 'csv' || text === 'jsonl') return text
  throw new InvalidArgumentError('Write csv or jsonl.')
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
