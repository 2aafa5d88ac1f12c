/**
 * The sign of life of a maker: one small file beside the journals, written again every second by the event loop that also trades,
 * so that a maker that hangs stops it as surely as one that died. A watchdog on the same machine reads it (compose/watchdog.ts).
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Between two beats, real ms. */
export const HEARTBEAT_MS = 1_000

export interface Beat {
  /** Of the run; a later run has a larger one. */
  readonly epoch: number
  /** Rises with every beat: clocks may jump, this does not. */
  readonly count: number
  readonly pid: number
  /** `ended`: the run is over and nothing of it rests. */
  readonly state: 'running' | 'ended'
}

export function heartbeatPath(of: {
  readonly root: string
  readonly network: string
  readonly coin: string
}): string {
  return join(of.root, `heartbeat-${of.network}-${of.coin.replaceAll(':', '-')}.json`)
}

export interface Heartbeat {
  /** Says that the run is over and nothing rests; without this call the file stays as it is, for the watchdog to see. */
  end(): void
  stop(): void
}

/** @param of.onFailure a sign of life that cannot be written is worth a warning, not the run */
export function startHeartbeat(of: {
  readonly path: string
  readonly epoch: number
  readonly onFailure: (error: unknown) => void
}): Heartbeat {
  let count = 0
  const beat = (state: Beat['state']): void => {
    count += 1
    const text = JSON.stringify({ epoch: of.epoch, count, pid: process.pid, state } satisfies Beat)
    try {
      writeFileSync(`${of.path}.new`, `${text}\n`, { mode: 0o600 })
      renameSync(`${of.path}.new`, of.path)
    } catch (error) {
      of.onFailure(error)
    }
  }
  beat('running')
  const timer = setInterval(() => beat('running'), HEARTBEAT_MS)
  return {
    end() {
      clearInterval(timer)
      beat('ended')
    },
    stop() {
      clearInterval(timer)
    },
  }
}

/** @returns null when there is none; one that cannot be understood counts as none */
export function readBeat(path: string): Beat | null {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return isBeat(value) ? value : null
  } catch {
    return null
  }
}

function isBeat(value: unknown): value is Beat {
  if (typeof value !== 'object' || value === null) return false
  const { epoch, count, pid, state } = value as Record<string, unknown> // Any JSON object.
  const areNumbers = [epoch, count, pid].every((field) => Number.isSafeInteger(field))
  return areNumbers && (state === 'running' || state === 'ended')
}
