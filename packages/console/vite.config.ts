import { defineConfig } from 'vite';

/**
 * Static files under /@console, with names that change with their content. No inline script or style
 * comes out of it: the gateway serves them under a policy that allows none.
 */
export default defineConfig({
  base: '/@console/',
  root: import.meta.dirname,
  build: {
    outDir: 'dist',
    target: 'es2022',
    modulePreload: false,
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    cssCodeSplit: false,
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
});
