/** `hypermake calibrate`: what a market is like, as settings for the maker: a TOML fragment with its evidence, and a page. */
import type { EffectiveConfig } from '../config/config.ts'
import { ConfigError } from '../config/errors.ts'
import { readVenue } from '../config/venue-definitions.ts'
import { dataOfJournal, dataOfScenario, dataOfTape } from './calibrate-data.ts'
import type { MarketData } from './calibrate-data.ts'
import { calibrationOf } from './calibrate-fit.ts'
import type { Calibration, Estimate, FittedKey } from './calibrate-fit.ts'
import { calibrationPage, depthFitText } from './calibrate-page.ts'
import { startProgress } from './data-progress.ts'
import { exitCodes } from './exit-codes.ts'
import { scenarioAt } from './scenario.ts'
import { fragmentOf } from './sweep-apply.ts'
import { tableText } from './text-table.ts'
import { writeWholeText } from '../journal/out-file.ts'
import { baseCoinOf } from '../simulation/scenario-participants.ts'

export interface CalibrateCommand {
  /** The configuration of the command line with further `key=value` on top. */
  readonly configOf: (assignments: readonly string[]) => EffectiveConfig
  /** At most one of the two; none: the configured scenario. */
  readonly tape: string | null
  readonly journal: string | null
  /** As the command line says it; null: not said. It names the market of a scenario, and must be that of data. */
  readonly asset: string | null
  readonly seed: number
  /** Of a scenario. */
  readonly minutes: number
  /** File of the fragment; null: stdout has it. */
  readonly out: string | null
  readonly report: string | null
  readonly json: boolean
}

/** @throws ConfigError, JournalError, SimulationError for what cannot be read or says too little */
export async function calibrate(command: CalibrateCommand): Promise<number> {
  const base = command.configOf([])
  const data = dataOf(command, base)
  const fit = calibrationOf(data, base.values.estimators)
  const keys = fittedKeys(command, base, fit)
  const written = keys.filter((key) => key.leftOut === null)
  const comments = [
    `Calibrated on ${data.coin}, ${data.source}: ${fit.seconds.toFixed(0)} s, ${fit.orderCount} market orders. Intervals are of 95 %.`,
    `Depths against the exponential: distance ${depthFitText(fit)}.`,
    ...keys.flatMap((key) =>
      key.leftOut === null ? [] : [`Left out: ${key.key}, fitted ${key.value}: ${key.leftOut}.`],
    ),
  ]
  const entries = written.map(
    ({ key, value, low, high }) => [key, Number(value), `${low} … ${high}`] as const,
  )
  const fragment = fragmentOf(comments, entries)
  if (command.out !== null) writeWholeText(command.out, fragment)
  if (command.report !== null) writeWholeText(command.report, await calibrationPage(data, fit, keys))
  if (command.json)
    process.stdout.write(
      `${JSON.stringify({ kind: 'calibration', source: data.source, coin: data.coin, ...fit, keys })}\n`,
    )
  else process.stdout.write(command.out === null ? fragment : textOf(data, fit, keys, command))
  return exitCodes.ok
}

function dataOf(command: CalibrateCommand, { values }: EffectiveConfig): MarketData {
  const { tape, journal, asset: wished, seed, minutes } = command
  if (tape !== null && journal !== null) {
    throw new ConfigError('BAD_VALUE', `--data ${tape} and --journal ${journal}: calibrate by one of them`)
  }
  if (tape !== null) return ofCoin(dataOfTape(tape), wished)
  if (journal !== null) return ofCoin(dataOfJournal(journal), wished)
  const { dex, asset } = values.market
  const { scenario, blockMs, markets } = values.exchange
  const progress = startProgress('calibrate', minutes * 60, 's')
  try {
    return dataOfScenario({
      spec: readVenue(markets),
      coin: dex === '' || asset.includes(':') ? asset : `${dex}:${asset}`,
      ...{ scenario: scenarioAt(scenario), seed, minutes, blockMs },
      onProgress: (playedMs) => progress.at(Math.floor(playedMs / 1000)),
    })
  } finally {
    progress.end()
  }
}

/** A recording knows its coin, on whatever DEX; settings fitted to one are not for another. */
function ofCoin(data: MarketData, wished: string | null): MarketData {
  if (wished === null || baseCoinOf(wished) === baseCoinOf(data.coin)) return data
  throw new ConfigError(
    'BAD_VALUE',
    `--asset ${wished}: ${data.source} is of ${data.coin}; give data of ${baseCoinOf(wished)}, or leave --asset out`,
  )
}

const DIGITS = 4

function fittedKeys(command: CalibrateCommand, base: EffectiveConfig, fit: Calibration): FittedKey[] {
  const { estimators, strategy, risk, stochastic } = base.values
  const noJournal = 'only a journal (--journal) tells'
  const rows: readonly (readonly [key: string, of: Estimate | null, now: number, missing: string])[] = [
    ['estimators.sigma_prior_per_sqrt_sec', fit.sigma, estimators.sigmaPriorPerSqrtSec, ''],
    ['estimators.kappa_prior', fit.kappa, estimators.kappaPrior, ''],
    ['estimators.fill_rate_prior_per_sec', fit.fillsPerSec, estimators.fillRatePriorPerSec, ''],
    ['estimators.adverse_selection_prior_bps', fit.adverseBps, estimators.adverseSelectionPriorBps, ''],
    ['strategy.glft.sigma_reference_per_sqrt_sec', fit.sigma, strategy.glft.sigmaReferencePerSqrtSec, ''],
    [
      'strategy.glft.toxicity_neutral',
      fit.toxicity,
      strategy.glft.toxicityNeutral,
      'too few orders to read it',
    ],
    ['risk.maker_fee_rate_bps', fit.makerFeeBps, risk.makerFeeRateBps, noJournal],
    ['stochastic.quote_update_latency_ms', fit.latencyMs, stochastic.quoteUpdateLatencyMs, noJournal],
  ]
  return rows.map(([key, of, now, missing]) => {
    const text = (value: number | null): string =>
      value === null ? '–' : String(Number(value.toPrecision(DIGITS)))
    const shown = { key, low: text(of?.low ?? null), high: text(of?.high ?? null), now: text(now) }
    if (of === null) return { ...shown, value: '–', leftOut: missing }
    const value = text(key.endsWith('_ms') ? Math.round(of.value) : of.value)
    return { ...shown, value, leftOut: refusalOf(command, `${key}=${value}`) ?? uncertain(of) }
  })
}

/** A value that the configuration would not take is told and not written: the fragment must load. */
function refusalOf({ configOf }: CalibrateCommand, assignment: string): string | null {
  try {
    configOf([assignment])
    return null
  } catch (error) {
    if (error instanceof ConfigError) return error.message.replace(/\.$/, '')
    throw error
  }
}

/** A positive number whose interval reaches nothing, or is not known, is no finding. */
function uncertain({ value, low }: Estimate): string | null {
  if (low === null) return 'too little data for an interval'
  return value > 0 && low <= 0 ? 'its interval contains 0' : null
}

function textOf(
  data: MarketData,
  fit: Calibration,
  keys: readonly FittedKey[],
  command: CalibrateCommand,
): string {
  const rows = keys.map(({ key, value, low, high, now, leftOut }) => [
    key,
    value,
    low,
    high,
    now,
    leftOut ?? '',
  ])
  return [
    `${data.coin}, ${data.source}: ${fit.seconds.toFixed(0)} s, ${fit.orderCount} market orders`,
    '',
    ...tableText(['key', 'fitted', 'from', 'to', 'now', ''], rows, [1, 2, 3, 4]),
    '',
    `depths against the exponential: distance ${depthFitText(fit)}`,
    ...(command.out === null ? [] : [`fragment in ${command.out}; hypermake run --config ${command.out}`]),
    ...(command.report === null ? [] : [`report in ${command.report}`]),
    '',
  ].join('\n')
}
