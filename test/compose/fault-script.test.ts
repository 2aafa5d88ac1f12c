/** Fault scripts from files: TOML and modules give the same, and what is wrong with a module is said. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readFaultScript } from '../../src/compose/fault-script.ts'
import { FaultScriptError } from '../../src/server/faults/script.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fault-script-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function fileOf(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const TOML = 'seed = 4\n[[fault]]\nkind = "drop"\nat_sec = 1.5\nchannels = ["trades"]\n'
const DATA = '{ seed: 4, fault: [{ kind: "drop", at_sec: 1.5, channels: ["trades"] }] }'

test.each([
  ['data', 'data.mjs', `export const script = ${DATA}`],
  ['a function', 'function.mjs', `export function script() { return ${DATA} }`],
  ['a function that waits', 'async.mjs', `export const script = async () => (${DATA})`],
  ['a default export', 'default.mjs', `export default ${DATA}`],
  ['TypeScript', 'typed.ts', `const seed: number = 4\nexport const script: object = { ...${DATA}, seed }`],
])('a module with %s is the script that TOML says', async (_, name, text) => {
  const toml = await readFaultScript(fileOf('same.toml', TOML))
  expect(await readFaultScript(fileOf(name, text))).toEqual(toml)
})

test.each([
  ['nothing of the kind', 'other.mjs', 'export const faults = []', /exports no "script"/],
  ['a mistake', 'mistake.mjs', 'export const script = {', /cannot be loaded: .*; see docs\/faults\.md$/s],
  [
    'a function that fails',
    'throws.mjs',
    'export default () => { throw new Error("no luck") }',
    /its function failed: no luck$/,
  ],
  [
    'a wrong field',
    'wrong.mjs',
    'export const script = { fault: [{ kind: "drop", at_sec: -1 }] }',
    /wrong\.mjs: fault\.0\.at_sec = -1 does not do/,
  ],
])('a module with %s is refused', async (_, name, text, message) => {
  const failure: unknown = await readFaultScript(fileOf(name, text)).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(FaultScriptError)
  expect(failure).toMatchObject({ message: expect.stringMatching(message) as string })
})

test.each([
  [
    'a request',
    'kind = "lose-answer"\nrequests = ["order", "ordr"]',
    /fault\.0\.requests names "ordr", .* batchModify,/,
  ],
  ['a channel', 'kind = "drop"\nchannels = ["l2book"]', /fault\.0\.channels names "l2book", .* l2Book,/],
  // Those frames come on a channel of another name.
  [
    'a subscription for a channel',
    'kind = "drop"\nchannels = ["userEvents"]',
    /names "userEvents", .* user,/,
  ],
])('%s that the venue does not have is refused: it would never strike', async (_, fault, message) => {
  const path = fileOf('names.toml', `[[fault]]\n${fault}\n`)
  await expect(readFaultScript(path)).rejects.toThrow(message)
})

test('a wrong value is shown as it stands, and a long one in short', async () => {
  const infinite = fileOf('infinite.toml', '[[fault]]\nkind = "drop"\nat_sec = inf\n')
  await expect(readFaultScript(infinite)).rejects.toThrow(/fault\.0\.at_sec = Infinity does not do/)
  const many = fileOf('many.toml', '[[fault]]\nkind = "drop"\n'.repeat(51))
  await expect(readFaultScript(many)).rejects.toThrow(/fault = .{80}… does not do: Too big/)
})
