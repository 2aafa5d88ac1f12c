/**
 * What trips the kill switch from outside of the core: SIGUSR2, and the latch file itself, which `hypermake kill` writes, and
 * so may anybody: an empty file is enough. The HTTP server and the monitors trip it too (ops/control.ts, core/assess.ts).
 */
import { type FSWatcher, watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Log } from '../ops/log.ts'
import { readLatch } from '../runtime/latch.ts'

/** The file is looked for this often besides: not every file system tells of changes, ms. */
const POLL_MS = 200

export interface KillTriggers {
  stop(): void
}

/**
 * @param of.path of the latch; its folder exists
 * @param of.trip called with the reason and the time at which the trigger was seen, `performance.now()`; may be called again
 */
export function watchKillTriggers(of: {
  readonly path: string
  readonly trip: (because: string, atMs: number) => void
  readonly log: Log
}): KillTriggers {
  const { path, trip, log } = of
  const look = (): void => {
    const atMs = performance.now()
    const latch = readLatch(path)
    if (latch !== null) trip(latch.because, atMs)
  }
  const onSignal = (): void => trip('SIGUSR2', performance.now())
  process.on('SIGUSR2', onSignal)
  const poll = setInterval(look, POLL_MS)
  let watcher: FSWatcher | null = null
  try {
    watcher = watch(dirname(path), (_, name) => {
      if (name === null || name === basename(path)) look()
    })
    watcher.on('error', () => watcher?.close())
  } catch (error) {
    log.warn('the folder of the kill switch cannot be watched: it is looked at instead', {
      pollMs: POLL_MS,
      because: String(error),
    })
  }
  return {
    stop() {
      process.off('SIGUSR2', onSignal)
      clearInterval(poll)
      watcher?.close()
    },
  }
}
