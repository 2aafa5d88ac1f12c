import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** The long suite: soak runs, wide seeds and exhaustive enumerations. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.long.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})

export default config
