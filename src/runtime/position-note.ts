/**
 * The last position that a run of this market knew, beside the journals: taken from the venue's own account answers as they were
 * journalled, so that the next run can say whether fills of ours explain what it finds. Derived; who deletes it must adopt by hand.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface PositionNote {
  /** Of the run that wrote it, and the input that it was read from. */
  readonly epoch: number
  readonly seq: number
  /** Signed. */
  readonly positionLots: number
  /** Size decimals of the lots: a market that changes its grid changes what a lot is. */
  readonly szDecimals: number
  /** Every fill up to here is in the position; the venue's time. */
  readonly venueTsMs: number
}

export function positionNotePath(of: {
  readonly root: string
  /** The network, or the address of an exchange of one's own. */
  readonly world: string
  readonly coin: string
  readonly account: string
}): string {
  const name = `position-${of.world}-${of.coin}-${of.account}`.replaceAll(/[^A-Za-z0-9-]+/g, '-')
  return join(of.root, `${name}.json`)
}

/** Whole or not at all. @throws the error of the file system */
export function writePositionNote(path: string, note: PositionNote): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(note)}\n`, { mode: 0o600 })
  renameSync(`${path}.new`, path)
}

/** @returns null when there is none, or it cannot be understood: then nothing is explained by it */
export function readPositionNote(path: string): PositionNote | null {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return isNote(value) ? value : null
  } catch {
    return null
  }
}

function isNote(value: unknown): value is PositionNote {
  if (typeof value !== 'object' || value === null) return false
  const { epoch, seq, positionLots, szDecimals, venueTsMs } = value as Record<string, unknown> // Any JSON object.
  return [epoch, seq, positionLots, szDecimals, venueTsMs].every((field) => Number.isSafeInteger(field))
}
