// After Vite: the description of the calls goes beside the page, and every text gets compressed.

import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const here = import.meta.dirname;
const page = join(here, "../build/page");
const swagger = join(here, "node_modules/swagger-ui-dist");
const texts = new Set([".css", ".html", ".js", ".json", ".svg", ".txt", ".webmanifest"]);

// Not before Vite: what is there then, the service worker would fetch ahead of need.
mkdirSync(join(page, "docs"));
cpSync(join(here, "docs/docs.html"), join(page, "docs.html"));
cpSync(join(here, "docs/start.js"), join(page, "docs/start.js"));
for (const name of ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui-bundle.js.LICENSE.txt"]) {
  cpSync(join(swagger, name), join(page, "docs", name));
}
for (const name of ["LICENSE", "NOTICE"]) {
  cpSync(join(swagger, name), join(page, `docs/swagger-ui.${name}.txt`));
}

for (const name of readdirSync(page, { recursive: true })) {
  const path = join(page, name);
  if (statSync(path).isFile() && texts.has(extname(path))) compress(path);
}

function compress(path) {
  const text = readFileSync(path);
  const brotli = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
  };
  const packed = {
    br: brotliCompressSync(text, { params: brotli }),
    gz: gzipSync(text, { level: constants.Z_BEST_COMPRESSION }),
  };
  for (const [ending, bytes] of Object.entries(packed)) {
    if (bytes.length < text.length) writeFileSync(`${path}.${ending}`, bytes);
  }
}
