/**
 * `hypermake verify DIR`: every byte of a journal and, where the bytes are whole, every decision in it: the maker's inputs or
 * the exchange's commands again, from the header alone. A rehearsal's folder holds both machines, and both are checked.
 */
import { existsSync } from 'node:fs'
import { verifyJournal } from '../journal/reader.ts'
import type { VerifyReport } from '../journal/reader.ts'
import { replayJournal } from '../journal/replay.ts'
import { exchangeFolderOf } from '../journal/run-dir.ts'
import { readHeader } from '../journal/walk.ts'
import { replayExchange } from './exchange-replay.ts'
import { exitCodes } from './exit-codes.ts'
import { writeReplayMetrics } from './replay-metrics-file.ts'
import { machineOf } from './replay.ts'

export interface VerifyOptions {
  readonly dir: string
  /** File for the outcome as Prometheus text; null: none. */
  readonly metrics: string | null
  readonly json: boolean
}

/** What a replay of either machine comes to. */
export interface MachineProof {
  readonly machine: 'maker' | 'exchange'
  readonly dir: string
  readonly bytes: VerifyReport
  /** Null when the bytes are damaged: half a proof is none. */
  readonly replay: {
    readonly finalSeq: number
    readonly finalStateHash: string
    readonly recordsPerSec: number
    readonly difference: {
      readonly seq: number
      readonly what: string
      readonly recorded: unknown
      readonly came: unknown
    } | null
  } | null
}

/** @throws JournalError when there is no journal to check */
export function proveMachine(dir: string): MachineProof {
  const bytes = verifyJournal(dir)
  if (bytes.damage !== null) {
    // A damaged header says nothing about itself.
    const machine = bytes.damage.offset > 0 && isExchange(dir) ? 'exchange' : 'maker'
    return { machine, dir, bytes, replay: null }
  }
  if (isExchange(dir)) {
    const { report } = replayExchange(dir)
    const { finalSeq, finalStateHash, recordsPerSec, difference } = report
    const found = difference === null ? null : { what: 'stateHashDiffers', ...difference }
    return {
      machine: 'exchange',
      dir,
      bytes,
      replay: { finalSeq, finalStateHash, recordsPerSec, difference: found },
    }
  }
  const { finalSeq, finalStateHash, recordsPerSec, difference } = replayJournal(dir, machineOf)
  return {
    machine: 'maker',
    dir,
    bytes,
    replay: { finalSeq, finalStateHash, recordsPerSec, difference },
  }
}

function isExchange(dir: string): boolean {
  return readHeader(dir).machine === 'exchange'
}

/** @returns 0 when all is whole and came out as recorded, 1 when a byte is wrong, 5 at the first difference */
export async function verify(options: VerifyOptions): Promise<number> {
  const { dir, json, metrics } = options
  const exchangeDir = exchangeFolderOf(dir)
  const proofs = [proveMachine(dir), ...(existsSync(exchangeDir) ? [proveMachine(exchangeDir)] : [])]
  const isDamaged = proofs.some(({ bytes }) => !bytes.ok)
  const hasDiverged = proofs.some(({ replay }) => replay !== null && replay.difference !== null)
  const result = isDamaged ? 'damaged' : hasDiverged ? 'diverged' : 'ok'
  await writeReplayMetrics(
    metrics,
    proofs.map(({ machine, bytes, replay }) => ({
      machine,
      replayed:
        replay === null
          ? null
          : {
              records: bytes.recordCount,
              recordsPerSec: replay.recordsPerSec,
              isEqual: replay.difference === null,
            },
    })),
  )
  process.stdout.write(
    json ? `${JSON.stringify({ kind: 'verify', result, proofs })}\n` : `${proofs.map(textOf).join('\n')}\n`,
  )
  return isDamaged ? exitCodes.failed : hasDiverged ? exitCodes.diverged : exitCodes.ok
}

function textOf({ machine, dir, bytes, replay }: MachineProof): string {
  const lines = [
    `${machine}  ${dir}`,
    `  records  ${bytes.recordCount} (${bytes.inputCount} inputs, ${bytes.commandCount} commands)`,
    `  chain    ${bytes.headHash}`,
  ]
  if (bytes.tornBytes > 0) lines.push(`  torn     ${bytes.tornBytes} bytes of an unfinished write at the end`)
  if (bytes.damage === null && !bytes.isClosed)
    lines.push('  closed   no: the run was cut off, or still writes')
  if (bytes.damage !== null) {
    const { segment, offset, because } = bytes.damage
    lines.push(
      `  DAMAGED  segment ${segment} at byte ${offset}: ${because}; hypermake journal cut saves what stands before it`,
    )
  }
  if (replay === null) return lines.join('\n')
  lines.push(
    `  state    ${replay.finalStateHash} after ${replay.finalSeq}, ${Math.round(replay.recordsPerSec)} records a second`,
  )
  const { difference } = replay
  if (difference === null) lines.push('  equal    every decision and every state hash came out as recorded')
  else {
    lines.push(`  DIVERGED after ${difference.seq}: ${difference.what}`)
    lines.push(`    recorded ${JSON.stringify(difference.recorded)}`)
    lines.push(`    came     ${JSON.stringify(difference.came)}`)
  }
  return lines.join('\n')
}
