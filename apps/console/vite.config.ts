import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** The console as files that any server can hand out; see `apps/platform/src/console`. */
export default defineConfig({
  plugins: [react()],
  build: {
    outDir: 'dist/web',
    emptyOutDir: true,
    // Served under the strict policy `default-src 'none'`: nothing is inlined as a data URL.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Of these on there is `light-dark()`, which follows the colour scheme that the page has chosen.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    manifest: 'manifest.json',
  },
})
