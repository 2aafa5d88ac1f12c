/**
 * Replay: the recorded inputs go through a fresh machine, and every command and every checkpoint must come out as
 * recorded. Reports the first difference, for after it all others follow.
 */
import type { Command } from '../core/command.ts'
import type { Input } from '../core/input.ts'
import { isSameValue } from './exact-json.ts'
import type { JournalHeader, JournalRecord } from './format.ts'
import { readJournal } from './reader.ts'

/** The maker, or anything that claims to decide the same way. */
export interface ReplayMachine {
  step(input: Input): readonly Command[]
  stateHash(): string
}

export interface ReplayDifference {
  /** The input at which live and replay part. */
  readonly seq: number
  /** `missing`: recorded, but not made now; `extra`: made now, but not recorded. */
  readonly what: 'commandDiffers' | 'commandMissing' | 'commandExtra' | 'stateHashDiffers'
  readonly recorded: unknown
  readonly came: unknown
}

export interface ReplayReport {
  readonly ok: boolean
  /** Inputs, commands, checkpoints and notes that were gone through. */
  readonly recordCount: number
  readonly inputCount: number
  readonly commandCount: number
  readonly checkpointCount: number
  /** Commands of the last input that a crash kept from being recorded; 0 for a journal that was closed in order. */
  readonly unrecordedCount: number
  readonly finalSeq: number
  readonly finalStateHash: string
  readonly headHash: string
  readonly tornBytes: number
  readonly isClosed: boolean
  readonly elapsedMs: number
  readonly recordsPerSec: number
  readonly difference: ReplayDifference | null
}

/** What is open between one input and the next. */
interface ReplayState {
  seq: number
  came: readonly Command[]
  matchedCount: number
  inputCount: number
  commandCount: number
  checkpointCount: number
}

/**
 * @param machineOf builds the machine in its first state, from the journal's header
 * @throws JournalError when the journal cannot be read, DAMAGED included: half a proof is none
 */
export function replayJournal(
  dir: string,
  machineOf: (header: JournalHeader) => ReplayMachine,
): ReplayReport {
  const startedMs = performance.now()
  const reader = readJournal(dir)
  const machine = machineOf(reader.header)
  const state: ReplayState = {
    seq: 0,
    came: [],
    matchedCount: 0,
    inputCount: 0,
    commandCount: 0,
    checkpointCount: 0,
  }
  let recordCount = 0
  let difference: ReplayDifference | null = null
  for (const record of reader.records) {
    recordCount += 1
    difference = replayRecord(machine, state, record)
    if (difference) break
  }
  const { summary } = reader
  // A crash between an input and its commands leaves the commands unrecorded, and nothing was sent: no difference.
  if (!difference && summary.isClosed) difference = extraOf(state)
  const elapsedMs = performance.now() - startedMs
  return {
    ok: difference === null,
    recordCount,
    inputCount: state.inputCount,
    commandCount: state.commandCount,
    checkpointCount: state.checkpointCount,
    unrecordedCount: difference ? 0 : state.came.length - state.matchedCount,
    finalSeq: state.seq,
    finalStateHash: machine.stateHash(),
    headHash: summary.headHash,
    tornBytes: summary.tornBytes,
    isClosed: summary.isClosed,
    elapsedMs,
    recordsPerSec: elapsedMs > 0 ? (recordCount / elapsedMs) * 1000 : 0,
    difference,
  }
}

function replayRecord(
  machine: ReplayMachine,
  state: ReplayState,
  record: JournalRecord,
): ReplayDifference | null {
  switch (record.kind) {
    case 'input': {
      const difference = extraOf(state)
      if (difference) return difference
      state.seq = record.input.seq
      state.came = machine.step(record.input)
      state.matchedCount = 0
      state.inputCount += 1
      return null
    }
    case 'command':
      return matchCommand(state, record.command)
    case 'checkpoint': {
      const came = machine.stateHash()
      state.checkpointCount += 1
      return came === record.stateHash
        ? null
        : { seq: state.seq, what: 'stateHashDiffers', recorded: record.stateHash, came }
    }
    default:
      return null // Notes decide nothing.
  }
}

function matchCommand(state: ReplayState, recorded: Command): ReplayDifference | null {
  const came = state.came[state.matchedCount]
  if (came === undefined) return { seq: state.seq, what: 'commandMissing', recorded, came: null }
  if (!isSameValue(came, recorded)) return { seq: state.seq, what: 'commandDiffers', recorded, came }
  state.matchedCount += 1
  state.commandCount += 1
  return null
}

function extraOf(state: ReplayState): ReplayDifference | null {
  const came = state.came[state.matchedCount]
  return came === undefined ? null : { seq: state.seq, what: 'commandExtra', recorded: null, came }
}
