/** `hypermake replay DIR`: the journalled inputs through the maker again, every command and the state hash compared. */
import type { StepWatch } from '../backtest/journal-recording.ts'
import { createEngine, engineHash, step } from '../core/engine.ts'
import type { Engine } from '../core/engine.ts'
import { assert } from '../core/assert.ts'
import type { ReplayOptions } from '../config/options.ts'
import { replayJournal } from '../journal/replay.ts'
import type { ReplayMachine, ReplayReport } from '../journal/replay.ts'
import type { JournalHeader } from '../journal/format.ts'
import { readHeader } from '../journal/walk.ts'
import { counterfactual } from './counterfactual.ts'
import { enginePartsOf } from './engine-parts.ts'
import { replayExchange } from './exchange-replay.ts'
import { exitCodes } from './exit-codes.ts'
import { makerConfigOf } from './journal-config.ts'
import { writeReplayMetrics } from './replay-metrics-file.ts'

/**
 * The maker of a journal: its configuration from the header, its market from the first input.
 * @param watch looks at the maker before and after every step
 * @throws JournalError NOT_A_JOURNAL for a recording or an exchange, UNKNOWN_VERSION for the configuration of another build
 */
export function machineOf(header: JournalHeader, watch: StepWatch | null = null): ReplayMachine {
  const values = makerConfigOf(header)
  let engine: Engine | null = null
  return {
    step(input) {
      if (engine === null) {
        assert(input.kind === 'sessionStarted', 'a journal starts with its session')
        engine = createEngine(enginePartsOf(values, input.market))
      }
      if (watch === null) return step(engine, input)
      watch.before(engine, input)
      const commands = step(engine, input)
      watch.after(engine, input, commands)
      return commands
    },
    stateHash() {
      assert(engine !== null, 'a state hash needs at least one input')
      return engineHash(engine)
    },
  }
}

/**
 * With assignments nothing is checked: two configurations are compared (`counterfactual.ts`).
 * @returns 0 when every command and the final hash came out as recorded, 5 at the first difference
 * @throws JournalError when the journal cannot be read
 */
export async function replay(options: ReplayOptions): Promise<number> {
  if (options.assignments.length > 0) return counterfactual(options)
  if (readHeader(options.dir).machine === 'exchange') return replayOfExchange(options)
  const report = replayJournal(options.dir, machineOf)
  const { recordCount: records, recordsPerSec, ok: isEqual } = report
  await writeReplayMetrics(options.metrics, [
    { machine: 'maker', replayed: { records, recordsPerSec, isEqual } },
  ])
  process.stdout.write(options.json ? `${JSON.stringify({ kind: 'replay', ...report })}\n` : textOf(report))
  return report.ok ? exitCodes.ok : exitCodes.diverged
}

/** The journal of an exchange: its commands again, the running hash compared before each. */
async function replayOfExchange({ dir, json, metrics }: ReplayOptions): Promise<number> {
  const { report } = replayExchange(dir)
  const { recordCount: records, recordsPerSec, ok: isEqual } = report
  await writeReplayMetrics(metrics, [{ machine: 'exchange', replayed: { records, recordsPerSec, isEqual } }])
  const { difference, header: _header, ...figures } = report
  const lines = [
    `replayed ${report.commandCount} commands of the exchange, ${report.checkpointCount} checkpoints`,
    `speed    ${Math.round(report.recordsPerSec)} records a second`,
    `state    ${report.finalStateHash} after command ${report.finalSeq}`,
    `chain    ${report.headHash}`,
    difference === null
      ? 'equal: the state hash before every command came out as recorded'
      : `DIFFERENT after command ${difference.seq}: recorded ${difference.recorded}, came ${difference.came}`,
  ]
  const record = { kind: 'replay', machine: 'exchange', ...figures, difference }
  process.stdout.write(`${json ? JSON.stringify(record) : lines.join('\n')}\n`)
  return report.ok ? exitCodes.ok : exitCodes.diverged
}

function textOf(report: ReplayReport): string {
  const lines = [
    `replayed ${report.inputCount} inputs and ${report.commandCount} commands, ${report.checkpointCount} checkpoints`,
    `speed    ${Math.round(report.recordsPerSec)} records a second`,
    `state    ${report.finalStateHash} after input ${report.finalSeq}`,
    `chain    ${report.headHash}`,
  ]
  if (report.tornBytes > 0)
    lines.push(`torn     ${report.tornBytes} bytes after the last whole record were left out`)
  if (report.unrecordedCount > 0) {
    lines.push(
      `crash    ${report.unrecordedCount} commands of the last input were never recorded, so never sent`,
    )
  }
  const { difference } = report
  if (difference === null) lines.push('equal: every command and every state hash came out as recorded')
  else {
    lines.push(`DIFFERENT at input ${difference.seq}: ${difference.what}`)
    lines.push(`  recorded ${JSON.stringify(difference.recorded)}`)
    lines.push(`  came     ${JSON.stringify(difference.came)}`)
  }
  return `${lines.join('\n')}\n`
}
