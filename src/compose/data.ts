/** `hypermake data`: recorded markets made, checked, brought into the played format, and handed to other tools. */
import { statSync } from 'node:fs'
import { generateTape } from '../backtest/generate.ts'
import { exportTape } from '../backtest/export-tape.ts'
import type { ExportFormat } from '../backtest/export-tape.ts'
import { parseMapping } from '../backtest/csv-columns.ts'
import type { TimeUnit } from '../backtest/csv-rows.ts'
import { importCsv } from '../backtest/import-csv.ts'
import { importTape } from '../backtest/import-tape.ts'
import type { ImportOutcome, ImportSource } from '../backtest/import-tape.ts'
import { isFolder } from '../backtest/open-data.ts'
import { verifyRecording } from '../backtest/verify-recording.ts'
import { verifyTape } from '../backtest/verify-tape.ts'
import { writeWhole } from '../journal/out-file.ts'
import type { Config } from '../config/config.ts'
import { ConfigError } from '../config/errors.ts'
import { readVenue } from '../config/venue-definitions.ts'
import { scenarioNameOf } from '../simulation/scenarios.ts'
import { checkText, remedyOf } from './data-check-text.ts'
import { startProgress } from './data-progress.ts'
import { exitCodes } from './exit-codes.ts'
import { scenarioAt } from './scenario.ts'

/** Shares are shown as percent. */
const PERCENT = 100

export function dataGenerate(of: {
  readonly values: Config
  readonly seed: number
  readonly minutes: number
  readonly out: string
}): number {
  const { values, seed, minutes, out } = of
  const { dex, asset } = values.market
  const { blockMs } = values.exchange
  const scenario = scenarioAt(values.exchange.scenario)
  const progress = startProgress('generate', minutes * 60, 's')
  const lines = writeWhole([out], ([path = out]) =>
    generateTape({
      spec: readVenue(values.exchange.markets),
      coin: dex === '' || asset.includes(':') ? asset : `${dex}:${asset}`,
      scenario,
      seed,
      minutes,
      blockMs,
      path,
      onProgress: (playedMs) => progress.at(Math.floor(playedMs / 1000)),
    }),
  )
  progress.end()
  process.stdout.write(
    `${lines} lines of ${scenarioNameOf(scenario)}, seed ${seed}, ${minutes} minutes in ${out}\n`,
  )
  return exitCodes.ok
}

/** @returns failed when the recording has faults */
export function dataVerify(of: { readonly path: string; readonly json: boolean }): number {
  const progress = startProgress('verify', PERCENT, '%')
  const check = isFolder(of.path)
    ? verifyRecording(of.path)
    : verifyTape(of.path, (share) => progress.at(Math.floor(share * PERCENT)))
  progress.end()
  const isSound = check.faults.length === 0 && remedyOf(check) === null
  process.stdout.write(
    of.json
      ? `${JSON.stringify({ kind: 'dataVerify', sound: isSound, ...check, remedy: remedyOf(check) })}\n`
      : checkText(check, isSound),
  )
  return isSound ? exitCodes.ok : exitCodes.failed
}

export async function dataExport(of: {
  readonly path: string
  readonly format: ExportFormat
  readonly out: string
}): Promise<number> {
  refuseOverwrite([of.path], of.out, `--${of.format}`)
  const progress = startProgress('export', null, 'records')
  const rows = await exportTape(of.path, of.format, of.out, (done) => progress.at(done))
  progress.end()
  process.stdout.write(`${rows} rows in ${of.out}\n`)
  return exitCodes.ok
}

/** @returns failed when lines had to be left out */
export function dataImport(of: {
  readonly source: ImportSource
  readonly path: string
  readonly out: string
}): number {
  refuseOverwrite([of.path], of.out, '--out')
  const progress = startProgress('import', PERCENT, '%')
  const outcome = writeWhole([of.out], ([out = of.out]) =>
    importTape(of.source, of.path, out, (share) => progress.at(Math.floor(share * PERCENT))),
  )
  progress.end()
  return sayImported(outcome, of.out)
}

/** @returns failed when rows had to be left out */
export function dataImportCsv(of: {
  readonly paths: readonly string[]
  readonly out: string
  readonly mapping: readonly string[]
  readonly timeUnit: TimeUnit | null
  readonly symbol: string | null
  readonly name: string | null
  readonly quotesFromTrades: boolean
}): number {
  const mapping = parseMapping(of.mapping)
  refuseOverwrite(of.paths, of.out, '--out')
  const progress = startProgress('import', PERCENT, '%')
  const onProgress = (share: number): void => progress.at(Math.floor(share * PERCENT))
  try {
    const outcome = writeWhole([of.out], ([out = of.out]) => importCsv({ ...of, out, mapping, onProgress }))
    return sayImported(outcome, of.out)
  } finally {
    progress.end()
  }
}

/** What is read may be the only copy: it is never what is written, by whatever name. @throws ConfigError BAD_VALUE */
function refuseOverwrite(paths: readonly string[], out: string, flag: string): void {
  const target = statSync(out, { throwIfNoEntry: false })
  if (target === undefined) return
  for (const path of paths) {
    const source = statSync(path, { throwIfNoEntry: false })
    if (source?.dev !== target.dev || source.ino !== target.ino) continue
    throw new ConfigError('BAD_VALUE', `${flag} ${out}: is the recording that is read; name another file`)
  }
}

function sayImported({ lines, skipped, firstSkipped, told }: ImportOutcome, out: string): number {
  process.stdout.write(`${lines} lines in ${out}\n`)
  if (skipped === 0) return exitCodes.ok
  const places = told ?? (firstSkipped === null ? [] : [firstSkipped])
  const rest = skipped > places.length ? `\n… and ${skipped - places.length} more` : ''
  process.stderr.write(`${skipped} lines left out:\n${places.join('\n')}${rest}\n`)
  return skipped > 0 ? exitCodes.failed : exitCodes.ok
}
