/** Bundles the page in memory when the server starts: no build step, no network, no files left behind. */
import { build } from 'esbuild'
import { fileURLToPath } from 'node:url'

const page = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url))

const HTML = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Tocsin, locally</title>
    <link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'%3E%3Crect width='24' height='24' rx='5' fill='%23b3261e'/%3E%3Cpath d='M12 4a5 5 0 0 0-5 5c0 4-1.5 6-2 7h14c-.5-1-2-3-2-7a5 5 0 0 0-5-5zm-2 13a2 2 0 0 0 4 0z' fill='white'/%3E%3C/svg%3E">
    <link rel="stylesheet" href="/page.css">
  </head>
  <body>
    <div id="root"><noscript>This page needs JavaScript.</noscript></div>
    <script src="/page.js" defer></script>
  </body>
</html>
`

export async function buildPage(): Promise<{ html: string; js: Uint8Array; css: string }> {
  const { outputFiles } = await build({
    entryPoints: [page('main.tsx'), page('page.css')],
    bundle: true,
    write: false,
    outdir: page('out'),
    minify: true,
    format: 'iife',
    target: 'es2022',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'none',
    logLevel: 'silent',
  })
  const file = (ending: string) => outputFiles.find(({ path }) => path.endsWith(ending))
  return { html: HTML, js: file('.js')?.contents ?? new Uint8Array(), css: file('.css')?.text ?? '' }
}
