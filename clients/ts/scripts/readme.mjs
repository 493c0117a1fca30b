// Writes the TypeScript of README.md as one program, which the tests compile and run.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const home = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const readme = await readFile(path.join(home, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code);
await mkdir(path.join(home, 'test/readme'), { recursive: true });
await writeFile(path.join(home, 'test/readme/program.ts'), blocks.join('\n'));
