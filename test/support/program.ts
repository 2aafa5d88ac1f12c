/**
 * How tests start the program: what was built when that is what the sources say (a third of the time of a start), else the
 * sources through tsx. `npm test` builds first, so it tests what users run.
 */
import { spawnSync } from 'node:child_process'
import { repositoryRoot } from './sources.ts'

const built = spawnSync(process.execPath, ['src/cli/prepare.mjs', '--is-built'], { cwd: repositoryRoot })

/** Arguments of Node, to which those of the program are added; relative to the root of the repository. */
export const PROGRAM: readonly string[] =
  built.status === 0
    ? ['--enable-source-maps', 'dist/src/cli/main.js']
    : ['--import', 'tsx', 'src/cli/main.ts']
