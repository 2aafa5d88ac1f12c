/** A closed-world run and its journal on disk, as `hypermake run` would leave it: header, inputs, commands, last state hash. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../src/config/load.ts'
import type { Command } from '../../src/core/command.ts'
import type { Input } from '../../src/core/input.ts'
import { FORMAT_VERSION } from '../../src/journal/format.ts'
import { openJournal } from '../../src/journal/writer.ts'
import { stageOf } from './closed-world.ts'

export interface JournalledRun {
  readonly dir: string
  readonly inputs: readonly Input[]
  /** Commands by the sequence of their input. */
  readonly commands: ReadonlyMap<number, readonly Command[]>
}

export async function journalledRun(of: {
  readonly seed: number
  readonly seconds: number
  readonly scenario?: string
  readonly set?: readonly string[]
}): Promise<JournalledRun> {
  const config = loadConfig({
    directory: new URL('../../config', import.meta.url).pathname,
    profile: null,
    files: [],
    environment: {},
    assignments: of.set ?? [],
    flags: [],
  })
  const stage = stageOf(of)
  const inputs: Input[] = []
  const commands = new Map<number, readonly Command[]>()
  const stateHash = stage.run(of.seconds, (input, made) => {
    inputs.push(input)
    commands.set(input.seq, made)
  })
  const dir = join(mkdtempSync(join(tmpdir(), 'hypermake-')), 'run')
  const { market, account } = stage.venue
  const writer = await openJournal({
    dir,
    sync: 'never',
    onFailure: (error) => {
      throw error
    },
    header: {
      formatVersion: FORMAT_VERSION,
      build: 'test',
      network: market.network,
      dex: market.dex,
      coin: market.coin,
      account,
      configHash: config.hash,
      config: config.values,
      seed: of.seed,
      epoch: 1,
      createdTsMs: inputs[0]?.tsMs ?? 0,
    },
  })
  for (const input of inputs) {
    writer.append({ kind: 'input', input })
    for (const command of commands.get(input.seq) ?? [])
      writer.append({ kind: 'command', seq: input.seq, command })
    if (writer.recordCount % 1_000 === 0) await writer.durable()
  }
  writer.append({ kind: 'checkpoint', seq: inputs.length, stateHash })
  await writer.close()
  return { dir, inputs, commands }
}
