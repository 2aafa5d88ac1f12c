/** A progress bar on stderr with rate and time left, or a plain count where the length is unknown; silent without a terminal. */
import { Presets, SingleBar } from 'cli-progress'

export interface Progress {
  /** @param done so many of the units by now */
  at(done: number): void
  end(): void
}

const SILENT: Progress = { at: () => undefined, end: () => undefined }

/** @param total null: not known before the end */
export function startProgress(name: string, total: number | null, unit: string): Progress {
  if (!process.stderr.isTTY) return SILENT
  const startMs = performance.now()
  const format =
    total === null
      ? `${name}  {value} ${unit}, {rate} ${unit}/s`
      : `${name} {bar} {value} of {total} ${unit}, {rate} ${unit}/s, {eta_formatted} left`
  const bar = new SingleBar({ format, stream: process.stderr, clearOnComplete: true }, Presets.shades_classic)
  bar.start(total ?? Number.MAX_SAFE_INTEGER, 0, { rate: '0' })
  return {
    at(done) {
      const seconds = Math.max((performance.now() - startMs) / 1000, 1e-3)
      bar.update(done, { rate: Math.round(done / seconds).toString() })
    },
    end: () => bar.stop(),
  }
}
