/** Worker threads for trials. From sources they read TypeScript as this process does; built, they are plain files. */
import { createRequire } from 'node:module'
import { extname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Piscina } from 'piscina'
import { SimulationError } from '../simulation/errors.ts'
import type { TrialResult } from '../backtest/sweep/trial.ts'
import type { SweepAnswer, SweepTask } from './sweep-worker.ts'

export interface SweepPool {
  /** @throws SimulationError for what cannot be run */
  run(task: SweepTask): Promise<TrialResult>
  /** Ends the threads, finished or not. */
  end(): Promise<void>
}

export function openSweepPool(workers: number): SweepPool {
  const extension = extname(import.meta.url)
  const pool = new Piscina({
    filename: fileURLToPath(new URL(`./sweep-worker${extension}`, import.meta.url)),
    name: 'runSweepTask',
    minThreads: 1,
    maxThreads: workers,
    ...(extension === '.ts' ? { execArgv: ['--import', loaderUrl()] } : {}),
  })
  return {
    async run(task) {
      // Piscina knows no types of what its workers return.
      const answer = (await pool.run(task)) as SweepAnswer
      if (answer.kind === 'failed') throw new SimulationError(answer.code, answer.message)
      return answer.result
    },
    end: () => pool.destroy(),
  }
}

/** Found from this file, because the folder that a command is given in may be any. */
function loaderUrl(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
}
