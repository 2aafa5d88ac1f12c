/** The step before `npm start` and `npm test`, on a small project of its own with the real npm and the real compiler. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readSource, repositoryRoot } from '../support/sources.ts'
import { runNode, type Ended } from '../support/spawn.ts'

const root = mkdtempSync(join(tmpdir(), 'hypermake-prepare-'))
const program = join(root, 'dist', 'src', 'cli', 'main.js')

/** Packages are folders of the project, so that npm needs no network; this one hands over to the compiler of ours. */
const COMPILER = 'packages/typescript'
const OTHER = 'packages/other'

function write(path: string, content: unknown): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content))
}

/** package.json and a lockfile for it, as npm would write it. */
function writeManifests(folders: readonly string[]): void {
  const project = {
    name: 'small',
    version: '0.3.0',
    dependencies: Object.fromEntries(folders.map((folder) => [basename(folder), `file:${folder}`])),
  }
  const packages = folders.flatMap((folder) => [
    [folder, { version: '0.7.0' }],
    [`node_modules/${basename(folder)}`, { resolved: folder, link: true }],
  ])
  write('package.json', { ...project, type: 'module' })
  const locked = { '': project, ...(Object.fromEntries(packages) as object) }
  write('package-lock.json', {
    name: 'small',
    version: '0.3.0',
    lockfileVersion: 3,
    requires: true,
    packages: locked,
  })
}

/** As under `npm start --silent` in a shell of production: neither may change what is done. */
function prepare(): Promise<Ended> {
  const env = { npm_execpath: '', npm_config_loglevel: 'silent', NODE_ENV: 'production' }
  return runNode([join(root, 'src', 'cli', 'prepare.mjs')], { cwd: root, env })
}

beforeAll(() => {
  const tsc = join(repositoryRoot, 'node_modules', 'typescript', 'lib', 'tsc.js')
  for (const folder of [COMPILER, OTHER])
    write(`${folder}/package.json`, { name: basename(folder), version: '0.7.0' })
  write(`${COMPILER}/bin/tsc`, `require(${JSON.stringify(tsc)})\n`)
  writeManifests([COMPILER])
  write('src/cli/prepare.mjs', readSource('src/cli/prepare.mjs'))
  write('tsconfig.json', {
    compilerOptions: {
      module: 'NodeNext',
      target: 'ES2022',
      rootDir: '.',
      outDir: 'dist',
      types: [],
      skipLibCheck: true,
    },
  })
  write('tsconfig.build.json', {
    extends: './tsconfig.json',
    compilerOptions: { incremental: true, tsBuildInfoFile: 'dist/.tsbuildinfo' },
    include: ['src/**/*.ts'],
  })
  write('src/cli/main.ts', '#!/usr/bin/env node\nexport const answer: number = 42\n')
})
afterAll(() => rmSync(root, { recursive: true }))

describe('prepare', () => {
  test('two runs at once on an empty clone install and build once, and both end well', async () => {
    const both = await Promise.all([prepare(), prepare()])
    expect(both.map(({ code, stderr }) => (code === 0 ? 0 : stderr))).toEqual([0, 0])
    const said = both.map(({ stderr }) => stderr).join('')
    expect(said.match(/installing packages/g)).toHaveLength(1)
    expect(said.match(/building/g)).toHaveLength(1)
    expect(both.map(({ stdout }) => stdout).join('')).toBe('')
    expect(statSync(program).mode & 0o111).toBe(0o111)
    expect(existsSync(join(root, 'dist', '.prepare.lock'))).toBe(false)
  })

  test('is silent when nothing is to do, also after a checkout that touched every file', async () => {
    const later = new Date(Date.now() + 3_600_000)
    for (const path of ['src/cli/main.ts', 'package-lock.json', 'tsconfig.json'])
      utimesSync(join(root, path), later, later)
    expect(await prepare()).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  test('builds when a source changed, even one that looks older', async () => {
    write('src/cli/main.ts', 'export const answer: number = 43\n')
    utimesSync(join(root, 'src/cli/main.ts'), new Date(0), new Date(0))
    expect((await prepare()).stderr).toBe('hypermake: building …\n')
    expect(
      await runNode(['-e', `import(${JSON.stringify(program)}).then((m) => process.exit(m.answer))`]),
    ).toMatchObject({ code: 43 })
  })

  test('builds when an output is gone, although the compiler remembers having written it', async () => {
    rmSync(program)
    expect((await prepare()).stderr).toBe('hypermake: building …\n')
    expect(existsSync(program)).toBe(true)
  })

  test('installs again when the lockfile asks for something else', async () => {
    writeManifests([COMPILER, OTHER])
    const { code, stderr } = await prepare()
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('installing packages') as string,
    })
    expect(existsSync(join(root, 'node_modules', 'other'))).toBe(true)
  })

  test('says what the compiler said when a source is wrong, and builds after it was corrected', async () => {
    write('src/cli/main.ts', "export const answer: number = 'x'\n")
    const failed = await prepare()
    expect(failed.code).toBe(1)
    expect(failed.stderr).toMatch(/the build failed\.\nsrc\/cli\/main\.ts\(1,14\): error TS2322/)
    expect((await prepare()).code, 'it fails again: a failed build leaves no stamp').toBe(1)
    write('src/cli/main.ts', 'export const answer: number = 44\n')
    expect((await prepare()).code).toBe(0)
  })

  test('takes over the lock of a run that was killed', async () => {
    const dead = await runNode(['-p', 'process.pid'])
    write('dist/.prepare.lock', dead.stdout.trim())
    write('src/cli/main.ts', 'export const answer: number = 45\n')
    expect(await prepare()).toMatchObject({ code: 0 })
    expect(existsSync(join(root, 'dist', '.prepare.lock'))).toBe(false)
  })

  test('says which package.json and lockfile do not fit, in the words of npm', async () => {
    writeManifests([COMPILER])
    const lock = readFileSync(join(root, 'package-lock.json'), 'utf8')
    writeManifests([COMPILER, OTHER])
    write('package-lock.json', lock)
    rmSync(join(root, 'node_modules'), { recursive: true })
    const { code, stderr } = await prepare()
    expect(code).toBe(1)
    expect(stderr).toMatch(/npm ci failed\.\n[\s\S]*package-lock\.json/)
  })
})
