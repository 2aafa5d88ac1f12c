/**
 * Another process: `run SECONDS SEED…` plays seeds anew, `replay DIR…` plays journals again; the hashes come as one JSON line
 * each. What a byte is off in ends with exit code 1 and the reason.
 */
import { proveMachine } from '../../src/compose/verify.ts'
import { exchangeFolderOf } from '../../src/journal/run-dir.ts'
import { runTwoMachines } from './two-machines.ts'
import type { TwoHashes } from './two-machines.ts'

function replayed(dir: string): TwoHashes {
  const hashOf = (folder: string): string => {
    const { bytes, replay } = proveMachine(folder)
    if (bytes.damage !== null || replay === null || replay.difference !== null) {
      throw new Error(`${folder}: ${JSON.stringify(bytes.damage ?? replay?.difference)}`)
    }
    return replay.finalStateHash
  }
  return { maker: hashOf(dir), exchange: hashOf(exchangeFolderOf(dir)) }
}

const [mode, ...rest] = process.argv.slice(2)
const say = (hashes: TwoHashes): void => void process.stdout.write(`${JSON.stringify(hashes)}\n`)
if (mode === 'replay') {
  for (const dir of rest) say(replayed(dir))
} else {
  const [seconds, ...seeds] = rest.map(Number)
  for (const seed of seeds) say(await runTwoMachines(null, { seed, seconds: seconds ?? 0 }))
}
