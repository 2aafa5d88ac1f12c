import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** The everyday suite: everything but the long simulations, which `npm run test:long` runs. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/**/*.long.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A story over real sockets may lose a race on a busy machine once; losing it twice is a bug.
    retry: process.env['CI'] === 'true' ? 1 : 0,
    pool: 'forks',
    maxWorkers: 2,
    // No module of ours keeps state between tests, so files of a worker share the loaded ones: a third less time.
    isolate: false,
  },
})

export default config
