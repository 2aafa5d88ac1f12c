/** `hypermake fidelity DIR`: a live or paper run beside the backtest of its own market data, and what the gap is made of. */
import { fidelityOf, FIDELITY_TERMS } from '../backtest/fidelity.ts'
import type { Fidelity, FidelitySide, FidelityTerm } from '../backtest/fidelity.ts'
import { drawsOf } from '../backtest/latency.ts'
import { recordedLatency } from '../backtest/latency-recorded.ts'
import { inputsOf } from '../backtest/open-data.ts'
import { ConfigError } from '../config/errors.ts'
import { createEngine } from '../core/engine.ts'
import { queueModelText } from '../core/queue/queue-models.ts'
import type { JournalHeader } from '../journal/format.ts'
import { readHeader } from '../journal/walk.ts'
import { durationText, sizeText, usdText } from '../ops/format.ts'
import { enginePartsOf } from './engine-parts.ts'
import { exitCodes } from './exit-codes.ts'
import { makerConfigOf } from './journal-config.ts'
import { modeOf } from './run-mode.ts'
import { latencyModelOf, queueModelOf } from './models.ts'
import { LATENCY_DEFAULT, QUEUE_DEFAULT } from './paper.ts'
import { tableText } from './text-table.ts'

export interface FidelityCommand {
  readonly dir: string
  /** Null: what the run assumed, or the defaults of paper trading. */
  readonly queue: string | null
  readonly latency: string | null
  readonly seed: number
  readonly json: boolean
}

/** @throws JournalError, SimulationError or ConfigError for a folder that holds no run of a maker */
export function fidelity(command: FidelityCommand): number {
  const { dir, seed } = command
  const header = readHeader(dir)
  if (header.machine !== undefined) {
    throw new ConfigError(
      'BAD_VALUE',
      `${dir}: is the journal of ${header.machine === 'exchange' ? 'an exchange' : 'a recorder'}; give the folder of a live or paper run`,
    )
  }
  const queue = queueModelOf(command.queue ?? header.paper?.queue ?? QUEUE_DEFAULT)
  const latency = command.latency ?? header.paper?.latency ?? LATENCY_DEFAULT
  const assumed = latencyModelOf(latency)
  const measured = measuredIn(dir)
  const values = makerConfigOf(header)
  const result = fidelityOf({
    inputs: () => inputsOf(dir),
    engineOf: (market) => createEngine(enginePartsOf(values, market)),
    queue,
    assumed: () => drawsOf(assumed, seed),
    measured: () => drawsOf(measured, seed),
  })
  const of = {
    dir,
    mode: modeOf(header),
    queue: queueModelText(queue),
    latency,
  }
  process.stdout.write(
    command.json
      ? `${JSON.stringify({ kind: 'fidelity', ...of, ...result, market: result.market.coin })}\n`
      : `${textOf(result, of, header).join('\n')}\n`,
  )
  return exitCodes.ok
}

/** The way there as it was order by order, and the way back as its median: together they are the round trips that were measured. */
function measuredIn(dir: string): {
  readonly kind: 'samples'
  readonly feedMs: number[]
  readonly orderMs: readonly number[]
} {
  const { feedMs, orderMs } = recordedLatency(dir)
  const median = feedMs.toSorted((a, b) => a - b)[feedMs.length >> 1] ?? 0
  return { kind: 'samples', feedMs: [median], orderMs }
}

const TERM_TEXTS: Readonly<Record<FidelityTerm, string>> = {
  fees: 'other rates than the market’s',
  latency: 'measured delays instead of the assumed ones',
  queue: 'fills at prices where both stood',
  missedData: 'fills while there was no data',
  other: 'fills at prices where only one stood, funding',
}

function textOf(
  of: Fidelity,
  how: { readonly dir: string; readonly mode: string; readonly queue: string; readonly latency: string },
  { network }: JournalHeader,
): string[] {
  const { run, backtest, market, terms } = of
  const usd = (microUsd: number): string => usdText(microUsd, 6)
  const row = (name: string, pick: (side: FidelitySide) => string): string[] => [
    name,
    pick(run),
    pick(backtest),
  ]
  return [
    `${how.mode} run of ${market.coin} on ${network}, ${durationText(of.endTsMs - of.startTsMs)}, ${how.dir}`,
    `backtest of its own data: queue ${how.queue}, latency ${how.latency}; ${durationText(of.outageMs)} without data`,
    '',
    ...tableText(
      ['', how.mode, 'backtest'],
      [
        row('fills', ({ fillCount }) => String(fillCount)),
        row('volume', ({ volumeMicroUsd }) => usdText(volumeMicroUsd)),
        row('fees', ({ feesMicroUsd }) => usd(feesMicroUsd)),
        row('funding', ({ fundingMicroUsd }) => usd(fundingMicroUsd)),
        row('position', ({ positionLots }) => sizeText(positionLots, market.grid.szDecimals)),
        row('pnl', ({ pnlMicroUsd }) => usd(pnlMicroUsd)),
      ],
      [1, 2],
    ),
    '',
    ...tableText(
      ['term', 'USD', ''],
      [
        ...FIDELITY_TERMS.map((term) => [term, usd(terms[term]), TERM_TEXTS[term]]),
        ['gap', usd(of.gapMicroUsd), 'the sum of the above'],
      ],
      [1],
    ),
    `${of.commonFillCount} of the run’s ${run.fillCount} fills were at prices where the backtest’s maker stood too`,
  ]
}
