/** From a failure that ends the program to its exit code and its sentence. */
import { exitCodes } from '../compose/exit-codes.ts'
import { MomentError } from '../compose/moment-error.ts'
import { ConfigError } from '../config/errors.ts'
import { JournalError } from '../journal/errors.ts'
import { OpsError } from '../ops/errors.ts'
import { FaultScriptError } from '../server/faults/script.ts'
import { SimulationError } from '../simulation/errors.ts'
import { VenueError, type VenueErrorCode } from '../venues/errors.ts'

const VENUE_EXITS: Readonly<Partial<Record<VenueErrorCode, number>>> = {
  UNKNOWN_COIN: exitCodes.usage,
  UNKNOWN_DEX: exitCodes.usage,
  BAD_KEY: exitCodes.refused,
  NOT_FUNDED: exitCodes.refused,
  REFUSED: exitCodes.refused,
}

/** The folder that was named cannot be meant. */
const WRONG_FOLDER: ReadonlySet<string> = new Set(['BAD_DIRECTORY', 'NOT_A_JOURNAL', 'EXISTS', 'LOCKED'])

/** @returns usage when nothing was started because of what was asked for, refused when a condition of trading fails */
export function exitCodeOf(error: unknown): number {
  const isAskedWrongly =
    error instanceof ConfigError ||
    error instanceof MomentError ||
    error instanceof OpsError ||
    error instanceof SimulationError ||
    error instanceof FaultScriptError
  if (isAskedWrongly) return exitCodes.usage
  if (error instanceof VenueError) return VENUE_EXITS[error.code] ?? exitCodes.failed
  if (error instanceof JournalError) {
    return WRONG_FOLDER.has(error.code) ? exitCodes.usage : exitCodes.failed
  }
  return exitCodes.failed
}

/** One sentence for people; a bug also shows its stack, because its report needs it. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return `error: ${String(error)}`
  const code = (error as { code?: unknown }).code
  if (error instanceof JournalError && error.code === 'DAMAGED') {
    return `error: ${error.message}; hypermake journal cut saves what stands before it [DAMAGED]`
  }
  if (typeof code === 'string') return `error: ${error.message} [${code}]`
  return `error: this is a bug of hypermake, please report it: ${error.stack ?? error.message}`
}
