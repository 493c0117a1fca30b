// Writes src/generated from ../../idl/*.json: codama's client of each program, and beside it what codama's renderer leaves
// out (constants, table of errors, decoder of events). Everything comes from the IDL, so a new program or instruction needs
// no change here.
//
// Usage: node scripts/generate.mjs [--check]
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
    constantPdaSeedNodeFromString,
    definedTypeNode,
    hiddenPrefixTypeNode,
    numberTypeNode,
    pdaNode,
    programIdValueNode,
    publicKeyTypeNode,
    variablePdaSeedNode,
} from '@codama/nodes';
import { extractPdasVisitor, rootNodeFromAnchorWithoutDefaultVisitor } from '@codama/nodes-from-anchor';
import { renderVisitor } from '@codama/renderers-js';
import {
    deduplicateIdenticalDefinedTypesVisitor,
    getCommonInstructionAccountDefaultRules,
    setFixedAccountSizesVisitor,
    setInstructionAccountDefaultValuesVisitor,
    transformU8ArraysToBytesVisitor,
} from '@codama/visitors';
import { visit } from '@codama/visitors-core';
import prettier from 'prettier';

const home = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const idlFolder = path.resolve(home, '../../idl');
const generated = path.join(home, 'src/generated');
const { prettier: style } = JSON.parse(await readFile(path.join(home, 'package.json'), 'utf8'));

/** Anchor's `sha256("anchor:event")[..8]`, reversed: the first bytes of every event instruction. */
const EVENT_TAG = [0xe4, 0x45, 0xa5, 0x2e, 0x51, 0xcb, 0x9a, 0x1d];

/** Addresses that no account of an IDL derives, because their seeds are another account's data. */
const EXTRA_PDAS = {
    rewards: [
        pdaNode({
            name: 'points',
            docs: ['The points of a wallet in an epoch.'],
            seeds: [
                constantPdaSeedNodeFromString('utf8', 'points'),
                variablePdaSeedNode('epoch', numberTypeNode('u32')),
                variablePdaSeedNode('wallet', publicKeyTypeNode()),
            ],
        }),
    ],
};

/** Every node of a tree, replaced from the leaves up. */
function map(tree, change) {
    if (Array.isArray(tree)) return tree.map((child) => map(child, change));
    if (tree === null || typeof tree !== 'object') return tree;
    return change(Object.fromEntries(Object.entries(tree).map(([key, child]) => [key, map(child, change)])));
}

/** codama knows no type aliases: puts what they stand for in their place. */
function inlineAliases(idl) {
    const aliases = new Map(
        idl.types.filter(({ type }) => type.kind === 'type').map(({ name, type }) => [name, type.alias]),
    );
    const inlined = map({ ...idl, types: idl.types.filter(({ name }) => !aliases.has(name)) }, (node) =>
        node.defined && aliases.has(node.defined.name) ? { alias: aliases.get(node.defined.name) } : node,
    );
    // a type is a word or an object: what is now { alias: word } becomes the word
    const unwrap = (node) => (node && typeof node === 'object' && 'alias' in node ? node.alias : node);
    return map(inlined, (node) =>
        Object.fromEntries(
            Object.entries(node).map(([key, child]) => [key, Array.isArray(child) ? child.map(unwrap) : unwrap(child)]),
        ),
    );
}

/** Two instructions may call the same seed by different names: keeps one address for both, the first. */
function mergePdas(program) {
    const shape = (pda) =>
        JSON.stringify(pda.seeds.map((seed) => (seed.kind === 'variablePdaSeedNode' ? seed.type : seed)));
    const kept = new Map();
    const replaced = new Map();
    for (const pda of program.pdas) {
        const first = kept.get(shape(pda));
        if (first)
            replaced.set(pda.name, {
                name: first.name,
                seeds: new Map(pda.seeds.map((seed, place) => [seed.name, first.seeds[place].name])),
            });
        else kept.set(shape(pda), pda);
    }
    const merged = map(program, (node) => {
        const by = node.kind === 'pdaValueNode' ? replaced.get(node.pda.name) : undefined;
        if (!by) return node;
        return {
            ...node,
            pda: { ...node.pda, name: by.name },
            seeds: node.seeds.map((seed) => ({ ...seed, name: by.seeds.get(seed.name) })),
        };
    });
    return { ...merged, pdas: merged.pdas.filter((pda) => !replaced.has(pda.name)) };
}

/** Makes the discriminator of an account a constant, so that decoding refuses the bytes of any other account. */
function checkDiscriminator(account) {
    const [field, ...fields] = account.data.fields;
    const constant = { kind: 'constantValueNode', type: field.type, value: field.defaultValue };
    return {
        ...account,
        data: hiddenPrefixTypeNode({ ...account.data, fields }, [constant]),
        discriminators: [{ kind: 'constantDiscriminatorNode', offset: 0, constant }],
    };
}

/** The codama tree of one program. */
function treeOf(idl) {
    let root = rootNodeFromAnchorWithoutDefaultVisitor(inlineAliases(idl));
    // codama's default passes, but for those that dissolve an instruction's named structures into its arguments
    for (const pass of [
        extractPdasVisitor(),
        deduplicateIdenticalDefinedTypesVisitor(),
        setFixedAccountSizesVisitor(),
        setInstructionAccountDefaultValuesVisitor([
            { account: 'program', defaultValue: programIdValueNode() },
            ...getCommonInstructionAccountDefaultRules(),
        ]),
        transformU8ArraysToBytesVisitor(),
    ])
        root = visit(root, pass);
    const program = mergePdas(root.program);
    const extra = (EXTRA_PDAS[idl.metadata.name] ?? []).filter(
        ({ name }) => !program.pdas.some((pda) => pda.name === name),
    );
    const events = new Set(idl.events.map(({ name }) => name));
    const accounts = new Set(idl.accounts.map(({ name }) => name));
    for (const name of events)
        if (accounts.has(name)) throw new Error(`${idl.metadata.name}: ${name} is an account and an event: rename one`);
    return {
        ...root,
        program: {
            ...program,
            accounts: program.accounts.map(checkDiscriminator),
            pdas: [...program.pdas, ...extra],
            definedTypes: [
                ...program.definedTypes,
                ...program.events.map((event) =>
                    definedTypeNode({ name: `${event.name}Event`, docs: event.docs, type: event.data }),
                ),
            ],
        },
    };
}

const upper = (name) => name.replace(/[A-Z]/g, (letter, at) => (at ? `_${letter}` : letter)).toUpperCase();
const pascal = (name) => name.replace(/(^|[-_])([a-z0-9])/g, (_, __, letter) => letter.toUpperCase());
const doc = (docs) => (docs?.length ? `/** ${docs.join(' ')} */\n` : '');
const header = '// Generated from the IDL by scripts/generate.mjs: do not edit.\n\n';

function constantsOf(idl) {
    const value = ({ name, type, value }) => {
        if (/^[ui](8|16|32)$/.test(type)) return `${BigInt(value)}`;
        if (/^[ui](64|128)$/.test(type)) return `${BigInt(value)}n`;
        if (type === 'string') return value;
        throw new Error(
            `${idl.metadata.name}: constant ${name} has type ${JSON.stringify(type)}: teach scripts/generate.mjs to write it`,
        );
    };
    const lines = idl.constants.map(
        (constant) => `${doc(constant.docs)}export const ${constant.name} = ${value(constant)};\n`,
    );
    return `${header}${lines.join('\n') || 'export {};\n'}`;
}

function errorsOf(idl) {
    const rows = idl.errors.map(
        ({ code, name, msg }) => `${code}: { name: ${JSON.stringify(name)}, message: ${JSON.stringify(msg)} },`,
    );
    return `${header}/** Name and message of each error of the program, by its code. */
export const ${upper(idl.metadata.name)}_ERRORS = {\n${rows.join('\n')}\n} as const satisfies Record<number, { name: string; message: string }>;\n`;
}

function eventsOf(idl) {
    const program = pascal(idl.metadata.name);
    const constant = upper(idl.metadata.name);
    const names = idl.events.map(({ name }) => name);
    const imports = names.flatMap((name) => [`get${name}EventDecoder`, `type ${name}Event`]);
    return `${header}import { type Decoder, type ReadonlyUint8Array, containsBytes } from '@solana/kit';
${imports.length ? `import { ${imports.join(', ')} } from './types';\n` : ''}
/** What every event instruction starts with, before the event's own discriminator. */
const TAG = new Uint8Array([${EVENT_TAG}]);

/** An event of the program, by its name. */
export type ${program}Event = ${names.map((name) => `{ name: '${name}'; data: ${name}Event }`).join(' | ') || 'never'};

/** Name, discriminator and decoder (of discriminator and fields) of each event of the program. */
export const ${constant}_EVENTS: readonly { name: ${program}Event['name']; discriminator: ReadonlyUint8Array; decoder: () => Decoder<${program}Event['data']> }[] = [
${idl.events.map(({ name, discriminator }) => `{ name: '${name}', discriminator: new Uint8Array([${discriminator}]), decoder: get${name}EventDecoder },`).join('\n')}
];

/**
 * Reads the data of an inner instruction of the program; nothing where it is not an event instruction.
 * Throws where the event is unknown or its bytes are not exactly its fields.
 */
export function decode${program}Event(data: ReadonlyUint8Array): ${program}Event | undefined {
    if (!containsBytes(data, TAG, 0)) return undefined;
    const event = ${constant}_EVENTS.find(({ discriminator }) => containsBytes(data, discriminator, TAG.length));
    if (!event) throw new Error('${idl.metadata.name} emitted an event that this client does not know: use one of the deployed version');
    const [fields, end] = event.decoder().read(data, TAG.length);
    if (end !== data.length) throw new Error(\`\${event.name} of ${idl.metadata.name} has \${data.length - end} bytes too many: use a client of the deployed version\`);
    return { name: event.name, data: fields } as ${program}Event;
}
`;
}

function programsOf(names) {
    return `${header}${names.map((name) => `import { ${upper(name)}_PROGRAM_ADDRESS, ${upper(name)}_ERRORS, decode${pascal(name)}Event } from './${name}';`).join('\n')}
${names.map((name) => `export * as ${name} from './${name}';`).join('\n')}

/** Every program of the platform. */
export const PROGRAMS = [
${names.map((name) => `{ name: '${name}', address: ${upper(name)}_PROGRAM_ADDRESS, errors: ${upper(name)}_ERRORS, decodeEvent: decode${pascal(name)}Event },`).join('\n')}
] as const;
`;
}

/**
 * Relative imports with the file's name in full, as ECMAScript modules have them; no return type on a program's plugin: the
 * renderer writes the one that an older @solana/kit inferred; and the package's own format, whatever the user's is.
 */
async function finish(folder) {
    for (const file of await files(folder)) {
        const source = await readFile(path.join(folder, file), 'utf8');
        const complete = source.replace(/(from\s+["'])(\.{1,2}[^"']*)(["'])/g, (whole, before, target, after) => {
            if (target.endsWith('.js')) return whole;
            const isFile = existsSync(path.join(folder, path.dirname(file), `${target}.ts`));
            return `${before}${target.replace(/\/$/, '')}${isFile ? '.js' : '/index.js'}${after}`;
        });
        const inferred = complete.replace(/\): Omit<T,\s*["']\w+["']>\s*&\s*\{\s*\w+:\s*\w+Plugin;?\s*\}\s*=>/, ') =>');
        await writeFile(path.join(folder, file), await prettier.format(inferred, { ...style, parser: 'typescript' }));
    }
}

async function generate(folder) {
    const names = (await readdir(idlFolder))
        .filter((file) => file.endsWith('.json'))
        .map((file) => path.basename(file, '.json'))
        .sort();
    const write = (file, source) => writeFile(path.join(folder, file), source);
    for (const name of names) {
        const parts = { accounts: [], events: [], errors: [], types: [], constants: [] };
        const idl = { ...parts, ...JSON.parse(await readFile(path.join(idlFolder, `${name}.json`), 'utf8')) };
        const options = {
            generatedFolder: path.basename(folder) + '/' + name,
            kitImportStrategy: 'rootOnly',
            formatCode: false,
            syncPackageJson: false,
        };
        await visit(treeOf(idl), renderVisitor(path.dirname(folder), options));
        await write(`${name}/constants.ts`, constantsOf(idl));
        await write(`${name}/errorTable.ts`, errorsOf(idl));
        await write(`${name}/events.ts`, eventsOf(idl));
        const index = path.join(folder, name, 'index.ts');
        await writeFile(
            index,
            `${await readFile(index, 'utf8')}export * from "./constants";\nexport * from "./errorTable";\nexport * from "./events";\n`,
        );
    }
    await write('index.ts', programsOf(names));
    await finish(folder);
}

/** Paths of the files under a folder. */
async function files(folder) {
    const entries = existsSync(folder) ? await readdir(folder, { recursive: true, withFileTypes: true }) : [];
    return entries
        .filter((entry) => entry.isFile())
        .map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name)))
        .sort();
}

async function differences(expected, found) {
    const names = new Set([...(await files(expected)), ...(await files(found))]);
    const text = (folder, file) => readFile(path.join(folder, file), 'utf8').catch(() => undefined);
    const different = [];
    for (const file of [...names].sort())
        if ((await text(expected, file)) !== (await text(found, file))) different.push(file);
    return different;
}

// the renderer tells of names that it changes, at each of its passes
console.warn = () => {};
const stage = await mkdtemp(path.join(os.tmpdir(), 'aixblock-client-'));
try {
    await generate(path.join(stage, 'generated'));
    if (process.argv.includes('--check')) {
        const different = await differences(path.join(stage, 'generated'), generated);
        if (different.length) {
            console.error(
                `clients/ts/src/generated is not what idl/*.json says (${different.length} files, the first is ${different[0]}).`,
            );
            console.error(
                'Run `scripts/clients.sh generate` (`make idl` does, too), then commit clients/ts/src/generated.',
            );
            process.exitCode = 1;
        }
    } else {
        await rm(generated, { recursive: true, force: true });
        await cp(path.join(stage, 'generated'), generated, { recursive: true });
    }
} finally {
    await rm(stage, { recursive: true, force: true });
}
